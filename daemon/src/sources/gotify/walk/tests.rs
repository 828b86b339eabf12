use proptest::prelude::*;
use serde_json::json;
use tidings_api::Millis;

use super::*;
use crate::model::NotificationId;

/// A message of this id and date.
fn message(id: u64, at: Millis) -> Message {
    let date = chrono::DateTime::from_timestamp_millis(at).unwrap().to_rfc3339();
    Message::read(&json!({"id": id, "message": format!("text {id} {at}"), "date": date})).unwrap()
}

fn page(messages: Vec<Message>, more: bool) -> Page {
    Page { messages, sound: true, more, passed: None }
}

fn row(body: &str) -> KnownRow {
    KnownRow {
        id: NotificationId(1),
        read: false,
        deleted: false,
        mark_pending: false,
        title: String::new(),
        body: body.to_owned(),
        sent_at: None,
    }
}

fn marker(id: u64, at: Millis) -> Option<Marker> {
    Some(Marker { newest: Newest { id, at }, ..Marker::default() })
}

const MINUTE: Millis = 60_000;
const NOW: Millis = 1_000 * 24 * 60 * MINUTE;

#[test]
fn walk_ends_one_page_below_the_last_one() {
    let mut walk = Walk::new(marker(50, 50), false, 0, NOW);
    let mut asked = Vec::new();
    while let Some(since) = walk.next() {
        asked.push(since);
        let top = if since == 0 { 100 } else { since - 1 };
        let ids = (0..20).map(|n| message(top - n, 0));
        walk.see(&page(ids.collect(), true), &Known::new());
    }
    assert_eq!(asked, [0, 81, 61, 41], "50 is on the third page, and the fourth is looked at, too");
}

#[test]
fn walk_ends_at_the_lowest_id_that_there_is() {
    let mut walk = Walk::new(marker(50, 50), true, 0, NOW);
    walk.see(&page(vec![message(1, 0), message(0, 0)], true), &Known::new());
    assert_eq!(walk.next(), None, "0 in a question means the newest");
}

#[test]
fn fallen_ids_alone_are_deletions() {
    let mut walk = Walk::new(marker(50, 50), false, 0, NOW);
    let known = Known::from([("40".to_owned(), row("text 40 40"))]);
    walk.see(&page(vec![message(40, 40)], false), &known);
    assert_eq!(walk.reset(), None);
    assert_eq!(walk.gone(&[40, 45, 50]), [45, 50]);
    assert_eq!(walk.marker().newest.id, 50, "what was taken stays taken");
}

#[test]
fn known_ids_with_other_texts_are_a_new_database() {
    let mut walk = Walk::new(marker(50, 50), false, 0, NOW);
    let known = Known::from([("1".to_owned(), row("a")), ("2".to_owned(), row("b"))]);
    walk.see(&page(vec![message(2, 0), message(1, 0)], false), &known);
    assert_eq!(walk.reset().map(|marker| (marker.newest.id, marker.floor)), Some((0, 0)));
}

#[test]
fn one_changed_text_among_many_is_no_new_database() {
    let mut walk = Walk::new(marker(50, 50), false, 0, NOW);
    let known = (1..=9).map(|id| (id.to_string(), row(&format!("text {id} 0"))));
    let known: Known = known.chain([("10".to_owned(), row("another"))]).collect();
    walk.see(&page((1..=10).rev().map(|id| message(id, 0)).collect(), false), &known);
    assert_eq!(walk.reset(), None);
}

#[test]
fn low_id_with_a_late_date_was_given_out_twice() {
    for (at, twice) in [(50 + MINUTE, false), (51 + MINUTE, true)] {
        let mut walk = Walk::new(marker(50, 50), false, 0, NOW);
        walk.see(&page(vec![message(9, at), message(8, 8)], false), &Known::new());
        let anew = walk.reset();
        assert_eq!(anew.is_some(), twice, "what is under way at the same time may change places");
        if let Some(anew) = anew {
            assert_eq!((anew.newest.id, anew.floor), (8, 9), "8 is the one that it was");
            let mut again = Walk::new(Some(anew), false, 0, NOW);
            again.see(&page(vec![message(9, at), message(8, 8)], false), &Known::new());
            assert_eq!(again.reset(), None, "beginning anew is done once");
        }
    }
}

#[test]
fn date_far_ahead_does_not_give_out_an_id_twice() {
    let mut walk = Walk::new(marker(50, 50), false, 0, NOW);
    walk.see(&page(vec![message(9, NOW + 2 * SKEW), message(8, 8)], false), &Known::new());
    assert_eq!(walk.reset(), None, "it would be so again in each walk");
}

#[test]
fn nothing_is_missing_where_an_entry_could_not_be_read() {
    let mut walk = Walk::new(marker(5, 5), false, 0, NOW);
    walk.see(
        &Page { messages: vec![message(5, 5)], sound: false, more: false, passed: None },
        &Known::new(),
    );
    assert!(walk.gone(&[4, 5]).is_empty());
}

#[test]
fn only_what_the_walk_has_passed_can_be_missing() {
    let mut walk = Walk::new(marker(50, 50), false, 0, NOW);
    walk.see(&page(vec![message(50, 50), message(40, 40)], true), &Known::new());
    assert_eq!(walk.gone(&[30, 45, 50]), [45], "what is below was not looked at");
}

#[test]
fn deleted_row_is_never_wanted_again() {
    let walk = Walk::new(marker(50, 50), false, 0, NOW);
    let known = Known::from([("9".to_owned(), KnownRow { deleted: true, ..row("") })]);
    assert!(!walk.wants(&message(9, 9), &known, &Applications::default()));
    assert!(walk.wants(&message(9, 9), &Known::new(), &Applications::default()), "late, yet new");
}

proptest! {
    #[test]
    fn every_walk_ends_and_takes_exactly_what_its_bounds_say(
        ids in proptest::collection::btree_set(0_u64..3_000, 0..600),
        size in 1_usize..50,
        before in proptest::option::of(0_u64..3_000),
        deep in any::<bool>(),
        backfill in 0_usize..700,
    ) {
        let mut walk = Walk::new(before.and_then(|id| marker(id, i64::MAX - MINUTE)), deep, backfill, NOW);
        let (mut pages, mut wanted) = (0, BTreeSet::new());
        while let Some(since) = walk.next() {
            let lower = ids.iter().rev().copied().filter(|id| since == 0 || *id < since);
            let found: Vec<u64> = lower.take(size).collect();
            let shown = found.iter().map(|id| message(*id, 0)).collect();
            // As long as a page is full, more may follow.
            let page = page(shown, found.len() == size);
            walk.see(&page, &Known::new());
            let applications = Applications::default();
            wanted.extend(page.messages.iter().filter(|m| walk.wants(m, &Known::new(), &applications)).map(|m| m.id));
            pages += 1;
            prop_assert!(pages <= ids.len() / size + 1, "no page is asked for twice");
        }
        let expected: BTreeSet<u64> = match before {
            None => ids.iter().rev().take(backfill).copied().collect(),
            Some(before) => ids.iter().copied().filter(|id| *id > before).collect(),
        };
        if before.is_none() {
            prop_assert_eq!(&wanted, &expected, "history is bounded");
        }
        prop_assert!(wanted.is_superset(&expected), "nothing new is left out");
    }
}

#[test]
fn date_of_the_far_future_hides_no_new_database() {
    let far = 100_000 * 24 * 60 * MINUTE;
    let mut walk = Walk::new(marker(1, MINUTE), false, 0, NOW);
    walk.see(&page(vec![message(3, far), message(2, 2 * MINUTE)], false), &Known::new());
    assert_eq!(walk.reset(), None);
    let marker = walk.marker();
    assert_eq!(marker.newest, Newest { id: 3, at: 2 * MINUTE }, "nothing would be later than that");
    let known = KnownRow { sent_at: Some(far), ..row(&format!("text 3 {far}")) };
    let known = Known::from([("3".to_owned(), known)]);
    let mut walk = Walk::new(Some(marker), false, 0, NOW);
    walk.see(&page(vec![message(3, far)], false), &known);
    assert_eq!(walk.reset(), None, "it is the message that it was");
    let mut walk = Walk::new(Some(marker), false, 0, NOW);
    walk.see(&page(vec![message(2, 9 * MINUTE)], false), &Known::new());
    assert!(walk.reset().is_some(), "an id for the second time, later than all that was known");
}

#[test]
fn marker_of_the_far_future_is_brought_back_to_now() {
    let stored = marker(7, 100 * NOW).unwrap().write();
    let read = Marker::read(Some(&stored), NOW).unwrap();
    assert_eq!(read.newest, Newest { id: 7, at: NOW });
    let ahead = marker(7, NOW + 10 * MINUTE).unwrap();
    assert_eq!(Marker::read(Some(&ahead.write()), NOW), Some(ahead), "clocks differ");
}
