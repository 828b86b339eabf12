//! What follows from comparing the server's list with the inbox. Pure.

use std::collections::{BTreeMap, HashSet};

use tidings_api::Millis;

use crate::model::{Arrival, Event, Incoming, NotificationId};
use crate::sources::json::list::{Coverage, Walk};
use crate::sources::json::mapping::Row;
use crate::sources::json::marker::Marker;
use crate::sources::json::matching::{self, Text};
use crate::store::{KnownRow, Provisional};

/// When a provisional row is looked for again after its frame, in milliseconds: a frame may leave before the commit.
pub(super) const RETRIES: [Millis; 3] = [1_000, 5_000, 30_000];
/// Reconciles in vain before a provisional row is given up.
const TRIES: u32 = 4;

/// Everything the comparison looks at.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts<'a> {
    /// The server's list.
    pub(super) walk: &'a Walk,
    /// Its rows that are in the inbox.
    pub(super) known: &'a BTreeMap<String, KnownRow>,
    /// Rows that came without identity, oldest first.
    pub(super) provisionals: &'a [Provisional],
    /// What was unread here before the list was asked.
    pub(super) unread_before: &'a [String],
    /// How often each provisional row was looked for in vain.
    pub(super) tries: &'a BTreeMap<NotificationId, u32>,
    /// Nothing was ever taken from this source.
    pub(super) first: bool,
    /// What was taken before, and what was there before us.
    pub(super) marker: &'a Marker,
    /// The list shows all unread rows.
    pub(super) absent_means_read: bool,
    /// Marks made here reach the server, so that its "unread" can be believed.
    pub(super) marks_are_sent: bool,
    /// How far a frame and its row may be apart.
    pub(super) window: Millis,
    /// How long to look for the row of a frame before it counts as never committed.
    pub(super) patience: Millis,
    /// The time.
    pub(super) now: Millis,
}

/// What to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// In the order they are to be stored.
    pub(super) events: Vec<Event>,
    /// Rows that no frame had announced: a frame still on its way must not announce them a second time.
    pub(super) unannounced: Vec<Incoming>,
    /// Provisional rows still to be found, with the time of their frame.
    pub(super) waiting: Vec<(NotificationId, Millis)>,
}

/// Compares.
#[must_use]
pub(super) fn plan(facts: &Facts<'_>) -> Plan {
    let mut plan = Plan::default();
    let unknown: Vec<&Row> =
        facts.walk.rows.iter().rev().filter(|row| !facts.known.contains_key(&row.id)).collect();
    let pairs = pair(&unknown, facts);
    for (row, paired) in unknown.iter().zip(&pairs) {
        match paired.and_then(|index| facts.provisionals.get(index)) {
            Some(provisional) => plan.events.push(confirm(row, provisional)),
            None => plan.take(row, facts.first || facts.marker.predates_us(row)),
        }
    }
    let edited = facts.walk.rows.iter().rev().filter(|row| is_edited(row, facts));
    plan.events.extend(edited.map(|row| {
        let arrival = Arrival::CatchUp;
        Event::Upsert(Box::new(Incoming { arrival, ..row.incoming.clone() }))
    }));
    let moved = facts.walk.rows.iter().filter_map(|row| moved_elsewhere(row, facts));
    plan.events
        .extend(moved.map(|(id, read)| Event::ReadElsewhere { remote_id: id.to_owned(), read }));
    let absent = absent(facts.walk, facts.absent_means_read, facts.unread_before);
    plan.events
        .extend(absent.map(|id| Event::ReadElsewhere { remote_id: id.to_owned(), read: true }));
    plan.give_up(&pairs, facts);
    plan
}

/// Whether the server's database was reset: the highest id fell, and most ids that we know carry other texts.
#[must_use]
pub(super) fn was_reset(walk: &Walk, known: &BTreeMap<String, KnownRow>, marker: &Marker) -> bool {
    let compared: Vec<bool> = walk
        .rows
        .iter()
        .filter_map(|row| known.get(&row.id).map(|known| (row, known)))
        .map(|(row, known)| row.incoming.body != known.body || row.incoming.title != known.title)
        .collect();
    let other = compared.iter().filter(|differs| **differs).count();
    marker.fell(&walk.rows) && other > 0 && other * 2 >= compared.len()
}

/// Rows that were unread here and are missing in a list of all unread rows.
pub(super) fn absent<'a>(
    walk: &'a Walk,
    absent_means_read: bool,
    unread_before: &'a [String],
) -> impl Iterator<Item = &'a str> {
    let listed: HashSet<&str> = walk.rows.iter().map(|row| row.id.as_str()).collect();
    unread_before
        .iter()
        .map(String::as_str)
        .filter(move |_| absent_means_read)
        .filter(move |id| !listed.contains(id))
        .filter(|id| is_covered(&walk.coverage, id))
}

/// Whether the walk would have seen this row.
#[must_use]
pub(super) fn is_covered(coverage: &Coverage, id: &str) -> bool {
    match coverage {
        Coverage::Everything => true,
        Coverage::Above(lowest) => id.parse::<u64>().is_ok_and(|id| id > *lowest),
        Coverage::Nothing => false,
    }
}

/// When to look for a provisional row again; `None` = the periodic reconcile does.
#[must_use]
pub(super) fn next_retry(received_at: Millis, now: Millis) -> Option<Millis> {
    RETRIES.iter().map(|after| received_at.saturating_add(*after)).find(|at| *at > now)
}

impl Plan {
    fn take(&mut self, row: &Row, is_history: bool) {
        let arrival = if is_history { Arrival::Backfill } else { Arrival::CatchUp };
        let incoming = Incoming { arrival, ..row.incoming.clone() };
        if !is_history {
            self.unannounced.push(incoming.clone());
        }
        self.events.push(Event::Upsert(Box::new(incoming)));
    }

    /// Provisional rows without a row in the list: the echo of a frame that came twice goes; one whose transaction was
    /// rolled back stays, marked as unconfirmed; all others are looked for again.
    fn give_up(&mut self, pairs: &[Option<usize>], facts: &Facts<'_>) {
        let paired: HashSet<usize> = pairs.iter().flatten().copied().collect();
        let mut unconfirmed = Vec::new();
        for (index, provisional) in facts.provisionals.iter().enumerate() {
            if paired.contains(&index) {
                continue;
            }
            let tries = facts.tries.get(&provisional.id).copied().unwrap_or_default() + 1;
            let age = facts.now.saturating_sub(provisional.received_at);
            let searched = tries >= TRIES && age >= RETRIES[RETRIES.len() - 1];
            if searched && is_echo(provisional, facts) {
                self.events.push(Event::DropEcho(provisional.id));
            } else if searched && age >= facts.patience {
                unconfirmed.push(provisional.id);
            } else {
                self.waiting.push((provisional.id, provisional.received_at));
            }
        }
        if !unconfirmed.is_empty() {
            self.events.push(Event::Unconfirm(unconfirmed));
        }
    }
}

fn pair(unknown: &[&Row], facts: &Facts<'_>) -> Vec<Option<usize>> {
    let rows: Vec<Text<'_>> = unknown.iter().map(|row| row_text(row)).collect();
    let provisionals: Vec<Text<'_>> = facts.provisionals.iter().map(provisional_text).collect();
    matching::pair(&rows, &provisionals, facts.window)
}

fn confirm(row: &Row, provisional: &Provisional) -> Event {
    let incoming = Incoming {
        arrival: Arrival::Live,
        received_at: provisional.received_at,
        ..row.incoming.clone()
    };
    Event::Confirm { id: provisional.id, incoming: Box::new(incoming) }
}

/// The list has a row of this text near it, which is another's or was known before.
fn is_echo(provisional: &Provisional, facts: &Facts<'_>) -> bool {
    let wanted = provisional_text(provisional);
    facts.walk.rows.iter().map(row_text).any(|row| {
        row.essence() == wanted.essence()
            && matching::titles_agree(row.title, wanted.title)
            && matching::near(row.at, wanted.at, facts.window)
    })
}

/// The list is the truth about content too: a frame may have held less, and rows are edited.
fn is_edited(row: &Row, facts: &Facts<'_>) -> bool {
    let Some(known) = facts.known.get(&row.id) else { return false };
    let differs = row.incoming.title != known.title || row.incoming.body != known.body;
    differs && !known.deleted
}

fn moved_elsewhere<'a>(row: &'a Row, facts: &Facts<'_>) -> Option<(&'a str, bool)> {
    let known = facts.known.get(&row.id)?;
    let read = row.read?;
    let believable = read || facts.marks_are_sent;
    let differs = read != known.read && !known.mark_pending && !known.deleted;
    (differs && believable).then_some((row.id.as_str(), read))
}

fn row_text(row: &Row) -> Text<'_> {
    let sent = row.incoming.sent.as_ref().filter(|sent| !sent.approximate);
    Text { title: &row.incoming.title, body: &row.incoming.body, at: sent.map(|sent| sent.at) }
}

fn provisional_text(provisional: &Provisional) -> Text<'_> {
    let at = Some(provisional.received_at);
    Text { title: &provisional.title, body: &provisional.body, at }
}

#[cfg(test)]
mod tests;
