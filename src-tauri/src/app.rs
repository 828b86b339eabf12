//! The resident program, put together.

use std::time::Duration;

use anyhow::{Context, anyhow};
use chrono::Local;
use tidings_api::Place;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;
use tracing::{info, warn};
use zbus::Connection;

use crate::controller::{Controller, State, Tick};
use crate::desk::Desk;
use crate::language::Language;
use crate::tray::Choice;
use crate::{activation, daemon, scheme};

/// No call hangs longer on a program that does.
const ANSWER_WITHIN: Duration = Duration::from_secs(25);
/// When the start is over and what only it needed can be given back.
const START: Duration = Duration::from_secs(10);

/// What a start is to open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// This place.
    Place(Place),
    /// The inbox where the tray runs already, whose icon whoever starts it again cannot find; else nothing.
    WhereItRuns,
    /// Nothing.
    Nothing,
}

/// Runs the tray until it is quit or the session ends; a second instance has the first open it and returns.
///
/// # Errors
///
/// When there is no session bus, or it does not let itself be used.
pub async fn run(opening: Opening, token: Option<String>) -> anyhow::Result<()> {
    let connection = session_bus().await?;
    let (ticks, received) = mpsc::unbounded_channel();
    let first = activation::claim(&connection, ticks.clone()).await.context("taking the name")?;
    if !first {
        let place = match opening {
            Opening::Place(place) => place,
            Opening::WhereItRuns => Place::Inbox,
            Opening::Nothing => return Ok(()),
        };
        let handed = activation::hand_over(&connection, &place, token.as_deref()).await;
        return handed.context("Tidings is running and does not answer");
    }
    if let Opening::Place(place) = opening {
        ticks.send(Tick::Chosen { choice: Choice::Open(place), token })?;
    }
    let language = Language::of_environment(|name| std::env::var(name).ok());
    follow(&connection, language, &ticks)?;
    let desk = Desk::new(connection, ticks);
    let state = State { language, ..State::default() };
    Controller::new(desk, state, Local::now).run(received).await;
    info!("ended");
    Ok(())
}

async fn session_bus() -> anyhow::Result<Connection> {
    let connecting =
        async { zbus::connection::Builder::session()?.method_timeout(ANSWER_WITHIN).build().await };
    // In one piece: the error's own words name their cause already.
    connecting.await.map_err(|error| {
        anyhow!("the session bus cannot be reached ({error}); start tidings-app inside a session")
    })
}

/// Starts everything that ticks.
fn follow(
    connection: &Connection,
    language: Language,
    ticks: &mpsc::UnboundedSender<Tick>,
) -> anyhow::Result<()> {
    let daemon = daemon::follow(connection.clone(), language, ticks.clone());
    let ended = ticks.clone();
    tokio::spawn(async move {
        if let Err(error) = daemon.await {
            // A tray that shows the past for ever is worse than none.
            warn!(%error, "the daemon cannot be followed");
            let _gone = ended.send(Tick::Ended);
        }
    });
    let desktop = std::env::var("XDG_CURRENT_DESKTOP").unwrap_or_default();
    let scheme = scheme::follow(connection.clone(), desktop, ticks.clone());
    tokio::spawn(async move {
        if let Err(error) = scheme.await {
            info!(%error, "the desktop does not tell its colours");
        }
    });
    tokio::spawn(tell_the_end(connection.clone(), Signals::listen()?, ticks.clone()));
    tokio::spawn(async {
        tokio::time::sleep(START).await;
        tidings_memory::rest();
    });
    Ok(())
}

/// The signals that end the program.
struct Signals {
    terminate: tokio::signal::unix::Signal,
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    fn listen() -> anyhow::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }
}

async fn tell_the_end(
    connection: Connection,
    mut signals: Signals,
    ticks: mpsc::UnboundedSender<Tick>,
) {
    tokio::select! {
        _ = signals.terminate.recv() => {}
        _ = signals.interrupt.recv() => {}
        () = connection.closed() => info!("the session bus is gone"),
    }
    let _gone = ticks.send(Tick::Ended);
}
