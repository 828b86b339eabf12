//! Which list row is which provisional row. Pure.
//!
//! Frames carry no id, and equal texts within one millisecond are normal, so rows are matched one to one as a
//! multiset: each unknown list row, oldest first, takes the oldest provisional row of equal text within a window.
//! The window is wide both ways because the clocks of two machines differ.

use std::collections::HashMap;
use std::collections::VecDeque;

use tidings_api::Millis;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Text<'a> {
    /// One line; frames often have none.
    pub(super) title: &'a str,
    /// The text.
    pub(super) body: &'a str,
    /// When it was sent or received; `None` = the time cannot be trusted and is not compared.
    pub(super) at: Option<Millis>,
}

impl<'a> Text<'a> {
    /// What both sides have: a list may give as title what the frame had as its only text.
    #[must_use]
    pub(super) fn essence(&self) -> &'a str {
        if self.body.is_empty() { self.title } else { self.body }
    }
}

/// For each row (oldest first) the index of its provisional row (oldest first), each used once.
#[must_use]
pub(super) fn pair(
    rows: &[Text<'_>],
    provisionals: &[Text<'_>],
    window: Millis,
) -> Vec<Option<usize>> {
    let mut waiting: HashMap<&str, VecDeque<usize>> = HashMap::new();
    for (index, provisional) in provisionals.iter().enumerate() {
        waiting.entry(provisional.essence()).or_default().push_back(index);
    }
    rows.iter()
        .map(|row| {
            let queue = waiting.get_mut(row.essence())?;
            let position = queue.iter().position(|&index| {
                near(row.at, provisionals[index].at, window)
                    && titles_agree(row.title, provisionals[index].title)
            })?;
            queue.remove(position)
        })
        .collect()
}

/// Within the window of each other, as far as both times are known.
#[must_use]
pub(super) fn near(one: Option<Millis>, other: Option<Millis>, window: Millis) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => one.abs_diff(other) <= window.unsigned_abs(),
        (None, _) | (_, None) => true,
    }
}

/// Equal, or one side does not have any.
#[must_use]
pub(super) fn titles_agree(one: &str, other: &str) -> bool {
    one.is_empty() || other.is_empty() || one == other
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: Millis = 60_000;
    const WINDOW: Millis = 10 * MINUTE;

    fn text(body: &str, at: Millis) -> Text<'_> {
        Text { title: "", body, at: Some(at) }
    }

    #[test]
    fn equal_texts_in_one_millisecond_are_matched_one_to_one() {
        let rows = [text("Stock bajo", 5), text("Stock bajo", 5), text("Stock bajo", 5)];
        let frames = [text("Stock bajo", 7), text("Stock bajo", 7)];
        assert_eq!(
            pair(&rows, &frames, WINDOW),
            [Some(0), Some(1), None],
            "the third frame was lost"
        );
    }

    #[test]
    fn clocks_may_differ_both_ways_within_the_window() {
        let frames = [text("a", 0)];
        for (at, expected) in [(9, Some(0)), (-9, Some(0)), (11, None), (-11, None)] {
            assert_eq!(
                pair(&[text("a", at * MINUTE)], &frames, WINDOW),
                [expected],
                "{at} minutes"
            );
        }
        let untimed = Text { at: None, ..text("a", 0) };
        assert_eq!(
            pair(&[untimed], &frames, WINDOW),
            [Some(0)],
            "a row without a sure time matches by text"
        );
    }

    #[test]
    fn list_title_may_be_what_the_frame_had_as_text() {
        let row = Text { title: "Disk full", body: "", at: None };
        assert_eq!(pair(&[row], &[text("Disk full", 0)], WINDOW), [Some(0)]);
    }

    fn texts() -> impl Strategy<Value = Vec<(u8, i64)>> {
        proptest::collection::vec((0_u8..3, 0_i64..30), 0..40)
    }

    fn sorted(raw: &[(u8, i64)]) -> Vec<Text<'static>> {
        let mut raw = raw.to_vec();
        raw.sort_by_key(|(_, at)| *at);
        raw.iter()
            .map(|(kind, at)| text(["a", "b", "c"][usize::from(*kind)], at * MINUTE))
            .collect()
    }

    /// The largest number of pairs, found by exchanging (Kuhn): slow and surely right.
    fn most_pairs(rows: &[Text<'_>], frames: &[Text<'_>]) -> usize {
        fn place(
            row: usize,
            rows: &[Text<'_>],
            frames: &[Text<'_>],
            taken: &mut [Option<usize>],
            seen: &mut [bool],
        ) -> bool {
            for frame in 0..frames.len() {
                let fits = rows[row].body == frames[frame].body
                    && near(rows[row].at, frames[frame].at, WINDOW);
                if fits && !seen[frame] {
                    seen[frame] = true;
                    if taken[frame].is_none_or(|other| place(other, rows, frames, taken, seen)) {
                        taken[frame] = Some(row);
                        return true;
                    }
                }
            }
            false
        }
        let mut taken = vec![None; frames.len()];
        (0..rows.len())
            .filter(|&row| place(row, rows, frames, &mut taken, &mut vec![false; frames.len()]))
            .count()
    }

    proptest! {
        #[test]
        fn pairs_are_one_to_one_equal_near_and_as_many_as_possible(rows in texts(), frames in texts()) {
            let (rows, frames) = (sorted(&rows), sorted(&frames));
            let pairs = pair(&rows, &frames, WINDOW);
            let mut used = std::collections::HashSet::new();
            for (row, frame) in rows.iter().zip(&pairs) {
                let Some(frame) = *frame else { continue };
                prop_assert!(used.insert(frame), "a frame announces one row");
                prop_assert_eq!(row.body, frames[frame].body);
                prop_assert!(near(row.at, frames[frame].at, WINDOW));
            }
            prop_assert_eq!(used.len(), most_pairs(&rows, &frames), "greedy by age loses no pair");
        }
    }
}
