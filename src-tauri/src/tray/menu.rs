//! What a right click opens.

use chrono::{DateTime, Local};
use tidings_api::{Place, Section, SourceState};

use crate::controller::{Daemon, Headline, Here, Quiet, QuietSpan, State};
use crate::language::{Words, filled};
use crate::tray::text;

const LONGEST_TITLE: usize = 56;
const LONGEST_NAME: usize = 40;

/// What choosing an entry means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Show this in the window.
    Open(Place),
    /// Mark as read what the user could know of when the menu was drawn.
    MarkAllRead {
        /// The newest notification of that moment.
        up_to: i64,
    },
    /// Popups wait so long.
    BeQuiet(QuietSpan),
    /// Popups come again.
    EndQuiet,
    /// A middle click: one of the two before, whichever changes something.
    ToggleQuiet,
    /// Start the daemon.
    StartReceiving,
    /// Stop the daemon.
    StopReceiving,
    /// End the tray, and nothing else.
    Quit,
}

/// One line of the menu, as plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Does something.
    Choice {
        /// What it says.
        label: String,
        /// What it does.
        choice: Choice,
    },
    /// Says something.
    Note(String),
    /// Opens more.
    Submenu {
        /// What it says.
        label: String,
        /// What it opens.
        entries: Vec<Entry>,
    },
    /// A line between groups.
    Separator,
}

/// The whole menu.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Menu {
    /// From top to bottom.
    pub entries: Vec<Entry>,
}

impl Menu {
    /// The menu for `state`; times are told as they are read at `now`.
    #[must_use]
    pub fn of(state: &State, now: DateTime<Local>) -> Self {
        let words = state.language.words();
        let mut entries = vec![choice(words.open, Choice::Open(Place::Inbox)), Entry::Separator];
        match &state.daemon {
            Daemon::Here(here) => entries.extend(here_entries(here, words, now)),
            Daemon::Starting => entries.push(note(words.starting)),
            Daemon::Away => entries.push(note(words.away)),
            Daemon::NotStarted => entries.push(note(words.not_started)),
        }
        entries.extend([
            Entry::Separator,
            choice(words.settings, Choice::Open(Place::Settings(None))),
        ]);
        entries.extend([Entry::Separator, choice(words.quit, Choice::Quit)]);
        entries.extend(match &state.daemon {
            Daemon::Here(_) => Some(choice(words.stop_receiving, Choice::StopReceiving)),
            Daemon::Away | Daemon::NotStarted => {
                Some(choice(words.start_receiving, Choice::StartReceiving))
            }
            Daemon::Starting => None,
        });
        Self { entries }
    }
}

fn here_entries(here: &Here, words: &Words, now: DateTime<Local>) -> Vec<Entry> {
    let mut entries = newest(here, words);
    entries.push(Entry::Separator);
    entries.extend(quiet(&here.quiet, words, now));
    entries.push(sources(here, words));
    entries
}

fn newest(here: &Here, words: &Words) -> Vec<Entry> {
    if here.inbox.newest.is_empty() {
        return vec![note(words.nothing_unread)];
    }
    let mut entries = vec![note(words.newest)];
    entries.extend(here.inbox.newest.iter().map(|row| headline(row, words)));
    let all = Choice::MarkAllRead { up_to: here.inbox.newest_id };
    entries.extend([Entry::Separator, choice(words.mark_all_read, all)]);
    entries
}

fn headline(row: &Headline, words: &Words) -> Entry {
    let label = match text::line(&row.title, LONGEST_TITLE) {
        untitled if untitled.is_empty() => words.untitled.to_owned(),
        titled => titled,
    };
    Entry::Choice { label, choice: Choice::Open(Place::Notification(row.id)) }
}

fn quiet(quiet: &Quiet, words: &Words, now: DateTime<Local>) -> Option<Entry> {
    match quiet {
        Quiet::Off => Some(Entry::Submenu {
            label: words.quiet.to_owned(),
            entries: vec![
                choice(words.quiet_one_hour, Choice::BeQuiet(QuietSpan::OneHour)),
                choice(words.quiet_four_hours, Choice::BeQuiet(QuietSpan::FourHours)),
                choice(words.quiet_tomorrow, Choice::BeQuiet(QuietSpan::UntilTomorrow)),
                choice(words.quiet_for_good, Choice::BeQuiet(QuietSpan::UntilTurnedOff)),
            ],
        }),
        Quiet::UntilTurnedOff => Some(choice(words.end_quiet, Choice::EndQuiet)),
        Quiet::Until(until) => {
            let time = text::moment(*until, now);
            let label = filled(words.end_quiet_until, &[("time", &time)]);
            Some(Entry::Choice { label, choice: Choice::EndQuiet })
        }
    }
}

fn sources(here: &Here, words: &Words) -> Entry {
    let settings = || Choice::Open(Place::Settings("sources".parse::<Section>().ok()));
    if here.sources.is_empty() {
        return choice(words.no_sources, settings());
    }
    let line = |name: &str, state: SourceState| {
        let name = text::line(name, LONGEST_NAME);
        filled(words.source, &[("name", &name), ("state", words.source_state(state))])
    };
    let entries = here.sources.iter().map(|source| Entry::Choice {
        label: line(&source.name, source.state),
        choice: settings(),
    });
    Entry::Submenu { label: words.sources.to_owned(), entries: entries.collect() }
}

fn choice(label: &str, choice: Choice) -> Entry {
    Entry::Choice { label: label.to_owned(), choice }
}

fn note(text: &str) -> Entry {
    Entry::Note(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::controller::{Inbox, Source};

    fn of(daemon: Daemon) -> Menu {
        Menu::of(&State { daemon, ..State::default() }, Local::now())
    }

    /// Everything that can be chosen, submenus included.
    fn choices(entries: &[Entry]) -> Vec<(String, Choice)> {
        entries
            .iter()
            .flat_map(|entry| match entry {
                Entry::Choice { label, choice } => vec![(label.clone(), choice.clone())],
                Entry::Submenu { entries, .. } => choices(entries),
                Entry::Note(_) | Entry::Separator => Vec::new(),
            })
            .collect()
    }

    fn offers(menu: &Menu, wanted: &Choice) -> bool {
        choices(&menu.entries).iter().any(|(_, choice)| choice == wanted)
    }

    fn inbox() -> Inbox {
        let headline = |id, title: &str| Headline { id, title: title.into() };
        let newest = vec![headline(7, "Disk full"), headline(9, "")];
        Inbox { unread: 2, unseen: 0, newest, newest_id: 12 }
    }

    #[test]
    fn the_newest_unread_open_themselves() {
        let menu = of(Daemon::Here(Here { inbox: inbox(), ..Here::default() }));
        let found = choices(&menu.entries);
        let label = |id| {
            let wanted = Choice::Open(Place::Notification(id));
            found.iter().find(|(_, choice)| *choice == wanted).map(|(label, _)| label.as_str())
        };
        assert_eq!(label(7), Some("\u{2068}Disk full\u{2069}"));
        assert_eq!(label(9), Some("(no title)"), "an empty line cannot be chosen");
        assert!(offers(&menu, &Choice::MarkAllRead { up_to: 12 }), "bounded by what was known");
    }

    #[test]
    fn with_nothing_unread_there_is_nothing_to_mark() {
        let menu = of(Daemon::Here(Here::default()));
        assert!(menu.entries.contains(&Entry::Note("Nothing unread".into())));
        let marks = |(_, choice): &(String, Choice)| matches!(choice, Choice::MarkAllRead { .. });
        assert!(!choices(&menu.entries).iter().any(marks));
    }

    #[test]
    fn quiet_offers_its_spans_or_its_end_never_both() {
        let quiet = |quiet| of(Daemon::Here(Here { quiet, ..Here::default() }));
        let off = quiet(Quiet::Off);
        for span in QuietSpan::ALL {
            assert!(offers(&off, &Choice::BeQuiet(span)), "{span:?} cannot be chosen");
        }
        assert!(!offers(&off, &Choice::EndQuiet));
        let on = quiet(Quiet::Until(Local::now().timestamp_millis()));
        let end = choices(&on.entries).into_iter().find(|(_, choice)| *choice == Choice::EndQuiet);
        let label = end.map(|(label, _)| label).unwrap_or_default();
        assert!(label.starts_with("Turn off quiet (until "), "says until when: {label}");
        assert!(!offers(&on, &Choice::BeQuiet(QuietSpan::OneHour)));
    }

    #[test]
    fn sources_are_told_with_their_state_and_none_invites_to_add_one() {
        let sources = vec![Source { name: "orders".into(), state: SourceState::NeedsLogin }];
        let menu = of(Daemon::Here(Here { sources, ..Here::default() }));
        let told = choices(&menu.entries).into_iter().any(|(label, _)| label.ends_with("sign in"));
        assert!(told, "{menu:?}");
        let empty = of(Daemon::Here(Here::default()));
        assert!(choices(&empty.entries).iter().any(|(label, _)| label == "Add a source…"));
    }

    #[test]
    fn receiving_can_be_started_exactly_when_it_is_not_going_on() {
        for (daemon, start, stop) in [
            (Daemon::Away, true, false),
            (Daemon::NotStarted, true, false),
            (Daemon::Starting, false, false),
            (Daemon::Here(Here::default()), false, true),
        ] {
            let menu = of(daemon);
            assert_eq!(offers(&menu, &Choice::StartReceiving), start, "{menu:?}");
            assert_eq!(offers(&menu, &Choice::StopReceiving), stop, "{menu:?}");
            assert!(offers(&menu, &Choice::Quit) && offers(&menu, &Choice::Open(Place::Inbox)));
        }
    }
}
