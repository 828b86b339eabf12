//! Targets whose provider refuses the credentials or the sender.

use rusqlite::{Connection, Result, params};
use tidings_api::Millis;

use crate::store::answer::Pause;

/// All of them.
pub(in crate::store) fn all(conn: &Connection) -> Result<Vec<Pause>> {
    conn.prepare_cached("SELECT name, since, why FROM paused_target ORDER BY name")?
        .query_map([], |row| {
            Ok(Pause { target: row.get(0)?, since: row.get(1)?, why: row.get(2)? })
        })?
        .collect()
}

/// Notes one; the newest words count, and the oldest time.
pub(in crate::store) fn put(conn: &Connection, name: &str, now: Millis, why: &str) -> Result<()> {
    conn.prepare_cached(
        "INSERT INTO paused_target (name, since, why) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET why = ?3",
    )?
    .execute(params![name, now, why])?;
    Ok(())
}

/// Somebody has mended it; `true` = it was paused.
pub(in crate::store) fn remove(conn: &Connection, name: &str) -> Result<bool> {
    Ok(conn.prepare_cached("DELETE FROM paused_target WHERE name = ?1")?.execute([name])? > 0)
}
