//! Marks made here that the server has not confirmed: at most one a row, the newest wins.

use rusqlite::{Connection, OptionalExtension, Result, Row, params};
use tidings_api::Millis;

use crate::model::{NotificationId, SourceId};
use crate::store::answer::{PendingMark, WantedMarks};

/// A queued mark.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Mark {
    pub(in crate::store) read: bool,
    pub(in crate::store) attempts: i64,
}

/// The mark of this row, if one waits.
pub(in crate::store) fn find(conn: &Connection, id: NotificationId) -> Result<Option<Mark>> {
    conn.prepare_cached("SELECT read, attempts FROM remote_mark WHERE notification_id = ?1")?
        .query_row([id.0], |row| Ok(Mark { read: row.get(0)?, attempts: row.get(1)? }))
        .optional()
}

/// Queues a mark in the place of an older one.
pub(in crate::store) fn put(
    conn: &Connection,
    id: NotificationId,
    source: SourceId,
    read: bool,
    now: Millis,
) -> Result<()> {
    conn.prepare_cached(
        "INSERT OR REPLACE INTO remote_mark (notification_id, source_id, read, queued_at)
         VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![id.0, source.0, read, now])?;
    Ok(())
}

/// Takes a mark off the queue.
pub(in crate::store) fn remove(conn: &Connection, id: NotificationId) -> Result<()> {
    conn.prepare_cached("DELETE FROM remote_mark WHERE notification_id = ?1")?.execute([id.0])?;
    Ok(())
}

/// Sent once more in vain.
pub(in crate::store) fn attempted(
    conn: &Connection,
    source: SourceId,
    id: NotificationId,
    read: bool,
) -> Result<()> {
    conn.prepare_cached(
        "UPDATE remote_mark SET attempts = attempts + 1
         WHERE notification_id = ?1 AND read = ?2 AND source_id = ?3",
    )?
    .execute(params![id.0, read, source.0])?;
    Ok(())
}

/// Drops the marks of a source whose remote ids mean other notifications now.
pub(in crate::store) fn drop_of_past_epoch(conn: &Connection, source: SourceId) -> Result<()> {
    conn.prepare_cached(
        "DELETE FROM remote_mark WHERE source_id = ?1 AND EXISTS (
             SELECT 1 FROM notification n
             WHERE n.id = remote_mark.notification_id AND n.remote_id IS NOT NULL)",
    )?
    .execute([source.0])?;
    Ok(())
}

/// Drops all marks of a source.
pub(in crate::store) fn drop_all(conn: &Connection, source: SourceId) -> Result<()> {
    conn.prepare_cached("DELETE FROM remote_mark WHERE source_id = ?1")?.execute([source.0])?;
    Ok(())
}

/// Drops the marks of a thread.
pub(in crate::store) fn drop_of_thread(
    conn: &Connection,
    source: SourceId,
    key: &str,
) -> Result<()> {
    conn.prepare_cached(
        "DELETE FROM remote_mark WHERE source_id = ?1 AND EXISTS (
             SELECT 1 FROM notification n WHERE n.id = remote_mark.notification_id AND n.key = ?2)",
    )?
    .execute(params![source.0, key])?;
    Ok(())
}

/// Marks that can be sent: those that were refused least often first, then the oldest.
pub(in crate::store) fn sendable(
    conn: &Connection,
    source: SourceId,
    wanted: WantedMarks,
    limit: u32,
) -> Result<Vec<PendingMark>> {
    conn.prepare_cached(
        "SELECT m.notification_id, n.remote_id, n.key, m.read, m.attempts
         FROM remote_mark m INDEXED BY remote_mark_queue
         JOIN notification n ON n.id = m.notification_id
         WHERE m.source_id = ?1 AND n.remote_id IS NOT NULL
             AND (m.read OR ?3) AND (m.attempts = 0 OR ?4)
         ORDER BY m.attempts, m.queued_at, m.notification_id LIMIT ?2",
    )?
    .query_map(params![source.0, limit, wanted.unread, wanted.refused], pending)?
    .collect()
}

/// How many wait, those of provisional rows included.
pub(in crate::store) fn count(conn: &Connection, source: SourceId) -> Result<u32> {
    conn.prepare_cached("SELECT count(*) FROM remote_mark WHERE source_id = ?1")?
        .query_row([source.0], |row| row.get(0))
}

fn pending(row: &Row<'_>) -> Result<PendingMark> {
    Ok(PendingMark {
        id: NotificationId(row.get(0)?),
        remote_id: row.get(1)?,
        key: row.get(2)?,
        read: row.get(3)?,
        attempts: row.get(4)?,
    })
}
