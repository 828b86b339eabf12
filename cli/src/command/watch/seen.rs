use std::collections::BTreeMap;

use tidings_api::{Millis, Notification};

/// So many rows are remembered exactly; of older ones only what happens after now is news.
const REMEMBERED: usize = 50_000;

/// What was printed, or was there before: decides whether a row is news. Pure.
///
/// News is a row that is new, or a new occurrence of one; a row that was merely marked is not.
#[derive(Debug)]
pub(super) struct Seen {
    /// Rows up to this id were there before.
    before: i64,
    /// Occurrences of those rows from then on are news.
    since: Millis,
    /// Occurrences of the rows that were judged.
    occurrences: BTreeMap<i64, u32>,
    newest: i64,
}

impl Seen {
    /// Starts when the newest row was `newest`, at `now`.
    pub(super) const fn from(newest: i64, now: Millis) -> Self {
        Self { before: newest, since: now, occurrences: BTreeMap::new(), newest }
    }

    /// The highest id known.
    pub(super) const fn newest(&self) -> i64 {
        self.newest
    }

    /// Notes a row, so that it is no news in this state.
    pub(super) fn remember(&mut self, row: &Notification) {
        self.occurrences.insert(row.id, row.occurrences);
        self.newest = self.newest.max(row.id);
        if self.occurrences.len() > REMEMBERED
            && let Some((id, _)) = self.occurrences.pop_first()
        {
            self.before = self.before.max(id);
            self.since = self.since.max(row.last_at);
        }
    }

    /// Whether to print the row. Asking notes it.
    pub(super) fn is_news(&mut self, row: &Notification) -> bool {
        let news = match self.occurrences.get(&row.id) {
            Some(known) => row.occurrences > *known,
            None if row.id > self.before => true,
            None => row.occurrences > 1 && row.last_at >= self.since,
        };
        self.remember(row);
        news
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(id: i64, occurrences: u32, last_at: Millis) -> Notification {
        Notification { id, occurrences, last_at, ..Notification::default() }
    }

    #[test]
    fn what_was_there_before_is_no_news_until_it_happens_again() {
        let mut seen = Seen::from(10, 1_000);
        assert!(!seen.is_news(&row(10, 1, 900)), "an old row that was marked as read");
        assert!(!seen.is_news(&row(9, 4, 900)), "an old row with old occurrences");
        assert!(seen.is_news(&row(8, 5, 1_000)), "an old row that happens again now");
        assert!(!seen.is_news(&row(8, 5, 1_000)), "the same occurrence, marked as read");
    }

    #[test]
    fn a_new_row_is_news_once_for_each_occurrence() {
        let mut seen = Seen::from(10, 1_000);
        assert!(seen.is_news(&row(11, 1, 1_000)));
        assert!(!seen.is_news(&row(11, 1, 1_000)), "a replay after a restart");
        assert!(seen.is_news(&row(11, 2, 1_500)));
        assert_eq!(seen.newest(), 11);
    }

    #[test]
    fn a_row_with_an_old_time_is_news_when_its_id_is_new() {
        let mut seen = Seen::from(10, 1_000);
        assert!(seen.is_news(&row(12, 1, 5)), "a server delivered an old notification late");
    }

    proptest! {
        #[test]
        fn nothing_is_printed_twice_in_whatever_order_it_is_told(
            told in prop::collection::vec((1i64..20, 1u32..4), 0..200),
        ) {
            let mut seen = Seen::from(5, 0);
            let mut printed = std::collections::HashSet::new();
            let mut highest = std::collections::HashMap::new();
            for (id, occurrences) in told {
                // The daemon never counts back.
                let highest = highest.entry(id).or_insert(0);
                *highest = occurrences.max(*highest);
                if seen.is_news(&row(id, *highest, 1)) {
                    prop_assert!(printed.insert((id, *highest)));
                }
            }
            for (id, highest) in highest {
                let expected = id > 5 || highest > 1;
                prop_assert_eq!(printed.contains(&(id, highest)), expected, "row {}", id);
            }
        }
    }
}
