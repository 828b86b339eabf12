//! Logs: to the journal with fields when systemd started the daemon, else to standard error.
//!
//! Levels: error = the daemon ends; warn = a person should know; info = a state that lasts (started, online,
//! needs login); debug = single events, without contents; trace = protocol. Contents, addresses and secrets never
//! appear at info or above.

use std::io::IsTerminal;

use anyhow::Context;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Installs the subscriber for the whole process; `filter` is in the syntax of `EnvFilter`.
pub fn start(filter: &str) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(filter).with_context(|| {
        format!("--log: \"{filter}\" is not a log filter; try `info` or `debug`")
    })?;
    let registry = tracing_subscriber::registry().with(filter);
    match journal() {
        Some(journal) => registry.with(journal).try_init(),
        None => {
            let stderr = tracing_subscriber::fmt::layer()
                .with_writer(std::io::stderr)
                .with_ansi(std::io::stderr().is_terminal())
                .with_target(false);
            registry.with(stderr).try_init()
        }
    }
    .context("the log could not be started")
}

/// systemd names the journal's socket in the variable; it counts only while standard error is that socket.
fn journal() -> Option<tracing_journald::Layer> {
    use std::os::unix::fs::MetadataExt;
    let stream = std::env::var("JOURNAL_STREAM").ok()?;
    let stderr = std::fs::metadata("/proc/self/fd/2").ok()?;
    let to_journal = stream == format!("{}:{}", stderr.dev(), stderr.ino());
    to_journal.then(|| tracing_journald::layer().ok()).flatten()
}
