//! Forgetting a source: all of its rows, and where to resume.

use rusqlite::params;

use super::unit::Unit;
use crate::store::error::StoreError;
use crate::store::table::facets::{held, held_columns};
use crate::store::table::{notification, source};

/// Rows of one step.
const STEP: u32 = 2_000;

impl Unit<'_> {
    /// One step; `true` = there is more to do. No tombstone stays: the source begins anew, and so do its ids.
    pub(in crate::store) fn forget_source(&mut self, name: &str) -> Result<bool, StoreError> {
        let found = self.sources.iter().find(|(_, source)| source.name == name);
        let Some(id) = found.map(|(id, _)| *id) else { return Ok(false) };
        let rows = self
            .conn
            .prepare_cached(concat!(
                "SELECT ",
                held_columns!(),
                " FROM notification n WHERE n.source_id = ?1 LIMIT ?2"
            ))?
            .query_map(params![id.0, STEP], held)?
            .collect::<rusqlite::Result<Vec<_>>>()?;
        for row in &rows {
            let mut after = row.facets;
            after.delete(self.now);
            if after != row.facets {
                self.set_facets(row, &after)?;
            }
            notification::remove(self.conn, row.id)?;
        }
        if !rows.is_empty() {
            return Ok(true);
        }
        self.new_epoch(id)?;
        source::begin_anew(self.conn, id)?;
        Ok(false)
    }
}
