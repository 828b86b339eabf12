use tidings_api::{Millis, StateChange};

/// The independent nullable times of one notification. The first time wins: marking twice changes nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facets {
    /// Noticed.
    pub seen_at: Option<Millis>,
    /// Read; implies seen.
    pub read_at: Option<Millis>,
    /// Dealt with: out of the inbox until the next occurrence.
    pub done_at: Option<Millis>,
    /// Kept by retention.
    pub saved_at: Option<Millis>,
    /// Out of the inbox until it wakes, which clears it.
    pub snoozed_until: Option<Millis>,
    /// An action was invoked.
    pub acted_at: Option<Millis>,
    /// Taken back by its source or poster; stays listed.
    pub retracted_at: Option<Millis>,
    /// A tombstone, so that a replay cannot resurrect it.
    pub deleted_at: Option<Millis>,
}

/// The set of facets that a call changed, as the undo log keeps it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed(pub i64);

impl Changed {
    const SEEN: i64 = 1;
    const READ: i64 = 1 << 1;
    const DONE: i64 = 1 << 2;
    const SAVED: i64 = 1 << 3;
    const SNOOZED: i64 = 1 << 4;
    const DELETED: i64 = 1 << 5;

    /// Whether nothing of what a triage call can change is another.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether at most `seen_at` and `read_at` are others.
    #[must_use]
    pub const fn only_seen_or_read(self) -> bool {
        self.0 & !(Self::SEEN | Self::READ) == 0
    }

    const fn has(self, facet: i64) -> bool {
        self.0 & facet != 0
    }
}

impl Facets {
    /// Not done, not deleted, not snoozed.
    #[must_use]
    pub const fn in_inbox(&self) -> bool {
        self.done_at.is_none() && self.deleted_at.is_none() && self.snoozed_until.is_none()
    }

    /// Counts as unread: in the inbox and not read.
    #[must_use]
    pub const fn unread(&self) -> bool {
        self.in_inbox() && self.read_at.is_none()
    }

    /// Counts as unseen: in the inbox and not seen.
    #[must_use]
    pub const fn unseen(&self) -> bool {
        self.in_inbox() && self.seen_at.is_none()
    }

    /// A popup of it has nothing more to say: read, dealt with, deleted or taken back.
    #[must_use]
    pub const fn settled(&self) -> bool {
        !self.unread() || self.retracted_at.is_some()
    }

    /// Applies what the user asks for; `true` = something changed. What is deleted does not change.
    pub fn apply(&mut self, change: StateChange, now: Millis) -> bool {
        if self.deleted_at.is_some() {
            return false;
        }
        let before = *self;
        if change.read == Some(false) {
            self.read_at = None;
        }
        match change.seen {
            Some(true) => mark(&mut self.seen_at, now),
            // What stays read stays seen.
            Some(false) if self.read_at.is_none() => self.seen_at = None,
            Some(false) | None => {}
        }
        if change.read == Some(true) {
            mark(&mut self.read_at, now);
            mark(&mut self.seen_at, now);
        }
        match change.done {
            Some(true) => {
                mark(&mut self.done_at, now);
                self.snoozed_until = None;
            }
            Some(false) => self.done_at = None,
            None => {}
        }
        match change.saved {
            Some(true) => mark(&mut self.saved_at, now),
            Some(false) => self.saved_at = None,
            None => {}
        }
        *self != before
    }

    /// An action was invoked: acted, read and seen.
    pub fn act(&mut self, now: Millis) -> bool {
        let before = *self;
        mark(&mut self.acted_at, now);
        self.apply(StateChange::READ, now);
        *self != before
    }

    /// Deletes; `true` = it was there.
    pub fn delete(&mut self, now: Millis) -> bool {
        let was_there = self.deleted_at.is_none();
        mark(&mut self.deleted_at, now);
        was_there
    }

    /// Takes it back; `true` = it was valid until now.
    pub fn retract(&mut self, now: Millis) -> bool {
        let was_valid = self.retracted_at.is_none();
        mark(&mut self.retracted_at, now);
        was_valid
    }

    /// It happened again: unread, unseen and back in the inbox. What was saved stays saved.
    pub fn occur(&mut self) {
        *self = Self { saved_at: self.saved_at, ..Self::default() };
    }

    /// It happened again in a thread that the user has muted: valid again, and everything else stays as it is.
    pub fn occur_muted(&mut self) {
        self.retracted_at = None;
    }

    /// The snooze is over: unread and unseen, as if it had just come.
    pub fn wake(&mut self) {
        self.snoozed_until = None;
        self.read_at = None;
        self.seen_at = None;
    }

    /// Which of the facets that a triage call can change differ from `before`.
    #[must_use]
    pub fn changed_since(&self, before: &Self) -> Changed {
        let bit = |differs: bool, facet: i64| if differs { facet } else { 0 };
        Changed(
            bit(self.seen_at != before.seen_at, Changed::SEEN)
                | bit(self.read_at != before.read_at, Changed::READ)
                | bit(self.done_at != before.done_at, Changed::DONE)
                | bit(self.saved_at != before.saved_at, Changed::SAVED)
                | bit(self.snoozed_until != before.snoozed_until, Changed::SNOOZED)
                | bit(self.deleted_at != before.deleted_at, Changed::DELETED),
        )
    }

    /// Puts the changed facets back to what they were in `before`.
    pub fn restore(&mut self, before: &Self, changed: Changed) {
        for (facet, now, then) in [
            (Changed::SEEN, &mut self.seen_at, before.seen_at),
            (Changed::READ, &mut self.read_at, before.read_at),
            (Changed::DONE, &mut self.done_at, before.done_at),
            (Changed::SAVED, &mut self.saved_at, before.saved_at),
            (Changed::SNOOZED, &mut self.snoozed_until, before.snoozed_until),
            (Changed::DELETED, &mut self.deleted_at, before.deleted_at),
        ] {
            if changed.has(facet) {
                *now = then;
            }
        }
    }
}

fn mark(facet: &mut Option<Millis>, now: Millis) {
    facet.get_or_insert(now);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Millis = 1_000;

    prop_compose! {
        fn change()(seen: Option<bool>, read: Option<bool>, done: Option<bool>, saved: Option<bool>) -> StateChange {
            StateChange { seen, read, done, saved, snoozed_until: None }
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
                    3 => facets.snoozed_until = Some(at),
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

    #[test]
    fn done_clears_the_snooze_and_leaves_read() {
        let mut facets = Facets {
            read_at: Some(1),
            seen_at: Some(1),
            snoozed_until: Some(9),
            ..Facets::default()
        };
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
}
