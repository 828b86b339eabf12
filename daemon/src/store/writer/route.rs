//! Where a new occurrence goes beside the desktop, written in its own transaction.

use chrono::{DateTime, Local};
use tidings_api::Millis;

use super::unit::{Fresh, Unit};
use crate::dispatch::admission::{self, Admission};
use crate::dispatch::outbound::digest;
use crate::dispatch::outbound::plan::{self, Leg};
use crate::model::{Arrival, NotificationId, Reason};
use crate::store::error::StoreError;
use crate::store::table::outbound::{self, Planned};
use crate::store::table::record;

/// What a server has told of without an identity may be an echo: it waits so long for the server's list, which knows.
const UNTIL_CONFIRMED: Millis = 45_000;

impl Unit<'_> {
    /// Plans the deliveries of everything that came new in this request, and notes what a route keeps off the desktop.
    pub(super) fn route(
        &mut self,
        fresh: &mut [Fresh],
        admission: &mut Admission,
    ) -> Result<(), StoreError> {
        if self.outbound.targets.is_empty() {
            return Ok(());
        }
        let rules = std::sync::Arc::clone(&self.outbound);
        let caught_up = |fresh: &Fresh| fresh.candidate.arrival == Arrival::CatchUp;
        let crowd = admission::is_crowd(fresh.iter().filter(|fresh| caught_up(fresh)).count());
        let now = wall_clock(self.now);
        for fresh in fresh.iter_mut() {
            if fresh.candidate.arrival == Arrival::Backfill {
                continue;
            }
            let row = self.named(fresh.popup.id, &fresh.popup.source)?;
            let plan = plan::plan(&rules, &row, fresh.named.as_deref(), &now);
            fresh.candidate.desktop_excluded |= plan.not_desktop;
            let stale = admission::is_stale(fresh.candidate.sent_at, self.now);
            let crowded = caught_up(fresh) && (crowd || stale) && fresh.wake == 0;
            for leg in plan.legs {
                // The end of a snooze alerts at this screen again; it sends nothing twice, but starts the wait anew.
                if fresh.wake == 0 || leg.unread_for.is_some() {
                    self.send_along(fresh, leg, crowded, admission)?;
                }
            }
        }
        Ok(())
    }

    /// What waited for its confirmation by the server's list goes out now.
    pub(super) fn release(&mut self, id: NotificationId) -> Result<(), StoreError> {
        for target in outbound::release(self.conn, id, self.now)? {
            self.effects.outbound(&target, self.now);
        }
        Ok(())
    }

    fn send_along(
        &mut self,
        fresh: &Fresh,
        leg: Leg<'_>,
        crowded: bool,
        admission: &mut Admission,
    ) -> Result<(), StoreError> {
        let target = leg.target;
        if !target.has_addresses {
            record::ensure(self.conn, &target.name, self.now)?;
        }
        let mut records: Vec<_> =
            record::receiving(self.conn, &target.name)?.into_iter().map(Some).collect();
        let mut suppressed = self.keeps_back(fresh, leg);
        if records.is_empty() {
            records.push(None);
            // Without a record it cannot be sent later either, so that counts more than that the target is off.
            suppressed = match suppressed {
                None | Some(Reason::TargetOff) => Some(Reason::NoRecord),
                Some(other) => Some(other),
            };
        }
        let now = self.now;
        let from = fresh.candidate.deliver_at.unwrap_or(now).max(now);
        let timed = leg.unread_for.is_some() || from > now;
        let digest = target.digest.filter(|_| !timed && suppressed.is_none());
        // A crowd is told together, whenever it is told.
        let summary_at = if suppressed.is_some() || digest.is_some() {
            None
        } else {
            let Fresh { candidate, .. } = fresh;
            admission.outbound(target, &candidate.source, candidate.urgency, now, crowded)
        };
        for record in records {
            let (grouping, from) = match (summary_at, digest, record) {
                (Some(at), _, _) => ("summary", if timed { from } else { at }),
                (None, Some(wanted), Some(record)) => self.digest(record, wanted)?,
                (None, _, _) => ("single", from),
            };
            let at = match leg.unread_for {
                Some(wait) => self.escalates_at(fresh, leg, from.saturating_add(wait)),
                None if grouping == "single" && fresh.provisional => {
                    from.saturating_add(UNTIL_CONFIRMED)
                }
                None => from,
            };
            let at = if grouping == "summary" && timed { next_minute(at) } else { at };
            let planned = Planned {
                notification: fresh.popup.id,
                occurrence: fresh.occurrence,
                wake: fresh.wake,
                target: &target.name,
                record,
                grouping,
                route: leg.route,
                at,
                while_unread: leg.unread_for.is_some(),
                max_retries: target.max_retries,
                interval: target.retry_interval.as_secs(),
                suppressed,
            };
            outbound::insert(self.conn, &planned)?;
            if suppressed.is_none() {
                self.effects.outbound(&target.name, at);
            }
        }
        self.effects.target(&target.name);
        Ok(())
    }

    /// Never later than the occurrence before it would have been told of.
    fn escalates_at(&self, fresh: &Fresh, leg: Leg<'_>, at: Millis) -> Millis {
        let earlier = fresh.escalations.get(&leg.target.name).copied();
        earlier.unwrap_or(at).min(at).max(self.now)
    }

    /// Why nothing is sent, if nothing is.
    fn keeps_back(&self, fresh: &Fresh, leg: Leg<'_>) -> Option<Reason> {
        let candidate = &fresh.candidate;
        let due = candidate.deliver_at.unwrap_or(self.now).max(self.now);
        // What is for later waits as everything does that waits for a target which is switched off.
        if !leg.target.enabled && due == self.now {
            return Some(Reason::TargetOff);
        }
        if candidate.read {
            return Some(Reason::Read);
        }
        if candidate.expires_at.is_some_and(|at| at <= due) {
            return Some(Reason::Expired);
        }
        // What is sent later is not sent into this quiet.
        let at_once = leg.unread_for.is_none() && due == self.now;
        let quiet = self.rules.quiet.filter(|_| leg.target.quiet && at_once)?;
        let breaks = self.rules.breaks_quiet(&candidate.source, candidate.urgency);
        (!breaks).then_some(Reason::Quiet(quiet))
    }

    /// The first of a period goes out at once, the others with its digest.
    fn digest(
        &self,
        record: i64,
        wanted: crate::config::Digest,
    ) -> Result<(&'static str, Millis), StoreError> {
        if let Some(at) = outbound::next_digest(self.conn, record)? {
            return Ok(("digest", at.max(self.now)));
        }
        let now = wall_clock(self.now);
        let since = digest::period_start(wanted, &now);
        if outbound::sent_since(self.conn, record, since)? {
            return Ok(("digest", digest::next(wanted, &now)));
        }
        Ok(("single", self.now))
    }
}

/// On the wall of this machine. A time that no calendar has is the beginning of ours.
pub(super) fn wall_clock(at: Millis) -> DateTime<Local> {
    DateTime::from_timestamp_millis(at).unwrap_or_default().with_timezone(&Local)
}

/// Where those that are told together meet.
fn next_minute(at: Millis) -> Millis {
    const MINUTE: Millis = 60_000;
    at.saturating_add(MINUTE - 1).div_euclid(MINUTE).saturating_mul(MINUTE)
}
