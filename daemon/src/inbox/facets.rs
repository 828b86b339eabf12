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
        match change.snoozed_until {
            // A time that has come wakes it by hand: nothing else has changed meanwhile, so it is as it was.
            Some(until) if until <= now => self.snoozed_until = None,
            Some(until) => self.snoozed_until = Some(until),
            None => {}
        }
        // Last, so that being dealt with wins over being put off.
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

    /// The time of the snooze has come: unread, unseen and in the inbox, as if it had just come; `true` = it had.
    /// What was snoozed after it was done comes back, too: whoever put it off wants to be told.
    pub fn wake(&mut self, now: Millis) -> bool {
        let due = self.snoozed_until.is_some_and(|until| until <= now);
        if due && self.deleted_at.is_none() {
            *self =
                Self { snoozed_until: None, read_at: None, seen_at: None, done_at: None, ..*self };
            return true;
        }
        false
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

    /// Whether a person would miss the row, or pass over it, where `before` showed it as news.
    #[must_use]
    pub const fn hides(&self, before: &Self) -> bool {
        (before.in_inbox() && !self.in_inbox())
            || (before.unread() && !self.unread())
            || (before.unseen() && !self.unseen())
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
mod tests;
