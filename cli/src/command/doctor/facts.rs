use tidings_api::{SourceStatus, names};
use zbus::fdo::DBusProxy;
use zbus::names::WellKnownName;

use crate::command::sources;
use crate::connection::Daemon;
use crate::exit::Failure;
use crate::stats::Stats;

/// What could be found out, for [`super::findings`] to judge.
#[derive(Debug, Default)]
pub(super) struct Facts {
    /// Why there is no session bus; `None` = there is one.
    pub(super) bus_error: Option<String>,
    /// The daemon was running before we asked.
    pub(super) running: bool,
    /// The bus knows how to start it.
    pub(super) activatable: bool,
    /// What the daemon says of itself, or why it said nothing.
    pub(super) stats: Option<Result<Stats, String>>,
    /// The sources, or why they could not be listed.
    pub(super) sources: Option<Result<Vec<SourceStatus>, String>>,
    /// How the test popup went; `None` = not asked for.
    pub(super) popup: Option<Result<(), String>>,
}

/// Asks the bus and the daemon. Each failure is a fact, none ends the gathering.
pub(super) async fn gather(popup: bool) -> Facts {
    let daemon = match Daemon::connect().await {
        Ok(daemon) => daemon,
        Err(failure) => {
            return Facts { bus_error: Some(words(&failure)), ..Facts::default() };
        }
    };
    let (running, activatable) = ask_bus(&daemon).await.unwrap_or_default();
    let mut facts = Facts { running, activatable, ..Facts::default() };
    if !running && !activatable {
        return facts;
    }
    let stats = stats(&daemon).await;
    let answered = stats.is_ok();
    facts.stats = Some(stats.map_err(|failure| words(&failure)));
    if answered {
        facts.sources = Some(sources::all(&daemon).await.map_err(|failure| words(&failure)));
        if popup {
            facts.popup = Some(test_popup(&daemon).await.map_err(|failure| words(&failure)));
        }
    }
    facts
}

async fn ask_bus(daemon: &Daemon) -> zbus::Result<(bool, bool)> {
    let bus = DBusProxy::new(&daemon.connection).await?;
    let name = WellKnownName::from_static_str(names::BUS_NAME)?;
    let running = bus.name_has_owner(name.into()).await?;
    let activatable =
        bus.list_activatable_names().await?.iter().any(|name| name.as_str() == names::BUS_NAME);
    Ok((running, activatable))
}

async fn stats(daemon: &Daemon) -> Result<Stats, Failure> {
    Stats::from_dict(daemon.control().await?.stats().await?)
}

async fn test_popup(daemon: &Daemon) -> Result<(), Failure> {
    daemon.control().await?.test_popup().await?;
    Ok(())
}

/// What happened, without the advice of the exit: the findings give their own.
fn words(failure: &Failure) -> String {
    match failure {
        Failure::Unreachable { what, .. } => what.clone(),
        Failure::Failed(_) | Failure::Usage(_) | Failure::BrokenPipe => failure.to_string(),
    }
}
