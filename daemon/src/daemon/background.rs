//! What goes on beside receiving: following the configuration, retention, and rest.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::alarm::Alarm;
use crate::config::Config;
use crate::daemon::buses::Buses;
use crate::daemon::foundation::Foundation;
use crate::daemon::sources::Sources;
use crate::dispatch::outbound::Dispatcher;
use crate::dispatch::rules::{self, PopupRules};
use crate::machine;
use crate::store::Store;

/// Between two rounds of retention.
const RETENTION_EVERY: Duration = Duration::from_secs(6 * 60 * 60);
/// Until a failed transaction is tried again.
const RETRY: Duration = Duration::from_secs(60);
/// When the start is over: the sources are connected and have caught up, or are waiting.
const START: Duration = Duration::from_secs(10);

pub(super) struct Background {
    cancel: CancellationToken,
}

impl Background {
    pub(super) fn start(
        foundation: &Foundation,
        sources: &Sources,
        buses: &Buses,
    ) -> std::io::Result<Self> {
        let cancel = CancellationToken::new();
        let config = Arc::clone(&foundation.config);
        let watching = cancel.clone();
        tokio::spawn(async move { config.follow(watching).await });
        let follow = follow(
            foundation.versions.clone(),
            foundation.rules.clone(),
            foundation.dispatcher.clone(),
            sources.clone(),
        );
        tokio::spawn(cancel.clone().run_until_cancelled_owned(follow));
        let retain = retain(foundation.store.clone(), foundation.versions.clone());
        tokio::spawn(cancel.clone().run_until_cancelled_owned(retain));
        let end = end_opt_outs(foundation.store.clone(), Alarm::new()?);
        tokio::spawn(cancel.clone().run_until_cancelled_owned(end));
        let machine = machine::follow(buses.popups.clone(), sources.supervisor.clone());
        tokio::spawn(cancel.clone().run_until_cancelled_owned(machine));
        tokio::spawn(cancel.clone().run_until_cancelled_owned(rest_after_the_start()));
        Ok(Self { cancel })
    }

    pub(super) fn stop(&self) {
        self.cancel.cancel();
    }
}

/// Takes every new version of the configuration to those who work by it.
async fn follow(
    mut versions: watch::Receiver<Arc<Config>>,
    rules: watch::Sender<Arc<PopupRules>>,
    dispatcher: Dispatcher,
    sources: Sources,
) {
    while versions.changed().await.is_ok() {
        let current = versions.borrow_and_update().clone();
        info!(sources = current.sources.len(), "the configuration changed");
        rules::follow(&rules, &current);
        dispatcher.apply(&current).await;
        sources.stage.apply().await;
    }
}

/// Takes every opt-out away at its time, so that everybody hears of it.
async fn end_opt_outs(store: Store, alarm: Alarm) {
    let mut opt_outs = store.follow_opt_outs();
    loop {
        let next = opt_outs.borrow_and_update().next_end();
        tokio::select! {
            changed = opt_outs.changed() => match changed {
                Ok(()) => continue,
                Err(_) => return,
            },
            rung = alarm.wait(next) => if let Err(error) = rung {
                warn!(%error, "there is no timer for the opt-outs; they end when the daemon starts again");
                return;
            },
        }
        if let Err(error) = store.end_opt_outs().await {
            warn!(%error, "opt-outs that are over could not be taken away; trying again in a minute");
            tokio::time::sleep(RETRY).await;
        }
    }
}

/// Deletes what the configuration says is too old or too much, in steps that let everything else through.
async fn retain(store: Store, mut versions: watch::Receiver<Arc<Config>>) {
    loop {
        let wanted = versions.borrow_and_update().retention;
        let retention = wanted.into();
        loop {
            match store.retain(retention).await {
                Ok(true) => tokio::task::yield_now().await,
                Ok(false) => break,
                Err(error) => {
                    warn!(%error, "old notifications could not be deleted; trying again later");
                    break;
                }
            }
        }
        // What the user has just asked for is done at once.
        let changed = versions.wait_for(|config| config.retention != wanted);
        if let Ok(Err(_)) = tokio::time::timeout(RETENTION_EVERY, changed).await {
            return;
        }
    }
}

async fn rest_after_the_start() {
    tokio::time::sleep(START).await;
    tidings_memory::rest();
}
