//! `tidings-app`: the tray icon, and the one who opens the window.

use std::io::IsTerminal;
use std::process::ExitCode;

use clap::Parser;
use tidings_api::Place;
use tidings_app::app::{self, Opening};
use tracing_subscriber::filter::LevelFilter;

/// Shows in the tray what is unread, and opens the window.
#[derive(Debug, Parser)]
#[command(name = "tidings-app", version)]
struct Arguments {
    /// Opens the window too: inbox, inbox/ID, settings, settings/SECTION or statistics
    #[arg(long, value_name = "PLACE")]
    place: Option<Place>,
    /// Opens nothing, also where it is running already: for the start of the session
    #[arg(long, conflicts_with = "place")]
    background: bool,
    /// What to log: error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    log: LevelFilter,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    tidings_memory::keep_small();
    tracing_subscriber::fmt()
        .with_max_level(arguments.log)
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal())
        .with_target(false)
        .init();
    let token = ["XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|token| !token.is_empty()));
    let opening = match arguments.place {
        Some(place) => Opening::Place(place),
        None if arguments.background => Opening::Nothing,
        None => Opening::WhereItRuns,
    };
    let outcome = runtime()
        .map_err(anyhow::Error::from)
        .and_then(|runtime| runtime.block_on(app::run(opening, token)));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(1).build()
}
