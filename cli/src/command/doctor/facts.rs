use std::collections::BTreeMap;

use tidings_api::{Record, SourceStatus, TargetKind, TargetStatus, names};
use zbus::fdo::DBusProxy;
use zbus::names::WellKnownName;

use crate::command::{records, sources, targets};
use crate::connection::Daemon;
use crate::exit::{Failure, METHOD_TIMEOUT};
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
    /// The targets, or why they could not be listed.
    pub(super) targets: Option<Result<Targets, String>>,
    /// How the test popup went; `None` = not asked for.
    pub(super) popup: Option<Result<(), String>>,
    /// The test popup went past the daemon, which is away.
    pub(super) past_daemon: bool,
}

/// What there is to know of targets.
#[derive(Debug, Default)]
pub(super) struct Targets {
    /// The desktop is the first.
    pub(super) rows: Vec<TargetStatus>,
    /// What they can be of.
    pub(super) kinds: Vec<TargetKind>,
    /// The addresses of all of them.
    pub(super) records: Vec<Record>,
    /// Why those that seem ready cannot send, by name.
    pub(super) troubles: BTreeMap<String, targets::Trouble>,
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
    if running || activatable {
        facts.stats = Some(stats(&daemon).await.map_err(|failure| words(&failure)));
    }
    let answers = matches!(facts.stats, Some(Ok(_)));
    if answers {
        facts.sources = Some(sources::all(&daemon).await.map_err(|failure| words(&failure)));
        facts.targets = Some(ask_targets(&daemon).await.map_err(|failure| words(&failure)));
    }
    if popup {
        facts.past_daemon = !answers;
        facts.popup = Some(if answers {
            test_popup(&daemon).await.map_err(|failure| words(&failure))
        } else {
            popup_past_the_daemon().await
        });
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

async fn ask_targets(daemon: &Daemon) -> Result<Targets, Failure> {
    let rows = targets::all(daemon).await?;
    Ok(Targets {
        troubles: targets::troubles(daemon, &rows, |_| true).await,
        rows,
        kinds: targets::all_kinds(daemon).await?,
        records: records::all(&daemon.targets().await?, "").await?,
    })
}

async fn test_popup(daemon: &Daemon) -> Result<(), Failure> {
    daemon.control().await?.test_popup().await?;
    Ok(())
}

/// A popup of our own tells whether the popup server works while the daemon does not.
async fn popup_past_the_daemon() -> Result<(), String> {
    let mut popup = notify_rust::Notification::new();
    popup.appname("Tidings").summary("Tidings can show popups");
    popup.body("This test came from the command, because the daemon is away.");
    match tokio::time::timeout(METHOD_TIMEOUT, popup.show_async()).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {} s", METHOD_TIMEOUT.as_secs())),
    }
}

/// What happened, without the advice of the exit: the findings give their own.
fn words(failure: &Failure) -> String {
    match failure {
        Failure::Unreachable { what, .. } => what.clone(),
        Failure::Failed(_) | Failure::Usage(_) | Failure::NoApp | Failure::BrokenPipe => {
            failure.to_string()
        }
    }
}
