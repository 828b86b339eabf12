use serde_json::Value;

use super::beside_the_desktop;
use crate::arguments::TargetTestArguments;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::{Output, clean, json};

/// Sends a test message; exit code 1 if it was not accepted everywhere.
pub(crate) async fn run(
    arguments: &TargetTestArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    beside_the_desktop(&arguments.name, "`tidings doctor --popup` shows a test popup")?;
    let address = arguments.address.as_deref().unwrap_or_default();
    // A provider may take its time, with each record.
    let targets = Daemon::connect_patiently().await?.targets().await?;
    let report = json::from_dict(&targets.test(&arguments.name, address).await?);
    if arguments.json {
        output.json(std::slice::from_ref(&report))?;
    } else {
        for step in report["steps"].as_array().into_iter().flatten() {
            output.line(&clean::line(step.as_str().unwrap_or_default()))?;
        }
    }
    let works = report.get("ok").and_then(Value::as_bool).unwrap_or(false);
    Ok(if works { Outcome::Done } else { Outcome::Negative })
}
