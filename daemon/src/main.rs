//! `tidingsd`, the Tidings daemon.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tidings_daemon::{daemon, logging, net};
use tidings_memory as memory;

/// Receives notifications from remote servers and local scripts, keeps them, and raises popups.
#[derive(Debug, Parser)]
#[command(name = "tidingsd", version)]
struct Arguments {
    /// Configuration file [default: $XDG_CONFIG_HOME/tidings/config.toml]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Database file [default: $XDG_DATA_HOME/tidings/inbox.db]
    #[arg(long, value_name = "FILE")]
    database: Option<PathBuf>,
    /// Plays a believable day from an embedded server, beside the configured sources
    #[arg(long)]
    demo: bool,
    /// What to log, e.g. `info` or `tidings_daemon=debug`
    #[arg(long, value_name = "FILTER", env = "TIDINGS_LOG", default_value = "info")]
    log: String,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Err(error) = logging::start(&arguments.log) {
        return failure(&error);
    }
    memory::keep_small();
    net::tls::install_provider();
    let options = daemon::Options {
        config: arguments.config,
        database: arguments.database,
        demo: arguments.demo,
    };
    match runtime().map_err(anyhow::Error::from).and_then(|runtime| {
        let outcome = runtime.block_on(daemon::run(options));
        // A lookup that hangs in the resolver must not keep the daemon alive.
        runtime.shutdown_background();
        outcome
    }) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure(&error),
    }
}

/// One thread serves everything: the store has its own two, and what blocks, like name lookups, gets at most two for a
/// moment, of which figures take one.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(2)
        .thread_keep_alive(std::time::Duration::from_secs(10))
        .thread_stack_size(512 * 1024)
        .build()
}

fn failure(error: &anyhow::Error) -> ExitCode {
    tracing::error!("{error:#}");
    ExitCode::FAILURE
}
