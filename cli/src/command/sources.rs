use serde_json::Value;
use tidings_api::{SecretPlace, SourceKind, SourceSettings, SourceStatus, Urgency};

use crate::arguments::{SourceAddArguments, SourceArguments, SourceTestArguments};
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::{self, Output, clean, json, line, table};
use crate::parse::setting::dotted;

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

/// Adds a source.
pub(crate) async fn add(
    arguments: &SourceAddArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let name = &arguments.name;
    let secret = if arguments.no_secret { SecretPlace::None } else { SecretPlace::Keyring };
    let url = ("url".to_owned(), Value::from(arguments.url.as_str()));
    let settings = SourceSettings {
        name: name.clone(),
        kind: arguments.kind.clone(),
        preset: arguments.preset.clone().unwrap_or_default(),
        enabled: true,
        popups: true,
        min_urgency: Urgency::Low.as_str().to_owned(),
        settings: [url].into_iter().chain(dotted(&arguments.set)).collect(),
        secret,
    };
    let sources = Daemon::connect().await?.sources().await?;
    sources.add(&to_json(&settings)?).await?;
    if arguments.json {
        output.json(&[SourceSettings::from_json(&sources.get(name).await?)?])?;
    } else if arguments.no_secret {
        output.line(&clean::line(&format!(
            "\"{name}\" is added; `tidings sources` shows whether it connects"
        )))?;
    } else {
        let next = format!("\"{name}\" is added; now run `tidings secret set {name}`");
        output.line(&clean::line(&next))?;
    }
    Ok(Outcome::Done)
}

fn to_json(settings: &SourceSettings) -> Result<String, Failure> {
    serde_json::to_string(settings)
        .map_err(|error| Failure::failed(format!("the settings cannot be sent: {error}")))
}

/// Takes a source out.
pub(crate) async fn remove(arguments: &SourceArguments) -> Result<Outcome, Failure> {
    Daemon::connect().await?.sources().await?.remove(&arguments.name).await?;
    Ok(Outcome::Done)
}

/// Prints the kinds and presets.
pub(crate) async fn kinds(as_json: bool, output: &mut Output) -> Result<Outcome, Failure> {
    let text = Daemon::connect().await?.sources().await?.kinds().await?;
    let kinds = SourceKind::list_from_json(&text)?;
    if as_json {
        output.json(&kinds)?;
    } else if output.terminal {
        output.line(&table::kinds(&kinds, output.color))?;
    } else {
        kinds.iter().try_for_each(|kind| output.line(&line::kind(kind)))?;
    }
    Ok(Outcome::Done)
}

/// Every source as the daemon reports it.
pub(super) async fn all(daemon: &Daemon) -> Result<Vec<SourceStatus>, Failure> {
    let rows = daemon.sources().await?.list().await?;
    Ok(rows.into_iter().map(SourceStatus::from_dict).collect::<Result<_, _>>()?)
}
