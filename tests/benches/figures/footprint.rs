//! What the daemon costs while nothing happens: memory and wake-ups, with one source connected.

use std::time::Duration;

use anyhow::{Context, Result};
use tidings_api::SourceState;
use tidings_tests::faulty_server::{FaultyServer, TOKEN};
use tidings_tests::session::Session;

use crate::report::Report;

/// Until the work of the start is over: idle connections of the HTTP client are closed after 30 s.
const SETTLE: Duration = Duration::from_secs(45);
/// How long wake-ups are counted.
const IDLE: Duration = Duration::from_secs(85);
/// The daemon's own pings in that time: one every 45 s, because this server sends none.
const PINGS: u64 = 2;
/// Waits of one ping: two steps of tokio's timer wheel, the ping itself, and its answer.
const WAITS: u64 = 4;

pub(crate) async fn measure(report: &mut Report) -> Result<()> {
    let session = Session::start().await?;
    let server = FaultyServer::start().await?;
    let token = session.secret_file("token", TOKEN)?;
    session.configure(&format!(
        "[[source]]\nname = \"bench\"\nkind = \"json\"\npreset = \"django-channels\"\n\
         url = \"{}\"\ntoken_file = \"{}\"\n",
        server.url(),
        token.display()
    ))?;
    let daemon = session.daemon().await?;
    daemon.wait_for_state("bench", SourceState::Online).await?;
    tokio::time::sleep(SETTLE).await;
    let pid = daemon.pid()?;
    let before = switches(pid)?;
    tokio::time::sleep(IDLE).await;
    let woken = switches(pid)? - before;
    let pss = pss_kib(pid)?;
    let limit = 8 * 1024;
    report.row(
        "daemon with one source, PSS",
        format!("{:.1} MiB", f64::from(pss) / 1024.0),
        "-",
        "under 8 MiB",
        pss < limit,
    );
    report.row(
        "wake-ups in 85 idle seconds, all threads",
        woken.to_string(),
        format!("{PINGS} pings of {WAITS} waits each"),
        "none but pings",
        woken <= PINGS * WAITS,
    );
    Ok(())
}

/// The share of memory of one process.
pub(crate) fn pss_kib(pid: u32) -> Result<u32> {
    let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    let line = rollup.lines().find(|line| line.starts_with("Pss:")).context("no Pss line")?;
    line.split_whitespace().nth(1).context("no figure")?.parse().context("not a figure")
}

/// Voluntary context switches of all threads: every one is a wait that began, so a wake-up that ended.
pub(crate) fn switches(pid: u32) -> Result<u64> {
    let mut sum = 0;
    for thread in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        let status = std::fs::read_to_string(thread?.path().join("status"))?;
        let line = status.lines().find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"));
        sum += line.context("no switches line")?.trim().parse::<u64>()?;
    }
    Ok(sum)
}
