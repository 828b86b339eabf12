//! The queue of read marks on their way to the servers.

use super::unit::Unit;
use crate::model::SourceId;
use crate::store::answer::PendingMark;
use crate::store::error::StoreError;
use crate::store::table::{facets, notification, remote_mark};

impl Unit<'_> {
    /// The server has these. Where the user has changed their mind meanwhile, the newer mark stays or is queued.
    pub(in crate::store) fn marks_confirmed(
        &mut self,
        source: SourceId,
        marks: &[PendingMark],
    ) -> Result<(), StoreError> {
        for mark in marks {
            let Some(mut row) = facets::find(self.conn, mark.id)? else { continue };
            if row.source != source || !self.is_still(mark)? {
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

    /// Whether the row is what the mark was about, and not a later occurrence under another identity.
    fn is_still(&self, mark: &PendingMark) -> Result<bool, StoreError> {
        if facets::find(self.conn, mark.id)?.is_none() {
            return Ok(false);
        }
        let known = notification::identity(self.conn, mark.id)?;
        Ok(known.remote_id.as_deref() == Some(mark.remote_id.as_str()))
    }

    /// Sent, yet the server does not show them.
    pub(in crate::store) fn marks_attempted(
        &mut self,
        source: SourceId,
        marks: &[PendingMark],
    ) -> Result<(), StoreError> {
        for mark in marks {
            if !self.is_still(mark)? {
                continue;
            }
            remote_mark::attempted(self.conn, source, mark.id, mark.read)?;
        }
        Ok(())
    }
}
