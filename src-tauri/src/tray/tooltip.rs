//! What hovering over the icon says.

use chrono::{DateTime, Local};

use crate::controller::{Daemon, Here, Quiet, State};
use crate::language::{Words, filled};
use crate::tray::text;

/// So many sources are named; the troubled ones come first.
const SOURCES: usize = 8;
const LONGEST_NAME: usize = 40;

/// Plain text; whoever draws it escapes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tooltip {
    /// How many are unread.
    pub title: String,
    /// The states, one a line.
    pub lines: Vec<String>,
}

impl Tooltip {
    /// What hovering says about `state` at `now`.
    #[must_use]
    pub fn of(state: &State, now: DateTime<Local>) -> Self {
        let words = state.language.words();
        let saying = |text: &str| Self { title: "Tidings".into(), lines: vec![text.to_owned()] };
        match &state.daemon {
            Daemon::Away => saying(words.away),
            Daemon::Starting => saying(words.starting),
            Daemon::NotStarted => saying(words.not_started),
            Daemon::Here(here) => {
                let quiet = quiet(&here.quiet, words, now);
                let lines = quiet.into_iter().chain(sources(here, words)).collect();
                Self { title: title(here, words), lines }
            }
        }
    }
}

fn title(here: &Here, words: &Words) -> String {
    let unread = match here.inbox.unread {
        0 => words.unread_none.to_owned(),
        1 => words.unread_one.to_owned(),
        many => filled(words.unread_many, &[("count", &many.to_string())]),
    };
    match here.inbox.unseen {
        0 => unread,
        new => filled(words.with_new, &[("unread", &unread), ("count", &new.to_string())]),
    }
}

fn quiet(quiet: &Quiet, words: &Words, now: DateTime<Local>) -> Option<String> {
    match quiet {
        Quiet::Off => None,
        Quiet::UntilTurnedOff => Some(words.is_quiet.to_owned()),
        Quiet::Until(until) => {
            Some(filled(words.is_quiet_until, &[("time", &text::moment(*until, now))]))
        }
    }
}

fn sources(here: &Here, words: &Words) -> Vec<String> {
    let mut sources: Vec<_> = here.sources.iter().collect();
    sources.sort_by_key(|source| !source.needs_attention());
    let mut lines: Vec<String> = sources
        .iter()
        .take(SOURCES)
        .map(|source| {
            let name = text::line(&source.name, LONGEST_NAME);
            let state = words.source_state(source.state);
            filled(words.source, &[("name", &name), ("state", state)])
        })
        .collect();
    if let Some(more) = sources.len().checked_sub(SOURCES).filter(|more| *more > 0) {
        lines.push(filled(words.more_sources, &[("count", &more.to_string())]));
    }
    lines
}

#[cfg(test)]
mod tests {
    use tidings_api::SourceState;

    use super::*;
    use crate::controller::Source;
    use crate::language::Language;

    fn source(name: &str, state: SourceState) -> Source {
        Source { name: name.into(), state }
    }

    fn of(here: Here) -> Tooltip {
        Tooltip::of(&State { daemon: Daemon::Here(here), ..State::default() }, Local::now())
    }

    #[test]
    fn counts_are_told_in_words() {
        let title = |unread, unseen| {
            let mut here = Here::default();
            (here.inbox.unread, here.inbox.unseen) = (unread, unseen);
            of(here).title
        };
        assert_eq!(title(0, 0), "Nothing unread");
        assert_eq!(title(1, 0), "1 unread");
        assert_eq!(title(12, 3), "12 unread, 3 new");
    }

    #[test]
    fn a_troubled_source_is_not_lost_among_the_others() {
        let mut sources: Vec<Source> =
            (0..12).map(|n| source(&format!("s{n}"), SourceState::Online)).collect();
        sources.push(source("home", SourceState::NeedsLogin));
        let lines = of(Here { sources, ..Here::default() }).lines;
        assert!(lines[0].contains("home") && lines[0].ends_with("sign in"), "{lines:?}");
        assert_eq!(lines.last().map(String::as_str), Some("and 5 more"));
    }

    #[test]
    fn an_absent_daemon_and_quiet_are_told() {
        let away = |language| {
            Tooltip::of(&State { language, ..State::default() }, Local::now()).lines.concat()
        };
        assert_eq!(away(Language::English), "Not receiving: Tidings is stopped");
        assert!(away(Language::Spanish).starts_with("Sin recibir"));
        let quiet = Quiet::UntilTurnedOff;
        assert_eq!(of(Here { quiet, ..Here::default() }).lines, ["Quiet"]);
    }
}
