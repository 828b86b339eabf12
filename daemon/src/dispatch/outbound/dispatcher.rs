//! Keeps rules and lanes in line with the configuration.

use std::sync::Arc;

use tokio::sync::{Mutex, watch};
use tracing::{info, warn};

use super::outbox::{Ground, Outbox};
use super::rules::OutboundRules;
use crate::clock::Clock;
use crate::config::{Config, TargetConfig};
use crate::store::{Store, StoreError};
use crate::targets::registry::{self, Deps};

/// What the configuration says about targets, in force. Cheap to clone.
#[derive(Clone)]
pub struct Dispatcher {
    outbox: Outbox,
    ground: Ground,
    /// What the store plans by.
    rules: watch::Sender<Arc<OutboundRules>>,
    /// Versions are taken over one after the other.
    turn: Arc<Mutex<()>>,
}

impl Dispatcher {
    /// Without a lane yet.
    #[must_use]
    pub fn new(
        store: Store,
        clock: Clock,
        deps: Deps,
        rules: watch::Sender<Arc<OutboundRules>>,
    ) -> Self {
        let ground = Ground { store, clock, deps };
        Self { outbox: Outbox::default(), ground, rules, turn: Arc::default() }
    }

    /// Where what is due is sent.
    #[must_use]
    pub const fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// The targets and routes at this moment.
    #[must_use]
    pub fn rules(&self) -> Arc<OutboundRules> {
        self.rules.borrow().clone()
    }

    /// Whether a target could ever send to an address; the error says why not, and the way out. One that cannot be used at
    /// the moment says nothing of addresses.
    pub fn admits(
        &self,
        target: &TargetConfig,
        config: &Config,
        address: &str,
    ) -> Result<(), String> {
        let deps = Deps { security: config.security.clone(), ..self.ground.deps.clone() };
        registry::build(target, &deps).map_or(Ok(()), |target| target.admits(address))
    }

    /// Begins a target anew, as somebody has mended it: no connection, token or pause of before is left. `true` = it was
    /// paused.
    pub async fn renew(&self, target: &str, config: &Config) -> Result<bool, StoreError> {
        // In one turn: another version of the configuration would begin the lane as paused in between.
        let _turn = self.turn.lock().await;
        // Its lane first: what is on its way may end with a refusal of the credentials of before.
        self.outbox.end(target).await;
        let was_paused = self.ground.store.resume_target(target.to_owned()).await;
        self.keep_and_take_over(config).await;
        was_paused
    }

    /// Takes a version of the configuration over; in force when it returns. What waits for targets that are not in it is
    /// not sent.
    pub async fn apply(&self, config: &Config) {
        let _turn = self.turn.lock().await;
        self.keep_and_take_over(config).await;
    }

    /// Takes over what is in force while the file cannot be read: it says nothing of what is gone.
    pub async fn apply_without_file(&self, config: &Config) {
        let _turn = self.turn.lock().await;
        self.take_over(OutboundRules::from_config(config), config).await;
    }

    async fn keep_and_take_over(&self, config: &Config) {
        let rules = OutboundRules::from_config(config);
        match self.ground.store.keep_targets(rules.names()).await {
            Ok(0) => {}
            Ok(count) => info!(count, "what waited for targets that are gone is not sent"),
            Err(error) => warn!(%error, "what waits for targets that are gone could not be ended"),
        }
        self.take_over(rules, config).await;
    }

    async fn take_over(&self, rules: OutboundRules, config: &Config) {
        let single = rules.targets.iter().filter(|target| !target.has_addresses);
        let single: Vec<_> = single.map(|target| target.name.clone()).collect();
        self.rules.send_replace(Arc::new(rules));
        if !single.is_empty()
            && let Err(error) = self.ground.store.ensure_records(single).await
        {
            warn!(%error, "targets with one recipient have no record of it until their first message");
        }
        let deps = Deps { security: config.security.clone(), ..self.ground.deps.clone() };
        self.outbox.apply(config, &Ground { deps, ..self.ground.clone() }).await;
    }
}

impl std::fmt::Debug for Dispatcher {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dispatcher").field("outbox", &self.outbox).finish_non_exhaustive()
    }
}
