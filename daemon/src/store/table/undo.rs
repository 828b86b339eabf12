//! The undo log: what the latest triage calls changed.

use rusqlite::{Connection, OptionalExtension, Result, params};
use tidings_api::Millis;

use crate::inbox::{Changed, Facets};
use crate::model::NotificationId;
use crate::store::table::facets::Held;

/// How many calls can be taken back.
const KEPT: i64 = 100;
/// How many rows of forgotten calls are deleted at a time.
const PRUNED: i64 = 5_000;

/// One row of a call that can be taken back.
#[derive(Clone, Debug)]
pub(in crate::store) struct UndoRow {
    pub(in crate::store) id: NotificationId,
    pub(in crate::store) changed: Changed,
    /// How often it had occurred when the call changed it.
    pub(in crate::store) occurrences: i64,
    /// The changed facets as they were.
    pub(in crate::store) before: Facets,
}

/// A token for one more call; the oldest beyond the limit is forgotten.
pub(in crate::store) fn new_token(conn: &Connection, now: Millis) -> Result<i64> {
    conn.prepare_cached("INSERT INTO undo (made_at) VALUES (?1)")?.execute([now])?;
    let token = conn.last_insert_rowid();
    conn.prepare_cached("DELETE FROM undo WHERE token <= ?1")?.execute([token - KEPT])?;
    prune(conn)?;
    Ok(token)
}

/// Whether the call can be taken back.
pub(in crate::store) fn exists(conn: &Connection, token: i64) -> Result<bool> {
    let found = conn
        .prepare_cached("SELECT 1 FROM undo WHERE token = ?1")?
        .query_row([token], |_| Ok(()))
        .optional()?;
    Ok(found.is_some())
}

/// Notes what the call changed in one row.
pub(in crate::store) fn insert(
    conn: &Connection,
    token: i64,
    row: &Held,
    changed: Changed,
) -> Result<()> {
    let before = &row.facets;
    conn.prepare_cached(
        "INSERT OR IGNORE INTO undo_row (token, notification_id, changed, seen_at, read_at, done_at,
             saved_at, snoozed_until, deleted_at, occurrences)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )?
    .execute(params![
        token,
        row.id.0,
        changed.0,
        before.seen_at,
        before.read_at,
        before.done_at,
        before.saved_at,
        before.snoozed_until,
        before.deleted_at,
        row.occurrences,
    ])?;
    Ok(())
}

/// Takes the next rows of the call off the log.
pub(in crate::store) fn take(conn: &Connection, token: i64, limit: u32) -> Result<Vec<UndoRow>> {
    let rows: Vec<UndoRow> = conn
        .prepare_cached(
            "SELECT notification_id, changed, seen_at, read_at, done_at, saved_at, snoozed_until,
                 deleted_at, occurrences FROM undo_row WHERE token = ?1 ORDER BY notification_id LIMIT ?2",
        )?
        .query_map(params![token, limit], |row| {
            Ok(UndoRow {
                id: NotificationId(row.get(0)?),
                changed: Changed(row.get(1)?),
                occurrences: row.get(8)?,
                before: Facets {
                    seen_at: row.get(2)?,
                    read_at: row.get(3)?,
                    done_at: row.get(4)?,
                    saved_at: row.get(5)?,
                    snoozed_until: row.get(6)?,
                    deleted_at: row.get(7)?,
                    ..Facets::default()
                },
            })
        })?
        .collect::<Result<_>>()?;
    if let Some(last) = rows.last() {
        conn.prepare_cached("DELETE FROM undo_row WHERE token = ?1 AND notification_id <= ?2")?
            .execute(params![token, last.id.0])?;
    }
    Ok(rows)
}

/// The call has been taken back; that cannot be done twice.
pub(in crate::store) fn forget(conn: &Connection, token: i64) -> Result<()> {
    conn.prepare_cached("DELETE FROM undo WHERE token = ?1")?.execute([token])?;
    Ok(())
}

/// Deletes some rows of calls that are forgotten.
pub(in crate::store) fn prune(conn: &Connection) -> Result<usize> {
    conn.prepare_cached(
        "DELETE FROM undo_row WHERE (token, notification_id) IN (
             SELECT token, notification_id FROM undo_row
             WHERE token < (SELECT coalesce(min(token), 9223372036854775807) FROM undo) LIMIT ?1)",
    )?
    .execute([PRUNED])
}
