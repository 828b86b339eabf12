//! Remote ids of earlier versions of a row that its key has updated since.

use rusqlite::{Connection, OptionalExtension, Result, params};

use crate::model::{NotificationId, SourceId};

/// Remembers that this id was a version of that row.
pub(in crate::store) fn insert(
    conn: &Connection,
    source: SourceId,
    epoch: i64,
    remote_id: &str,
    id: NotificationId,
) -> Result<()> {
    conn.prepare_cached(
        "INSERT OR IGNORE INTO superseded (source_id, epoch, remote_id, notification_id)
         VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![source.0, epoch, remote_id, id.0])?;
    Ok(())
}

/// The row that this id was an earlier version of.
pub(in crate::store) fn find(
    conn: &Connection,
    source: SourceId,
    epoch: i64,
    remote_id: &str,
) -> Result<Option<NotificationId>> {
    conn.prepare_cached(
        "SELECT notification_id FROM superseded WHERE source_id = ?1 AND epoch = ?2 AND remote_id = ?3",
    )?
    .query_row(params![source.0, epoch, remote_id], |row| row.get(0).map(NotificationId))
    .optional()
}
