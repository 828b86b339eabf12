//! What goes on beside receiving: following the configuration, retention, and rest.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::config::{Config, LiveConfig};
use crate::daemon::foundation::Foundation;
use crate::daemon::sources::Sources;
use crate::dispatch::rules::PopupRules;
use crate::store::Store;

/// Between two rounds of retention.
const RETENTION_EVERY: Duration = Duration::from_secs(6 * 60 * 60);
/// When the start is over: the sources are connected and have caught up, or are waiting.
const START: Duration = Duration::from_secs(10);

pub(super) struct Background {
    cancel: CancellationToken,
}

impl Background {
    pub(super) fn start(foundation: &Foundation, sources: &Sources) -> Self {
        let cancel = CancellationToken::new();
        let config = Arc::clone(&foundation.config);
        let watching = cancel.clone();
        tokio::spawn(async move { config.follow(watching).await });
        let follow = follow(foundation.versions.clone(), foundation.rules.clone(), sources.clone());
        tokio::spawn(cancel.clone().run_until_cancelled_owned(follow));
        let retain = retain(foundation.store.clone(), Arc::clone(&foundation.config));
        tokio::spawn(cancel.clone().run_until_cancelled_owned(retain));
        tokio::spawn(cancel.clone().run_until_cancelled_owned(rest_after_the_start()));
        Self { cancel }
    }

    pub(super) fn stop(&self) {
        self.cancel.cancel();
    }
}

/// Takes every new version of the configuration to those who work by it.
async fn follow(
    mut versions: watch::Receiver<Arc<Config>>,
    rules: watch::Sender<Arc<PopupRules>>,
    sources: Sources,
) {
    while versions.changed().await.is_ok() {
        let current = versions.borrow_and_update().clone();
        info!(sources = current.sources.len(), "the configuration changed");
        rules.send_replace(Arc::new(PopupRules::from_config(&current)));
        sources.stage.apply().await;
    }
}

/// Deletes what the configuration says is too old or too much, in steps that let everything else through.
async fn retain(store: Store, config: Arc<LiveConfig>) {
    loop {
        let retention = config.current().retention.into();
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
        tokio::time::sleep(RETENTION_EVERY).await;
    }
}

async fn rest_after_the_start() {
    tokio::time::sleep(START).await;
    tidings_memory::rest();
}
