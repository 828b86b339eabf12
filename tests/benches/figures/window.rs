//! The window: how soon it is there, what it costs beside an empty one, and whether it stays responsive.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};
use tidings_api::Post;
use tidings_tests::display::Display;
use tidings_tests::programs::{self, workspace};
use tidings_tests::session::Session;
use tidings_tests::tidingsd::Tidingsd;
use tidings_tests::window::{Unattended, Window};

use crate::report::{Report, median};

const STARTS: usize = 20;
/// Until what the start needed is given back.
const SETTLE: Duration = Duration::from_secs(10);
const ROWS: usize = 1_000;

pub(crate) async fn measure(report: &mut Report) -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    post(&daemon, "Build").await?;
    starts(report, &session).await?;
    memory(report, &session).await?;
    script(report)?;
    burst(report, &session, &daemon).await
}

/// The window shows itself when its page has painted the first rows, so its coming is their coming.
async fn starts(report: &mut Report, session: &Session) -> Result<()> {
    let program = programs::tidings_window()?;
    let ours = median(&mut shown_after(session, &program).await?);
    let page = median(&mut shown_after(session, &programs::static_window()?).await?);
    let empty = median(&mut shown_after(session, &programs::blank_window()?).await?);
    report.row(
        "start to first rows painted, cold, p50",
        milliseconds(ours),
        format!("{}, {}", beside(&milliseconds(page)), without_page(&milliseconds(empty))),
        "under 250 ms",
        ours < Duration::from_millis(250),
    );
    Ok(())
}

async fn shown_after(session: &Session, program: &Path) -> Result<Vec<Duration>> {
    let mut samples = Vec::new();
    for _ in 0..STARTS {
        let display = Display::start()?;
        let window = Unattended::start(session, &display, program, &[]).await?;
        samples.push(window.shown_after());
        window.end().await?;
    }
    Ok(samples)
}

async fn memory(report: &mut Report, session: &Session) -> Result<()> {
    let ours = settled(session, &programs::tidings_window()?).await?;
    let page = settled(session, &programs::static_window()?).await?;
    let empty = settled(session, &programs::blank_window()?).await?;
    report.row(
        "window with 1,000 rows, PSS of all its processes",
        mebibytes(ours),
        format!("{}, {}", beside(&mebibytes(page)), without_page(&mebibytes(empty))),
        "at most 1.1 of the empty one",
        ours * 10 <= empty * 11,
    );
    Ok(())
}

async fn settled(session: &Session, program: &Path) -> Result<u64> {
    let display = Display::start()?;
    let window = Unattended::start(session, &display, program, &[]).await?;
    tokio::time::sleep(SETTLE).await;
    let pss = window.pss_kib()?;
    window.end().await?;
    Ok(pss)
}

fn script(report: &mut Report) -> Result<()> {
    let packed = Command::new("sh")
        .args(["-c", "for file in assets/*.js; do gzip -9 -c \"$file\" | wc -c; done"])
        .current_dir(workspace().join("ui/dist"))
        .output()
        .context("packing the page's scripts")?;
    let sizes = String::from_utf8(packed.stdout)?;
    let bytes = sizes.lines().map(|size| size.trim().parse::<u64>());
    let bytes: u64 = bytes.sum::<Result<u64, _>>().context("a size")?;
    report.row(
        "JavaScript of the page, gzip",
        format!("{:.1} kB", kilo(bytes)),
        "-",
        "under 120 kB",
        bytes < 120_000,
    );
    Ok(())
}

/// A key that is pressed while a burst arrives waits at most as long as the longest gap between two frames.
async fn burst(report: &mut Report, session: &Session, daemon: &Tidingsd) -> Result<()> {
    let window = Window::open(session).await?;
    window.wait_until_visible(true).await?;
    window
        .run(
            "window.__gap = 0;
             let before = performance.now();
             const frame = (now) => {
                 window.__gap = Math.max(window.__gap, now - before);
                 before = now;
                 requestAnimationFrame(frame);
             };
             requestAnimationFrame(frame);",
        )
        .await?;
    post(daemon, "Burst").await?;
    // The daemon tells at most ten times a second; by then all is told and drawn.
    tokio::time::sleep(Duration::from_secs(3)).await;
    let gap = window.run("return window.__gap").await?.as_f64().context("no gap")?;
    report.row(
        "longest wait for a frame in a burst of 1,000",
        format!("{gap:.0} ms"),
        "-",
        "under 100 ms",
        gap < 100.0,
    );
    Ok(())
}

async fn post(daemon: &Tidingsd, title: &str) -> Result<()> {
    let one = |n| Post { title: format!("{title} {n}"), ..Post::default() }.to_dict();
    daemon.post1().await?.post_many((0..ROWS).map(one).collect()).await?;
    Ok(())
}

fn beside(figure: &str) -> String {
    format!("a page of 20 rows without script {figure}")
}

fn without_page(figure: &str) -> String {
    format!("empty Tauri window {figure}")
}

fn milliseconds(duration: Duration) -> String {
    format!("{:.0} ms", duration.as_secs_f64() * 1e3)
}

fn mebibytes(kib: u64) -> String {
    format!("{:.1} MiB", kilo(kib) * 1000.0 / 1024.0)
}

#[expect(clippy::cast_precision_loss, reason = "a figure for people")]
fn kilo(n: u64) -> f64 {
    n as f64 / 1000.0
}
