//! A lane for each target of the configuration.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tidings_api::Millis;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::lane::{ATTEMPT, Command, Lane};
use super::rules::{OutboundRules, TargetRule};
use crate::clock::Clock;
use crate::config::{Config, Security, TargetConfig};
use crate::store::Store;
use crate::targets::registry::{self, Deps};
use crate::targets::{Message, Outcome, Target};

/// What is on its way when somebody opts out gets so long to end by itself.
const SETTLED_WITHIN: Duration = Duration::from_secs(5);

/// Sends what is due at targets. Cheap to clone; nothing waits but where it says so.
#[derive(Clone, Default)]
pub struct Outbox {
    lanes: Arc<Mutex<BTreeMap<String, Running>>>,
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
        for (name, running) in self.take_others(&config.targets, &config.security) {
            running.stop.cancel();
            if let Err(error) = running.task.await {
                warn!(target_name = name, %error, "a target did not end as it should");
            }
        }
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

    /// Somebody has mended the target.
    pub fn resume(&self, target: &str) {
        self.tell(target, Command::Resume);
    }

    /// Waits until nothing that was begun before is on its way; what takes too long is given up. An empty name means all.
    pub async fn settle(&self, target: &str) {
        let settled = self.settled(target);
        if tokio::time::timeout(SETTLED_WITHIN, settled).await.is_err() {
            let meant = |name: &str| target.is_empty() || name == target;
            for (name, running) in self.lanes().iter().filter(|(name, _)| meant(name)) {
                info!(target_name = name, "what is on its way takes too long and is given up");
                let _gone = running.commands.send(Command::GiveUp);
            }
            self.settled(target).await;
        }
    }

    /// Sends a message past every queue: a test, or a code. `None` = there is no such target, or it is switched off.
    pub async fn send(&self, target: &str, message: &Message) -> Option<Outcome> {
        let target = self.lanes().get(target).map(|running| Arc::clone(&running.target))?;
        let outcome = tokio::time::timeout(ATTEMPT, target.deliver(message)).await;
        Some(outcome.unwrap_or_else(|_| Outcome::Unknown { why: "no answer in time".into() }))
    }

    /// Ends every lane; what is on its way may end.
    pub async fn stop(&self) {
        for (_, running) in self.take_others(&[], &Security::default()) {
            running.stop.cancel();
            if let Err(error) = running.task.await {
                warn!(%error, "a target did not end as it should");
            }
        }
    }

    fn start(
        &self,
        config: &TargetConfig,
        rule: &TargetRule,
        ground: &Ground,
        paused_since: Option<Millis>,
    ) {
        if self.lanes().contains_key(&config.name) {
            return;
        }
        let Some(kind) = registry::find(&config.kind) else { return };
        let target: Arc<dyn Target> = match registry::build(config, &ground.deps) {
            Ok(target) => Arc::from(target),
            // The loader has checked it, so this is about the machine: certificates, files.
            Err(why) => {
                return warn!(target_name = config.name, %why, "the target cannot be used");
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
        self.lanes().insert(config.name.clone(), running);
    }

    /// Takes out the lanes whose target is not among these, as it is.
    fn take_others(&self, targets: &[TargetConfig], security: &Security) -> Vec<(String, Running)> {
        let mut lanes = self.lanes();
        let stays = |running: &Running| {
            let as_before = |target: &TargetConfig| target.enabled && *target == running.config;
            running.security == *security && targets.iter().any(as_before)
        };
        let others: Vec<String> = lanes
            .iter()
            .filter(|(_, running)| !stays(running))
            .map(|(name, _)| name.clone())
            .collect();
        others.into_iter().filter_map(|name| lanes.remove_entry(&name)).collect()
    }

    async fn settled(&self, target: &str) {
        let mut waiting = Vec::new();
        for (name, running) in self.lanes().iter() {
            if target.is_empty() || name == target {
                let (done, settled) = oneshot::channel();
                let _gone = running.commands.send(Command::Settle(done));
                waiting.push(settled);
            }
        }
        for settled in waiting {
            // A lane that has ended has nothing on its way.
            let _gone = settled.await;
        }
    }

    fn tell(&self, target: &str, command: Command) {
        if let Some(running) = self.lanes().get(target) {
            // A lane that has ended looks at what is due when it begins anew.
            let _gone = running.commands.send(command);
        }
    }

    fn lanes(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, Running>> {
        // Nothing that holds it can leave the map half changed.
        self.lanes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Outbox {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.lanes().keys()).finish()
    }
}
