//! Deliveries that fall due, and how they end.

use std::collections::BTreeMap;

use rusqlite::params;
use tidings_api::{Millis, Notification};

use super::unit::Unit;
use crate::model::{NotificationId, SourceId};
use crate::store::answer::{Claimed, DeliveryEnd, Due, SummaryOrder};
use crate::store::error::StoreError;
use crate::store::table::delivery::{self, Claim, Which};
use crate::store::table::facets::{held, held_columns};
use crate::store::table::listed::{self, listed, listed_columns};

/// How many notifications a summary names.
const NAMED: usize = 3;

impl Unit<'_> {
    /// Claims what is due on the desktop, and wakes what was snoozed until now.
    /// With `waiting_for_server` also those that wait only because no popup server was running.
    pub(in crate::store) fn claim_due(
        &mut self,
        waiting_for_server: bool,
    ) -> Result<Due, StoreError> {
        self.wake_snoozed()?;
        if waiting_for_server {
            delivery::hasten_retries(self.conn, self.now)?;
        }
        let mut due = Due::default();
        let mut summaries: BTreeMap<SourceId, Vec<Claim>> = BTreeMap::new();
        for claim in delivery::claim_due(self.conn, self.now)? {
            if claim.summary {
                let source = self.held(claim.notification)?.source;
                summaries.entry(source).or_default().push(claim);
            } else {
                let id = claim.notification;
                due.popups.push(listed::popup(self.conn, claim.delivery_id, id)?);
            }
        }
        for (source, claims) in summaries {
            due.summaries.push(self.summary(source, &claims)?);
        }
        due.next_at =
            [delivery::next_due(self.conn)?, self.next_waking()?].into_iter().flatten().min();
        Ok(due)
    }

    /// Records how claimed deliveries ended.
    pub(in crate::store) fn record(
        &mut self,
        ends: &[(Claimed, DeliveryEnd)],
    ) -> Result<(), StoreError> {
        for (claimed, end) in ends {
            let which = match claimed {
                Claimed::Popup(id) => Which::One(*id),
                Claimed::Summary(claim) => Which::Claim(*claim),
            };
            match end {
                DeliveryEnd::Delivered => delivery::end_delivered(self.conn, which)?,
                DeliveryEnd::Retry(at) => {
                    self.effects.due(*at);
                    delivery::end_retry(self.conn, which, *at)?
                }
                DeliveryEnd::Failed(why) => delivery::end_failed(self.conn, which, why)?,
            };
        }
        Ok(())
    }

    fn summary(&self, source: SourceId, claims: &[Claim]) -> Result<SummaryOrder, StoreError> {
        // A delivery is in one claim at a time, so the first one's id names the claim.
        let claim = claims.first().map(|claim| claim.delivery_id).unwrap_or_default();
        for claimed in claims {
            delivery::set_claim(self.conn, claimed.delivery_id, claim)?;
        }
        let name = self.source(source)?.name.clone();
        let mut newest = Vec::new();
        for claimed in claims.iter().rev().take(NAMED) {
            newest.push(self.named(claimed.notification, &name)?);
        }
        let count = u32::try_from(claims.len()).unwrap_or(u32::MAX);
        Ok(SummaryOrder { claim, source: name, count, newest })
    }

    fn named(&self, id: NotificationId, source: &str) -> Result<Notification, StoreError> {
        let notification = self
            .conn
            .prepare_cached(concat!(
                "SELECT ",
                listed_columns!(),
                " FROM notification n WHERE n.id = ?1"
            ))?
            .query_row([id.0], listed)?;
        Ok(Notification { source: source.to_owned(), ..notification })
    }

    fn wake_snoozed(&mut self) -> Result<(), StoreError> {
        let rows: Vec<_> = self
            .conn
            .prepare_cached(concat!(
                "SELECT ",
                held_columns!(),
                " FROM notification n INDEXED BY notification_snoozed
                  WHERE n.snoozed_until IS NOT NULL AND n.snoozed_until <= ?1"
            ))?
            .query_map(params![self.now], held)?
            .collect::<rusqlite::Result<_>>()?;
        for row in rows {
            let mut after = row.facets;
            after.wake();
            self.set_facets(&row, &after)?;
        }
        Ok(())
    }

    fn next_waking(&self) -> Result<Option<Millis>, StoreError> {
        Ok(self
            .conn
            .prepare_cached(
                "SELECT min(snoozed_until) FROM notification INDEXED BY notification_snoozed
                 WHERE snoozed_until IS NOT NULL",
            )?
            .query_row([], |row| row.get(0))?)
    }
}
