//! The lane of one target: claims what is due, sends it, and records what came of it.

mod receipts;
mod run;

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use tidings_api::Millis;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use self::receipts::{Answered, confirm};
use self::run::{Gate, Open, Run, Work, earlier, poll};
use super::compose;
use super::fate::{self, Attempts, Fate};
use super::rules::TargetRule;
use crate::alarm::Alarm;
use crate::clock::Clock;
use crate::store::{Outbound, OutboundEnd, OutboundOrder, OutboundWish, Store, StoreError};
use crate::targets::{Outcome, Target};

/// Longer than this no attempt takes.
pub(super) const ATTEMPT: Duration = Duration::from_secs(90);
/// What is on its way when somebody opts out, or when a lane ends, gets so long to end by itself.
pub(super) const SETTLED_WITHIN: Duration = Duration::from_secs(5);
/// A claim stands so long, in milliseconds: for what waits behind other messages, and for its attempt.
const LEASE: Millis = 4 * 60 * 1_000;
/// A message is not begun when less than this is left of its claim.
const LEFT_OF_LEASE: Millis = 120 * 1_000;
/// Messages that are claimed ahead, so that the next one is at hand when one has left.
const AHEAD: usize = 64;
/// A paused target tries one message by itself after so long: somebody may have mended it at the provider's.
const PROBE_AFTER: Millis = 60 * 60 * 1_000;
/// Nothing has left for so long: what is kept open is closed.
const REST_AFTER: Millis = 30 * 1_000;
/// After a failure of the database or the provider's answer, until the next try.
const TROUBLE: Millis = 60 * 1_000;

/// What a lane is told.
pub(super) enum Command {
    /// Something falls due then.
    Due(Millis),
    /// Tells when what is on its way and not wanted any more has ended.
    Settle(Unwanted, oneshot::Sender<()>),
    /// Gives up what somebody waits for.
    GiveUp,
    /// Something was sent past the queue.
    Sent,
    /// What was sent past the queue has shown that the target is not set up right; tells when that is recorded.
    Pause { why: String, done: oneshot::Sender<()> },
    /// It has shown that the target works; tells when that is recorded.
    Resume(oneshot::Sender<()>),
}

/// What must not be on its way any more when somebody is answered.
#[derive(Clone, Copy, Debug)]
pub enum Unwanted {
    /// What an opt-out keeps away.
    OptedOut,
    /// What goes to this record.
    Record(i64),
}

/// What a lane works with.
pub(super) struct Lane {
    pub(super) rule: TargetRule,
    pub(super) concurrency: usize,
    pub(super) target: Arc<dyn Target>,
    pub(super) store: Store,
    pub(super) clock: Clock,
}

impl Lane {
    /// Runs until it is told to stop; what is on its way then may end.
    pub(super) async fn run(
        self,
        mut commands: mpsc::UnboundedReceiver<Command>,
        stop: CancellationToken,
        paused_since: Option<Millis>,
    ) {
        let alarm = match Alarm::new() {
            Ok(alarm) => alarm,
            Err(error) => {
                return warn!(target_name = self.rule.name, %error, "there is no timer for the target; nothing is sent");
            }
        };
        let mut run = Run::new(paused_since, self.clock.now());
        loop {
            self.hand_back_late(&mut run);
            self.claim(&mut run);
            self.begin(&mut run);
            self.ask(&mut run);
            let wake_at = run.sleeps_until(self.room(&run));
            tokio::select! {
                biased;
                () = stop.cancelled() => return self.finish(run, commands).await,
                command = commands.recv() => match command {
                    Some(command) => self.told(&mut run, command),
                    None => return self.finish(run, commands).await,
                },
                Some((number, end)) = run.on_its_way.next() => self.ended(&mut run, number, end),
                Some(outcome) = run.recording.next() => self.recorded(&mut run, outcome),
                claimed = poll(&mut run.claiming) => self.claimed(&mut run, claimed),
                answered = poll(&mut run.asking) => self.asked(&mut run, answered),
                _ = alarm.wait(wake_at) => self.rest_if_idle(&mut run),
            }
        }
    }

    /// What waits behind a slow attempt, or was overtaken by a suspend, is claimed anew before its claim is over.
    fn hand_back_late(&self, run: &mut Run) {
        let now = self.clock.now();
        let late = |order: &OutboundOrder| order.lease_until.saturating_sub(now) < LEFT_OF_LEASE;
        while let Some(order) = run.queue.pop_front_if(|order| late(order)) {
            self.record(run, unattempted(order));
        }
    }

    /// Claims when something may be due and there is room.
    fn claim(&self, run: &mut Run) {
        let now = self.clock.now();
        run.probe_at_its_time(now);
        let due = run.wake_at.is_some_and(|at| at <= now);
        let limit = self.room(run);
        if !due || limit == 0 || run.claiming.is_some() {
            return;
        }
        let wish = OutboundWish {
            target: self.rule.name.clone(),
            lease: LEASE,
            claim: rand::random_range(1..i64::MAX),
            limit,
            repeatable: self.rule.repeatable,
            // After a suspend the claims of this lane may be over, too, and it knows better what became of them.
            end_leases: run.queue.is_empty() && run.open.is_empty() && run.recording.is_empty(),
        };
        let store = self.store.clone();
        run.wake_at = None;
        run.claiming = Some(Box::pin(async move { store.claim_outbound(wish).await }));
    }

    /// How many messages may be claimed. What is claimed is in doubt if this process is killed, so what must not be there
    /// twice is claimed when it can leave.
    fn room(&self, run: &Run) -> usize {
        let at_hand = run.queue.len() + run.open.len();
        match run.gate {
            Gate::Paused(_) => 0,
            Gate::Probing => usize::from(at_hand == 0),
            Gate::Open if !self.rule.repeatable => self.concurrency.saturating_sub(at_hand),
            Gate::Open if run.queue.len() < AHEAD / 2 => AHEAD,
            Gate::Open => 0,
        }
    }

    fn claimed(&self, run: &mut Run, claimed: Result<Outbound, StoreError>) {
        run.claiming = None;
        match claimed {
            Ok(Outbound { orders, next_at, ask_at, more }) => {
                run.queue.extend(orders);
                let next = if more { Some(self.clock.now()) } else { next_at };
                run.wake_at = earlier(run.wake_at, next);
                if run.asking.is_none() {
                    run.ask_at = ask_at;
                }
            }
            Err(error) => {
                warn!(target_name = self.rule.name, %error, "due deliveries could not be claimed; trying again in a minute");
                run.wake_at = earlier(run.wake_at, Some(self.clock.now() + TROUBLE));
            }
        }
    }

    /// Begins attempts while there is room.
    fn begin(&self, run: &mut Run) {
        while run.open.len() < self.concurrency
            && let Some(order) = run.queue.pop_front()
        {
            let now = self.clock.now();
            let paused = matches!(run.gate, Gate::Paused(_));
            // What was claimed under other opt-outs is claimed again: that statement looks at those that stand now.
            if paused || self.store.opt_outs().revision() != order.opt_outs {
                self.record(run, unattempted(order));
                continue;
            }
            run.begun += 1;
            let number = run.begun;
            let given_up = CancellationToken::new();
            run.open.insert(number, Open::new(&order, given_up.clone()));
            let (message, fault) = compose::message(&order, &self.rule, now);
            let target = Arc::clone(&self.target);
            let attempts = Attempts {
                made: order.attempts,
                allowed: order.allowed,
                interval: self.rule.retry_interval,
                repeatable: self.rule.repeatable,
            };
            run.on_its_way.push(Box::pin(async move {
                let outcome = tokio::select! {
                    outcome = tokio::time::timeout(ATTEMPT, target.deliver(&message)) => {
                        outcome.unwrap_or_else(|_| unknown("no answer in time"))
                    }
                    () = given_up.cancelled() => unknown("given up, as it is not wanted there any more"),
                };
                let fate = fate::after(outcome, attempts, rand::random());
                let fate = match fault {
                    Some(fault) => fate.noting(fault),
                    None => fate,
                };
                (number, OutboundEnd { claim: order.claim, deliveries: order.deliveries, fate: Some(fate) })
            }));
        }
    }

    fn ended(&self, run: &mut Run, number: u64, end: OutboundEnd) {
        let open = run.open.remove(&number);
        run.rest_at = Some(self.clock.now() + REST_AFTER);
        debug!(target_name = self.rule.name, deliveries = ?end.deliveries, fate = end.fate.as_ref().map(Fate::name), "an attempt ended");
        match &end.fate {
            Some(Fate::Paused { why }) => self.pause(run, why),
            Some(Fate::Delivered { .. }) if matches!(run.gate, Gate::Probing) => {
                info!(target_name = self.rule.name, "the target works again");
                self.resume(run);
            }
            Some(Fate::Inactive { .. } | Fate::OptedOut { .. }) => {
                self.record(run, end);
                if let Some(open) = open {
                    self.hand_back_of(run, open.record);
                }
                return;
            }
            Some(_) | None => {}
        }
        self.record(run, end);
    }

    /// What else is at hand for a record that has just ended is claimed again, which looks at the record.
    fn hand_back_of(&self, run: &mut Run, record: i64) {
        let (of_it, others): (Vec<_>, _) =
            std::mem::take(&mut run.queue).into_iter().partition(|order| order.record == record);
        run.queue.extend(others);
        for order in of_it {
            self.record(run, unattempted(order));
        }
    }

    /// Holds back what is queued. However often it shows that the target is not set up right, the hour until the next try
    /// is counted from the first time.
    fn pause(&self, run: &mut Run, why: &str) {
        if !matches!(run.gate, Gate::Paused(_)) {
            warn!(target_name = self.rule.name, why, "the target is paused until it is mended");
            run.gate = Gate::Paused(self.clock.now());
        }
    }

    /// Takes the pause back, here and in the inbox.
    fn resume(&self, run: &mut Run) {
        run.gate = Gate::Open;
        let (store, name) = (self.store.clone(), self.rule.name.clone());
        run.recording.push(Box::pin(async move { store.resume_target(name).await.map(drop) }));
        run.wake_at = Some(self.clock.now());
    }

    fn record(&self, run: &mut Run, end: OutboundEnd) {
        let (store, name) = (self.store.clone(), self.rule.name.clone());
        let confirm_after =
            self.rule.confirm_after.and_then(|wait| Millis::try_from(wait.as_millis()).ok());
        let handed_back = end.fate.is_none();
        let work: Work<_> =
            Box::pin(async move { store.end_outbound(name, vec![end], confirm_after).await });
        run.recording.push(work);
        if handed_back && !matches!(run.gate, Gate::Paused(_)) {
            run.wake_at = Some(self.clock.now());
        }
    }

    fn recorded(&self, run: &mut Run, outcome: Result<(), StoreError>) {
        if let Err(error) = outcome {
            // Its lease ends by itself, and then it is told as in doubt or tried again.
            warn!(target_name = self.rule.name, %error, "the outcome of a delivery could not be recorded");
        }
        run.tell_settled();
    }

    fn told(&self, run: &mut Run, command: Command) {
        match command {
            Command::Due(at) => run.wake_at = earlier(run.wake_at, Some(at)),
            Command::Settle(unwanted, done) => {
                let now = self.clock.now();
                let opt_outs = self.store.opt_outs();
                let is_unwanted = |open: &Open| match unwanted {
                    Unwanted::OptedOut => open.is_opted_out(&opt_outs, &self.rule.name, now),
                    Unwanted::Record(record) => open.record == record,
                };
                run.settle(is_unwanted, done);
            }
            Command::GiveUp => run.give_up_what_is_waited_for(),
            Command::Sent => run.rest_at = Some(self.clock.now() + REST_AFTER),
            Command::Pause { why, done } => {
                self.pause(run, &why);
                let (store, name) = (self.store.clone(), self.rule.name.clone());
                run.recording.push(Box::pin(async move { store.pause_target(name, why).await }));
                run.settle(|_| false, done);
            }
            Command::Resume(done) => {
                self.resume(run);
                run.settle(|_| false, done);
            }
        }
    }

    /// Asks the provider what became of what it has accepted.
    fn ask(&self, run: &mut Run) {
        let due = run.ask_at.is_some_and(|at| at <= self.clock.now());
        // With credentials that are refused it would be refused, too.
        if run.asking.is_some() || !due || matches!(run.gate, Gate::Paused(_)) {
            return;
        }
        run.ask_at = None;
        let (store, target) = (self.store.clone(), Arc::clone(&self.target));
        let name = self.rule.name.clone();
        run.asking = Some(Box::pin(async move { confirm(&store, target.as_ref(), &name).await }));
    }

    fn asked(&self, run: &mut Run, answered: Result<Answered, StoreError>) {
        match answered {
            // The next claim tells when to ask again.
            Ok(Answered::Told) => run.wake_at = Some(self.clock.now()),
            Ok(Answered::Paused { why }) => {
                self.pause(run, &why);
                run.wake_at = Some(self.clock.now());
            }
            Err(error) => {
                warn!(target_name = self.rule.name, %error, "what a provider says of its messages could not be recorded");
                run.ask_at = Some(self.clock.now() + TROUBLE);
            }
        }
    }

    /// Lets the target close what it keeps open, once, when nothing has left for a while.
    fn rest_if_idle(&self, run: &mut Run) {
        if run.rest_at.is_none_or(|at| at > self.clock.now()) || !run.open.is_empty() {
            return;
        }
        run.rest_at = None;
        let target = Arc::clone(&self.target);
        tokio::spawn(async move { target.rest().await });
    }

    /// Hands back what has not left, and lets end what has; what takes too long is given up.
    async fn finish(&self, mut run: Run, mut commands: mpsc::UnboundedReceiver<Command>) {
        while let Some(order) = run.queue.pop_front() {
            self.record(&mut run, unattempted(order));
        }
        if let Some(claiming) = run.claiming.take()
            && let Ok(claimed) = claiming.await
        {
            for order in claimed.orders {
                self.record(&mut run, unattempted(order));
            }
        }
        let patience = tokio::time::sleep(SETTLED_WITHIN);
        tokio::pin!(patience);
        while !run.open.is_empty() || !run.recording.is_empty() {
            tokio::select! {
                Some((number, end)) = run.on_its_way.next() => self.ended(&mut run, number, end),
                Some(outcome) = run.recording.next() => self.recorded(&mut run, outcome),
                Some(command) = commands.recv() => {
                    // What was shown of this target would be noted of the one that comes next under its name.
                    if !matches!(command, Command::Pause { .. } | Command::Resume(_)) {
                        self.told(&mut run, command);
                    }
                },
                () = &mut patience, if !patience.is_elapsed() => run.give_up_all(),
            }
        }
        self.target.rest().await;
    }
}

fn unattempted(order: OutboundOrder) -> OutboundEnd {
    OutboundEnd { claim: order.claim, deliveries: order.deliveries, fate: None }
}

fn unknown(why: &str) -> Outcome {
    Outcome::Unknown { why: why.to_owned() }
}

#[cfg(test)]
mod tests;
