//! `make bench`: the figures that Tidings promises, each beside the limit or the peer measured in the same run.
//!
//! Prints a Markdown table for `docs/performance.md` and fails when a promise is broken.

#![expect(clippy::print_stdout, reason = "the table is the product")]

mod deliveries;
mod footprint;
mod kinds;
mod latency;
mod machine;
mod mails;
mod pages;
mod posts;
mod report;
mod scrolling;
mod tray;
mod window;
mod wire;

use std::pin::Pin;

use anyhow::Result;

use report::Report;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<()> {
    let mut report = Report::default();
    // A part that fails is told with the others: what they have measured is not lost.
    let mut failures = Vec::new();
    for (name, part) in PARTS {
        if !wanted(name) {
            continue;
        }
        if let Err(error) = part(&mut report).await {
            failures.push(format!("{name}: {error:#}"));
        }
    }
    println!("{}\n\n{report}", machine::description());
    anyhow::ensure!(failures.is_empty(), "not measured: {}", failures.join("; "));
    report.verdict()
}

type Part = for<'a> fn(&'a mut Report) -> Pin<Box<dyn Future<Output = Result<()>> + 'a>>;

/// The parts in their order: what wants a quiet machine most comes first.
const PARTS: [(&str, Part); 10] = [
    ("latency", |report| Box::pin(latency::measure(report))),
    ("kinds", |report| Box::pin(kinds::measure(report))),
    ("posts", |report| Box::pin(posts::measure(report))),
    ("pages", |report| Box::pin(pages::measure(report))),
    ("mails", |report| Box::pin(mails::measure(report))),
    ("deliveries", |report| Box::pin(deliveries::measure(report))),
    ("footprint", |report| Box::pin(footprint::measure(report))),
    ("tray", |report| Box::pin(tray::measure(report))),
    ("window", |report| Box::pin(window::measure(report))),
    ("scrolling", |report| Box::pin(scrolling::measure(report))),
];

/// `make bench` measures everything; `cargo bench … -- latency posts` only what is named.
fn wanted(part: &str) -> bool {
    let mut named =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).peekable();
    named.peek().is_none() || named.any(|name| name == part)
}
