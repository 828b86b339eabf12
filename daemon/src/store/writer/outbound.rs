//! Deliveries to targets beside the desktop: claimed, ended, and asked about.

use std::collections::BTreeMap;

use tidings_api::{Millis, Notification};

use super::unit::Unit;
use crate::dispatch::outbound::fate::{self, Fate};
use crate::model::{NotificationId, Reason};
use crate::store::answer::{
    Grouping, NAMED_OUTBOUND, Outbound, OutboundEnd, OutboundOrder, Unconfirmed,
};
use crate::store::error::StoreError;
use crate::store::table::outbound::{self, Claimed, Claiming, End};
use crate::store::table::{notification, paused_target, receipt, record};
use crate::targets::Confirmation;

/// Until a claim that is over is looked at again where it could not be ended.
const LATER: Millis = 60 * 1_000;
/// Rows that one summary tells of at most; the rest is the next one.
const SUMMARY: usize = 10_000;
/// Providers forget messages; Expo keeps its receipts for a day.
const ASK_FOR: Millis = 24 * 60 * 60 * 1_000;
/// The pauses between two questions about one message grow up to this.
const ASK_AT_LEAST_EVERY: Millis = 60 * 60 * 1_000;

/// What is claimed, and for whom.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Wanted<'a> {
    pub(in crate::store) target: &'a str,
    /// Milliseconds for which the claim stands.
    pub(in crate::store) lease: Millis,
    /// Drawn at random.
    pub(in crate::store) claim: i64,
    pub(in crate::store) limit: usize,
    /// Whether a message whose fate is unknown can be sent again.
    pub(in crate::store) repeatable: bool,
    /// Whether claims that are over are ended.
    pub(in crate::store) end_leases: bool,
}

impl Unit<'_> {
    /// Claims what is due for a target, the longest waiting first.
    pub(in crate::store) fn claim_outbound(
        &mut self,
        wanted: Wanted<'_>,
    ) -> Result<Outbound, StoreError> {
        let ended = if wanted.end_leases {
            outbound::end_leases(self.conn, wanted.target, self.now, wanted.repeatable)?
        } else {
            0
        };
        let claiming = Claiming {
            target: wanted.target,
            now: self.now,
            lease_until: self.now.saturating_add(wanted.lease),
            claim: wanted.claim,
            limit: wanted.limit,
        };
        let (single, looked_at) = outbound::claim_single(self.conn, claiming)?;
        let mut orders = Vec::new();
        for claimed in &single {
            orders.push(self.order(&claiming, Grouping::Single, std::slice::from_ref(claimed))?);
        }
        let mut more = looked_at >= wanted.limit;
        if !more {
            let all = Claiming { limit: SUMMARY, ..claiming };
            let mut groups = Vec::new();
            let summaries = outbound::claim_grouped(self.conn, all, false)?;
            groups.extend(self.by_source(summaries)?.map(|group| (Grouping::Summary, group)));
            let digests = outbound::claim_grouped(self.conn, all, true)?;
            groups.extend(by_record(digests).map(|group| (Grouping::Digest, group)));
            for (grouping, group) in groups {
                if orders.len() < wanted.limit {
                    orders.push(self.order(&claiming, grouping, &group)?);
                } else {
                    more = true;
                    for claimed in group {
                        outbound::give_back(self.conn, claimed.delivery, claiming.claim)?;
                    }
                }
            }
        }
        if ended > 0 || !orders.is_empty() {
            self.effects.target(wanted.target);
        }
        let next_at = outbound::next_due(self.conn, wanted.target)?.map(|at| {
            // A claim that is over and cannot be ended yet is looked at again in a while, not at once.
            if at > self.now || wanted.end_leases { at } else { at.max(self.now + LATER) }
        });
        let ask_at = receipt::next_question(self.conn, wanted.target)?;
        Ok(Outbound { orders, next_at, ask_at, more })
    }

    /// Ends claimed messages.
    pub(in crate::store) fn end_outbound(
        &mut self,
        target: &str,
        ends: &[OutboundEnd],
        confirm_after: Option<Millis>,
    ) -> Result<(), StoreError> {
        for ended in ends {
            for delivery in &ended.deliveries {
                let step = |unit: &mut Self| unit.end_one(target, *delivery, ended, confirm_after);
                if let Err(error) = self.isolated(step) {
                    // Its lease ends by itself; those that are recorded with it are not to blame.
                    tracing::warn!(target_name = target, delivery, %error, "the outcome of a delivery could not be recorded");
                }
            }
        }
        self.effects.target(target);
        Ok(())
    }

    /// What a provider can be asked about now.
    pub(in crate::store) fn unconfirmed(
        &mut self,
        target: &str,
        limit: u32,
    ) -> Result<Vec<Unconfirmed>, StoreError> {
        Ok(receipt::unconfirmed(self.conn, target, self.now, limit)?)
    }

    /// What a provider has answered about messages that it had accepted.
    pub(in crate::store) fn confirm_outbound(
        &mut self,
        target: &str,
        answers: &[(Unconfirmed, Confirmation)],
    ) -> Result<(), StoreError> {
        for (asked, answer) in answers {
            self.confirm_one(target, asked, answer)?;
        }
        self.effects.target(target);
        Ok(())
    }

    fn end_one(
        &mut self,
        target: &str,
        delivery: i64,
        ended: &OutboundEnd,
        confirm_after: Option<Millis>,
    ) -> Result<(), StoreError> {
        let end = match &ended.fate {
            None => {
                outbound::give_back(self.conn, delivery, ended.claim)?;
                return Ok(());
            }
            Some(Fate::Delivered { receipt, note }) => {
                let confirm_at = confirm_after
                    .filter(|_| receipt.is_some())
                    .map(|wait| self.now.saturating_add(wait));
                if let Some(at) = confirm_at {
                    self.effects.outbound(target, at);
                }
                let (receipt, answer) = (receipt.as_deref(), note.as_deref());
                End { receipt, answer, confirm_at, ..simply("DELIVERED") }
            }
            Some(Fate::Retry { after, why }) => {
                let wait = Millis::try_from(after.as_millis()).unwrap_or(Millis::MAX);
                let at = self.now.saturating_add(wait);
                self.effects.outbound(target, at);
                End { retry_at: Some(at), ..because("RETRY", why) }
            }
            Some(Fate::Failed { why }) => because("DELIVERY FAILURE", why),
            Some(Fate::InDoubt { why }) => {
                End { reason: Some(Reason::InDoubt.as_str()), ..because("SUPPRESSED", why) }
            }
            Some(Fate::Inactive { why }) => {
                self.end_record(delivery, why)?;
                because("INACTIVE DEVICE", why)
            }
            Some(Fate::OptedOut { why }) => {
                self.end_record(delivery, why)?;
                because("OPTED OUT", why)
            }
            Some(Fate::Paused { why }) => {
                paused_target::put(self.conn, target, self.now, why)?;
                End { retry_at: Some(self.now), uncounted: true, ..because("RETRY", why) }
            }
        };
        if !outbound::end(self.conn, delivery, ended.claim, end)? {
            // Its lease was over, and somebody else has it by now.
            tracing::warn!(
                target_name = target,
                delivery,
                "the outcome of a delivery came too late to be recorded"
            );
        }
        Ok(())
    }

    fn end_record(&mut self, delivery: i64, why: &str) -> Result<(), StoreError> {
        if let Some(id) = outbound::record_of(self.conn, delivery)? {
            record::end(self.conn, id, self.now, why)?;
            // What else is claimed for it is claimed again, and not sent.
            self.opt_outs.touch();
        }
        Ok(())
    }

    fn confirm_one(
        &mut self,
        target: &str,
        asked: &Unconfirmed,
        answer: &Confirmation,
    ) -> Result<(), StoreError> {
        let id = asked.delivery;
        let age = self.now.saturating_sub(asked.accepted_at).max(0);
        match answer {
            Confirmation::Pending if age < ASK_FOR => {
                // As long again as it has taken so far.
                let at = self.now.saturating_add(age.clamp(15_000, ASK_AT_LEAST_EVERY));
                receipt::ask_again(self.conn, id, Some(at))?;
                self.effects.outbound(target, at);
            }
            Confirmation::Pending | Confirmation::Lost => receipt::ask_again(self.conn, id, None)?,
            Confirmation::Delivered => receipt::set_confirmed(self.conn, id, self.now)?,
            Confirmation::Failed { why } if asked.attempts < asked.allowed => {
                let wait = fate::wait(asked.attempts, receipt::interval(self.conn, id)?, 0.0);
                let at = self.now.saturating_add(Millis::try_from(wait.as_millis()).unwrap_or(0));
                receipt::take_back(self.conn, id, "RETRY", why, Some(at))?;
                self.effects.outbound(target, at);
            }
            Confirmation::Failed { why } | Confirmation::Refused { why } => {
                receipt::take_back(self.conn, id, "DELIVERY FAILURE", why, None)?;
            }
            Confirmation::Gone { why } => {
                self.end_record(id, why)?;
                receipt::take_back(self.conn, id, "INACTIVE DEVICE", why, None)?;
            }
            Confirmation::OptedOut { why } => {
                self.end_record(id, why)?;
                receipt::take_back(self.conn, id, "OPTED OUT", why, None)?;
            }
            Confirmation::Misconfigured { why } => {
                paused_target::put(self.conn, target, self.now, why)?;
                receipt::take_back(self.conn, id, "DELIVERY FAILURE", why, None)?;
            }
        }
        Ok(())
    }

    fn order(
        &self,
        claiming: &Claiming<'_>,
        grouping: Grouping,
        claims: &[Claimed],
    ) -> Result<OutboundOrder, StoreError> {
        let Some(first) = claims.first() else {
            return Err(StoreError::Invalid("an order of nothing".into()));
        };
        let record = first.record;
        let address = record::find(self.conn, record)?.map(|record| record.address);
        let mut newest = Vec::new();
        for claim in claims.iter().rev().take(NAMED_OUTBOUND) {
            newest.push(self.row(claim.notification)?);
        }
        let identity = match &first.identity {
            Some(identity) => identity.clone(),
            None => self.identify(first, claims)?,
        };
        Ok(OutboundOrder {
            claim: claiming.claim,
            deliveries: claims.iter().map(|claim| claim.delivery).collect(),
            record,
            identity,
            address: address.unwrap_or_default(),
            grouping,
            newest,
            by_source: self.counted(claims)?,
            attempts: claims.iter().map(|claim| claim.attempts).max().unwrap_or_default(),
            allowed: claims.iter().map(|claim| claim.max_retries).min().unwrap_or_default(),
            lease_until: claiming.lease_until,
            opt_outs: self.opt_outs.revision(),
        })
    }

    /// Names a message that tells of several for the first time. The time keeps it apart from those of a database that was
    /// started afresh; what is told together is no message of one of them alone.
    fn identify(&self, first: &Claimed, claims: &[Claimed]) -> Result<String, StoreError> {
        let first_at = self.row(first.notification)?.received_at;
        let identity = format!("{}-{first_at:x}-all", first.delivery);
        outbound::identify(self.conn, claims, &identity)?;
        Ok(identity)
    }

    fn row(&self, id: NotificationId) -> Result<Notification, StoreError> {
        let (source, _) = notification::origin(self.conn, id)?;
        let name = self.source(source)?.name.clone();
        self.named(id, &name)
    }

    /// How many from each source, most first.
    fn counted(&self, claims: &[Claimed]) -> Result<Vec<(String, u32)>, StoreError> {
        let mut counts: BTreeMap<String, u32> = BTreeMap::new();
        for claim in claims {
            let (source, _) = notification::origin(self.conn, claim.notification)?;
            *counts.entry(self.source(source)?.name.clone()).or_default() += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        Ok(counts)
    }

    /// The claims of each record and source.
    fn by_source(
        &self,
        claims: Vec<Claimed>,
    ) -> Result<impl Iterator<Item = Vec<Claimed>>, StoreError> {
        let mut groups: BTreeMap<_, Vec<Claimed>> = BTreeMap::new();
        for claim in claims {
            let (source, _) = notification::origin(self.conn, claim.notification)?;
            let group = (claim.record, source.0, claim.identity.clone());
            groups.entry(group).or_default().push(claim);
        }
        Ok(groups.into_values())
    }
}

fn by_record(claims: Vec<Claimed>) -> impl Iterator<Item = Vec<Claimed>> {
    let mut groups: BTreeMap<_, Vec<Claimed>> = BTreeMap::new();
    for claim in claims {
        groups.entry((claim.record, claim.identity.clone())).or_default().push(claim);
    }
    groups.into_values()
}

const fn simply(status: &'static str) -> End<'static> {
    End {
        status,
        reason: None,
        answer: None,
        retry_at: None,
        uncounted: false,
        receipt: None,
        confirm_at: None,
    }
}

fn because<'a>(status: &'static str, why: &'a str) -> End<'a> {
    End { answer: Some(why), ..simply(status) }
}
