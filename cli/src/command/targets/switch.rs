use serde_json::json;

use super::{all, beside_the_desktop};
use crate::arguments::{TargetArguments, TargetResumeArguments};
use crate::command::records;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome, complain};
use crate::output::{Output, clean};

const POPUPS: &str = "`popups` under [desktop] in config.toml switches it on and off";

/// Switches a target on or off. What is on its way there may end first, which takes as long as its provider does.
pub(super) async fn enable(
    arguments: &TargetArguments,
    enabled: bool,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let name = &arguments.name;
    beside_the_desktop(name, POPUPS)?;
    let daemon = Daemon::connect_patiently().await?;
    daemon.targets().await?.set_enabled(name, enabled).await?;
    let then =
        if enabled { "on; what waits for it is sent" } else { "off; what waits for it stays" };
    output.told(&clean::line(&format!("\"{name}\" is switched {then}.")))?;
    Ok(Outcome::Done)
}

/// Takes a target out, and says what went with it.
pub(super) async fn remove(
    arguments: &TargetArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let name = &arguments.name;
    beside_the_desktop(name, POPUPS)?;
    let daemon = Daemon::connect_patiently().await?;
    let targets = daemon.targets().await?;
    // Afterwards nobody can count them any more. A target without addresses has a record that says nothing.
    let rows = all(&daemon).await?;
    let waiting = rows.iter().find(|row| row.name == *name).map_or(0, |row| row.waiting);
    let records = match records::all(&targets, name).await {
        Ok(records) => records.iter().filter(|record| !record.address.is_empty()).count(),
        Err(_) => 0,
    };
    targets.remove(name).await?;
    output.line(&clean::line(&removed(name, records, waiting)))?;
    Ok(Outcome::Done)
}

fn removed(name: &str, records: usize, waiting: u32) -> String {
    let records = match records {
        0 => String::new(),
        1 => ", with its record and what was sent there".to_owned(),
        _ => format!(", with its {records} records and what was sent to them"),
    };
    let waiting = match waiting {
        0 => String::new(),
        1 => "; one delivery that waited is not sent".to_owned(),
        _ => format!("; {waiting} deliveries that waited are not sent"),
    };
    format!("\"{name}\" is removed{records}{waiting}.")
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
    } else {
        output.told(&clean::line(&format!("\"{name}\" sends again.")))?;
    }
    Ok(if was_paused { Outcome::Done } else { Outcome::Negative })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_with_a_target_is_said() {
        assert_eq!(removed("mail", 0, 0), "\"mail\" is removed.");
        let all = removed("mail", 2, 3);
        assert!(all.contains("2 records") && all.contains("3 deliveries that waited"), "{all}");
        let one = removed("mail", 1, 1);
        assert!(one.contains("its record") && one.contains("one delivery"), "{one}");
    }
}
