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

#[tokio::test]
async fn the_demo_on_demand_comes_goes_and_comes_again() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let own = daemon.post("my own").await?;
    let control = daemon.control().await?;
    let patience = Duration::from_secs(60);
    control.end_demo().await.context("ending what does not play is no error")?;
    for round in 1..=2 {
        control.play_demo().await?;
        control.play_demo().await.context("playing twice is playing once")?;
        let some = |rows: &[tidings_api::Notification]| rows.len() >= 5;
        daemon.wait_for_rows("demo", &format!("round {round}"), patience, some).await?;
        daemon.wait_for_state("demo", SourceState::Online).await?;
        control.end_demo().await?;
        assert!(daemon.rows("demo").await?.is_empty(), "nothing of it is left");
        assert!(daemon.source("demo").await.is_err(), "its source is gone");
        assert_eq!(daemon.get(own).await?.title, "my own", "what is not of it stays");
    }
    let stats = control.stats().await?;
    assert!(!stats.contains_key("demo_total"), "nothing plays: {stats:?}");
    assert!(!session.config_file().exists(), "the demo writes no configuration");
    Ok(())
}

#[tokio::test]
async fn the_demo_keeps_away_from_a_source_of_its_name() -> Result<()> {
    let session = Session::start().await?;
    session.configure(
        "[[source]]\nname = \"demo\"\nkind = \"json\"\npreset = \"django-list\"\n\
         url = \"http://127.0.0.1:9\"\nenabled = false\n",
    )?;
    let daemon = session.daemon().await?;
    let control = daemon.control().await?;
    let error = control.play_demo().await.map_err(tidings_api::Error::from).unwrap_err();
    assert!(matches!(error, tidings_api::Error::Conflict(_)), "{error:?}");
    control.end_demo().await?;
    assert_eq!(daemon.source("demo").await?.state, SourceState::Disabled, "it is untouched");
    Ok(())
}
