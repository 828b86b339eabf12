//! Addresses at targets.

use rusqlite::{Connection, OptionalExtension, Result, Row, params};
use tidings_api::{Millis, Record};

const COLUMNS: &str =
    "id, target, address, description, active, verified, created_at, ended_at, ended_why";

/// The records of a target that receive, in the order in which they were added.
pub(in crate::store) fn receiving(conn: &Connection, target: &str) -> Result<Vec<i64>> {
    conn.prepare_cached(
        "SELECT id FROM record WHERE target = ?1 AND active = 1 AND verified = 1 ORDER BY id",
    )?
    .query_map([target], |row| row.get(0))?
    .collect()
}

/// The records of a target; of all for an empty name.
pub(in crate::store) fn all(conn: &Connection, target: &str) -> Result<Vec<Record>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM record WHERE ?1 IN ('', target) ORDER BY target, id"
    ))?
    .query_map([target], record)?
    .collect()
}

/// One of them.
pub(in crate::store) fn find(conn: &Connection, id: i64) -> Result<Option<Record>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM record WHERE id = ?1"))?
        .query_row([id], record)
        .optional()
}

/// Writes a new one down. `None` = the target has that address already.
pub(in crate::store) fn insert(
    conn: &Connection,
    new: &Record,
    now: Millis,
) -> Result<Option<i64>> {
    let inserted = conn
        .prepare_cached(
            "INSERT INTO record (target, address, description, active, verified, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (target, address) DO NOTHING",
        )?
        .execute(params![
            new.target,
            new.address,
            new.description,
            new.active,
            new.verified,
            now
        ])?;
    Ok((inserted > 0).then(|| conn.last_insert_rowid()))
}

/// Sees to it that a target without addresses has its one record.
pub(in crate::store) fn ensure(conn: &Connection, target: &str, now: Millis) -> Result<()> {
    let only =
        Record { target: target.to_owned(), active: true, verified: true, ..Record::default() };
    insert(conn, &only, now).map(drop)
}

/// Changes what its owner may change. One that receives again is not dead any more.
pub(in crate::store) fn update(
    conn: &Connection,
    id: i64,
    description: Option<&str>,
    active: Option<bool>,
) -> Result<bool> {
    let changed = conn
        .prepare_cached(
            "UPDATE record SET description = coalesce(?2, description), active = coalesce(?3, active),
                 ended_at = iif(?3 = 1, NULL, ended_at), ended_why = iif(?3 = 1, NULL, ended_why)
             WHERE id = ?1",
        )?
        .execute(params![id, description, active])?;
    Ok(changed > 0)
}

/// Its owner has entered the code.
pub(in crate::store) fn verify(conn: &Connection, id: i64) -> Result<()> {
    conn.prepare_cached("UPDATE record SET verified = 1 WHERE id = ?1")?.execute([id])?;
    Ok(())
}

/// A provider has reported it dead.
pub(in crate::store) fn end(conn: &Connection, id: i64, now: Millis, why: &str) -> Result<()> {
    conn.prepare_cached(
        "UPDATE record SET active = 0, ended_at = ?2, ended_why = ?3 WHERE id = ?1",
    )?
    .execute(params![id, now, why])?;
    Ok(())
}

/// Takes one out, with its deliveries.
pub(in crate::store) fn remove(conn: &Connection, id: i64) -> Result<bool> {
    Ok(conn.prepare_cached("DELETE FROM record WHERE id = ?1")?.execute([id])? > 0)
}

/// Takes those of a target out, with their deliveries.
pub(in crate::store) fn remove_of(conn: &Connection, target: &str) -> Result<usize> {
    conn.prepare_cached("DELETE FROM record WHERE target = ?1")?.execute([target])
}

fn record(row: &Row<'_>) -> Result<Record> {
    Ok(Record {
        id: row.get(0)?,
        target: row.get(1)?,
        address: row.get(2)?,
        description: row.get(3)?,
        active: row.get(4)?,
        verified: row.get(5)?,
        created_at: row.get(6)?,
        ended_at: row.get(7)?,
        ended_why: row.get::<_, Option<String>>(8)?.unwrap_or_default(),
    })
}
