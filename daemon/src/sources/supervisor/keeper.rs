//! Runs one source again and again, as its exits say.

use std::time::Duration;

use tidings_api::{Millis, SourceState};
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::SourceConfig;
use crate::model::{Marking, SourceId};
use crate::net::backoff::{Backoff, REFUSED, TRANSIENT};
use crate::sources::registry::Deps;
use crate::sources::supervisor::{Build, SHUTDOWN};
use crate::sources::{Exit, Health, Nudge, Source, SourceContext};
use crate::store::Store;

/// Nudges that wait for a busy source; each means the same, so more are not needed.
const NUDGES: usize = 4;
/// Two planned renewals are never closer than this, whatever a source thinks.
const RECYCLE_MIN: Duration = Duration::from_secs(1);

/// How often a source that waits looks at the wall clock.
const GLANCE: Duration = Duration::from_secs(15);

/// What the handle asks of a source's task.
#[derive(Clone, Copy, Debug)]
pub(super) enum Control {
    Reconnect,
    /// The machine woke; dial after this time.
    Woke(Duration),
    /// The network is another one; look after this time.
    NetworkChanged(Duration),
    Nudge(Nudge),
}

/// Who wants a source to wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wish {
    /// We do, out of caution.
    Ours,
    /// The server does.
    Servers,
}

/// The task of one source.
pub(super) struct Keeper {
    pub(super) config: SourceConfig,
    pub(super) deps: Deps,
    pub(super) build: Build,
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) controls: mpsc::UnboundedReceiver<Control>,
    pub(super) cancel: CancellationToken,
    pub(super) health: watch::Sender<Health>,
    pub(super) id: watch::Sender<Option<SourceId>>,
    pub(super) changed: mpsc::UnboundedSender<String>,
    pub(super) marking: Marking,
    /// Host and port of the server.
    pub(super) server: String,
    /// The source between two runs, with what it has learnt; it is built anew after a panic.
    pub(super) kept: Option<Box<dyn Source>>,
}

/// How a run ended.
struct Ended {
    exit: Exit,
    /// It was ended to be dialled again, after this time.
    redial: Option<Duration>,
}

impl Keeper {
    pub(super) async fn run(mut self, delay: Duration) {
        let mut passing = Backoff::new(TRANSIENT);
        let mut refused = Backoff::new(REFUSED);
        if !self.wait(delay, Wish::Ours).await {
            return;
        }
        loop {
            let started = Instant::now();
            let ended = self.one_run().await;
            let healthy_for = self.healthy_for();
            passing.proven(healthy_for);
            refused.proven(healthy_for);
            if let Some(delay) = ended.redial {
                passing.reset();
                refused.reset();
                if !self.wait(delay, Wish::Ours).await {
                    return;
                }
                continue;
            }
            let mut wish = Wish::Ours;
            let (state, why, wait) = match ended.exit {
                Exit::Cancelled => return,
                Exit::Recycle => {
                    let age = started.elapsed();
                    (SourceState::Connecting, None, RECYCLE_MIN.saturating_sub(age))
                }
                Exit::Transient { why, retry_after } => {
                    let wait = passing.next(rand::random(), retry_after);
                    wish = if retry_after.is_some() { Wish::Servers } else { Wish::Ours };
                    (SourceState::Waiting, Some(why), wait)
                }
                Exit::NeedsLogin { why } => {
                    (SourceState::NeedsLogin, Some(why), refused.next(rand::random(), None))
                }
                Exit::Rejected { why } => {
                    (SourceState::Rejected, Some(why), refused.next(rand::random(), None))
                }
            };
            self.report(state, why, wait);
            if !self.wait(wait, wish).await {
                return;
            }
        }
    }

    /// One connection in a task of its own, so that a panic in it is caught.
    async fn one_run(&mut self) -> Ended {
        let failed = |exit| Ended { exit, redial: None };
        let kept = self.kept.take();
        let mut source = match kept.map_or_else(|| (self.build)(&self.config, &self.deps), Ok) {
            Ok(source) => source,
            Err(why) => return failed(Exit::Rejected { why }),
        };
        let (name, kind) = (&self.config.name, &self.config.kind);
        let registered = self.store.register_source(name, kind, self.marking, &self.server);
        let record = match registered.await {
            Ok(record) => record,
            Err(error) => {
                return failed(Exit::Transient { why: error.to_string(), retry_after: None });
            }
        };
        self.id.send_replace(Some(record.id));
        let (nudge, nudges) = mpsc::channel(NUDGES);
        let cancel = self.cancel.child_token();
        let context = SourceContext {
            record,
            store: self.store.clone(),
            clock: self.clock.clone(),
            cancel: cancel.clone(),
            nudges,
            health: self.health.clone(),
        };
        let mut task = tokio::spawn(async move {
            let exit = source.run(context).await;
            (source, exit)
        });
        let mut watched = self.health.subscribe();
        let (mut redial, mut asked) = (None, false);
        loop {
            tokio::select! {
                ended = &mut task => match ended {
                    Ok((mut source, exit)) => {
                        if asked {
                            source.forget();
                        }
                        self.kept = Some(source);
                        return Ended { exit, redial };
                    }
                    Err(error) => return failed(panicked(&self.config.name, &error)),
                },
                Ok(()) = watched.changed() => self.tell(),
                control = self.controls.recv() => match control {
                    Some(Control::Nudge(wanted)) => {
                        // A full queue holds nudges enough.
                        let _full = nudge.try_send(wanted);
                    }
                    Some(Control::Reconnect) => {
                        (redial, asked) = (Some(Duration::ZERO), true);
                        cancel.cancel();
                    }
                    Some(Control::Woke(delay)) => {
                        redial = redial.or(Some(delay));
                        cancel.cancel();
                    }
                    Some(Control::NetworkChanged(_)) => {
                        let _full = nudge.try_send(Nudge::Doubt);
                    }
                    None => cancel.cancel(),
                },
                () = cut_off(&cancel) => {
                    task.abort();
                    let exit = if redial.is_some() { Exit::Recycle } else { Exit::Cancelled };
                    return Ended { exit, redial };
                }
            }
        }
    }

    /// Waits, but not when the user wants the source now, and less when the machine woke or its network changed, unless it
    /// is the server that wants to be left alone. `false` = it is to end.
    async fn wait(&mut self, wait: Duration, wish: Wish) -> bool {
        let clock = self.clock.clone();
        let mut over = Box::pin(pass(&clock, wait));
        let end = Instant::now() + wait;
        loop {
            tokio::select! {
                () = self.cancel.cancelled() => return false,
                () = &mut over => return true,
                control = self.controls.recv() => match control {
                    Some(Control::Reconnect) => {
                        if let Some(source) = &mut self.kept {
                            source.forget();
                        }
                        return true;
                    }
                    Some(Control::Woke(delay) | Control::NetworkChanged(delay)) => {
                        let left = end.saturating_duration_since(Instant::now());
                        if wish == Wish::Ours {
                            over = Box::pin(pass(&clock, delay.min(left)));
                        }
                    }
                    // Marks are safe in the store; a server that asked for peace keeps it.
                    Some(Control::Nudge(_)) => {}
                    None => return false,
                },
            }
        }
    }

    /// How long the run that has just ended was online: being connected alone proves nothing.
    fn healthy_for(&self) -> Duration {
        let health = self.health.borrow();
        if !matches!(health.state, SourceState::Online | SourceState::Silent) {
            return Duration::ZERO;
        }
        let lasted = self.clock.now().saturating_sub(health.since);
        Duration::from_millis(u64::try_from(lasted).unwrap_or_default())
    }

    fn report(&self, state: SourceState, why: Option<String>, wait: Duration) {
        if let Some(why) = &why {
            tracing::info!(
                source = self.config.name,
                state = state.as_str(),
                why,
                "source stopped"
            );
        }
        let now = self.clock.now();
        let wait = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        let retry_at = (state != SourceState::Connecting).then(|| now.saturating_add(wait));
        let changed =
            self.health.send_if_modified(|health| health.change(state, why, retry_at, now));
        if changed {
            self.tell();
        }
    }

    fn tell(&self) {
        // Nobody listens during shutdown.
        let _unheard = self.changed.send(self.config.name.clone());
    }
}

fn panicked(source: &str, error: &tokio::task::JoinError) -> Exit {
    tracing::error!(source, panic = error.is_panic(), "a source failed unexpectedly");
    let why =
        "the source failed unexpectedly; it starts again, please report it with the log".to_owned();
    Exit::Transient { why, retry_after: None }
}

/// Lets the time pass on either clock. The monotonic one stands still while the machine sleeps, and who opens the lid
/// does not want to wait for the remainder of last night's backoff.
async fn pass(clock: &Clock, wait: Duration) {
    let end = Instant::now() + wait;
    let wall_end =
        clock.now().saturating_add(Millis::try_from(wait.as_millis()).unwrap_or(Millis::MAX));
    while Instant::now() < end && clock.now() < wall_end {
        tokio::time::sleep_until(end.min(Instant::now() + GLANCE)).await;
    }
}

/// Some time after the run was asked to end.
async fn cut_off(cancel: &CancellationToken) {
    cancel.cancelled().await;
    tokio::time::sleep(SHUTDOWN.mul_f64(0.8)).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTES: Duration = Duration::from_secs(300);

    #[tokio::test(start_paused = true)]
    async fn wait_ends_after_its_time() {
        let (started, clock) = (Instant::now(), Clock::steered(0));
        pass(&clock, MINUTES).await;
        assert_eq!(started.elapsed(), MINUTES, "a wall clock that stands still changes nothing");
    }

    #[tokio::test(start_paused = true)]
    async fn time_asleep_counts_as_waited() {
        let (started, clock) = (Instant::now(), Clock::steered(0));
        let night = async {
            tokio::time::sleep(Duration::from_secs(20)).await;
            clock.advance(8 * 3_600_000);
        };
        tokio::join!(pass(&clock, MINUTES), night);
        assert!(started.elapsed() <= Duration::from_secs(20) + GLANCE, "{:?}", started.elapsed());
    }
}
