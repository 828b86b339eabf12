//! Assembly and shutdown: build, connect, serve, follow, wait, stop.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};
use zbus::Connection;

use crate::bus::{self, Control1};
use crate::clock::Clock;
use crate::config::{self, Config, LiveConfig};
use crate::demo::{self, Demo};
use crate::desktop::freedesktop::Freedesktop;
use crate::desktop::open::Opener;
use crate::dispatch::actions::Actions;
use crate::dispatch::admission::Admission;
use crate::dispatch::figures::Figures;
use crate::dispatch::rules::PopupRules;
use crate::dispatch::{Listeners, PopupQueue, PopupWorker, fan_out, follow_clicks};
use crate::memory;
use crate::model::SourceId;
use crate::net::http::Http;
use crate::secrets;
use crate::sources::Nudge;
use crate::sources::registry::{CONFIG_KINDS, Deps};
use crate::sources::supervisor::Supervisor;
use crate::store::Store;

/// Between two rounds of retention.
const RETENTION_EVERY: Duration = Duration::from_secs(6 * 60 * 60);
/// When the start is over: the sources are connected and have caught up, or are waiting.
const START: Duration = Duration::from_secs(10);
/// The popup that is on its way at shutdown gets this long.
const SHOWN_WITHIN: Duration = Duration::from_secs(6);
/// What is still queued for the disk gets this long at shutdown.
const CLOSE_WITHIN: Duration = Duration::from_secs(10);

/// What the command line said.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Another configuration file.
    pub config: Option<PathBuf>,
    /// Another database file.
    pub database: Option<PathBuf>,
    /// Play the demo beside the configured sources.
    pub demo: bool,
}

/// Runs the daemon until a signal, or until the session bus is gone.
pub async fn run(options: Options) -> anyhow::Result<()> {
    // Before anything else: a signal without a handler ends the process.
    let signals = Signals::listen()?;
    let clock = Clock::System;
    let started_at = clock.now();
    let config_path = options.config.map_or_else(config::config_path, Ok)?;
    let config = Arc::new(LiveConfig::open(config_path, CONFIG_KINDS));
    // Before the first look: what changes after it is followed.
    let versions = config.subscribe();
    let database = options.database.map_or_else(config::database_path, Ok)?;

    let (rules, rules_followed) =
        watch::channel(Arc::new(PopupRules::from_config(&config.current())));
    let (store, commits) = Store::open(&database, clock.clone(), Admission::new(rules_followed))?;

    let service_bus = session_bus().await?;
    // A connection of its own: a client that floods the service does not delay the popups.
    let popup_bus = session_bus().await?;
    let (notifier, popup_events) = Freedesktop::start(popup_bus.clone()).await?;
    let notifier = Arc::new(notifier);

    let demo = start_demo(options.demo, &database, &clock).await?;
    let deps = Deps {
        http: Http::new().map_err(anyhow::Error::msg)?,
        secrets: Arc::new(secrets::Origins),
        security: config.current().security.clone(),
    };
    let (supervisor, source_changes) = Supervisor::new(store.clone(), clock.clone(), deps);
    supervisor.apply(&with_demo(&config.current(), demo.as_ref())).await;

    let figures = Arc::new(Figures::default());
    let (popups, popup_commands) = PopupQueue::new();
    let (changes, changes_told) = mpsc::unbounded_channel();
    let (marked, marks) = mpsc::unbounded_channel();
    let (notices, notices_told) = mpsc::unbounded_channel();
    let opener = Arc::new(Opener::Desktop(popup_bus.clone()));
    let actions = Actions::new(store.clone(), opener, notices);
    let listeners = Listeners { popups: popups.clone(), changes, marked, figures: figures.clone() };
    let worker = PopupWorker {
        store: store.clone(),
        notifier: notifier.clone(),
        clock: clock.clone(),
        figures: figures.clone(),
    };
    let telling = tokio::spawn(fan_out(commits, listeners));
    tokio::spawn(nudge_marked(supervisor.clone(), marks));
    let showing = CancellationToken::new();
    let shower = tokio::spawn(worker.run(popup_commands, showing.clone()));
    tokio::spawn(follow_clicks(popup_events, actions.clone(), store.clone(), popups));
    let followed = Followed { rules, supervisor: supervisor.clone(), demo: demo.map(Arc::new) };
    let watching = CancellationToken::new();
    let watched = config.clone();
    let until = watching.clone();
    tokio::spawn(async move { watched.follow(until).await });
    let configuration = tokio::spawn(follow_configuration(versions, followed.clone()));
    let retention = tokio::spawn(retain(store.clone(), config.clone()));

    let control = Control1 {
        store: store.clone(),
        clock: clock.clone(),
        started_at,
        config: config.clone(),
        database,
        notifier,
        figures,
        demo: followed.demo,
    };
    let service = bus::Service {
        store: store.clone(),
        clock,
        actions,
        control,
        sources: supervisor.clone(),
        config: config.clone(),
        changes: changes_told,
        notices: notices_told,
        source_changes,
    };
    bus::serve(&service_bus, service).await?;
    tell_systemd(&[sd_notify::NotifyState::Ready]);
    tokio::spawn(rest_after_the_start());

    let end = tokio::select! {
        () = wait_for_the_end(signals, &config, &service_bus, &popup_bus) => Ok(()),
        // It tells until the inbox is closed, and nobody has closed it yet.
        _ = telling => Err(anyhow::anyhow!("the inbox has failed; the daemon must be started again")),
    };

    tell_systemd(&[sd_notify::NotifyState::Stopping]);
    watching.cancel();
    supervisor.shutdown().await;
    showing.cancel();
    stop([configuration, retention], shower, store).await;
    end
}

async fn session_bus() -> anyhow::Result<Connection> {
    Connection::session().await.context(
        "the session bus cannot be reached; start tidingsd inside a session, or with `dbus-run-session`",
    )
}

async fn start_demo(
    wanted: bool,
    database: &std::path::Path,
    clock: &Clock,
) -> anyhow::Result<Option<Demo>> {
    if !wanted {
        return Ok(None);
    }
    // Beside the database, whose directory is the user's alone.
    let directory = database.parent().unwrap_or(std::path::Path::new("."));
    Ok(Some(demo::start(directory, clock.clone(), demo::Day::believable()).await?))
}

fn with_demo(config: &Config, demo: Option<&Demo>) -> Config {
    let mut config = config.clone();
    config.sources.extend(demo.map(|demo| demo.source.clone()));
    config
}

/// Who follows the configuration as it changes.
#[derive(Clone)]
struct Followed {
    rules: watch::Sender<Arc<PopupRules>>,
    supervisor: Supervisor,
    demo: Option<Arc<Demo>>,
}

async fn follow_configuration(mut versions: watch::Receiver<Arc<Config>>, followed: Followed) {
    while versions.changed().await.is_ok() {
        let current = versions.borrow_and_update().clone();
        info!(sources = current.sources.len(), "the configuration changed");
        followed.rules.send_replace(Arc::new(PopupRules::from_config(&current)));
        followed.supervisor.apply(&with_demo(&current, followed.demo.as_deref())).await;
    }
}

async fn nudge_marked(supervisor: Supervisor, mut marks: mpsc::UnboundedReceiver<SourceId>) {
    while let Some(source) = marks.recv().await {
        supervisor.nudge(source, Nudge::Marks);
    }
}

/// Deletes what the configuration says is too old or too much, in steps that let everything else through.
async fn retain(store: Store, config: Arc<LiveConfig>) {
    loop {
        let retention = config.current().retention.into();
        loop {
            match store.retain(retention).await {
                Ok(true) => tokio::task::yield_now().await,
                Ok(false) => break,
                Err(error) => {
                    warn!(%error, "old notifications could not be deleted; trying again later");
                    break;
                }
            }
        }
        tokio::time::sleep(RETENTION_EVERY).await;
    }
}

/// What the system says to the daemon.
struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }
}

async fn rest_after_the_start() {
    tokio::time::sleep(START).await;
    memory::rest();
}

/// A signal, or the loss of a bus connection: without the bus nobody can reach the daemon.
async fn wait_for_the_end(
    mut signals: Signals,
    config: &LiveConfig,
    service_bus: &Connection,
    popup_bus: &Connection,
) {
    tokio::select! {
        _ = signals.terminate.recv() => info!("asked to terminate"),
        _ = signals.interrupt.recv() => info!("interrupted"),
        () = service_bus.closed() => warn!("the session bus is gone"),
        () = popup_bus.closed() => warn!("the session bus is gone"),
        never = reload_on(&mut signals.hang_up, config) => match never {},
    }
}

async fn reload_on(hang_up: &mut Signal, config: &LiveConfig) -> Infallible {
    while hang_up.recv().await.is_some() {
        info!("asked to reload the configuration");
        if let Err(errors) = config.reload() {
            warn!("the configuration is not used: {errors}");
        }
    }
    std::future::pending().await
}

async fn stop(tasks: [JoinHandle<()>; 2], shower: JoinHandle<()>, store: Store) {
    for task in tasks {
        task.abort();
    }
    if tokio::time::timeout(SHOWN_WITHIN, shower).await.is_err() {
        warn!("the popup server did not answer in time; what it was sent last is not repeated");
    }
    if tokio::time::timeout(CLOSE_WITHIN, store.close()).await.is_err() {
        warn!("the inbox did not close in time; it is consistent all the same");
    }
    info!("ended");
}

fn tell_systemd(states: &[sd_notify::NotifyState<'_>]) {
    // Without systemd there is nobody to tell, and that is no error.
    if let Err(error) = sd_notify::notify(states) {
        warn!(%error, "systemd could not be told");
    }
}
