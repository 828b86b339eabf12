//! The topics that sources have used.

use rusqlite::{Connection, Result, params};
use tidings_api::{Millis, Topic};

use crate::model::SourceId;

/// A topic was used; an earlier use than the newest changes nothing.
pub(in crate::store) fn used(
    conn: &Connection,
    source: SourceId,
    name: &str,
    at: Millis,
) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO topic (source_id, name, last_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (source_id, name) DO UPDATE SET last_at = excluded.last_at
         WHERE excluded.last_at > last_at",
    )?
    .execute(params![source.0, name, at])?;
    Ok(())
}

/// The topics that were used last, the newest first, each with its unread notifications.
pub(in crate::store) fn newest(conn: &Connection, limit: u32) -> Result<Vec<Topic>> {
    conn.prepare_cached(
        "SELECT s.name, t.name, t.last_at,
             (SELECT count(*) FROM notification n INDEXED BY notification_topic_unread
              WHERE n.source_id = t.source_id AND n.topic = t.name AND n.topic <> ''
                  AND n.deleted_at IS NULL AND n.done_at IS NULL AND n.snoozed_until IS NULL
                  AND n.read_at IS NULL)
         FROM topic t INDEXED BY topic_last_at JOIN source s ON s.id = t.source_id
         ORDER BY t.last_at DESC LIMIT ?1",
    )?
    .query_map([limit], |row| {
        Ok(Topic {
            source: row.get(0)?,
            topic: row.get(1)?,
            last_at: row.get(2)?,
            unread: row.get(3)?,
        })
    })?
    .collect()
}

/// Forgets topics without any notification, some of them at a time. Answers how many.
pub(in crate::store) fn prune(conn: &Connection, limit: usize) -> Result<usize> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    conn.prepare_cached(
        "DELETE FROM topic WHERE (source_id, name) IN (
             SELECT t.source_id, t.name FROM topic t
             WHERE NOT EXISTS (
                 SELECT 1 FROM notification n INDEXED BY notification_topic
                 WHERE n.topic = t.name AND n.topic <> '' AND n.source_id = t.source_id
                     AND n.deleted_at IS NULL)
             LIMIT ?1)",
    )?
    .execute([limit])
}
