//! The end of a snooze: the row comes back as if it had just come, and alerts again.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, params};
use tidings_api::{Millis, Urgency};

use super::unit::{Fresh, Unit};
use crate::model::{Arrival, Candidate, NotificationId, Reason};
use crate::store::error::StoreError;
use crate::store::table::encode::urgency;
use crate::store::table::facets::{Held, held, held_columns};
use crate::store::table::{delivery, listed, notification};

/// Rows that one transaction wakes, so that posts come in between; the rest is due at once.
const STEP: u32 = 1_000;

impl Unit<'_> {
    /// Wakes what was snoozed until now. What it sets off is decided by the popup policy like any other news.
    pub(super) fn wake_snoozed(&mut self) -> Result<(), StoreError> {
        for row in self.due_to_wake()? {
            let mut after = row.facets;
            if !after.wake(self.now) {
                continue;
            }
            notification::raise(self.conn, row.id, self.now)?;
            self.set_facets(&row, &after)?;
            self.queue_changed_mark(&row, &after)?;
            delivery::overtake_by_wake(self.conn, row.id)?;
            if after.retracted_at.is_none() {
                self.await_second_admission(&row)?;
            }
        }
        Ok(())
    }

    /// When the next row wakes.
    pub(super) fn next_waking(&self) -> Result<Option<Millis>, StoreError> {
        Ok(self
            .conn
            .prepare_cached(
                "SELECT min(snoozed_until) FROM notification INDEXED BY notification_waking
                 WHERE deleted_at IS NULL AND snoozed_until IS NOT NULL",
            )?
            .query_row([], |row| row.get(0))?)
    }

    fn due_to_wake(&self) -> Result<Vec<Held>, StoreError> {
        let rows = self
            .conn
            .prepare_cached(concat!(
                "SELECT ",
                held_columns!(),
                " FROM notification n INDEXED BY notification_waking
                  WHERE n.deleted_at IS NULL AND n.snoozed_until IS NOT NULL AND n.snoozed_until <= ?1
                  ORDER BY n.snoozed_until LIMIT ?2"
            ))?
            .query_map(params![self.now, STEP], held)?
            .collect::<rusqlite::Result<_>>()?;
        Ok(rows)
    }

    fn await_second_admission(&mut self, row: &Held) -> Result<(), StoreError> {
        let source = self.source(row.source)?.name.clone();
        let (urgency, expires_at) = self.interruption(row.id)?;
        // What the poster had sent elsewhere is not sent again, and no route adds to it.
        let was_named = delivery::was_named(self.conn, row.id, row.occurrences)?;
        self.fresh.push(Fresh {
            candidate: Candidate {
                source,
                urgency,
                // A few wake as popups of their own and a crowd as a summary, as after an absence.
                arrival: Arrival::CatchUp,
                sent_at: self.now,
                read: false,
                deliver_at: None,
                expires_at,
                desktop_excluded: self.was_not_targeted(row)?,
            },
            occurrence: row.occurrences,
            wake: delivery::next_wake(self.conn, row.id, row.occurrences)?,
            provisional: false,
            named: was_named.then(Vec::new),
            escalations: BTreeMap::new(),
            popup: listed::popup(self.conn, 0, row.id, 0)?,
        });
        Ok(())
    }

    fn interruption(&self, id: NotificationId) -> Result<(Urgency, Option<Millis>), StoreError> {
        Ok(self
            .conn
            .prepare_cached("SELECT urgency, expires_at FROM notification WHERE id = ?1")?
            .query_row([id.0], |row| Ok((urgency(row.get(0)?), row.get(1)?)))?)
    }

    /// The poster's limit of the targets is known by what it did to the first delivery.
    fn was_not_targeted(&self, row: &Held) -> Result<bool, StoreError> {
        let found = self
            .conn
            .prepare_cached(
                "SELECT 1 FROM delivery
                 WHERE notification_id = ?1 AND occurrence = ?2 AND reason = ?3 LIMIT 1",
            )?
            .query_row(params![row.id.0, row.occurrences, Reason::NotTargeted.as_str()], |_| Ok(()))
            .optional()?;
        Ok(found.is_some())
    }
}
