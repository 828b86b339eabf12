//! A lane for each target of the configuration.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tidings_api::Millis;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::bypass::Bypass;
use super::lane::{Command, Lane, SETTLED_WITHIN, Unwanted};
use super::rules::{OutboundRules, TargetRule};
use crate::clock::Clock;
use crate::config::{Config, Security, TargetConfig};
use crate::store::Store;
use crate::targets::Target;
use crate::targets::registry::{self, Deps};

/// Sends what is due at targets. Cheap to clone; nothing waits but where it says so.
#[derive(Clone, Default)]
pub struct Outbox {
    lanes: Arc<Mutex<Lanes>>,
}

#[derive(Default)]
struct Lanes {
    running: BTreeMap<String, Running>,
    /// Those that were stopped and have something on its way still.
    ending: Vec<(String, mpsc::UnboundedSender<Command>)>,
    /// Targets that cannot be used on this machine, and why.
    broken: BTreeMap<String, String>,
}

struct Running {
    config: TargetConfig,
    security: Security,
    target: Arc<dyn Target>,
    commands: mpsc::UnboundedSender<Command>,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

/// What every lane is made with.
#[derive(Clone)]
pub(super) struct Ground {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) deps: Deps,
}

impl Outbox {
    /// Brings the lanes in line with the configuration: what changed is stopped and begun anew.
    pub(super) async fn apply(&self, config: &Config, ground: &Ground) {
        self.end_all(self.take_others(&config.targets, &config.security)).await;
        let pauses = match ground.store.pauses().await {
            Ok(pauses) => pauses,
            Err(error) => {
                warn!(%error, "which targets are paused could not be read; none counts as paused");
                Vec::new()
            }
        };
        let rules = OutboundRules::from_config(config);
        for target in config.targets.iter().filter(|target| target.enabled) {
            let Some(rule) = rules.target(&target.name) else { continue };
            let pause = pauses.iter().find(|pause| pause.target == target.name);
            self.start(target, rule, ground, pause.map(|pause| pause.since));
        }
    }

    /// A delivery falls due then.
    pub fn due(&self, target: &str, at: Millis) {
        self.tell(target, Command::Due(at));
    }

    /// Ends the lane of a target, with what it has kept: connections, and tokens that were made from its secret.
    pub(super) async fn end(&self, target: &str) {
        let running = self.lanes().take(target);
        self.end_all(running.into_iter().collect()).await;
    }

    /// Why a target cannot be used on this machine, if it cannot.
    #[must_use]
    pub fn broken(&self, target: &str) -> Option<String> {
        self.lanes().broken.get(target).cloned()
    }

    /// Waits until nothing is on its way any more that is not wanted; what takes too long is given up. An empty name means
    /// all targets.
    pub async fn settle(&self, target: &str, unwanted: Unwanted) {
        let settled = self.settled(target, unwanted);
        tokio::pin!(settled);
        if tokio::time::timeout(SETTLED_WITHIN, &mut settled).await.is_err() {
            info!(
                target_name = target,
                "what is on its way and not wanted any more takes too long and is given up"
            );
            for lane in self.lanes().of(target) {
                let _gone = lane.send(Command::GiveUp);
            }
            settled.await;
        }
    }

    /// The way past the queue of a target. `None` = there is no such target, or it is switched off.
    #[must_use]
    pub fn bypass(&self, target: &str) -> Option<Bypass> {
        let lanes = self.lanes();
        let running = lanes.running.get(target)?;
        Some(Bypass { target: Arc::clone(&running.target), lane: running.commands.clone() })
    }

    /// Ends every lane. What is on its way may end, for a few seconds.
    pub async fn stop(&self) {
        self.end_all(self.take_others(&[], &Security::default())).await;
    }

    fn start(
        &self,
        config: &TargetConfig,
        rule: &TargetRule,
        ground: &Ground,
        paused_since: Option<Millis>,
    ) {
        if self.lanes().running.contains_key(&config.name) {
            return;
        }
        let Some(kind) = registry::find(&config.kind) else { return };
        let target: Arc<dyn Target> = match registry::build(config, &ground.deps) {
            Ok(target) => Arc::from(target),
            // The loader has checked its keys; this is about the machine, and about a secret that is not named.
            Err(why) => {
                warn!(target_name = config.name, %why, "the target cannot be used");
                self.lanes().broken.insert(config.name.clone(), why);
                return;
            }
        };
        let lane = Lane {
            rule: rule.clone(),
            concurrency: kind.concurrency,
            target: Arc::clone(&target),
            store: ground.store.clone(),
            clock: ground.clock.clone(),
        };
        let (commands, receiver) = mpsc::unbounded_channel();
        let stop = CancellationToken::new();
        let task = tokio::spawn(lane.run(receiver, stop.clone(), paused_since));
        let security = ground.deps.security.clone();
        let running = Running { config: config.clone(), security, target, commands, stop, task };
        self.lanes().running.insert(config.name.clone(), running);
    }

    /// Takes out the lanes whose target is not among these, as it is.
    fn take_others(&self, targets: &[TargetConfig], security: &Security) -> Vec<(String, Running)> {
        let mut lanes = self.lanes();
        lanes.broken.clear();
        let stays = |running: &Running| {
            let as_before = |target: &TargetConfig| target.enabled && *target == running.config;
            running.security == *security && targets.iter().any(as_before)
        };
        let others: Vec<String> = lanes
            .running
            .iter()
            .filter(|(_, running)| !stays(running))
            .map(|(name, _)| name.clone())
            .collect();
        others.into_iter().filter_map(|name| lanes.take(&name)).collect()
    }

    /// Waits until these lanes, which were stopped, have ended.
    async fn end_all(&self, lanes: Vec<(String, Running)>) {
        for (name, running) in lanes {
            if let Err(error) = running.task.await {
                warn!(target_name = name, %error, "a target did not end as it should");
            }
        }
        self.lanes().ending.retain(|(_, commands)| !commands.is_closed());
    }

    async fn settled(&self, target: &str, unwanted: Unwanted) {
        let mut waiting = Vec::new();
        for lane in self.lanes().of(target) {
            let (done, settled) = oneshot::channel();
            let _gone = lane.send(Command::Settle(unwanted, done));
            waiting.push(settled);
        }
        for settled in waiting {
            // A lane that has ended has nothing on its way.
            let _gone = settled.await;
        }
    }

    fn tell(&self, target: &str, command: Command) {
        if let Some(running) = self.lanes().running.get(target) {
            // A lane that has ended looks at what is due when it begins anew.
            let _gone = running.commands.send(command);
        }
    }

    fn lanes(&self) -> MutexGuard<'_, Lanes> {
        // Nothing that holds it can leave it half changed.
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lanes {
    /// Stops a lane and takes it out; it can be told to settle until it has ended.
    fn take(&mut self, target: &str) -> Option<(String, Running)> {
        let (name, running) = self.running.remove_entry(target)?;
        running.stop.cancel();
        self.ending.push((name.clone(), running.commands.clone()));
        Some((name, running))
    }

    /// What the lanes of a target are told by, ending ones included; those of all targets for an empty name.
    fn of(&self, target: &str) -> Vec<mpsc::UnboundedSender<Command>> {
        let running = self.running.iter().map(|(name, running)| (name, &running.commands));
        let ending = self.ending.iter().map(|(name, commands)| (name, commands));
        let meant = running.chain(ending).filter(|(name, _)| target.is_empty() || *name == target);
        meant.map(|(_, commands)| commands.clone()).collect()
    }
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.lanes().running.keys()).finish()
    }
}
