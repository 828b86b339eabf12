//! The daemon's signals, told to the page as few events.

use std::time::Duration;

use futures_util::stream::{BoxStream, SelectAll, StreamExt, select_all};
use tauri::AppHandle;
use tidings_api::{Inbox1Proxy, Preferences1Proxy, Sources1Proxy, Targets1Proxy, names};
use tidings_app::page::{Gathered, Happening};
use tokio::time::Instant;
use zbus::fdo::{DBusProxy, PropertiesProxy};

use crate::daemon::Daemon;
use crate::presence::tell;

/// How long signals are gathered before the page is told: too short to be noticed, long enough for a burst.
const GATHER: Duration = Duration::from_millis(50);

/// What the bus tells about the daemon.
enum Signal {
    Inbox { revision: u64, added: Vec<i64>, updated: Vec<i64>, removed: Vec<i64> },
    Source(String),
    Target(String),
    Preferences,
    Quiet,
    Owner { here: bool },
}

/// Follows the daemon until the bus is gone; then the desktop session is over, and this process with it.
pub(crate) async fn follow(app: AppHandle, daemon: Daemon) {
    match tell_changes(&app, &daemon).await {
        Ok(()) => tracing::info!("the session bus is gone"),
        Err(error) => tracing::error!(%error, "the daemon cannot be followed"),
    }
    app.exit(0);
}

async fn tell_changes(app: &AppHandle, daemon: &Daemon) -> zbus::Result<()> {
    let signals = signals(daemon).await?;
    // It may have come or gone since the first look, while the window was made and nobody listened.
    tell_owner(app, daemon, daemon.is_here().await?);
    tell_all(app, daemon, signals).await;
    Ok(())
}

fn tell_owner(app: &AppHandle, daemon: &Daemon, here: bool) {
    if daemon.note(here) {
        tell(app, if here { &Happening::Back } else { &Happening::Away });
    }
}

async fn tell_all(app: &AppHandle, daemon: &Daemon, mut signals: SelectAll<BoxStream<'_, Signal>>) {
    let mut gathered = Gathered::default();
    let mut due = Instant::now();
    loop {
        let waits = !gathered.is_empty();
        let signal = tokio::select! {
            signal = signals.next() => signal,
            () = tokio::time::sleep_until(due), if waits => {
                gathered.take().iter().for_each(|happening| tell(app, happening));
                continue;
            }
        };
        if !waits {
            due = Instant::now() + GATHER;
        }
        match signal {
            None => return,
            Some(Signal::Inbox { revision, added, updated, removed }) => {
                gathered.inbox(revision, &added, &updated, &removed);
            }
            Some(Signal::Source(name)) => gathered.source(name),
            Some(Signal::Target(name)) => gathered.target(name),
            Some(Signal::Preferences) => gathered.preferences(),
            Some(Signal::Quiet) => gathered.quiet(),
            Some(Signal::Owner { here }) => tell_owner(app, daemon, here),
        }
    }
}

async fn signals(daemon: &Daemon) -> zbus::Result<SelectAll<BoxStream<'static, Signal>>> {
    let connection = daemon.connection();
    let owner = DBusProxy::new(connection)
        .await?
        .receive_name_owner_changed_with_args(&[(0, names::BUS_NAME)])
        .await?
        .filter_map(async |signal| {
            Some(Signal::Owner { here: signal.args().ok()?.new_owner().is_some() })
        });
    let inbox =
        Inbox1Proxy::new(connection).await?.receive_changed().await?.filter_map(async |signal| {
            let args = signal.args().ok()?;
            Some(Signal::Inbox {
                revision: args.revision,
                added: args.added,
                updated: args.updated,
                removed: args.removed,
            })
        });
    let sources = Sources1Proxy::new(connection).await?.receive_changed().await?;
    let sources = sources
        .filter_map(async |signal| Some(Signal::Source(signal.args().ok()?.source.to_owned())));
    let targets = Targets1Proxy::new(connection).await?.receive_changed().await?;
    let targets = targets
        .filter_map(async |signal| Some(Signal::Target(signal.args().ok()?.target.to_owned())));
    let preferences = Preferences1Proxy::new(connection).await?.receive_changed().await?;
    let preferences = preferences.map(|_| Signal::Preferences);
    let quiet = PropertiesProxy::builder(connection)
        .destination(names::BUS_NAME)?
        .path(names::OBJECT_PATH)?
        .build()
        .await?
        .receive_properties_changed_with_args(&[(0, names::QUIET)])
        .await?
        .map(|_| Signal::Quiet);
    Ok(select_all([
        owner.boxed(),
        inbox.boxed(),
        sources.boxed(),
        targets.boxed(),
        preferences.boxed(),
        quiet.boxed(),
    ]))
}
