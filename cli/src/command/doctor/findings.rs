//! From facts to findings: pure, so that each of them can be tested.

use chrono::Local;
use serde::Serialize;
use tidings_api::{SourceState, SourceStatus, names};

use super::facts::Facts;
use super::targets;
use crate::command::status::in_words;
use crate::stats::Stats;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Level {
    /// As it should be.
    Ok,
    /// Works, yet something deserves a look.
    Warn,
    /// Does not work.
    Fail,
}

/// One line of `tidings doctor`, and one object of `tidings doctor --json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// What was looked at: `session bus`, `daemon`, `api`, `popups`, `popup test`, `database`, `configuration`, `events`,
    /// `source NAME`, `target NAME`, and `sources` or `targets` for all of them.
    pub(super) check: String,
    /// How bad it is.
    #[serde(rename = "status")]
    pub(super) level: Level,
    /// What was found.
    pub(super) message: String,
    /// What to do; empty = nothing.
    pub(super) next_step: String,
}

pub(super) fn finding(
    check: &str,
    level: Level,
    message: impl Into<String>,
    next_step: &str,
) -> Finding {
    Finding {
        check: check.to_owned(),
        level,
        message: message.into(),
        next_step: next_step.to_owned(),
    }
}

/// Judges the facts, in the order in which one depends on the other.
pub(super) fn findings(facts: &Facts, now: &chrono::DateTime<Local>) -> Vec<Finding> {
    let mut findings = vec![session_bus(facts)];
    if facts.bus_error.is_some() {
        return findings;
    }
    findings.push(daemon(facts));
    let Some(Ok(stats)) = &facts.stats else {
        findings.extend(popup_test(facts));
        return findings;
    };
    findings.extend([api(stats), popups(stats), database(stats), configuration(stats)]);
    findings.extend(events(stats));
    findings.extend(popup_test(facts));
    match &facts.sources {
        Some(Ok(sources)) if sources.is_empty() => findings.push(finding(
            "sources",
            Level::Ok,
            "none is configured; posts from this machine work without one",
            "",
        )),
        Some(Ok(sources)) => findings.extend(sources.iter().map(|row| source(row, now))),
        Some(Err(why)) => {
            findings.push(finding("sources", Level::Fail, why, "Restart the daemon"));
        }
        None => {}
    }
    match &facts.targets {
        Some(Ok(known)) => findings.extend(targets::findings(known, now)),
        Some(Err(why)) => {
            findings.push(finding("targets", Level::Fail, why, "Restart the daemon"));
        }
        None => {}
    }
    findings
}

fn session_bus(facts: &Facts) -> Finding {
    match &facts.bus_error {
        None => finding("session bus", Level::Ok, "connected", ""),
        Some(why) => finding(
            "session bus",
            Level::Fail,
            why,
            "Log in to a desktop session, or run this under `dbus-run-session`",
        ),
    }
}

fn daemon(facts: &Facts) -> Finding {
    match &facts.stats {
        Some(Ok(stats)) => {
            let state = match (facts.running, facts.activatable) {
                (true, true) => "is running",
                (true, false) => "is running; the bus could not start it by itself",
                (false, _) => "was not running; the bus has started it",
            };
            finding("daemon", Level::Ok, format!("tidingsd {} {state}", stats.version), "")
        }
        Some(Err(why)) => finding(
            "daemon",
            Level::Fail,
            why,
            "Read its log: `journalctl --user -u tidingsd -n 50`; \
             restart it: `systemctl --user restart tidingsd`",
        ),
        None => finding(
            "daemon",
            Level::Fail,
            format!("not running, and the bus does not know how to start {}", names::BUS_NAME),
            "Run `tidingsd` in a terminal, or install the D-Bus service file with the package",
        ),
    }
}

fn api(stats: &Stats) -> Finding {
    let (theirs, ours) = (stats.api_version, names::API_VERSION);
    let message = format!("the daemon speaks version {theirs}, this program version {ours}");
    match theirs.cmp(&ours) {
        std::cmp::Ordering::Equal => finding("api", Level::Ok, message, ""),
        std::cmp::Ordering::Greater => {
            finding("api", Level::Ok, message + "; newer daemons stay compatible", "")
        }
        std::cmp::Ordering::Less => finding(
            "api",
            Level::Warn,
            message + "; some commands may not work",
            "Restart the daemon after an update: `systemctl --user restart tidingsd`",
        ),
    }
}

/// Without these a popup shows less than Tidings could.
const WANTED_CAPABILITIES: [(&str, &str); 3] = [
    ("actions", "buttons and clicks do nothing"),
    ("body", "only titles are shown"),
    ("persistence", "popups that time out are only in the inbox"),
];

fn popups(stats: &Stats) -> Finding {
    let Some(name) = &stats.popup_server else {
        return finding(
            "popups",
            Level::Fail,
            "no popup server is running; notifications are stored but not shown",
            "Start one that implements org.freedesktop.Notifications: your desktop's own, or dunst, mako or swaync",
        );
    };
    let part =
        |text: &Option<String>| text.as_ref().map_or_else(String::new, |text| format!(" {text}"));
    let mut message = format!(
        "{name}{}, specification{}, capabilities: {}",
        part(&stats.popup_server_version),
        part(&stats.popup_spec_version),
        stats.popup_capabilities.join(" ")
    );
    let has = |wanted: &str| stats.popup_capabilities.iter().any(|found| found == wanted);
    for (capability, consequence) in WANTED_CAPABILITIES {
        if !has(capability) {
            message += &format!("; without {capability}: {consequence}");
        }
    }
    if has("actions") && has("body") {
        return finding("popups", Level::Ok, message, "");
    }
    finding(
        "popups",
        Level::Warn,
        message,
        "Another popup server shows more, for example dunst or mako",
    )
}

fn popup_test(facts: &Facts) -> Option<Finding> {
    Some(match facts.popup.as_ref()? {
        Ok(()) if facts.past_daemon => finding(
            "popup test",
            Level::Ok,
            "the popup server has taken a test popup, sent past the daemon",
            "",
        ),
        Ok(()) => finding("popup test", Level::Ok, "the popup server has taken a test popup", ""),
        Err(why) => finding(
            "popup test",
            Level::Fail,
            why,
            "See whether `notify-send test` shows anything; if not, restart the popup server",
        ),
    })
}

fn database(stats: &Stats) -> Finding {
    let bytes = stats.database_bytes.unwrap_or_default();
    let size = indicatif::DecimalBytes(bytes.try_into().unwrap_or_default());
    let rows = stats.notifications.unwrap_or_default();
    let message = format!("{rows} notifications, {size}, {}", stats.database_path);
    finding("database", Level::Ok, message, "")
}

fn configuration(stats: &Stats) -> Finding {
    match &stats.config_error {
        None => finding("configuration", Level::Ok, &stats.config_path, ""),
        Some(error) => finding(
            "configuration",
            Level::Fail,
            format!("the last good one is in force until this is mended\n{error}"),
            &format!("Edit {}; it is read again when it is saved", stats.config_path),
        ),
    }
}

fn events(stats: &Stats) -> Option<Finding> {
    let dropped = stats.dropped_events.filter(|dropped| *dropped > 0)?;
    Some(finding(
        "events",
        Level::Warn,
        format!("{dropped} events of sources could not be stored"),
        "Read the daemon's log: `journalctl --user -u tidingsd`",
    ))
}

fn source(row: &SourceStatus, now: &chrono::DateTime<Local>) -> Finding {
    let name = &row.name;
    let retry = format!("`tidings sources reconnect {name}`");
    let reconnect = format!("Try at once: {retry}");
    let test = format!("See each step: `tidings sources test {name}`");
    let (level, next_step) = match row.state {
        SourceState::Online if row.last_error.is_empty() => (Level::Ok, String::new()),
        // It is connected, and something about it is not as it was configured: a topic is refused, or marks are.
        SourceState::Online => (Level::Warn, format!("When it is mended: {retry}")),
        SourceState::Connecting if row.last_error.is_empty() => (Level::Ok, String::new()),
        SourceState::Connecting => (Level::Warn, test),
        SourceState::Disabled => {
            (Level::Ok, format!("Switch it on again: `tidings sources enable {name}`"))
        }
        SourceState::Waiting | SourceState::Silent => (Level::Warn, format!("{reconnect}. {test}")),
        SourceState::NeedsLogin => {
            let secret = format!("`tidings secret set {name}` stores another token or password");
            (
                Level::Fail,
                format!("{secret}; or mend the one the configuration names, then {retry}. {test}"),
            )
        }
        SourceState::Rejected => {
            (Level::Fail, format!("Correct its address in the configuration. {test}"))
        }
    };
    let message = in_words(row, now);
    let message = message.strip_prefix(&format!("{name}: ")).unwrap_or(&message).to_owned();
    finding(&format!("source {name}"), level, message, &next_step)
}

#[cfg(test)]
#[path = "findings_tests.rs"]
mod tests;
