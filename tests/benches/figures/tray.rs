//! What the tray costs while nothing happens.

use std::time::Duration;

use anyhow::Result;
use tidings_tests::session::Session;
use tidings_tests::tray::Tray;
use tidings_tests::tray_host::TrayHost;

use crate::footprint::pss_kib;
use crate::report::Report;

/// Until the work of the start is over.
const SETTLE: Duration = Duration::from_secs(15);

pub(crate) async fn measure(report: &mut Report) -> Result<()> {
    let session = Session::start().await?;
    let _daemon = session.daemon().await?;
    let host = TrayHost::start(session.connect().await?).await?;
    let tray = Tray::start(&session, &[])?;
    host.item().await?;
    tokio::time::sleep(SETTLE).await;
    let pss = pss_kib(tray.pid()?)?;
    report.row(
        "tray, PSS",
        format!("{:.1} MiB", f64::from(pss) / 1024.0),
        "-",
        "under 8 MiB",
        pss < 8 * 1024,
    );
    Ok(())
}
