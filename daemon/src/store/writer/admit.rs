//! The popup policy's decision, written in the transaction of the rows it is about.

use std::collections::HashMap;

use rusqlite::Connection;
use tidings_api::names::DESKTOP_TARGET;

use super::unit::{Fresh, Unit};
use crate::dispatch::admission::Admission;
use crate::dispatch::opt_out::Subject;
use crate::model::{Arrival, Decision, PopupOrder, Reason};
use crate::store::error::StoreError;
use crate::store::table::delivery::{self, Start, Which};
use crate::store::table::facets;

impl Unit<'_> {
    /// Decides for everything that came new in this request, in order.
    pub(super) fn admit(&mut self, admission: &mut Admission) -> Result<(), StoreError> {
        if self.fresh.is_empty() {
            return Ok(());
        }
        let mut fresh = self.still_news()?;
        self.route(&mut fresh, admission)?;
        let fresh = self.not_opted_out(fresh)?;
        let candidates: Vec<_> = fresh.iter().map(|fresh| fresh.candidate.clone()).collect();
        let decisions = admission.decide(self.now, &candidates);
        for (fresh, decision) in fresh.into_iter().zip(decisions) {
            self.deliver(fresh, decision)?;
        }
        Ok(())
    }

    /// What later events of the same request have left of the news: only the newest occurrence of a row counts, and
    /// what was read, deleted or removed meanwhile is news no more.
    fn still_news(&mut self) -> Result<Vec<Fresh>, StoreError> {
        let fresh = std::mem::take(&mut self.fresh);
        let newest: HashMap<_, _> =
            fresh.iter().map(|fresh| (fresh.popup.id, fresh.occurrence)).collect();
        let none_settled = self.effects.close.is_empty();
        if none_settled && newest.len() == fresh.len() {
            return Ok(fresh);
        }
        let mut news = Vec::with_capacity(fresh.len());
        for mut fresh in fresh {
            let id = fresh.popup.id;
            let Some(row) = facets::find(self.conn, id)? else { continue };
            let overtaken = newest.get(&id) != Some(&fresh.occurrence);
            let gone = row.facets.deleted_at.is_some() || row.facets.retracted_at.is_some();
            if overtaken || gone {
                self.deliver(fresh, Decision::Suppress(Reason::Gone))?;
            } else {
                fresh.candidate.read = row.facets.read_at.is_some();
                news.push(fresh);
            }
        }
        Ok(news)
    }

    /// What the user has opted out of is written down as such, and counts for nothing else.
    fn not_opted_out(&mut self, fresh: Vec<Fresh>) -> Result<Vec<Fresh>, StoreError> {
        if self.opt_outs.rows().is_empty() {
            return Ok(fresh);
        }
        let mut wanted = Vec::with_capacity(fresh.len());
        for fresh in fresh {
            let subject = Subject {
                source: &fresh.popup.source,
                topic: &fresh.popup.topic,
                key: &fresh.popup.key,
            };
            // History has no deliveries, and what was never meant for the desktop is told as such: the end of a snooze
            // asks for it after the opt-out may be over.
            let meant =
                fresh.candidate.arrival != Arrival::Backfill && !fresh.candidate.desktop_excluded;
            match self.opt_outs.standing(subject, DESKTOP_TARGET, self.now) {
                Some(opt_out) if meant => {
                    let start = Start::OptedOut(opt_out);
                    let (id, wake) = (fresh.popup.id, fresh.wake);
                    let delivery =
                        delivery::insert(self.conn, id, fresh.occurrence, wake, start, self.now)?;
                    if fresh.named.is_some() {
                        delivery::note_named(self.conn, delivery)?;
                    }
                }
                Some(_) | None => wanted.push(fresh),
            }
        }
        Ok(wanted)
    }

    fn deliver(&mut self, fresh: Fresh, decision: Decision) -> Result<(), StoreError> {
        let mut popup = fresh.popup;
        popup.opt_outs = self.opt_outs.revision();
        let start = match decision {
            Decision::Show => Start::Sending,
            Decision::ShowAt(at) => Start::Single(at),
            Decision::SummariseAt(at) => Start::Summary(at),
            // A first connection may bring a million rows: their arrival says enough.
            Decision::Suppress(Reason::Backfill) => return Ok(()),
            Decision::Suppress(reason) => Start::Suppressed(reason),
        };
        popup.delivery_id =
            delivery::insert(self.conn, popup.id, fresh.occurrence, fresh.wake, start, self.now)?;
        if fresh.named.is_some() {
            delivery::note_named(self.conn, popup.delivery_id)?;
        }
        match start {
            Start::Sending => {
                self.effects.close.retain(|(id, _)| *id != popup.id);
                self.effects.popups.push(popup);
            }
            Start::Single(at) | Start::Summary(at) => self.effects.due(at),
            Start::Suppressed(_) | Start::OptedOut(_) => {}
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
