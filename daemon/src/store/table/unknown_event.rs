//! What servers sent and this version does not understand: the newest of each source.

use rusqlite::{Connection, OptionalExtension, Result, params};
use tidings_api::Millis;

use crate::model::SourceId;

/// How many of one source are kept; more of the same kind would say nothing new.
const KEPT: i64 = 50;
/// Longest text that is kept, in characters.
const LENGTH: usize = 4_096;

/// Keeps a text in the place of the oldest one.
pub(in crate::store) fn insert(
    conn: &Connection,
    source: SourceId,
    now: Millis,
    text: &str,
) -> Result<()> {
    let text: String = text.chars().take(LENGTH).collect();
    conn.prepare_cached(
        "INSERT INTO unknown_event (source_id, received_at, text) VALUES (?1, ?2, ?3)",
    )?
    .execute(params![source.0, now, text])?;
    conn.prepare_cached(
        "DELETE FROM unknown_event WHERE source_id = ?1 AND id <= (
             SELECT id FROM unknown_event WHERE source_id = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)",
    )?
    .execute(params![source.0, KEPT])?;
    Ok(())
}

/// The newest text, shortened; empty = there is none.
pub(in crate::store) fn newest(conn: &Connection, source: SourceId) -> Result<String> {
    let newest = conn
        .prepare_cached(
            "SELECT substr(text, 1, 200) FROM unknown_event WHERE source_id = ?1
             ORDER BY id DESC LIMIT 1",
        )?
        .query_row([source.0], |row| row.get(0))
        .optional()?;
    Ok(newest.unwrap_or_default())
}
