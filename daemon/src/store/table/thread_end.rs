//! How threads ended on their servers: the newest end of each, before or after what it is about has come.

use rusqlite::{Connection, OptionalExtension, Result, params};
use tidings_api::Millis;

use crate::model::{SourceId, ThreadEnd};

/// One end of a thread, as a source tells it.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct ThreadEnded<'a> {
    pub(in crate::store) key: &'a str,
    pub(in crate::store) how: ThreadEnd,
    pub(in crate::store) event_id: &'a str,
    pub(in crate::store) at: Millis,
}

/// Remembers an end. `false` = it is known, or older than the one that is, which counts as old itself where it is of a time to
/// come, later than `ahead`, and this one is not.
pub(in crate::store) fn note(
    conn: &Connection,
    source: SourceId,
    epoch: i64,
    end: &ThreadEnded<'_>,
    ahead: Millis,
) -> Result<bool> {
    let changed = conn
        .prepare_cached(
            "INSERT INTO thread_end (source_id, epoch, key, how, event_id, at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (source_id, epoch, key) DO UPDATE
             SET how = excluded.how, event_id = excluded.event_id, at = excluded.at
             WHERE excluded.at > at OR (excluded.at = at AND excluded.event_id <> event_id)
                OR (at > ?7 AND excluded.at <= ?7)",
        )?
        .execute(params![
            source.0,
            epoch,
            end.key,
            end.how.as_str(),
            end.event_id,
            end.at,
            ahead
        ])?;
    Ok(changed > 0)
}

/// How and when a thread ended last.
pub(in crate::store) fn find(
    conn: &Connection,
    source: SourceId,
    epoch: i64,
    key: &str,
) -> Result<Option<(ThreadEnd, Millis)>> {
    conn.prepare_cached(
        "SELECT how, at FROM thread_end WHERE source_id = ?1 AND epoch = ?2 AND key = ?3",
    )?
    .query_row(params![source.0, epoch, key], |row| {
        let word: String = row.get(0)?;
        // A constraint of the table allows these two words.
        let deleted = word == ThreadEnd::Deleted.as_str();
        Ok((if deleted { ThreadEnd::Deleted } else { ThreadEnd::Cleared }, row.get(1)?))
    })
    .optional()
}

/// Forgets what is older; no server replays that far back.
pub(in crate::store) fn prune(conn: &Connection, before: Millis) -> Result<()> {
    conn.prepare_cached("DELETE FROM thread_end INDEXED BY thread_end_at WHERE at < ?1")?
        .execute([before])?;
    Ok(())
}
