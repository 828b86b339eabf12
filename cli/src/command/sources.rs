use serde_json::Value;
use tidings_api::SourceStatus;

use crate::arguments::{SourceArguments, SourceTestArguments};
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::{self, Output, clean, json, line, table};

/// Prints every configured source with its state.
pub(crate) async fn list(as_json: bool, output: &mut Output) -> Result<Outcome, Failure> {
    let rows = all(&Daemon::connect().await?).await?;
    if as_json {
        output.json(&rows)?;
    } else if !output.terminal {
        rows.iter().try_for_each(|row| output.line(&line::source(row)))?;
    } else if rows.is_empty() {
        output.line("No remote source is configured; posts from this machine work without one.")?;
    } else {
        output.line(&table::sources(&rows, &output::now(), output.color))?;
    }
    Ok(Outcome::Done)
}

/// Tries a source beside its running connection; exit code 1 if notifications would not arrive.
pub(crate) async fn test(
    arguments: &SourceTestArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let daemon = Daemon::connect().await?;
    let report = json::from_dict(&daemon.sources().await?.test(&arguments.name).await?);
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

/// Drops the connection and dials at once.
pub(crate) async fn reconnect(arguments: &SourceArguments) -> Result<Outcome, Failure> {
    Daemon::connect().await?.sources().await?.reconnect(&arguments.name).await?;
    Ok(Outcome::Done)
}

/// Switches a source on or off.
pub(crate) async fn enable(arguments: &SourceArguments, enabled: bool) -> Result<Outcome, Failure> {
    Daemon::connect().await?.sources().await?.set_enabled(&arguments.name, enabled).await?;
    Ok(Outcome::Done)
}

/// Every source as the daemon reports it.
pub(super) async fn all(daemon: &Daemon) -> Result<Vec<SourceStatus>, Failure> {
    let rows = daemon.sources().await?.list().await?;
    Ok(rows.into_iter().map(SourceStatus::from_dict).collect::<Result<_, _>>()?)
}
