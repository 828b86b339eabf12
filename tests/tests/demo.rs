//! `tidingsd --demo`: the first run shows something without any account.

use std::time::Duration;

use anyhow::{Context, Result};
use tidings_api::{Filter, SourceState, SourceStatus};
use tidings_tests::session::Session;
use tidings_tests::tidingsd::Tidingsd;
use tidings_tests::wait::until;

#[tokio::test]
async fn the_demo_goes_through_a_real_source_to_inbox_and_popups() -> Result<()> {
    let session = Session::start().await?;
    let daemon = Tidingsd::start(&session, &["--demo"]).await?;
    let rows = until("notifications of the demo", Duration::from_secs(60), async || {
        let rows = daemon.list(&Filter::default()).await.ok()?;
        (rows.len() >= 5).then_some(rows)
    })
    .await?;
    session.popups.wait_for_shown(1, Duration::from_secs(20)).await?;
    let titles: std::collections::BTreeSet<&str> =
        rows.iter().map(|row| row.title.as_str()).collect();
    assert!(titles.len() > 2, "a believable day is varied: {titles:?}");

    let mut online = 0;
    for row in daemon.sources().await?.list().await? {
        let status = SourceStatus::from_dict(row)?;
        let remote = status.kind != "local";
        online += usize::from(remote && status.state == SourceState::Online);
    }
    assert!(online >= 1, "it came over a connection like any other");
    assert!(!session.config_file().exists(), "the demo writes no configuration");
    let stats = daemon.control().await?.stats().await?;
    let p50 = stats.get("frame_to_popup_p50_us").context("the latency is measured")?;
    assert!(u64::try_from(p50)? > 0, "a popup takes some time: {p50:?}");
    Ok(())
}
