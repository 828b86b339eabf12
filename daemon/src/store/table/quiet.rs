//! What the user has said about being quiet: one row.

use rusqlite::{Connection, Result, params};

use crate::quiet::Switched;
use crate::store::answer::QuietRecord;

/// As it was remembered.
pub(in crate::store) fn read(conn: &Connection) -> Result<QuietRecord> {
    conn.prepare_cached("SELECT manual, timer_until, skipped_until, since FROM quiet WHERE id = 1")?
        .query_row([], |row| {
            let switched = Switched {
                manual: row.get(0)?,
                timer_until: row.get(1)?,
                skipped_until: row.get(2)?,
            };
            Ok(QuietRecord { switched, since: row.get(3)? })
        })
}

/// Remembers it.
pub(in crate::store) fn write(conn: &Connection, record: QuietRecord) -> Result<()> {
    let QuietRecord { switched, since } = record;
    conn.prepare_cached(
        "UPDATE quiet SET manual = ?1, timer_until = ?2, skipped_until = ?3, since = ?4 WHERE id = 1",
    )?
    .execute(params![switched.manual, switched.timer_until, switched.skipped_until, since])?;
    Ok(())
}
