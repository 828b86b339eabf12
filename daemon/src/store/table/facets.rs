//! The columns of a notification that triage and the servers change.

use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use crate::inbox::Facets;
use crate::model::{NotificationId, SourceId};

/// A row as far as its state goes.
#[derive(Clone, Debug)]
pub(in crate::store) struct Held {
    pub(in crate::store) id: NotificationId,
    pub(in crate::store) source: SourceId,
    /// The source's epoch when it came.
    pub(in crate::store) epoch: i64,
    /// The server's identity is known.
    pub(in crate::store) remote: bool,
    /// The read state that the server is known to have.
    pub(in crate::store) remote_read: bool,
    /// How often it has occurred.
    pub(in crate::store) occurrences: i64,
    /// Its content was erased for good.
    pub(in crate::store) wiped: bool,
    pub(in crate::store) facets: Facets,
}

/// The columns that [`held`] reads, of `notification n`.
macro_rules! held_columns {
    () => {
        "n.id, n.source_id, n.epoch, n.remote_id IS NOT NULL, n.remote_read, n.wiped_at IS NOT NULL, n.seen_at, \
         n.read_at, n.done_at, n.saved_at, n.snoozed_until, n.acted_at, n.retracted_at, n.deleted_at, \
         n.occurrences"
    };
}
pub(in crate::store) use held_columns;

/// Reads a row of `held_columns!`.
pub(in crate::store) fn held(row: &Row<'_>) -> Result<Held> {
    Ok(Held {
        id: NotificationId(row.get(0)?),
        source: SourceId(row.get(1)?),
        epoch: row.get(2)?,
        remote: row.get(3)?,
        remote_read: row.get(4)?,
        wiped: row.get(5)?,
        occurrences: row.get(14)?,
        facets: Facets {
            seen_at: row.get(6)?,
            read_at: row.get(7)?,
            done_at: row.get(8)?,
            saved_at: row.get(9)?,
            snoozed_until: row.get(10)?,
            acted_at: row.get(11)?,
            retracted_at: row.get(12)?,
            deleted_at: row.get(13)?,
        },
    })
}

/// The state of one row.
pub(in crate::store) fn find(conn: &Connection, id: NotificationId) -> Result<Option<Held>> {
    conn.prepare_cached(concat!(
        "SELECT ",
        held_columns!(),
        " FROM notification n WHERE n.id = ?1"
    ))?
    .query_row([id.0], held)
    .optional()
}

/// Writes the facets. Reading is the commonest change, and touches the fewest indexes when it is alone.
pub(in crate::store) fn store(
    conn: &Connection,
    id: NotificationId,
    before: &Facets,
    after: &Facets,
) -> Result<()> {
    let mut rest_of_before = *before;
    rest_of_before.seen_at = after.seen_at;
    rest_of_before.read_at = after.read_at;
    if rest_of_before == *after {
        conn.prepare_cached("UPDATE notification SET seen_at = ?2, read_at = ?3 WHERE id = ?1")?
            .execute(params![id.0, after.seen_at, after.read_at])?;
        return Ok(());
    }
    conn.prepare_cached(
        "UPDATE notification SET seen_at = ?2, read_at = ?3, done_at = ?4, saved_at = ?5,
             snoozed_until = ?6, acted_at = ?7, retracted_at = ?8, deleted_at = ?9 WHERE id = ?1",
    )?
    .execute(params![
        id.0,
        after.seen_at,
        after.read_at,
        after.done_at,
        after.saved_at,
        after.snoozed_until,
        after.acted_at,
        after.retracted_at,
        after.deleted_at,
    ])?;
    Ok(())
}

/// Notes what the server is known to have.
pub(in crate::store) fn set_remote_read(
    conn: &Connection,
    id: NotificationId,
    read: bool,
) -> Result<()> {
    conn.prepare_cached("UPDATE notification SET remote_read = ?2 WHERE id = ?1")?
        .execute(params![id.0, read])?;
    Ok(())
}
