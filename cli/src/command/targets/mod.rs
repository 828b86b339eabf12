//! `tidings targets`: the ways out beside the desktop, listed and steered.

mod add;
mod list;
mod switch;
mod test;

use std::collections::BTreeMap;

use futures_util::future::join_all;
use tidings_api::names::DESKTOP_TARGET;
use tidings_api::{SecretPlace, TargetKind, TargetSettings, TargetState, TargetStatus};

use crate::arguments::{TargetsArguments, TargetsCommand};
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::Output;

pub(crate) use test::run as test;

/// Lists the targets, or does what was asked with one.
pub(crate) async fn run(
    arguments: &TargetsArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    match &arguments.command {
        None => list::targets(arguments.json, output).await,
        Some(TargetsCommand::Kinds(kinds)) => list::kinds(kinds.json, output).await,
        Some(TargetsCommand::Add(target)) => add::run(target, output).await,
        Some(TargetsCommand::Remove(target)) => switch::remove(target, output).await,
        Some(TargetsCommand::Enable(target)) => switch::enable(target, true, output).await,
        Some(TargetsCommand::Disable(target)) => switch::enable(target, false, output).await,
        Some(TargetsCommand::Resume(target)) => switch::resume(target, output).await,
        Some(TargetsCommand::Test(target)) => test(target, output).await,
    }
}

/// Every target as the daemon reports it.
pub(super) async fn all(daemon: &Daemon) -> Result<Vec<TargetStatus>, Failure> {
    let rows = daemon.targets().await?.list().await?;
    Ok(rows.into_iter().map(TargetStatus::from_dict).collect::<Result<_, _>>()?)
}

/// Why a target that seems ready may not be.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// Its secret cannot be read.
    Secret(String),
    /// The daemon did not say whether it can.
    Unknown(String),
}

impl Trouble {
    /// In the words of a list.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Secret(why) => why.clone(),
            Self::Unknown(why) => format!("whether its secret can be read is not known: {why}"),
        }
    }
}

/// Of the targets that seem ready, why one cannot send all the same, by name: its secret cannot be read, or nobody knows
/// whether it can. `ask` chooses which are looked at, for a secret that a program prints may ask a person first.
pub(super) async fn troubles(
    daemon: &Daemon,
    rows: &[TargetStatus],
    ask: impl Fn(SecretPlace) -> bool,
) -> BTreeMap<String, Trouble> {
    let ready = rows.iter().filter(|row| row.state == TargetState::Ready);
    let checks =
        ready.filter(|row| row.name != DESKTOP_TARGET).map(|row| trouble(daemon, row, &ask));
    join_all(checks).await.into_iter().flatten().collect()
}

/// A daemon that cannot say it is not in the way of what it can say, nor is it taken for a yes.
async fn trouble(
    daemon: &Daemon,
    row: &TargetStatus,
    ask: impl Fn(SecretPlace) -> bool,
) -> Option<(String, Trouble)> {
    let trouble = match checked(daemon, &row.name, ask).await {
        Ok(none) if none.is_empty() => return None,
        Ok(why) => Trouble::Secret(why),
        Err(failure) => Trouble::Unknown(failure.to_string()),
    };
    Some((row.name.clone(), trouble))
}

async fn checked(
    daemon: &Daemon,
    name: &str,
    ask: impl Fn(SecretPlace) -> bool,
) -> Result<String, Failure> {
    let targets = daemon.targets().await?;
    let settings = TargetSettings::from_json(&targets.get(name).await?)?;
    if !ask(settings.secret) {
        return Ok(String::new());
    }
    Ok(targets.check_secret(name).await?)
}

/// Every kind that a target can be of.
pub(super) async fn all_kinds(daemon: &Daemon) -> Result<Vec<TargetKind>, Failure> {
    Ok(TargetKind::list_from_json(&daemon.targets().await?.kinds().await?)?)
}

/// The desktop is a target that is always there and has neither a table in the configuration nor records.
pub(super) fn beside_the_desktop(name: &str, instead: &str) -> Result<(), Failure> {
    if name == DESKTOP_TARGET {
        return Err(Failure::Usage(format!("\"{DESKTOP_TARGET}\" is this screen: {instead}")));
    }
    Ok(())
}
