//! What a lane is doing at a moment.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::pin::Pin;

use futures_util::stream::FuturesUnordered;
use tidings_api::{Millis, Notification};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::receipts::Answered;
use super::{LEFT_OF_LEASE, PROBE_AFTER};
use crate::dispatch::opt_out::{OptOuts, Subject};
use crate::store::{Outbound, OutboundEnd, OutboundOrder, StoreError};

/// Something that is under way.
pub(super) type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// Whether a lane sends.
#[derive(Clone, Copy, Debug)]
pub(super) enum Gate {
    /// What is due.
    Open,
    /// Nothing since then, until somebody mends the target or it is time for a try.
    Paused(Millis),
    /// One message, to see whether the target works again.
    Probing,
}

/// An attempt that was begun and has not ended.
pub(super) struct Open {
    pub(super) record: i64,
    /// What it tells of.
    rows: Vec<Notification>,
    /// It tells of more than these.
    and_more: bool,
    given_up: CancellationToken,
}

/// Somebody who waits for the end of attempts.
pub(super) struct Settling {
    numbers: BTreeSet<u64>,
    done: oneshot::Sender<()>,
}

/// What a lane is doing.
pub(super) struct Run {
    pub(super) queue: VecDeque<OutboundOrder>,
    pub(super) on_its_way: FuturesUnordered<Work<(u64, OutboundEnd)>>,
    /// Attempts that were begun.
    pub(super) begun: u64,
    /// Those of them that have not ended, by number.
    pub(super) open: BTreeMap<u64, Open>,
    pub(super) settling: Vec<Settling>,
    pub(super) claiming: Option<Work<Result<Outbound, StoreError>>>,
    pub(super) recording: FuturesUnordered<Work<Result<(), StoreError>>>,
    pub(super) asking: Option<Work<Result<Answered, StoreError>>>,
    /// When there is something to claim; `None` = nothing.
    pub(super) wake_at: Option<Millis>,
    /// When there is something to ask the provider.
    pub(super) ask_at: Option<Millis>,
    /// When what is kept open may be closed.
    pub(super) rest_at: Option<Millis>,
    pub(super) gate: Gate,
}

impl Open {
    pub(super) fn new(order: &OutboundOrder, given_up: CancellationToken) -> Self {
        Self {
            record: order.record,
            rows: order.newest.clone(),
            and_more: order.deliveries.len() > order.newest.len(),
            given_up,
        }
    }

    /// Whether an opt-out keeps something of it away from the target. Of what is not at hand nobody knows, so it is.
    pub(super) fn is_opted_out(&self, opt_outs: &OptOuts, target: &str, now: Millis) -> bool {
        let stands = |row: &Notification| {
            let subject = Subject { source: &row.source, topic: &row.topic, key: &row.key };
            opt_outs.standing(subject, target, now).is_some()
        };
        self.and_more || self.rows.iter().any(stands)
    }
}

impl Run {
    pub(super) fn new(paused_since: Option<Millis>, now: Millis) -> Self {
        Self {
            queue: VecDeque::new(),
            on_its_way: FuturesUnordered::new(),
            begun: 0,
            open: BTreeMap::new(),
            settling: Vec::new(),
            claiming: None,
            recording: FuturesUnordered::new(),
            asking: None,
            // What fell due while nobody was there.
            wake_at: Some(now),
            ask_at: None,
            rest_at: None,
            gate: paused_since.map_or(Gate::Open, Gate::Paused),
        }
    }

    /// A paused target gets one message after a while: somebody may have mended it at the provider's.
    pub(super) fn probe_at_its_time(&mut self, now: Millis) {
        if let Gate::Paused(since) = self.gate
            && now >= since.saturating_add(PROBE_AFTER)
        {
            self.gate = Gate::Probing;
        }
    }

    /// When the lane looks again by itself; `room` = how many messages it may claim now.
    pub(super) fn sleeps_until(&self, room: usize) -> Option<Millis> {
        let claims_at = match self.gate {
            Gate::Paused(since) => self.wake_at.map(|at| at.max(since.saturating_add(PROBE_AFTER))),
            // It is the end of an attempt, or of a claim, that goes on.
            Gate::Open | Gate::Probing if room == 0 => None,
            Gate::Open | Gate::Probing => self.wake_at,
        };
        let claims_at = claims_at.filter(|_| self.claiming.is_none());
        let late_at = self.queue.front().map(|order| order.lease_until - LEFT_OF_LEASE + 1);
        let ask_at = self.ask_at.filter(|_| !matches!(self.gate, Gate::Paused(_)));
        let ask_at = ask_at.filter(|_| self.asking.is_none());
        let rest_at = self.rest_at.filter(|_| self.open.is_empty());
        [claims_at, late_at, ask_at, rest_at].into_iter().flatten().min()
    }

    /// Tells when the attempts that are on their way now and not wanted any more have ended.
    pub(super) fn settle(
        &mut self,
        is_unwanted: impl Fn(&Open) -> bool,
        done: oneshot::Sender<()>,
    ) {
        let unwanted = self.open.iter().filter(|(_, open)| is_unwanted(open));
        let numbers = unwanted.map(|(number, _)| *number).collect();
        self.settling.push(Settling { numbers, done });
        self.tell_settled();
    }

    /// Tells those whose attempts have ended and are recorded.
    pub(super) fn tell_settled(&mut self) {
        if !self.recording.is_empty() {
            return;
        }
        let open = &self.open;
        let settled = |settling: &mut Settling| {
            settling.numbers.iter().all(|number| !open.contains_key(number))
        };
        for Settling { done, .. } in self.settling.extract_if(.., settled) {
            // Whoever asked may have stopped waiting.
            let _gone = done.send(());
        }
    }

    pub(super) fn give_up_what_is_waited_for(&self) {
        let waited_for = self.settling.iter().flat_map(|settling| &settling.numbers);
        for open in waited_for.filter_map(|number| self.open.get(number)) {
            open.given_up.cancel();
        }
    }

    pub(super) fn give_up_all(&self) {
        self.open.values().for_each(|open| open.given_up.cancel());
    }
}

/// Waits for the work there is; for ever where there is none.
pub(super) async fn poll<T>(work: &mut Option<Work<T>>) -> T {
    match work {
        Some(pending) => {
            let done = pending.await;
            *work = None;
            done
        }
        None => std::future::pending().await,
    }
}

/// The sooner of two moments, of which either may not be.
pub(super) fn earlier(one: Option<Millis>, other: Option<Millis>) -> Option<Millis> {
    [one, other].into_iter().flatten().min()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt() -> Open {
        let (rows, given_up) = (Vec::new(), CancellationToken::new());
        Open { record: 1, rows, and_more: false, given_up }
    }

    #[test]
    fn a_probe_that_is_on_its_way_is_waited_for_and_not_looked_at_again_and_again() {
        let mut run = Run::new(Some(0), 0);
        run.probe_at_its_time(PROBE_AFTER);
        assert!(matches!(run.gate, Gate::Probing), "its hour is over");
        assert_eq!(run.sleeps_until(1), Some(0), "one message is claimed at once");
        run.open.insert(1, attempt());
        assert_eq!(run.sleeps_until(0), None, "it is the end of the attempt that goes on");
    }

    #[test]
    fn a_paused_lane_sleeps_until_its_next_try_whatever_falls_due() {
        let mut run = Run::new(Some(1_000), 5_000);
        run.ask_at = Some(2_000);
        assert_eq!(run.sleeps_until(0), Some(1_000 + PROBE_AFTER));
    }

    #[test]
    fn only_what_is_waited_for_is_given_up() {
        let mut run = Run::new(None, 0);
        run.open.extend([(1, attempt()), (2, Open { record: 2, ..attempt() })]);
        let (done, mut settled) = oneshot::channel();
        run.settle(|open| open.record == 2, done);
        assert!(settled.try_recv().is_err(), "it is on its way");
        run.give_up_what_is_waited_for();
        assert!(run.open[&2].given_up.is_cancelled());
        assert!(!run.open[&1].given_up.is_cancelled(), "nobody has anything against this one");
        run.open.remove(&2);
        run.tell_settled();
        assert_eq!(settled.try_recv(), Ok(()));
    }
}
