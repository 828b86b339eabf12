//! The queue of read marks on their way to the servers.

use super::unit::Unit;
use crate::model::SourceId;
use crate::store::answer::PendingMark;
use crate::store::error::StoreError;
use crate::store::table::{facets, remote_mark};

impl Unit<'_> {
    /// The server has these. Where the user has changed their mind meanwhile, the newer mark stays or is queued.
    pub(in crate::store) fn marks_confirmed(
        &mut self,
        source: SourceId,
        marks: &[PendingMark],
    ) -> Result<(), StoreError> {
        for mark in marks {
            let Some(mut row) = facets::find(self.conn, mark.id)? else { continue };
            if row.source != source {
                continue;
            }
            facets::set_remote_read(self.conn, mark.id, mark.read)?;
            row.remote_read = mark.read;
            match remote_mark::find(self.conn, mark.id)? {
                Some(queued) if queued.read == mark.read => {
                    remote_mark::remove(self.conn, mark.id)?;
                }
                Some(_) => {}
                // Taken back while it was on its way: the server must hear of it after all.
                None => {
                    let wanted = self.source(source)?.marking.covers(&row.facets);
                    self.queue_mark(&row, wanted)?;
                }
            }
        }
        Ok(())
    }

    /// Sent, yet the server does not show them.
    pub(in crate::store) fn marks_attempted(
        &mut self,
        source: SourceId,
        marks: &[PendingMark],
    ) -> Result<(), StoreError> {
        for mark in marks {
            remote_mark::attempted(self.conn, source, mark.id, mark.read)?;
        }
        Ok(())
    }
}
