//! Keeps every configured source running: one task each, so that a bad one fails alone.

mod keeper;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tidings_api::{SourceState, SourceStatus};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::clock::Clock;
use crate::config::{Config, Security, SourceConfig};
use crate::model::SourceId;
use crate::net::dial;
use crate::sources::registry::{self, Deps};
use crate::sources::supervisor::keeper::{Control, Keeper};
use crate::sources::{Health, Nudge, Secrets, Source, TestReport};
use crate::store::Store;

/// How long a source may take to end before it is cut off.
pub const SHUTDOWN: Duration = Duration::from_secs(5);
/// How long a test of a source may take.
const TEST: Duration = Duration::from_secs(60);
/// Sources start this far apart, so that a desktop's login is not the moment when everything dials.
const STAGGER: Duration = Duration::from_millis(150);
/// And the last one no later than this, however many there are.
const STAGGER_MAX: Duration = Duration::from_secs(15);

/// Builds a source; [`registry::build`] but for tests.
pub type Build = Arc<dyn Fn(&SourceConfig, &Deps) -> Result<Box<dyn Source>, String> + Send + Sync>;

/// The handle to all sources. Cheap to clone.
#[derive(Clone)]
pub struct Supervisor {
    shared: Arc<Shared>,
}

struct Shared {
    store: Store,
    clock: Clock,
    build: Build,
    changed: mpsc::UnboundedSender<String>,
    state: Mutex<State>,
}

struct State {
    deps: Deps,
    sources: BTreeMap<String, Entry>,
    closed: bool,
}

struct Entry {
    config: SourceConfig,
    health: watch::Receiver<Health>,
    id: watch::Receiver<Option<SourceId>>,
    running: Option<Running>,
}

struct Running {
    control: mpsc::UnboundedSender<Control>,
    cancel: CancellationToken,
    task: JoinHandle<()>,
}

impl Supervisor {
    /// Supervises nothing yet; see [`Self::apply`]. The receiver gets the name of each source whose state is another.
    #[must_use]
    pub fn new(store: Store, clock: Clock, deps: Deps) -> (Self, mpsc::UnboundedReceiver<String>) {
        Self::with_build(store, clock, deps, Arc::new(registry::build))
    }

    /// Like [`Self::new`], with sources that the caller builds.
    #[must_use]
    pub fn with_build(
        store: Store,
        clock: Clock,
        deps: Deps,
        build: Build,
    ) -> (Self, mpsc::UnboundedReceiver<String>) {
        let (changed, changes) = mpsc::unbounded_channel();
        let state = Mutex::new(State { deps, sources: BTreeMap::new(), closed: false });
        (Self { shared: Arc::new(Shared { store, clock, build, changed, state }) }, changes)
    }

    /// Makes the running sources those of a configuration: what is new starts, what is gone ends, what has changed
    /// does both, and what is as before is left alone.
    pub async fn apply(&self, config: &Config) {
        let ended = self.end_changed(config);
        for (name, running) in ended {
            end(running).await;
            self.tell(&name);
        }
        let mut state = self.state();
        if state.closed {
            return;
        }
        state.deps.security = config.security.clone();
        let mut started = 0;
        let step = step(config.sources.iter().filter(|source| source.enabled).count());
        for source in &config.sources {
            if state.sources.contains_key(&source.name) {
                continue;
            }
            let delay = stagger(started, step);
            started += u32::from(source.enabled);
            let entry = self.start(source.clone(), &state.deps, delay);
            state.sources.insert(source.name.clone(), entry);
            self.tell(&source.name);
        }
    }

    /// Every configured source with its state, by name.
    pub async fn list(&self) -> Vec<SourceStatus> {
        let rows: Vec<(SourceConfig, Health, Option<SourceId>)> = {
            let state = self.state();
            let entries = state.sources.values();
            entries.map(|e| (e.config.clone(), e.health.borrow().clone(), *e.id.borrow())).collect()
        };
        let unread = self.shared.store.counts().unread_by_source;
        let mut list = Vec::with_capacity(rows.len());
        for (config, health, id) in rows {
            let unread = unread.get(&config.name).copied().unwrap_or_default();
            let mut status = SourceStatus { unread, ..status(config, health) };
            if let Some(id) = id {
                // A database that cannot be read says so elsewhere; the list of sources stays useful.
                let store = &self.shared.store;
                status.pending_marks = store.pending_mark_count(id).await.unwrap_or_default();
                status.unknown_event = store.unknown_event(id).await.unwrap_or_default();
            }
            list.push(status);
        }
        list
    }

    /// Every configured source with its state alone, without a look at the inbox.
    #[must_use]
    pub fn states(&self) -> Vec<SourceStatus> {
        let state = self.state();
        let entries = state.sources.values();
        entries.map(|e| status(e.config.clone(), e.health.borrow().clone())).collect()
    }

    /// Drops the connection and dials at once, whatever it was waiting for. `false` = no such source is running.
    #[must_use]
    pub fn reconnect(&self, name: &str) -> bool {
        self.control(name, Control::Reconnect)
    }

    /// The machine woke from sleep: every connection is renewed, and what waited for its own time waits no longer. What a
    /// server has asked for is kept.
    pub fn woke(&self) {
        self.control_all(Control::Woke);
    }

    /// The network is another one: every connection is asked for a sign of life, and what waited for its own time waits
    /// no longer.
    pub fn network_changed(&self) {
        self.control_all(Control::NetworkChanged);
    }

    /// Wakes the source with this row.
    pub fn nudge(&self, source: SourceId, nudge: Nudge) {
        let state = self.state();
        let entry = state.sources.values().find(|entry| *entry.id.borrow() == Some(source));
        if let Some(running) = entry.and_then(|entry| entry.running.as_ref()) {
            let _ended = running.control.send(Control::Nudge(nudge));
        }
    }

    /// How long a source may be without a connection before that is told; `None` = it is never told.
    #[must_use]
    pub fn patience(&self, name: &str) -> Option<Duration> {
        self.state().sources.get(name).and_then(|entry| entry.config.notice_after)
    }

    /// Whether there is a source of that name, running or not.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.state().sources.contains_key(name)
    }

    /// Connects once beside the running connection. `None` = there is no such source.
    pub async fn test(&self, name: &str) -> Option<TestReport> {
        let (config, deps) = {
            let state = self.state();
            (state.sources.get(name)?.config.clone(), state.deps.clone())
        };
        Some(self.try_out(config, deps).await)
    }

    /// Connects once with settings that are not in force. `secrets` takes the place of what reads the stored ones.
    pub async fn test_settings(
        &self,
        config: SourceConfig,
        security: Security,
        secrets: Option<Arc<dyn Secrets>>,
    ) -> TestReport {
        let deps = self.state().deps.clone();
        let secrets = secrets.unwrap_or(deps.secrets);
        self.try_out(config, Deps { secrets, security, ..deps }).await
    }

    async fn try_out(&self, config: SourceConfig, deps: Deps) -> TestReport {
        let failed = |why: String| TestReport { ok: false, steps: vec![why] };
        let source = match (self.shared.build)(&config, &deps) {
            Ok(source) => source,
            Err(why) => return failed(format!("settings: {why}")),
        };
        // In a task of its own: a panic in a source is its report and nobody else's.
        let task = tokio::spawn(async move { source.test().await });
        let abort = task.abort_handle();
        match tokio::time::timeout(TEST, task).await {
            Ok(Ok(report)) => report,
            Ok(Err(_)) => {
                failed("the source failed unexpectedly; please report it with the log".to_owned())
            }
            Err(_) => {
                abort.abort();
                failed(format!("no result within {} s", TEST.as_secs()))
            }
        }
    }

    /// Starts or ends a source, until the configuration says otherwise. `false` = there is no such source, or the daemon is ending.
    pub async fn set_enabled(&self, name: &str, enabled: bool) -> bool {
        let ended = {
            let mut state = self.state();
            if state.closed {
                return false;
            }
            let Some(mut entry) = state.sources.remove(name) else { return false };
            entry.config.enabled = enabled;
            let ended = if enabled { None } else { entry.running.take() };
            if entry.running.is_none() {
                entry = self.start(entry.config, &state.deps, Duration::ZERO);
            }
            state.sources.insert(name.to_owned(), entry);
            ended
        };
        if let Some(running) = ended {
            end(running).await;
        }
        self.tell(name);
        true
    }

    /// Ends all sources, within [`SHUTDOWN`].
    pub async fn shutdown(&self) {
        let ended: Vec<Running> = {
            let mut state = self.state();
            state.closed = true;
            state.sources.values_mut().filter_map(|entry| entry.running.take()).collect()
        };
        for running in &ended {
            running.cancel.cancel();
        }
        futures_util::future::join_all(ended.into_iter().map(end)).await;
    }

    fn end_changed(&self, config: &Config) -> Vec<(String, Running)> {
        let mut state = self.state();
        let same_security = state.deps.security == config.security;
        let wanted: BTreeMap<&str, &SourceConfig> =
            config.sources.iter().map(|source| (source.name.as_str(), source)).collect();
        let stays = |entry: &Entry| {
            same_security
                && wanted.get(entry.config.name.as_str()).is_some_and(|c| **c == entry.config)
        };
        let names = state.sources.iter().filter(|(_, entry)| !stays(entry));
        let names: Vec<String> = names.map(|(name, _)| name.clone()).collect();
        let mut ended = Vec::new();
        for name in names {
            if let Some(running) = state.sources.remove(&name).and_then(|entry| entry.running) {
                ended.push((name, running));
            } else {
                self.tell(&name);
            }
        }
        ended
    }

    fn start(&self, config: SourceConfig, deps: &Deps, delay: Duration) -> Entry {
        let now = self.shared.clock.now();
        let state = if config.enabled { SourceState::Connecting } else { SourceState::Disabled };
        let (health, seen) = watch::channel(Health { state, since: now, ..Health::default() });
        let (id, known_id) = watch::channel(None);
        let running = config.enabled.then(|| {
            let summary = registry::summary(&config);
            let (control, controls) = mpsc::unbounded_channel();
            let cancel = CancellationToken::new();
            let keeper = Keeper {
                config: config.clone(),
                deps: deps.clone(),
                build: Arc::clone(&self.shared.build),
                store: self.shared.store.clone(),
                clock: self.shared.clock.clone(),
                controls,
                cancel: cancel.clone(),
                health,
                id,
                changed: self.shared.changed.clone(),
                marking: summary.marking,
                server: Url::parse(&summary.url).map(|url| dial::place(&url)).unwrap_or_default(),
                kept: None,
            };
            Running { control, cancel, task: tokio::spawn(keeper.run(delay)) }
        });
        Entry { config, health: seen, id: known_id, running }
    }

    fn control(&self, name: &str, control: Control) -> bool {
        let state = self.state();
        let running = state.sources.get(name).and_then(|entry| entry.running.as_ref());
        running.is_some_and(|running| running.control.send(control).is_ok())
    }

    /// Tells all, each a little later than the one before.
    fn control_all(&self, control: fn(Duration) -> Control) {
        let state = self.state();
        let running: Vec<_> =
            state.sources.values().filter_map(|entry| entry.running.as_ref()).collect();
        let step = step(running.len());
        for (index, running) in (0..).zip(running) {
            let _ended = running.control.send(control(stagger(index, step)));
        }
    }

    fn tell(&self, name: &str) {
        // Nobody listens during shutdown.
        let _unheard = self.shared.changed.send(name.to_owned());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change under this lock is one statement: a panic leaves nothing half-done.
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks a source to end, and cuts it off when it does not.
async fn end(running: Running) {
    running.cancel.cancel();
    let abort = running.task.abort_handle();
    if tokio::time::timeout(SHUTDOWN, running.task).await.is_err() {
        abort.abort();
    }
}

/// How far apart this many sources dial.
fn step(count: usize) -> Duration {
    let count = u32::try_from(count).unwrap_or(u32::MAX).max(1);
    STAGGER.min(STAGGER_MAX / count)
}

fn stagger(index: u32, step: Duration) -> Duration {
    if index == 0 { Duration::ZERO } else { step.mul_f64(f64::from(index) + rand::random::<f64>()) }
}

fn status(config: SourceConfig, health: Health) -> SourceStatus {
    let summary = registry::summary(&config);
    SourceStatus {
        name: config.name,
        kind: config.kind,
        preset: summary.preset,
        url: summary.url,
        state: health.state,
        since: health.since,
        last_proof_of_life: health.last_proof_of_life,
        last_error: health.last_error,
        retry_at: health.retry_at,
        ..SourceStatus::default()
    }
}

impl std::fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Supervisor").field("sources", &self.state().sources.keys()).finish()
    }
}
