//! Scrolling through many rows: whether each frame comes in time, and how much of the list is in the page.

use std::time::Duration;

use anyhow::{Context, Result};
use tidings_api::{Post, Post1Proxy};
use tidings_tests::session::Session;
use tidings_tests::window::Window;

use crate::report::Report;

/// The daemon lets one caller post 50,000 at once.
const CALLERS: usize = 2;
const BATCHES: usize = 50;
const BATCH: usize = 1_000;
/// Long enough for several pages to be fetched and given up again.
const SCROLLED: Duration = Duration::from_secs(10);
/// Until a page is laid out and painted.
const SETTLE: Duration = Duration::from_secs(2);

/// Scrolls by four rows a frame, as a fast wheel does, and notes the gaps between frames and the elements of the page.
const SCROLL: &str = "
    const feed = document.querySelector('[role=feed]');
    window.__gaps = []; window.__nodes = 0; window.__way = 0;
    let before = null;
    const frame = (now) => {
        if (!feed.isConnected) return;
        if (before !== null) window.__gaps.push(now - before);
        before = now;
        window.__nodes = Math.max(window.__nodes, document.getElementsByTagName('*').length);
        const from = feed.scrollTop;
        feed.scrollTop = from + 300;
        window.__way += feed.scrollTop - from;
        requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);";

/// A list of 3,000 rows of two lines in place of the page, and nothing that listens: what WebKit itself makes of the
/// same movement on this machine.
const PLAIN: &str = "
    const feed = document.createElement('div');
    feed.setAttribute('role', 'feed');
    Object.assign(feed.style, { blockSize: '100%', overflowY: 'auto' });
    for (let n = 0; n < 3000; n += 1) {
        const row = document.createElement('article');
        Object.assign(row.style, { blockSize: '76px', overflow: 'hidden', contain: 'strict' });
        for (const words of [`Build ${n} of the web shop is green`, '413 tests in 3 min 24 s']) {
            const line = document.createElement('p');
            line.textContent = words;
            row.append(line);
        }
        feed.append(row);
    }
    document.getElementById('app').replaceChildren(feed);";

/// The gaps between frames while a list was scrolled.
struct Scrolled {
    longest: f64,
    median: f64,
}

pub(crate) async fn measure(report: &mut Report) -> Result<()> {
    let session = Session::start().await?;
    session.configure("[desktop]\npopups = false\n")?;
    let _daemon = session.daemon().await?;
    fill(&session).await?;
    let window = Window::open(&session).await?;
    window.wait_for("[role=feed]").await?;
    let ours = scroll(&window).await?;
    let nodes = window.run("return window.__nodes").await?.as_u64().context("no count")?;
    let way = window.run("return Math.round(window.__way)").await?.as_i64().context("no way")?;
    window.run(PLAIN).await?;
    tokio::time::sleep(SETTLE).await;
    let plain = scroll(&window).await?;
    report.row(
        "longest frame while scrolling 100,000 rows",
        format!("{:.0} ms, median {:.0} ms over {way} pixels", ours.longest, ours.median),
        format!("a plain list: {:.0} ms, median {:.0} ms", plain.longest, plain.median),
        "none over 50 ms",
        ours.longest <= 50.0,
    );
    report.row(
        "elements in the page while scrolling, at most",
        nodes.to_string(),
        "-",
        "under 2,000",
        nodes < 2_000,
    );
    Ok(())
}

async fn scroll(window: &Window) -> Result<Scrolled> {
    window.run(SCROLL).await?;
    tokio::time::sleep(SCROLLED).await;
    let mut gaps: Vec<f64> = serde_json::from_value(window.run("return window.__gaps").await?)?;
    gaps.sort_unstable_by(f64::total_cmp);
    let longest = gaps.last().copied().context("no frame")?;
    let median = gaps.get(gaps.len() / 2).copied().unwrap_or_default();
    Ok(Scrolled { longest, median })
}

async fn fill(session: &Session) -> Result<()> {
    for caller in 0..CALLERS {
        let post = Post1Proxy::new(&session.connect().await?).await?;
        for batch in 0..BATCHES {
            let one = |n| {
                let title = format!("Build {caller}.{batch}.{n} of the web shop is green");
                let body = "413 tests in 3 min 24 s".to_owned();
                Post { title, body, topic: format!("topic {}", n % 7), ..Post::default() }.to_dict()
            };
            post.post_many((0..BATCH).map(one).collect()).await?;
        }
    }
    Ok(())
}
