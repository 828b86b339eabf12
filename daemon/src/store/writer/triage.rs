//! What the user does with rows: marking, deleting, acting, and taking it back.

use rusqlite::params_from_iter;
use tidings_api::{Filter, Millis, StateChange, limits};

use super::unit::Unit;
use crate::inbox::Facets;
use crate::model::NotificationId;
use crate::store::answer::Triage;
use crate::store::cursor::Cursor;
use crate::store::error::StoreError;
use crate::store::query::Query;
use crate::store::table::facets::{self, Held, held, held_columns};
use crate::store::table::undo;

/// Rows that one step changes at most, so that posts come in between.
pub(in crate::store) const STEP: u32 = 5_000;

/// What happens to each row of a triage call.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) enum Triaged {
    Change(StateChange),
    Delete,
}

impl Triaged {
    fn apply(self, facets: &mut Facets, now: Millis) {
        match self {
            Self::Change(change) => drop(facets.apply(change, now)),
            Self::Delete => drop(facets.delete(now)),
        }
    }

    /// A snooze that nobody lives to see end is a mistake, such as microseconds for milliseconds.
    fn check(self, now: Millis) -> Result<(), StoreError> {
        match self {
            Self::Change(StateChange { snoozed_until: Some(until), .. })
                if until.saturating_sub(now) > limits::SNOOZE =>
            {
                Err(StoreError::Invalid(format!(
                    "snoozed_until: {until} is more than ten years from now; give an earlier time, in milliseconds \
                     since the epoch"
                )))
            }
            Self::Change(_) | Self::Delete => Ok(()),
        }
    }
}

/// A triage call in the course of its steps.
#[derive(Clone, Debug)]
pub(in crate::store) struct Bulk {
    pub(in crate::store) what: Triaged,
    /// The undo token; 0 until something changed.
    pub(in crate::store) token: i64,
    pub(in crate::store) changed: Vec<NotificationId>,
}

impl Bulk {
    pub(in crate::store) const fn new(what: Triaged) -> Self {
        Self { what, token: 0, changed: Vec::new() }
    }

    /// What the caller gets.
    pub(in crate::store) fn answer(self) -> Triage {
        Triage {
            count: u32::try_from(self.changed.len()).unwrap_or(u32::MAX),
            undo: u64::try_from(self.token).unwrap_or_default(),
            changed: self.changed,
        }
    }
}

impl Unit<'_> {
    /// One step over rows that are named.
    pub(in crate::store) fn triage(
        &mut self,
        mut bulk: Bulk,
        ids: &[NotificationId],
    ) -> Result<Bulk, StoreError> {
        bulk.what.check(self.now)?;
        for id in ids {
            if let Some(row) = facets::find(self.conn, *id)? {
                self.triage_row(&mut bulk, &row)?;
            }
        }
        Ok(bulk)
    }

    /// One step over the rows of a filter. Answers where the next one starts; `None` = done.
    pub(in crate::store) fn triage_where(
        &mut self,
        mut bulk: Bulk,
        filter: &Filter,
        up_to: NotificationId,
        cursor: Cursor,
    ) -> Result<(Bulk, Option<Cursor>), StoreError> {
        bulk.what.check(self.now)?;
        let mut rows: Vec<(Held, Millis)> = Vec::new();
        for query in Query::behind(filter, cursor) {
            let left = STEP.saturating_sub(u32::try_from(rows.len()).unwrap_or(STEP));
            let (sql, values) =
                query.up_to(up_to).page(concat!(held_columns!(), ", n.last_at"), left);
            let mut statement = self.conn.prepare_cached(&sql)?;
            let found = statement
                .query_map(params_from_iter(values), |row| Ok((held(row)?, row.get("last_at")?)))?;
            for row in found {
                rows.push(row?);
            }
        }
        for (row, _) in &rows {
            self.triage_row(&mut bulk, row)?;
        }
        let next = match rows.last() {
            Some((row, last_at)) if rows.len() >= STEP as usize => {
                Some(Cursor::after(filter, *last_at, row.id))
            }
            Some(_) | None => None,
        };
        Ok((bulk, next))
    }

    /// Takes back the next rows of a call. Answers how many, and whether there are more.
    pub(in crate::store) fn undo(&mut self, token: i64) -> Result<(u32, bool), StoreError> {
        if !undo::exists(self.conn, token)? {
            return Err(StoreError::Invalid(format!(
                "undo: token {token} is unknown, used already, or too old"
            )));
        }
        let rows = undo::take(self.conn, token, STEP)?;
        let more = rows.len() >= STEP as usize;
        let mut restored = 0;
        for undone in rows {
            let Some(row) = facets::find(self.conn, undone.id)? else { continue };
            let mut after = row.facets;
            after.restore(&undone.before, undone.changed);
            if row.wiped || after == row.facets {
                continue;
            }
            // What happened since has not been seen by whoever takes the call back: it must not be hidden.
            let occurred = undone.occurrences > 0 && row.occurrences > undone.occurrences;
            if occurred && after.hides(&row.facets) {
                continue;
            }
            self.set_facets(&row, &after)?;
            self.queue_changed_mark(&row, &after)?;
            restored += 1;
        }
        if !more {
            undo::forget(self.conn, token)?;
        }
        Ok((restored, more))
    }

    /// The popup of these rows was dismissed. What is gone meanwhile is passed over.
    pub(in crate::store) fn noticed(&mut self, ids: &[NotificationId]) -> Result<(), StoreError> {
        for id in ids {
            let Some(row) = facets::find(self.conn, *id)? else { continue };
            let mut after = row.facets;
            if after.apply(StateChange::SEEN, self.now) {
                self.set_facets(&row, &after)?;
            }
        }
        Ok(())
    }

    /// An action of the row was invoked.
    pub(in crate::store) fn acted(&mut self, id: NotificationId) -> Result<(), StoreError> {
        let row = self.held(id)?;
        let mut after = row.facets;
        if after.act(self.now) {
            self.set_facets(&row, &after)?;
            self.queue_changed_mark(&row, &after)?;
        }
        Ok(())
    }

    fn triage_row(&mut self, bulk: &mut Bulk, row: &Held) -> Result<(), StoreError> {
        let mut after = row.facets;
        bulk.what.apply(&mut after, self.now);
        let changed = after.changed_since(&row.facets);
        if changed.is_empty() {
            return Ok(());
        }
        if bulk.token == 0 {
            bulk.token = undo::new_token(self.conn, self.now)?;
        }
        undo::insert(self.conn, bulk.token, row, changed)?;
        self.set_facets(row, &after)?;
        self.queue_changed_mark(row, &after)?;
        bulk.changed.push(row.id);
        Ok(())
    }

    /// Tells the server where the change is one that it takes marks for.
    pub(super) fn queue_changed_mark(
        &mut self,
        row: &Held,
        after: &Facets,
    ) -> Result<(), StoreError> {
        let marking = self.source(row.source)?.marking;
        if marking.covers(&row.facets) == marking.covers(after) {
            return Ok(());
        }
        self.queue_mark(row, marking.covers(after))
    }
}
