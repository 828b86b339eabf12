//! The one row of facts about the inbox as a whole.

use rusqlite::{Connection, Result, params};

/// The revision of this snapshot.
pub(in crate::store) fn revision(conn: &Connection) -> Result<u64> {
    let revision: i64 = conn
        .prepare_cached("SELECT revision FROM inbox WHERE id = 1")?
        .query_row([], |row| row.get(0))?;
    Ok(u64::try_from(revision).unwrap_or_default())
}

/// Grows the revision by one and answers it.
pub(in crate::store) fn next_revision(conn: &Connection) -> Result<u64> {
    let revision: i64 = conn
        .prepare_cached("UPDATE inbox SET revision = revision + 1 WHERE id = 1 RETURNING revision")?
        .query_row([], |row| row.get(0))?;
    Ok(u64::try_from(revision).unwrap_or_default())
}

/// Whether the last writer came to its end.
pub(in crate::store) fn closed_cleanly(conn: &Connection) -> Result<bool> {
    conn.query_row("SELECT closed_cleanly FROM inbox WHERE id = 1", [], |row| row.get(0))
}

/// Notes whether a writer is at work, or came to its end.
pub(in crate::store) fn set_closed_cleanly(conn: &Connection, clean: bool) -> Result<()> {
    conn.execute("UPDATE inbox SET closed_cleanly = ?1 WHERE id = 1", params![clean])?;
    Ok(())
}
