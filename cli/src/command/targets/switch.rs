use serde_json::json;

use super::beside_the_desktop;
use crate::arguments::{TargetArguments, TargetResumeArguments};
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome, complain};
use crate::output::Output;

const POPUPS: &str = "`popups` under [desktop] in config.toml switches it on and off";

/// Switches a target on or off. What is on its way there may end first, which takes as long as its provider does.
pub(super) async fn enable(arguments: &TargetArguments, enabled: bool) -> Result<Outcome, Failure> {
    beside_the_desktop(&arguments.name, POPUPS)?;
    let daemon = Daemon::connect_patiently().await?;
    daemon.targets().await?.set_enabled(&arguments.name, enabled).await?;
    Ok(Outcome::Done)
}

/// Takes a target out.
pub(super) async fn remove(arguments: &TargetArguments) -> Result<Outcome, Failure> {
    beside_the_desktop(&arguments.name, POPUPS)?;
    Daemon::connect_patiently().await?.targets().await?.remove(&arguments.name).await?;
    Ok(Outcome::Done)
}

/// Ends a pause; that there was none is the answer no.
pub(super) async fn resume(
    arguments: &TargetResumeArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let name = &arguments.name;
    beside_the_desktop(name, "it is never paused; `tidings quiet` says whether popups wait")?;
    let was_paused = Daemon::connect().await?.targets().await?.resume(name).await?;
    if arguments.json {
        output.json(&[json!({ "was_paused": was_paused })])?;
    } else if !was_paused {
        complain(&format!("\"{name}\" was not paused; `tidings targets` says how it is"));
    }
    Ok(if was_paused { Outcome::Done } else { Outcome::Negative })
}
