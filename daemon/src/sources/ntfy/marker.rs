//! Where to resume. Pure.
//!
//! The server is asked by time and not by the last known id: an id that it has forgotten, or not yet written down, brings
//! everything again, and one that it knows hides what was scheduled before it and sent after it (server 2.19,
//! `cache_sqlite.go`). A time is inclusive, and an overlap before it finds what was written down late. What comes twice is
//! known by its id.
//!
//! Only a catch-up moves the marker. A live message may overtake one that was sent before the connection stood and written
//! down after it was asked for: up to the last catch-up nothing is missing, up to the last message something may be.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tidings_api::Millis;

/// Where the last catch-up ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Marker {
    /// The newest time, in seconds; 0 = nothing has ever come.
    time: i64,
    /// The message that bears it, for people who look.
    id: String,
    /// The topics that were asked.
    topics: Vec<String>,
    /// Those that were asked before, and are refused for a while.
    before: Vec<String>,
}

impl Marker {
    /// Reads what was stored. What cannot be read resumes nothing: everything is asked for again.
    pub(super) fn read(text: Option<&str>) -> Option<Self> {
        let read = serde_json::from_str(text?).ok();
        read.filter(|marker: &Self| marker.time >= 0 && !marker.topics.is_empty())
    }

    /// The text to store.
    pub(super) fn write(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    /// Whether what a topic brings can have been missed; else it is history.
    pub(super) fn has_followed(&self, topic: &str) -> bool {
        self.knows(topic) || self.before.iter().any(|known| known == topic)
    }

    /// The topics that have ever been asked, without those that the user has taken out.
    pub(super) fn kept(&self, configured: &[String]) -> Vec<String> {
        configured.iter().filter(|topic| self.has_followed(topic)).cloned().collect()
    }

    /// Whether nothing of a topic up to the marker is missing.
    pub(super) fn knows(&self, topic: &str) -> bool {
        self.topics.iter().any(|known| known == topic)
    }

    /// What to ask for. A topic that was not asked before is asked for all that it has.
    pub(super) fn since(marker: Option<&Self>, topics: &[String], overlap: Duration) -> String {
        match marker {
            Some(marker) if marker.time > 0 && topics.iter().all(|topic| marker.knows(topic)) => {
                let overlap = i64::try_from(overlap.as_secs()).unwrap_or(i64::MAX);
                marker.time.saturating_sub(overlap).max(1).to_string()
            }
            Some(_) | None => "all".to_owned(),
        }
    }
}

/// The newest of one catch-up.
#[derive(Debug)]
pub(super) struct Newest {
    time: i64,
    id: String,
    now: i64,
}

impl Newest {
    /// Begins at the marker of before, or anew where everything is looked at: a server whose clock was set back has
    /// nothing that new any more.
    pub(super) fn after(marker: Option<&Marker>, now: Millis) -> Self {
        let (time, id) = marker.map(|marker| (marker.time, marker.id.clone())).unwrap_or_default();
        Self { time, id, now: now / 1_000 }
    }

    /// Something of this time has come. What bears a time to come moves nothing further than now: until then, everything
    /// else would be older and missed.
    pub(super) fn note(&mut self, at: Millis, id: &str) {
        let time = (at / 1_000).min(self.now);
        if time >= self.time {
            self.time = time;
            id.clone_into(&mut self.id);
        }
    }

    /// The marker once all of these topics are stored.
    pub(super) fn marker(self, topics: Vec<String>, mut before: Vec<String>) -> Marker {
        let Self { time, id, .. } = self;
        before.retain(|topic| !topics.contains(topic));
        Marker { time, id, topics, before }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OVERLAP: Duration = Duration::from_secs(600);

    fn topics(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    fn marker(time: i64) -> Marker {
        Marker { time, id: "m".to_owned(), topics: topics(&["a", "b"]), ..Marker::default() }
    }

    #[test]
    fn resumes_before_the_newest_and_asks_for_all_where_it_knows_nothing() {
        let since = |marker: Option<&Marker>, names: &[&str]| {
            Marker::since(marker, &topics(names), OVERLAP)
        };
        assert_eq!(since(Some(&marker(10_000)), &["b", "a"]), "9400");
        assert_eq!(since(Some(&marker(10_000)), &["a"]), "9400", "a topic less is nothing new");
        assert_eq!(since(Some(&marker(10_000)), &["a", "c"]), "all", "c was never asked");
        assert_eq!(since(Some(&marker(5)), &["a"]), "1", "0 would be no time");
        assert_eq!(since(None, &["a"]), "all");
    }

    #[test]
    fn what_was_stored_is_read_and_anything_else_is_nothing() {
        let stored = marker(7).write();
        assert_eq!(Marker::read(stored.as_deref()), Some(marker(7)));
        for text in ["", "x", "{}", "[]", "{\"time\":-1}", "{\"time\":\"7\"}", "17", "null"] {
            assert_eq!(Marker::read(Some(text)), None, "{text}");
        }
    }

    #[test]
    fn a_time_to_come_does_not_hide_what_is_sent_until_then() {
        let mut newest = Newest::after(Some(&marker(900)), 1_000_000);
        newest.note(5_000_000, "future");
        assert_eq!(newest.marker(Vec::new(), Vec::new()).time, 1_000);
    }

    #[test]
    fn nothing_ever_seen_is_remembered_as_nothing_and_what_comes_then_is_no_history() {
        let empty = Newest::after(None, 1_000_000).marker(topics(&["a"]), Vec::new());
        let read = Marker::read(empty.write().as_deref()).unwrap();
        assert!(read.knows("a") && !read.knows("b"));
        assert_eq!(Marker::since(Some(&read), &topics(&["a"]), OVERLAP), "all");
    }

    proptest! {
        /// Whatever comes in whatever order: the marker is the newest of all and never goes back.
        #[test]
        fn newest_of_all(before in 0_i64..100, times in proptest::collection::vec(1_i64..100, 0..20)) {
            let known = (before > 0).then(|| marker(before));
            let mut newest = Newest::after(known.as_ref(), 1_000_000);
            for time in &times {
                newest.note(time * 1_000, "x");
            }
            let expected = times.iter().copied().chain([before]).max();
            prop_assert_eq!(Some(newest.marker(Vec::new(), Vec::new()).time), expected);
        }

        #[test]
        fn reading_never_panics(text in "\\PC*") {
            let read = Marker::read(Some(&text));
            prop_assert!(!Marker::since(read.as_ref(), &topics(&["a"]), Duration::MAX).is_empty());
        }
    }
}
