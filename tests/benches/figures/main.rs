//! `make bench`: the figures that Tidings promises, each beside the limit or the peer measured in the same run.
//!
//! Prints a Markdown table for `docs/performance.md` and fails when a promise is broken.

#![expect(clippy::print_stdout, reason = "the table is the product")]

mod footprint;
mod latency;
mod machine;
mod pages;
mod posts;
mod report;
mod scrolling;
mod tray;
mod window;
mod wire;

use anyhow::Result;

use report::Report;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<()> {
    let mut report = Report::default();
    if wanted("latency") {
        latency::measure(&mut report).await?;
    }
    if wanted("posts") {
        posts::measure(&mut report).await?;
    }
    if wanted("pages") {
        pages::measure(&mut report).await?;
    }
    if wanted("footprint") {
        footprint::measure(&mut report).await?;
    }
    if wanted("tray") {
        tray::measure(&mut report).await?;
    }
    if wanted("window") {
        window::measure(&mut report).await?;
    }
    if wanted("scrolling") {
        scrolling::measure(&mut report).await?;
    }
    println!("{}\n\n{report}", machine::description());
    report.verdict()
}

/// `make bench` measures everything; `cargo bench … -- latency posts` only what is named.
fn wanted(part: &str) -> bool {
    let mut named =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).peekable();
    named.peek().is_none() || named.any(|name| name == part)
}
