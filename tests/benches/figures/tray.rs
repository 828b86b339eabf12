//! What the tray costs while nothing happens, and how often it speaks while much does.

use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::StreamExt as _;
use tidings_api::{Post, Post1Proxy};
use tidings_tests::session::Session;
use tidings_tests::tray::Tray;
use tidings_tests::tray_host::{TrayHost, TrayItem};

use crate::footprint::pss_kib;
use crate::report::Report;

/// Until the work of the start is over.
const SETTLE: Duration = Duration::from_secs(15);
const BURST: Duration = Duration::from_secs(5);

pub(crate) async fn measure(report: &mut Report) -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let host = TrayHost::start(session.connect().await?).await?;
    let tray = Tray::start(&session, &[])?;
    let item = host.item().await?;
    tokio::time::sleep(SETTLE).await;
    let pss = pss_kib(tray.pid()?)?;
    report.row(
        "tray, PSS",
        format!("{:.1} MiB", f64::from(pss) / 1024.0),
        "-",
        "under 8 MiB",
        pss < 8 * 1024,
    );
    burst(report, &session, &item).await?;
    drop(daemon);
    Ok(())
}

/// Posts one by one for some seconds and counts how often the tray says that it has a new picture.
async fn burst(report: &mut Report, session: &Session, item: &TrayItem) -> Result<()> {
    let mut redrawn = item.redrawn().await?;
    let posting = post_for(session, BURST);
    tokio::pin!(posting);
    let mut updates = 0_u32;
    let posted = loop {
        tokio::select! {
            posted = &mut posting => break posted?,
            Some(_) = redrawn.next() => updates += 1,
        }
    };
    let a_second = f64::from(updates) / BURST.as_secs_f64();
    report.row(
        "updates of the tray a second while notifications pour in",
        format!("{a_second:.1}"),
        format!("{:.0} notifications a second", f64::from(posted) / BURST.as_secs_f64()),
        "at most 10, and some",
        updates > 0 && a_second <= 10.0,
    );
    Ok(())
}

async fn post_for(session: &Session, time: Duration) -> Result<u32> {
    let post = Post1Proxy::new(&session.connect().await?).await?;
    let started = Instant::now();
    let mut posted = 0;
    while started.elapsed() < time {
        let title = format!("Notification {posted}");
        post.post_many(vec![Post { title, ..Post::default() }.to_dict()]).await?;
        posted += 1;
    }
    Ok(posted)
}
