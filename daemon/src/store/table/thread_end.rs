//! How threads ended on their servers: the newest end of each, before or after what it is about has come.

use rusqlite::{Connection, OptionalExtension, Result, params};
use tidings_api::Millis;

use crate::model::{Arrival, SourceId, ThreadEnd};

/// One end of a thread, as a source tells it.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct ThreadEnded<'a> {
    pub(in crate::store) key: &'a str,
    pub(in crate::store) how: ThreadEnd,
    pub(in crate::store) event_id: &'a str,
    pub(in crate::store) at: Millis,
    pub(in crate::store) arrival: Arrival,
}

/// Remembers an end as the newest of its thread.
pub(in crate::store) fn set(
    conn: &Connection,
    source: SourceId,
    epoch: i64,
    end: &ThreadEnded<'_>,
) -> Result<()> {
    conn.prepare_cached(
        "INSERT OR REPLACE INTO thread_end (source_id, epoch, key, how, event_id, at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?
    .execute(params![source.0, epoch, end.key, end.how.as_str(), end.event_id, end.at])?;
    Ok(())
}

/// The newest end of a thread that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct KnownEnd {
    pub(in crate::store) how: ThreadEnd,
    pub(in crate::store) at: Millis,
    pub(in crate::store) event_id: String,
}

/// How and when a thread ended last.
pub(in crate::store) fn find(
    conn: &Connection,
    source: SourceId,
    epoch: i64,
    key: &str,
) -> Result<Option<KnownEnd>> {
    conn.prepare_cached(
        "SELECT how, at, event_id FROM thread_end WHERE source_id = ?1 AND epoch = ?2 AND key = ?3",
    )?
    .query_row(params![source.0, epoch, key], |row| {
        let word: String = row.get(0)?;
        // A constraint of the table allows these two words.
        let deleted = word == ThreadEnd::Deleted.as_str();
        let how = if deleted { ThreadEnd::Deleted } else { ThreadEnd::Cleared };
        Ok(KnownEnd { how, at: row.get(1)?, event_id: row.get(2)? })
    })
    .optional()
}

/// Forgets what is older; no server replays that far back.
pub(in crate::store) fn prune(conn: &Connection, before: Millis) -> Result<()> {
    conn.prepare_cached("DELETE FROM thread_end INDEXED BY thread_end_at WHERE at < ?1")?
        .execute([before])?;
    Ok(())
}
