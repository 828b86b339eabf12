//! Deliveries that fall due, and how they end.

use std::collections::BTreeMap;

use tidings_api::{Millis, Notification};

use super::unit::Unit;
use crate::model::{NotificationId, PopupOrder, SourceId};
use crate::store::answer::{Claimed, DeliveryEnd, Due, SummaryOf, SummaryOrder};
use crate::store::error::StoreError;
use crate::store::table::delivery::{self, Claim, Which};
use crate::store::table::listed::{self, listed, listed_columns};
use crate::store::table::notification;

/// How many notifications a summary names.
pub(super) const NAMED: usize = 3;
/// More than this many of one source falling due together are announced in a summary.
const AT_ONCE: usize = 5;
/// What a popup server has not taken for so long is no news any more.
const GIVE_UP: Millis = 60 * 60 * 1_000;
/// What `explain` tells then.
const GAVE_UP: &str = "no popup server took it within an hour";

/// The claims of one source, by what becomes of them.
#[derive(Debug, Default)]
struct Claims {
    single: Vec<Claim>,
    summary: Vec<Claim>,
}

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
        for (source, claims) in self.allowed_claims()? {
            let (single, summary) = grouped(claims);
            for claim in single {
                due.popups.push(self.single(&claim)?);
            }
            if !summary.is_empty() {
                due.summaries.push(self.summary(source, &summary)?);
            }
        }
        due.next_at =
            [delivery::next_due(self.conn)?, self.next_waking()?].into_iter().flatten().min();
        Ok(due)
    }

    /// Claims what is due, by source; what the configuration has forbidden since it was planned is suppressed.
    fn allowed_claims(&self) -> Result<BTreeMap<SourceId, Claims>, StoreError> {
        let mut allowed: BTreeMap<SourceId, Claims> = BTreeMap::new();
        for claim in delivery::claim_due(self.conn, self.now)? {
            let (source, urgency) = notification::origin(self.conn, claim.notification)?;
            if let Some(reason) = self.rules.forbids(&self.source(source)?.name, urgency) {
                delivery::end_forbidden(self.conn, claim.delivery_id, reason, self.now)?;
                continue;
            }
            let claims = allowed.entry(source).or_default();
            if claim.summary { claims.summary.push(claim) } else { claims.single.push(claim) }
        }
        Ok(allowed)
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
                    let since = self.now.saturating_sub(GIVE_UP);
                    delivery::end_unless_tried_since(self.conn, which, since, GAVE_UP)?;
                    self.effects.due(*at);
                    delivery::end_retry(self.conn, which, *at)?
                }
                DeliveryEnd::Failed(why) => delivery::end_failed(self.conn, which, why)?,
            };
        }
        Ok(())
    }

    fn single(&self, claim: &Claim) -> Result<PopupOrder, StoreError> {
        let opt_outs = self.opt_outs.revision();
        Ok(listed::popup(self.conn, claim.delivery_id, claim.notification, opt_outs)?)
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
        let ids = claims.iter().map(|claim| claim.notification).collect();
        let opt_outs = self.opt_outs.revision();
        Ok(SummaryOrder { claim, of: SummaryOf::Source(name), count, newest, ids, opt_outs })
    }

    pub(super) fn named(
        &self,
        id: NotificationId,
        source: &str,
    ) -> Result<Notification, StoreError> {
        Ok(self
            .conn
            .prepare_cached(concat!(
                "SELECT ",
                listed_columns!(),
                " FROM notification n WHERE n.id = ?1"
            ))?
            .query_row([id.0], |row| listed(row, source.to_owned()))?)
    }
}

/// Popups of their own, and what shares one: a crowd joins the summary, and a summary of one is that one.
fn grouped(claims: Claims) -> (Vec<Claim>, Vec<Claim>) {
    let Claims { mut single, mut summary } = claims;
    if single.len() > AT_ONCE {
        summary.append(&mut single);
    }
    if summary.len() == 1 {
        single.append(&mut summary);
    }
    summary.sort_unstable_by_key(|claim| claim.notification);
    (single, summary)
}
