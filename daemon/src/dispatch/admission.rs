//! Whether a new row raises a popup of its own, is counted in a summary, or stays silent.

use std::collections::BTreeMap;
use std::sync::Arc;

use tidings_api::{Millis, Urgency};
use tokio::sync::watch;

use crate::dispatch::outbound::rules::{OutboundRules, TargetRule};
use crate::dispatch::rules::PopupRules;
use crate::dispatch::share::{Share, Summaries};
use crate::model::{Arrival, Candidate, Decision, Reason};

/// What was sent longer ago is announced in a summary when it turns up in a catch-up.
const STALE_AFTER: Millis = 10 * 60 * 1000;
/// More than this many found by one catch-up are announced in a summary.
const CATCH_UP_AT_ONCE: usize = 5;
/// A summary waits so long for the rest of its burst, and so long for the one before it.
const SUMMARIES: Summaries = Summaries { delay: 1_500, spacing: 10_000 };
/// Mails and text messages are read later than popups, and cost more.
const OUTBOUND_SUMMARIES: Summaries = Summaries { delay: 60_000, spacing: 10 * 60_000 };

/// The popup policy with its memory. Pure but for the rules: the store's writer calls it inside the transaction,
/// so that the decision is exactly as durable as the row.
#[derive(Clone, Debug)]
pub struct Admission {
    rules: watch::Receiver<Arc<PopupRules>>,
    outbound_rules: watch::Receiver<Arc<OutboundRules>>,
    sources: BTreeMap<String, Share>,
    /// By target and source.
    outbound: BTreeMap<(String, String), Share>,
}

/// Follows the rules of a daemon without configuration, for ever.
impl Default for Admission {
    fn default() -> Self {
        Self::new(watch::channel(Arc::new(PopupRules::default())).1)
    }
}

impl Admission {
    /// Follows the rules of the configuration as they change.
    #[must_use]
    pub fn new(rules: watch::Receiver<Arc<PopupRules>>) -> Self {
        let outbound_rules = watch::channel(Arc::default()).1;
        Self { rules, outbound_rules, sources: BTreeMap::new(), outbound: BTreeMap::new() }
    }

    /// Follows the targets and routes of the configuration, too.
    #[must_use]
    pub fn with_outbound(self, outbound_rules: watch::Receiver<Arc<OutboundRules>>) -> Self {
        Self { outbound_rules, ..self }
    }

    /// The targets and routes at this moment.
    #[must_use]
    pub fn outbound_rules(&self) -> Arc<OutboundRules> {
        self.outbound_rules.borrow().clone()
    }

    /// The rules at this moment.
    #[must_use]
    pub fn rules(&self) -> Arc<PopupRules> {
        self.rules.borrow().clone()
    }

    /// Decides for all new rows of one batch together, in order.
    pub fn decide(&mut self, now: Millis, candidates: &[Candidate]) -> Vec<Decision> {
        let rules = self.rules();
        let caught_up = candidates
            .iter()
            .filter(|candidate| candidate.arrival == Arrival::CatchUp)
            .filter(|candidate| suppressed(&rules, now, candidate).is_none())
            .count();
        let crowded = is_crowd(caught_up);
        candidates
            .iter()
            .map(|candidate| self.decide_one(&rules, now, candidate, crowded))
            .collect()
    }

    fn decide_one(
        &mut self,
        rules: &PopupRules,
        now: Millis,
        candidate: &Candidate,
        crowded: bool,
    ) -> Decision {
        if let Some(reason) = suppressed(rules, now, candidate) {
            return Decision::Suppress(reason);
        }
        if let Some(at) = candidate.deliver_at.filter(|at| *at > now) {
            return Decision::ShowAt(at);
        }
        let stale = is_stale(candidate.sent_at, now);
        let memory = self.memory(rules, now, &candidate.source);
        if candidate.arrival == Arrival::CatchUp && (crowded || stale) {
            return Decision::SummariseAt(memory.next_summary(now));
        }
        if memory.grants(now, candidate.urgency, rules.refill) {
            Decision::Show
        } else {
            Decision::SummariseAt(memory.next_summary(now))
        }
    }

    fn memory(&mut self, rules: &PopupRules, now: Millis, source: &str) -> &mut Share {
        let share = self.sources.entry(source.to_owned());
        let share = share.or_insert_with(|| Share::new(rules.burst, now, SUMMARIES));
        share.resize(rules.burst);
        share
    }

    /// Whether a message of this source to the target goes out by itself; else when its summary is due.
    pub(crate) fn outbound(
        &mut self,
        target: &TargetRule,
        source: &str,
        urgency: Urgency,
        now: Millis,
        crowded: bool,
    ) -> Option<Millis> {
        let share = self.outbound.entry((target.name.clone(), source.to_owned()));
        let share = share.or_insert_with(|| Share::new(target.burst, now, OUTBOUND_SUMMARIES));
        share.resize(target.burst);
        let granted = !crowded && share.grants(now, urgency, target.refill);
        (!granted).then(|| share.next_summary(now))
    }
}

/// Whether what a catch-up has found is told in a summary.
#[must_use]
pub const fn is_crowd(caught_up: usize) -> bool {
    caught_up > CATCH_UP_AT_ONCE
}

/// Whether it is too old to be told by itself.
#[must_use]
pub const fn is_stale(sent_at: Millis, now: Millis) -> bool {
    now.saturating_sub(sent_at) > STALE_AFTER
}

fn suppressed(rules: &PopupRules, now: Millis, candidate: &Candidate) -> Option<Reason> {
    if candidate.desktop_excluded {
        return Some(Reason::NotTargeted);
    }
    if candidate.arrival == Arrival::Backfill {
        return Some(Reason::Backfill);
    }
    if candidate.read {
        return Some(Reason::Read);
    }
    if candidate.expires_at.is_some_and(|at| at <= now.max(candidate.deliver_at.unwrap_or(now))) {
        return Some(Reason::Expired);
    }
    rules.forbids(&candidate.source, candidate.urgency)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Millis = 1_800_000_000_000;

    fn admission(rules: PopupRules) -> Admission {
        Admission::new(watch::channel(Arc::new(rules)).1)
    }

    fn live(source: &str) -> Candidate {
        Candidate {
            source: source.into(),
            urgency: Urgency::Normal,
            arrival: Arrival::Live,
            sent_at: NOW,
            read: false,
            deliver_at: None,
            expires_at: None,
            desktop_excluded: false,
        }
    }

    fn caught_up(sent_at: Millis) -> Candidate {
        Candidate { arrival: Arrival::CatchUp, sent_at, ..live("orders") }
    }

    #[test]
    fn five_at_once_pop_up_and_the_rest_share_one_summary() {
        let decisions = admission(PopupRules::default()).decide(NOW, &vec![live("ci"); 20]);
        let shown = decisions.iter().filter(|decision| **decision == Decision::Show).count();
        assert_eq!(shown, 5, "the first five are shown at once");
        assert!(
            decisions[5..].iter().all(|d| *d == Decision::SummariseAt(NOW + SUMMARIES.delay)),
            "all others fall due together, so that they become one popup"
        );
    }

    #[test]
    fn a_flood_raises_a_summary_every_ten_seconds_at_most() {
        let mut admission = admission(PopupRules::default());
        let mut moments = std::collections::BTreeSet::new();
        for second in 0..60 {
            let now = NOW + second * 1000;
            for decision in admission.decide(now, &vec![live("ci"); 50]) {
                if let Decision::SummariseAt(at) = decision {
                    moments.insert(at);
                }
            }
        }
        assert!(moments.len() <= 7, "one minute of flood gave {} summaries", moments.len());
    }

    #[test]
    fn one_noisy_source_does_not_silence_another() {
        let mut admission = admission(PopupRules::default());
        admission.decide(NOW, &vec![live("noisy"); 100]);
        assert_eq!(admission.decide(NOW, &[live("calm")]), [Decision::Show]);
    }

    #[test]
    fn a_small_catch_up_pops_up_and_a_large_or_old_one_is_summarised() {
        let few = admission(PopupRules::default()).decide(NOW, &vec![caught_up(NOW); 5]);
        assert!(few.iter().all(|decision| *decision == Decision::Show), "five are not a crowd");
        let many = admission(PopupRules::default()).decide(NOW, &vec![caught_up(NOW); 6]);
        assert!(
            many.iter().all(|decision| matches!(decision, Decision::SummariseAt(_))),
            "six are announced by one summary and nothing else"
        );
        let old = admission(PopupRules::default()).decide(NOW, &[caught_up(NOW - STALE_AFTER - 1)]);
        assert!(matches!(old[..], [Decision::SummariseAt(_)]), "yesterday's news is not urgent");
    }

    #[test]
    fn what_stays_silent_says_why() {
        let mut admission = admission(PopupRules::default());
        let silent = [
            (Candidate { arrival: Arrival::Backfill, ..live("a") }, Reason::Backfill),
            (Candidate { read: true, ..live("a") }, Reason::Read),
            (Candidate { expires_at: Some(NOW), ..live("a") }, Reason::Expired),
            (Candidate { desktop_excluded: true, ..live("a") }, Reason::NotTargeted),
        ];
        for (candidate, reason) in silent {
            assert_eq!(admission.decide(NOW, &[candidate]), [Decision::Suppress(reason)]);
        }
    }

    #[test]
    fn a_scheduled_post_waits_for_its_time() {
        let at = NOW + 60_000;
        let scheduled = Candidate { deliver_at: Some(at), ..live("local") };
        assert_eq!(
            admission(PopupRules::default()).decide(NOW, &[scheduled]),
            [Decision::ShowAt(at)]
        );
    }

    #[test]
    fn a_critical_one_is_shown_in_the_middle_of_a_flood() {
        let mut admission = admission(PopupRules::default());
        admission.decide(NOW, &vec![live("ci"); 100]);
        let critical = Candidate { urgency: Urgency::Critical, ..live("ci") };
        assert_eq!(admission.decide(NOW, &[critical]), [Decision::Show]);
    }

    #[test]
    fn even_alarms_do_not_bury_the_desktop() {
        let alarm = Candidate { urgency: Urgency::Critical, ..live("ci") };
        let decisions = admission(PopupRules::default()).decide(NOW, &vec![alarm; 500]);
        let shown = decisions.iter().filter(|decision| **decision == Decision::Show).count();
        assert_eq!(shown, 20, "the rest of the alarms share a summary");
    }

    proptest! {
        #[test]
        fn never_more_popups_than_the_burst_and_the_refill_allow(
            steps in prop::collection::vec((0..30_000_i64, 1..40_usize), 1..60),
        ) {
            let rules = PopupRules::default();
            let mut admission = admission(rules.clone());
            let (mut now, mut shown) = (NOW, 0_usize);
            for (pause, count) in steps {
                now += pause;
                shown += admission
                    .decide(now, &vec![live("ci"); count])
                    .into_iter()
                    .filter(|decision| *decision == Decision::Show)
                    .count();
            }
            let refill = i64::try_from(rules.refill.as_millis()).unwrap();
            let allowed = i64::from(rules.burst) + (now - NOW) / refill + 1;
            prop_assert!(i64::try_from(shown).unwrap() <= allowed, "{shown} popups, {allowed} allowed");
        }

        #[test]
        fn a_summary_is_always_near_whatever_the_clock_does(
            moves in prop::collection::vec(-1_000_000_i64..1_000_000, 1..60),
        ) {
            let mut admission = admission(PopupRules::default());
            let mut now = NOW;
            for step in moves {
                now += step;
                for decision in admission.decide(now, &vec![live("ci"); 9]) {
                    if let Decision::SummariseAt(at) = decision {
                        prop_assert!(at > now && at <= now + SUMMARIES.spacing, "due in {} ms", at - now);
                    }
                }
            }
        }
    }
}
