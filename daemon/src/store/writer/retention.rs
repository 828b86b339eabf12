//! Forgetting, in bounded steps. What is saved or snoozed stays; what a server could replay leaves an empty tombstone.

use rusqlite::params;
use tidings_api::Millis;

use super::unit::Unit;
use crate::store::answer::Retention;
use crate::store::error::StoreError;
use crate::store::table::facets::{Held, held, held_columns};
use crate::store::table::{notification, thread_end, topic, undo};

/// Rows of one step.
const STEP: usize = 2_000;
/// How long a deleted row can be taken back; its content is erased then.
const TOMBSTONE_AGE: Millis = 7 * 24 * 60 * 60 * 1_000;
/// How long the end of a thread is remembered. No server that is known replays more than a few days.
const THREAD_END_AGE: Millis = 30 * 24 * 60 * 60 * 1_000;
/// Free pages given back to the file system in one step.
const PAGES: u32 = 200;

impl Unit<'_> {
    /// One step; `true` = there is more to do.
    pub(in crate::store) fn retain(&mut self, retention: Retention) -> Result<bool, StoreError> {
        let forgotten = undo::prune(self.conn)?;
        let mut left = STEP;
        left -= self.wipe_tombstones(left)?;
        if let Some(age) = retention.max_age {
            left -= self.forget_older(self.now.saturating_sub(age), left)?;
        }
        if let Some(count) = retention.max_count {
            left -= self.forget_beyond(count, left)?;
        }
        topic::prune(self.conn, STEP)?;
        thread_end::prune(self.conn, self.now.saturating_sub(THREAD_END_AGE))?;
        self.give_back_pages()?;
        Ok(left == 0 || forgotten > 0)
    }

    fn wipe_tombstones(&mut self, limit: usize) -> Result<usize, StoreError> {
        let rows = self.select(
            concat!(
                "SELECT ",
                held_columns!(),
                " FROM notification n INDEXED BY notification_tombstone
                  WHERE n.deleted_at IS NOT NULL AND n.wiped_at IS NULL AND n.deleted_at < ?1
                  ORDER BY n.deleted_at LIMIT ?2"
            ),
            self.now.saturating_sub(TOMBSTONE_AGE),
            limit,
        )?;
        for row in &rows {
            self.erase(row)?;
        }
        Ok(rows.len())
    }

    fn forget_older(&mut self, before: Millis, limit: usize) -> Result<usize, StoreError> {
        let rows = self.select(
            concat!(
                "SELECT ",
                held_columns!(),
                " FROM notification n INDEXED BY notification_all
                  WHERE n.deleted_at IS NULL AND n.last_at < ?1 AND n.saved_at IS NULL
                      AND n.snoozed_until IS NULL
                  ORDER BY n.last_at, n.id LIMIT ?2"
            ),
            before,
            limit,
        )?;
        self.forget(&rows)
    }

    fn forget_beyond(&mut self, count: u64, limit: usize) -> Result<usize, StoreError> {
        let there: i64 = self
            .conn
            .prepare_cached(
                "SELECT (SELECT count(*) FROM notification INDEXED BY notification_all
                         WHERE deleted_at IS NULL)
                     - (SELECT count(*) FROM notification INDEXED BY notification_saved
                        WHERE deleted_at IS NULL AND saved_at IS NOT NULL)
                     - (SELECT count(*) FROM notification INDEXED BY notification_snoozed_list
                        WHERE deleted_at IS NULL AND snoozed_until IS NOT NULL AND saved_at IS NULL)",
            )?
            .query_row([], |row| row.get(0))?;
        let excess = u64::try_from(there).unwrap_or_default().saturating_sub(count);
        let excess = usize::try_from(excess).unwrap_or(usize::MAX).min(limit);
        if excess == 0 {
            return Ok(0);
        }
        self.forget_older(Millis::MAX, excess)
    }

    fn forget(&mut self, rows: &[Held]) -> Result<usize, StoreError> {
        for row in rows {
            let mut after = row.facets;
            after.delete(self.now);
            self.set_facets(row, &after)?;
            self.erase(&Held { facets: after, ..row.clone() })?;
        }
        Ok(rows.len())
    }

    /// Only what a server may send again needs a tombstone.
    fn erase(&mut self, row: &Held) -> Result<(), StoreError> {
        if row.remote {
            notification::wipe(self.conn, row.id, self.now)?;
        } else {
            notification::remove(self.conn, row.id)?;
        }
        Ok(())
    }

    fn select(&self, sql: &str, time: Millis, limit: usize) -> Result<Vec<Held>, StoreError> {
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows = self
            .conn
            .prepare_cached(sql)?
            .query_map(params![time, limit], held)?
            .collect::<rusqlite::Result<_>>()?;
        Ok(rows)
    }

    fn give_back_pages(&self) -> Result<(), StoreError> {
        // Each row of this pragma is one page.
        let mut statement = self.conn.prepare(&format!("PRAGMA incremental_vacuum({PAGES})"))?;
        let mut rows = statement.query([])?;
        while rows.next()?.is_some() {}
        Ok(())
    }
}
