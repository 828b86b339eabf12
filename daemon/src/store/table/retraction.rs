//! Retractions that came before their notification.

use rusqlite::{Connection, OptionalExtension, Result, params};
use tidings_api::Millis;

use crate::model::SourceId;

/// Remembers a retraction until its notification comes.
pub(in crate::store) fn insert(
    conn: &Connection,
    source: SourceId,
    epoch: i64,
    remote_id: &str,
    now: Millis,
) -> Result<()> {
    conn.prepare_cached(
        "INSERT OR IGNORE INTO retraction (source_id, epoch, remote_id, retracted_at)
         VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![source.0, epoch, remote_id, now])?;
    Ok(())
}

/// Takes a remembered retraction, with its time.
pub(in crate::store) fn take(
    conn: &Connection,
    source: SourceId,
    epoch: i64,
    remote_id: &str,
) -> Result<Option<Millis>> {
    conn.prepare_cached(
        "DELETE FROM retraction WHERE source_id = ?1 AND epoch = ?2 AND remote_id = ?3
         RETURNING retracted_at",
    )?
    .query_row(params![source.0, epoch, remote_id], |row| row.get(0))
    .optional()
}
