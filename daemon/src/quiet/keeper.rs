//! Runs the state machine: one task owns it, remembers it, wakes for its next change, and tells what follows.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Local, TimeZone as _};
use tidings_api::Millis;
use tokio::sync::{mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::inhibitor;
use super::state::{Inhibitor, QuietState, Status};
use crate::alarm::Alarm;
use crate::clock::Clock;
use crate::config::Config;
use crate::dispatch::PopupQueue;
use crate::dispatch::rules::PopupRules;
use crate::store::{QuietRecord, Store, StoreError};

/// Calls that wait; beyond them callers wait too.
const QUEUE: usize = 16;
/// Programs that may ask for quiet at once.
const INHIBITORS: usize = 64;
/// Where the kernel has no timer for us, the state is looked at so often.
const WITHOUT_TIMER: Duration = Duration::from_secs(60);

/// What the user asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Not quiet, as far as the user and the schedule go.
    Off,
    /// Quiet until switched off.
    On,
    /// Quiet until then.
    Until(Millis),
}

/// Why a call about quiet failed; everything is as before.
#[derive(Debug, thiserror::Error)]
pub enum QuietError {
    /// The inbox could not remember it.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Too many programs.
    #[error("{INHIBITORS} programs ask for quiet already, the limit")]
    Crowded,
    /// No descriptor.
    #[error("no descriptor could be made: {0}")]
    Descriptor(#[from] std::io::Error),
    /// The daemon is ending.
    #[error("the daemon is shutting down")]
    Ending,
}

enum Command {
    Switch(Wanted, oneshot::Sender<Result<(), QuietError>>),
    Inhibit(Inhibitor, oneshot::Sender<Result<OwnedFd, QuietError>>),
    Released(u64),
}

/// Asks the keeper. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Quiet {
    commands: mpsc::Sender<Command>,
    status: watch::Receiver<Status>,
}

impl Quiet {
    /// Starts the keeper with what the inbox remembers; the popup policy is right when this returns.
    pub async fn start(keeper: Keeper, stop: CancellationToken) -> Result<Self, QuietError> {
        let (commands, received) = mpsc::channel(QUEUE);
        let (status, followed) = watch::channel(Status::default());
        let record = keeper.store.quiet().await?;
        let state = QuietState { switched: record.switched, ..QuietState::default() };
        let inhibitors = commands.downgrade();
        let mut task = Task { keeper, state, record, status, inhibitors, asked: 0 };
        task.read_schedule();
        task.follow().await;
        let alarm = Alarm::new()?;
        tokio::spawn(stop.run_until_cancelled_owned(task.run(received, alarm)));
        Ok(Self { commands, status: followed })
    }

    /// How it is now.
    #[must_use]
    pub fn status(&self) -> Status {
        self.status.borrow().clone()
    }

    /// Tells of every change.
    #[must_use]
    pub fn subscribe(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// What the user wants. In force and remembered when this returns.
    pub async fn switch(&self, wanted: Wanted) -> Result<(), QuietError> {
        self.ask(|answer| Command::Switch(wanted, answer)).await
    }

    /// Quiet for as long as the descriptor is open.
    pub async fn inhibit(&self, inhibitor: Inhibitor) -> Result<OwnedFd, QuietError> {
        self.ask(|answer| Command::Inhibit(inhibitor, answer)).await
    }

    async fn ask<T>(
        &self,
        command: impl FnOnce(oneshot::Sender<Result<T, QuietError>>) -> Command,
    ) -> Result<T, QuietError> {
        let (answer, answered) = oneshot::channel();
        self.commands.send(command(answer)).await.map_err(|_| QuietError::Ending)?;
        answered.await.unwrap_or(Err(QuietError::Ending))
    }
}

/// What the keeper works with.
#[derive(Debug)]
pub struct Keeper {
    /// Where it is remembered.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// The configuration, for the schedule.
    pub config: watch::Receiver<Arc<Config>>,
    /// The popup policy.
    pub rules: watch::Sender<Arc<PopupRules>>,
    /// Shows the summary at the end.
    pub popups: PopupQueue,
}

struct Task {
    keeper: Keeper,
    state: QuietState,
    /// As the inbox has it.
    record: QuietRecord,
    status: watch::Sender<Status>,
    inhibitors: mpsc::WeakSender<Command>,
    /// Inhibitors so far; names the next one.
    asked: u64,
}

impl Task {
    async fn run(mut self, mut commands: mpsc::Receiver<Command>, alarm: Alarm) {
        loop {
            let next = self.state.next_change(&self.now());
            tokio::select! {
                command = commands.recv() => match command {
                    Some(command) => self.obey(command).await,
                    None => return,
                },
                changed = self.keeper.config.changed() => match changed {
                    Ok(()) => {
                        self.read_schedule();
                        self.note(self.record.since).await;
                    }
                    Err(_) => return,
                },
                () = ring(&alarm, next) => {}
            }
            self.follow().await;
        }
    }

    async fn obey(&mut self, command: Command) {
        // Whoever has stopped waiting needs no answer.
        match command {
            Command::Switch(wanted, answer) => drop(answer.send(self.switch(wanted).await)),
            Command::Inhibit(inhibitor, answer) => {
                let descriptor = self.inhibit(inhibitor);
                self.follow().await;
                drop(answer.send(descriptor));
            }
            Command::Released(id) => drop(self.state.inhibitors.remove(&id)),
        }
    }

    /// Remembered first: what the user was told holds after a restart, too.
    async fn switch(&mut self, wanted: Wanted) -> Result<(), QuietError> {
        let mut state = self.state.clone();
        match wanted {
            Wanted::Off => state.switch_off(&self.now()),
            Wanted::On => state.switch_on(),
            Wanted::Until(until) => state.switch_on_until(until),
        }
        let record = QuietRecord { switched: state.switched, ..self.record };
        self.remember(record).await?;
        self.state = state;
        self.follow().await;
        Ok(())
    }

    fn inhibit(&mut self, inhibitor: Inhibitor) -> Result<OwnedFd, QuietError> {
        if self.state.inhibitors.len() >= INHIBITORS {
            return Err(QuietError::Crowded);
        }
        let (theirs, held) = inhibitor::descriptor()?;
        self.asked += 1;
        let id = self.asked;
        self.state.inhibitors.insert(id, inhibitor);
        let commands = self.inhibitors.clone();
        tokio::spawn(async move {
            held.released().await;
            if let Some(commands) = commands.upgrade() {
                // A keeper that has ended keeps nothing quiet.
                let _gone = commands.send(Command::Released(id)).await;
            }
        });
        Ok(theirs)
    }

    fn read_schedule(&mut self) {
        let schedule = self.keeper.config.borrow_and_update().quiet.schedule.clone();
        self.state.follow_schedule(schedule, &self.now());
    }

    /// Brings everything else in line with the state at this moment.
    async fn follow(&mut self) {
        let now = self.now();
        self.state.pass(now.timestamp_millis());
        let status = self.state.status(&now);
        if status.active() {
            let since = self.record.since.unwrap_or(now.timestamp_millis());
            self.note(Some(since)).await;
            self.tell(status);
            return;
        }
        self.tell(status);
        if let Some(since) = self.record.since {
            self.announce(since).await;
        }
    }

    /// Claims what came while it was quiet, once, and has it shown. What fails is tried again at the next change.
    async fn announce(&mut self, since: Millis) {
        match self.keeper.store.claim_after_quiet(since).await {
            Ok(order) => {
                if let Some(order) = order {
                    self.keeper.popups.summary(order);
                }
                self.note(None).await;
            }
            Err(error) => warn!(%error, "what came while it was quiet could not be announced"),
        }
    }

    fn tell(&self, status: Status) {
        let first = status.first();
        self.keeper.rules.send_if_modified(|rules| {
            let differs = rules.quiet != first;
            if differs {
                *rules = Arc::new(PopupRules { quiet: first, ..PopupRules::clone(rules) });
            }
            differs
        });
        self.status.send_if_modified(|current| {
            let differs = *current != status;
            if current.active() != status.active() {
                info!(quiet = status.active(), "quiet changed");
            }
            *current = status;
            differs
        });
    }

    async fn note(&mut self, since: Option<Millis>) {
        let record = QuietRecord { switched: self.state.switched, since };
        if let Err(error) = self.remember(record).await {
            warn!(%error, "the state of quiet could not be remembered");
        }
    }

    async fn remember(&mut self, record: QuietRecord) -> Result<(), StoreError> {
        if record != self.record {
            self.keeper.store.set_quiet(record).await?;
            self.record = record;
        }
        Ok(())
    }

    fn now(&self) -> DateTime<Local> {
        // Every moment of the next hundred thousand years exists in every zone.
        Local.timestamp_millis_opt(self.keeper.clock.now()).earliest().unwrap_or_else(Local::now)
    }
}

/// Waits for the time to look again. Calls are answered meanwhile, also where the kernel has no timer.
async fn ring(alarm: &Alarm, next: Option<Millis>) {
    if let Err(error) = alarm.wait(next).await {
        warn!(%error, "there is no timer for the quiet hours; looking every minute");
        tokio::time::sleep(WITHOUT_TIMER).await;
    }
}
