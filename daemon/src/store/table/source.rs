//! Sources, as far as the database knows them.

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Result, Row, params};
use tidings_api::Millis;

use crate::model::{Marking, SourceId, SourceRecord};

/// The kind of a source that only an import has brought.
const IMPORTED: &str = "import";

/// One source.
#[derive(Clone, Debug)]
pub(in crate::store) struct Source {
    pub(in crate::store) name: String,
    pub(in crate::store) marking: Marking,
    pub(in crate::store) epoch: i64,
}

/// Every source by its row; small enough to be kept in memory by the writer.
pub(in crate::store) fn all(conn: &Connection) -> Result<HashMap<SourceId, Source>> {
    conn.prepare_cached("SELECT id, name, syncs_read_state, marking, epoch FROM source")?
        .query_map([], |row| {
            let source =
                Source { name: row.get("name")?, marking: marking(row)?, epoch: row.get("epoch")? };
            Ok((SourceId(row.get("id")?), source))
        })?
        .collect()
}

/// A source as it was registered last.
#[derive(Clone, Debug)]
pub(in crate::store) struct Known {
    pub(in crate::store) id: SourceId,
    kind: String,
    marking: Marking,
    server: String,
}

impl Known {
    /// Whether remote ids mean other notifications now. What was imported is taken over by its name.
    pub(in crate::store) fn is_another(&self, kind: &str) -> bool {
        self.kind != kind && self.kind != IMPORTED
    }

    /// Whether a mark that waits was meant for another server, or is not wanted any more.
    pub(in crate::store) fn loses_marks(&self, marking: Marking, server: &str) -> bool {
        let known = !self.server.is_empty() && !server.is_empty();
        known && self.server != server || self.marking != marking
    }
}

/// The source of this name.
pub(in crate::store) fn find(conn: &Connection, name: &str) -> Result<Option<Known>> {
    conn.prepare_cached(
        "SELECT id, kind, syncs_read_state, marking, server FROM source WHERE name = ?1",
    )?
    .query_row([name], |row| {
        Ok(Known {
            id: SourceId(row.get("id")?),
            kind: row.get("kind")?,
            marking: marking(row)?,
            server: row.get("server")?,
        })
    })
    .optional()
}

/// Finds or creates a source; its kind, its abilities and its server follow the configuration.
pub(in crate::store) fn register(
    conn: &Connection,
    name: &str,
    kind: &str,
    marking: Marking,
    server: &str,
) -> Result<SourceRecord> {
    conn.prepare_cached(
        "INSERT INTO source (name, kind, syncs_read_state, marking, server) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (name) DO UPDATE SET kind = ?2, syncs_read_state = ?3, marking = ?4, server = ?5",
    )?
    .execute(params![name, kind, marking.is_sent(), marking.as_str(), server])?;
    conn.prepare_cached(
        "SELECT id, name, epoch, marker, first_connected_at FROM source WHERE name = ?1",
    )?
    .query_row([name], |row| {
        Ok(SourceRecord {
            id: SourceId(row.get("id")?),
            name: row.get("name")?,
            epoch: row.get("epoch")?,
            marker: row.get("marker")?,
            first_connected_at: row.get("first_connected_at")?,
        })
    })
}

/// Finds the source of an imported row, or creates one that a configuration may take over later.
pub(in crate::store) fn find_or_import(conn: &Connection, name: &str) -> Result<SourceId> {
    let found = conn
        .prepare_cached("SELECT id FROM source WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()?;
    match found {
        Some(id) => Ok(SourceId(id)),
        None => Ok(register(conn, name, IMPORTED, Marking::Nothing, "")?.id),
    }
}

/// Where to resume.
pub(in crate::store) fn set_marker(conn: &Connection, id: SourceId, marker: &str) -> Result<()> {
    conn.prepare_cached("UPDATE source SET marker = ?2 WHERE id = ?1 AND marker IS NOT ?2")?
        .execute(params![id.0, marker])?;
    Ok(())
}

/// Notes the first complete catch-up; later ones change nothing.
pub(in crate::store) fn set_first_connected(
    conn: &Connection,
    id: SourceId,
    now: Millis,
) -> Result<()> {
    conn.prepare_cached(
        "UPDATE source SET first_connected_at = ?2 WHERE id = ?1 AND first_connected_at IS NULL",
    )?
    .execute(params![id.0, now])?;
    Ok(())
}

/// Starts the next epoch.
pub(in crate::store) fn next_epoch(conn: &Connection, id: SourceId) -> Result<()> {
    conn.prepare_cached("UPDATE source SET epoch = epoch + 1 WHERE id = ?1")?.execute([id.0])?;
    Ok(())
}

/// Forgets where to resume and that it was ever connected.
pub(in crate::store) fn begin_anew(conn: &Connection, id: SourceId) -> Result<()> {
    conn.prepare_cached(
        "UPDATE source SET marker = NULL, first_connected_at = NULL WHERE id = ?1",
    )?
    .execute([id.0])?;
    conn.prepare_cached("DELETE FROM retraction WHERE source_id = ?1")?.execute([id.0])?;
    conn.prepare_cached("DELETE FROM thread_end WHERE source_id = ?1")?.execute([id.0])?;
    Ok(())
}

fn marking(row: &Row<'_>) -> Result<Marking> {
    if !row.get::<_, bool>("syncs_read_state")? {
        return Ok(Marking::Nothing);
    }
    let word: String = row.get("marking")?;
    let all = [Marking::Read, Marking::ReadOrDone, Marking::Done];
    // A constraint of the table allows no other word.
    Ok(all.into_iter().find(|marking| marking.as_str() == word).unwrap_or_default())
}
