use chrono::Local;
use serde::Serialize;
use tidings_api::{SourceState, SourceStatus};

use crate::arguments::StatusArguments;
use crate::command::quiet::State;
use crate::command::sources;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::{self, Output, clean, time};
use crate::stats::Stats;

/// `status --json`: everything of `Control1.Stats`, and the sources.
#[derive(Debug, Serialize)]
struct Status {
    #[serde(flatten)]
    stats: Stats,
    /// Whether popups wait.
    quiet: bool,
    /// As `tidings sources --json`.
    source_states: Vec<SourceStatus>,
}

/// Says how the daemon is, in a few lines.
pub(crate) async fn run(
    arguments: &StatusArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let daemon = Daemon::connect().await?;
    let stats = Stats::from_dict(daemon.control().await?.stats().await?)?;
    let source_states = sources::all(&daemon).await?;
    let quiet = State::ask(&daemon).await?;
    let status = Status { stats, quiet: quiet.active(), source_states };
    if arguments.json {
        output.json(&[status])?;
        return Ok(Outcome::Done);
    }
    let now = output::now();
    for text in sentences(&status, &now) {
        output.line(&text)?;
    }
    if quiet.active() {
        for text in quiet.sentences(&now) {
            output.line(&text)?;
        }
    }
    Ok(Outcome::Done)
}

fn sentences(status: &Status, now: &chrono::DateTime<Local>) -> Vec<String> {
    let Status { stats, source_states, .. } = status;
    let up = stats.started_at.map_or_else(String::new, |started| {
        format!(", up {}", time::duration((now.timestamp_millis() - started).max(0) / 1_000))
    });
    let mut sentences = vec![
        format!("tidingsd {}{up}", clean::line(&stats.version)),
        format!(
            "{} unread; {} notifications in {}",
            stats.unread.unwrap_or_default(),
            stats.notifications.unwrap_or_default(),
            clean::line(&stats.database_path)
        ),
        match &stats.popup_server {
            Some(name) => format!("popups by {}", clean::line(name)),
            None => "no popup server is running; notifications are stored all the same".to_owned(),
        },
    ];
    if let Some(error) = &stats.config_error {
        sentences.push(format!("configuration: {}", clean::block(error)));
    }
    if source_states.is_empty() {
        sentences.push("no remote source is configured".to_owned());
    }
    sentences.extend(source_states.iter().map(|source| clean::line(&in_words(source, now))));
    sentences
}

/// One source as a sentence.
pub(super) fn in_words(source: &SourceStatus, now: &chrono::DateTime<Local>) -> String {
    let ago = |millis| time::ago(&time::relative(millis, now));
    let since = ago(source.since);
    let state = match source.state {
        SourceState::Connecting => "connecting".to_owned(),
        SourceState::Online => format!("online since {since}"),
        SourceState::Waiting => match source.retry_at {
            Some(at) if at <= now.timestamp_millis() => "not connected, tries again".to_owned(),
            Some(at) => format!("not connected, tries again {}", ago(at)),
            None => format!("not connected since {since}"),
        },
        SourceState::NeedsLogin => "not signed in".to_owned(),
        SourceState::Rejected => "the server refuses the connection".to_owned(),
        SourceState::Silent => match source.last_proof_of_life {
            Some(heard) => format!("connected, but last heard {}", ago(heard)),
            None => "connected, but never heard".to_owned(),
        },
        SourceState::Disabled => "switched off".to_owned(),
    };
    let unread =
        if source.unread > 0 { format!(", {} unread", source.unread) } else { String::new() };
    let marks = match source.pending_marks {
        0 => String::new(),
        1 => ", 1 mark not yet confirmed by the server".to_owned(),
        marks => format!(", {marks} marks not yet confirmed by the server"),
    };
    let unknown = if source.unknown_event.is_empty() {
        ""
    } else {
        ", sent something that this version does not understand (`tidings sources --json`)"
    };
    let error = match source.last_error.as_str() {
        "" => String::new(),
        error => format!(": {error}"),
    };
    format!("{}: {state}{unread}{marks}{unknown}{error}", source.name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_of_a_source_has_words() {
        let now = output::now();
        let words = |state, retry_at| {
            let source = SourceStatus {
                name: "home".into(),
                state,
                retry_at,
                since: now.timestamp_millis() - 300_000,
                last_error: "refused".into(),
                ..SourceStatus::default()
            };
            in_words(&source, &now)
        };
        assert_eq!(words(SourceState::Online, None), "home: online since 5m ago: refused");
        let soon = Some(now.timestamp_millis() + 120_000);
        assert_eq!(
            words(SourceState::Waiting, soon),
            "home: not connected, tries again in 2m: refused"
        );
        let due = Some(now.timestamp_millis());
        assert_eq!(words(SourceState::Waiting, due), "home: not connected, tries again: refused");
        assert!(words(SourceState::NeedsLogin, None).contains("not signed in"));
        assert!(words(SourceState::Silent, None).contains("never heard"));
    }
}
