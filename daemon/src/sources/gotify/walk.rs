//! The way down the list, page by page: how far to go, what to take, and what follows from the whole. Pure.

use std::collections::{BTreeMap, BTreeSet};

use tidings_api::Millis;

use crate::sources::gotify::applications::Applications;
use crate::sources::gotify::marker::{Marker, Newest, SKEW};
use crate::sources::gotify::message::Message;
use crate::sources::gotify::page::Page;
use crate::store::KnownRow;

/// A look at everything ends here, if nothing else ends it: deletions further down are told by nobody for so long.
const DEEP_MOST: usize = 10_000;

/// Rows of the inbox by the ids of messages.
pub(super) type Known = BTreeMap<String, KnownRow>;

/// One walk from the newest message down.
#[derive(Debug)]
pub(super) struct Walk {
    /// Where the last one ended; `None` on the first connection.
    before: Option<Marker>,
    deep: bool,
    /// History that may still be taken.
    room: usize,
    /// What to ask for next, 0 = the newest; `None` = it is over.
    next: Option<u64>,
    ids: BTreeSet<u64>,
    newest: Newest,
    /// The latest date that one may believe.
    latest: Millis,
    oldest_at: Option<Millis>,
    floor: u64,
    /// The end of the list was seen.
    complete: bool,
    sound: bool,
    /// The walk has come as far as the last one.
    reached: bool,
    /// Rows of old ids that were compared, and those that have another text on the server.
    compared: usize,
    other: usize,
    reused: bool,
    /// The highest id of a message that is the one it was, by its text and its date.
    old: Option<u64>,
}

impl Walk {
    /// A walk that begins. `backfill` bounds the history of the first connection.
    pub(super) fn new(before: Option<Marker>, deep: bool, backfill: usize, now: Millis) -> Self {
        Self {
            deep,
            room: backfill,
            next: Some(0),
            ids: BTreeSet::new(),
            newest: before.map(|before| before.newest).unwrap_or_default(),
            latest: now.saturating_add(SKEW),
            oldest_at: None,
            floor: before.map(|before| before.floor).unwrap_or_default(),
            complete: false,
            sound: true,
            reached: false,
            compared: 0,
            other: 0,
            reused: false,
            old: None,
            before,
        }
    }

    /// What to ask for next; `None` = it is over.
    pub(super) fn next(&self) -> Option<u64> {
        self.next
    }

    /// Takes a page into account. Which messages of it are wanted is [`Self::wants`]'s to say.
    pub(super) fn see(&mut self, page: &Page, known: &Known) {
        self.sound &= page.sound;
        self.ids.extend(page.passed);
        self.newest.id = self.newest.id.max(page.passed.unwrap_or_default());
        for message in &page.messages {
            self.ids.insert(message.id);
            self.newest.id = self.newest.id.max(message.id);
            if let Some(at) = message.at() {
                if at <= self.latest {
                    self.newest.at = self.newest.at.max(at);
                }
                self.oldest_at = Some(self.oldest_at.map_or(at, |oldest| oldest.min(at)));
            }
            if let Some(before) = self.before {
                self.compare(message, known, before.newest);
            }
        }
        if self.before.is_none() && page.passed.is_none() {
            self.take_history(page);
        }
        self.go_on(page);
    }

    /// Whether a message is to be stored: it is new, was late, or has changed.
    pub(super) fn wants(
        &self,
        message: &Message,
        known: &Known,
        applications: &Applications,
    ) -> bool {
        if message.id < self.floor {
            return false;
        }
        let Some(row) = known.get(&message.id.to_string()) else { return true };
        if row.deleted {
            return false;
        }
        // The stream may have brought it before its application had a name.
        let named = message.application.is_some_and(|application| applications.know(application));
        let fresh = self.before.is_none_or(|before| message.id > before.newest.id);
        differs(message, row) || fresh && named
    }

    /// Where to begin anew, when the server gives out ids for the second time: its database was made new, or brought back
    /// from a copy. That the highest id has fallen says nothing: the newest messages may be deleted.
    pub(super) fn reset(&self) -> Option<Marker> {
        let before = self.before?;
        let others = self.other > 0 && self.other * 2 >= self.compared;
        // What was brought back is in the inbox already.
        let id = self.old.unwrap_or_default();
        let newest = Newest { id, at: self.newest.at };
        let floor = self.old.map_or(0, |old| old.saturating_add(1));
        (others || self.reused).then_some(Marker { newest, floor, since: before.since })
    }

    /// Of the ids that were in the inbox before the walk, those that the server does not have any more.
    pub(super) fn gone(&self, present: &[u64]) -> Vec<u64> {
        let lowest = if self.complete { Some(0) } else { self.ids.first().copied() };
        let Some(lowest) = lowest.filter(|_| self.sound && self.before.is_some()) else {
            return Vec::new();
        };
        let missing = |id: &u64| *id >= lowest && !self.ids.contains(id);
        present.iter().copied().filter(missing).collect()
    }

    /// Where the next walk ends.
    pub(super) fn marker(&self) -> Marker {
        let oldest = self.oldest_at.map(|at| at.saturating_sub(SKEW));
        let since = oldest.or_else(|| self.before.map(|before| before.since));
        Marker { newest: self.newest, floor: self.floor, since: since.unwrap_or_default() }
    }

    fn compare(&mut self, message: &Message, known: &Known, newest: Newest) {
        let row = known.get(&message.id.to_string());
        let same = row.is_some_and(|row| row.sent_at.is_some() && row.sent_at == message.at());
        // A date far ahead is a clock's mistake and says nothing: the marker does not take it either.
        let dated = message.at().is_some_and(|at| at <= self.latest);
        self.reused |= dated && !same && message.reuses_an_id(&newest);
        let row = row.filter(|row| !row.deleted);
        let other = row.is_some_and(|row| message.body != row.body);
        if row.is_some() && message.id <= newest.id {
            self.compared += 1;
            self.other += usize::from(other);
        }
        if !other && (same || message.at().is_some_and(|at| at <= newest.at)) {
            self.old = self.old.max(Some(message.id));
        }
    }

    /// History is taken from the newest down; what is left stays on the server for good.
    fn take_history(&mut self, page: &Page) {
        let taken = page.messages.iter().take(self.room).next_back().map(|message| message.id);
        let cut = page.messages.len() > self.room;
        self.room = self.room.saturating_sub(page.messages.len());
        let all = !cut && !page.more;
        self.floor = match taken {
            _ if all => 0,
            Some(id) => id,
            None if self.floor == 0 => self.newest.id.saturating_add(1),
            None => self.floor,
        };
    }

    fn go_on(&mut self, page: &Page) {
        let lowest = page.lowest();
        let was_reached = self.reached;
        if let (Some(before), Some(lowest)) = (self.before, lowest) {
            // Where ids are given out again they do not tell how far the last walk came, but dates do.
            let dated = !self.reused || self.old.is_some();
            self.reached |= lowest <= before.newest.id && dated;
        }
        self.complete = !page.more;
        let enough = match self.before {
            None => self.room == 0,
            Some(_) if self.deep => self.reached && self.ids.len() >= DEEP_MOST,
            // One page more: ids are given out in order, yet not always stored in it.
            Some(_) => was_reached,
        };
        // A page with nothing lower in it ends the walk, too: asking on would bring it for ever. Below 0 there is nothing, and
        // asking for it would bring the newest again.
        self.next = lowest.filter(|id| *id > 0 && page.more && !enough);
    }
}

fn differs(message: &Message, row: &KnownRow) -> bool {
    message.body != row.body || !message.title.is_empty() && message.title != row.title
}

#[cfg(test)]
mod tests;
