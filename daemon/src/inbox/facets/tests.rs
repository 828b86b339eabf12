use proptest::prelude::*;

use super::*;

const NOW: Millis = 1_000;

/// Later than any moment of these tests.
const FAR: Millis = 1_000_000;

/// Nothing, waking by hand, or a time that is still to come.
fn snooze() -> impl Strategy<Value = Option<Millis>> {
    prop_oneof![Just(None), Just(Some(0)), (FAR..2 * FAR).prop_map(Some)]
}

prop_compose! {
    fn change()(
        seen: Option<bool>,
        read: Option<bool>,
        done: Option<bool>,
        saved: Option<bool>,
        snoozed_until in snooze(),
    ) -> StateChange {
        StateChange { seen, read, done, saved, snoozed_until }
    }
}

/// Any facets that can come about by the transitions.
fn facets() -> impl Strategy<Value = Facets> {
    let step = (0..5_u8, change(), 0..NOW);
    proptest::collection::vec(step, 0..8).prop_map(|steps| {
        let mut facets = Facets::default();
        for (kind, change, at) in steps {
            match kind {
                0 => facets.occur(),
                1 => drop(facets.act(at)),
                2 => drop(facets.retract(at)),
                3 => drop(facets.wake(FAR + at)),
                _ => drop(facets.apply(change, at)),
            }
        }
        facets
    })
}

proptest! {
    #[test]
    fn applying_twice_changes_nothing_the_second_time(mut facets in facets(), change in change(), later in NOW..2 * NOW) {
        facets.apply(change, NOW);
        let once = facets;
        prop_assert!(!facets.apply(change, later), "the first time wins");
        prop_assert_eq!(facets, once);
    }

    #[test]
    fn apply_says_whether_it_changed_something(mut facets in facets(), change in change()) {
        let before = facets;
        let said = facets.apply(change, NOW);
        prop_assert_eq!(said, facets != before);
        prop_assert_eq!(said, !facets.changed_since(&before).is_empty(), "the undo log sees every change");
    }

    #[test]
    fn undo_restores_exactly(mut facets in facets(), change in change(), delete: bool) {
        let before = facets;
        facets.apply(change, NOW);
        if delete {
            facets.delete(NOW);
        }
        let changed = facets.changed_since(&before);
        facets.restore(&before, changed);
        prop_assert_eq!(facets, before);
    }

    #[test]
    fn unread_and_unseen_are_in_the_inbox_and_read_is_seen(facets in facets()) {
        prop_assert!(!facets.unread() || facets.in_inbox());
        prop_assert!(!facets.unseen() || facets.in_inbox());
        prop_assert!(facets.read_at.is_none() || facets.seen_at.is_some(), "read implies seen");
    }

    #[test]
    fn a_new_occurrence_is_unread_and_keeps_only_saved(mut facets in facets()) {
        let saved_at = facets.saved_at;
        facets.occur();
        prop_assert!(facets.unread() && facets.unseen() && !facets.settled());
        prop_assert_eq!(facets.saved_at, saved_at);
    }

    #[test]
    fn a_deleted_row_does_not_change(mut facets in facets(), change in change()) {
        facets.delete(NOW);
        prop_assert!(!facets.apply(change, NOW));
        prop_assert!(!facets.delete(NOW + 1), "the tombstone keeps its first time");
    }
}

const fn until(at: Millis) -> StateChange {
    StateChange { seen: None, read: None, done: None, saved: None, snoozed_until: Some(at) }
}

proptest! {
    #[test]
    fn snoozing_changes_nothing_but_the_snooze(mut facets in facets(), at in FAR..2 * FAR) {
        let before = facets;
        facets.apply(until(at), NOW);
        prop_assert_eq!(facets.snoozed_until, Some(at));
        prop_assert!(!facets.in_inbox() && !facets.unread() && !facets.unseen() && facets.settled());
        prop_assert_eq!(Facets { snoozed_until: before.snoozed_until, ..facets }, before);
    }

    #[test]
    fn waking_by_hand_restores_exactly(mut facets in facets(), at in FAR..2 * FAR, come in 0..=NOW) {
        facets.snoozed_until = None;
        let before = facets;
        facets.apply(until(at), NOW);
        prop_assert!(facets.apply(until(come), NOW), "{come} has come");
        prop_assert_eq!(facets, before);
        prop_assert!(!facets.apply(until(come), NOW), "what is awake is not woken");
    }

    #[test]
    fn the_time_wakes_it_unread_in_the_inbox_and_nothing_else(mut facets in facets(), at in FAR..2 * FAR) {
        facets.apply(until(at), NOW);
        let before = facets;
        prop_assert!(!facets.wake(at - 1), "its time has not come");
        prop_assert_eq!(facets, before);
        prop_assert!(facets.wake(at));
        prop_assert!(facets.unread() && facets.unseen(), "wherever it was before");
        prop_assert_eq!(
            (facets.saved_at, facets.acted_at, facets.retracted_at),
            (before.saved_at, before.acted_at, before.retracted_at)
        );
        prop_assert!(!facets.wake(at + 1), "once");
    }

    #[test]
    fn done_and_a_new_occurrence_end_the_snooze(mut facets in facets(), at in FAR..2 * FAR, done: bool) {
        facets.apply(until(at), NOW);
        if done {
            facets.apply(StateChange { done: Some(true), ..StateChange::default() }, NOW);
        } else {
            facets.occur();
        }
        prop_assert_eq!(facets.snoozed_until, None);
        prop_assert!(!facets.wake(2 * FAR), "nothing is left to wake");
    }

    #[test]
    fn what_is_deleted_does_not_wake(mut facets in facets(), at in FAR..2 * FAR) {
        facets.apply(until(at), NOW);
        facets.delete(NOW);
        let before = facets;
        prop_assert!(!facets.wake(2 * FAR));
        prop_assert_eq!(facets, before);
    }
}

#[test]
fn done_clears_the_snooze_and_leaves_read() {
    let mut facets =
        Facets { read_at: Some(1), seen_at: Some(1), snoozed_until: Some(9), ..Facets::default() };
    facets.apply(StateChange { done: Some(true), ..StateChange::default() }, NOW);
    assert_eq!(facets.snoozed_until, None);
    assert_eq!(facets.read_at, Some(1), "so that undo loses nothing");
}

#[test]
fn unread_clears_read_and_nothing_else() {
    let mut facets = Facets::default();
    facets.apply(StateChange::READ, NOW);
    facets.apply(StateChange::UNREAD, NOW + 1);
    assert_eq!(facets, Facets { seen_at: Some(NOW), ..Facets::default() });
}
