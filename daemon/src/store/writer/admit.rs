//! The popup policy's decision, written in the transaction of the rows it is about.

use rusqlite::Connection;

use super::unit::{Fresh, Unit};
use crate::dispatch::admission::Admission;
use crate::model::{Decision, PopupOrder, Reason};
use crate::store::error::StoreError;
use crate::store::table::delivery::{self, Start, Which};

impl Unit<'_> {
    /// Decides for everything that came new in this request, in order.
    pub(super) fn admit(&mut self, admission: &mut Admission) -> Result<(), StoreError> {
        if self.fresh.is_empty() {
            return Ok(());
        }
        let fresh = std::mem::take(&mut self.fresh);
        let candidates: Vec<_> = fresh.iter().map(|fresh| fresh.candidate.clone()).collect();
        let decisions = admission.decide(self.now, &candidates);
        for (fresh, decision) in fresh.into_iter().zip(decisions) {
            self.deliver(fresh, decision)?;
        }
        Ok(())
    }

    fn deliver(&mut self, fresh: Fresh, decision: Decision) -> Result<(), StoreError> {
        let mut popup = fresh.popup;
        let start = match decision {
            Decision::Show => Start::Sending,
            Decision::ShowAt(at) => Start::Single(at),
            Decision::SummariseAt(at) => Start::Summary(at),
            // A first connection may bring a million rows: their arrival says enough.
            Decision::Suppress(Reason::Backfill) => return Ok(()),
            Decision::Suppress(reason) => Start::Suppressed(reason),
        };
        popup.delivery_id =
            delivery::insert(self.conn, popup.id, fresh.occurrence, start, self.now)?;
        match start {
            Start::Sending => {
                self.effects.close.retain(|(id, _)| *id != popup.id);
                self.effects.popups.push(popup);
            }
            Start::Single(at) | Start::Summary(at) => self.effects.due(at),
            Start::Suppressed(_) => {}
        }
        Ok(())
    }
}

/// Popups that were ordered in this very transaction and lost their point in it.
pub(super) fn suppress(
    conn: &Connection,
    pointless: Vec<(PopupOrder, Reason)>,
) -> Result<(), StoreError> {
    for (popup, reason) in pointless {
        delivery::end_suppressed(conn, Which::One(popup.delivery_id), reason)?;
    }
    Ok(())
}
