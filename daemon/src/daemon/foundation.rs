//! What everything else stands on: time, the configuration and the inbox.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tidings_api::Millis;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracing::warn;

use crate::clock::Clock;
use crate::config::{self, Config, LiveConfig};
use crate::dispatch::PopupQueue;
use crate::dispatch::admission::Admission;
use crate::dispatch::outbound::Dispatcher;
use crate::dispatch::outbound::rules::OutboundRules;
use crate::dispatch::rules::PopupRules;
use crate::images::Images;
use crate::model::Committed;
use crate::net::http::Http;
use crate::quiet::{Keeper, Quiet, QuietError};
use crate::secrets;
use crate::sources::registry::CONFIG_KINDS;
use crate::store::Store;
use crate::targets::registry::Deps;

/// What is still queued for the disk gets this long at shutdown.
const CLOSE_WITHIN: Duration = Duration::from_secs(10);

/// What the command line said.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Another configuration file.
    pub config: Option<PathBuf>,
    /// Another database file.
    pub database: Option<PathBuf>,
    /// Play the demo beside the configured sources.
    pub demo: bool,
}

pub(super) struct Foundation {
    pub(super) clock: Clock,
    pub(super) started_at: Millis,
    pub(super) config: Arc<LiveConfig>,
    /// Every version of the configuration since before the first look at it.
    pub(super) versions: watch::Receiver<Arc<Config>>,
    /// What the popup policy follows.
    pub(super) rules: watch::Sender<Arc<PopupRules>>,
    pub(super) http: Http,
    /// What targets beside the desktop are sent, and by what.
    pub(super) dispatcher: Dispatcher,
    pub(super) database: PathBuf,
    pub(super) images: Images,
    pub(super) store: Store,
}

impl Foundation {
    /// Reads the configuration and opens the inbox. The receiver gets every transaction from now on.
    pub(super) fn lay(
        options: &Options,
    ) -> anyhow::Result<(Self, mpsc::UnboundedReceiver<Committed>)> {
        let clock = Clock::System;
        let started_at = clock.now();
        let config_path = options.config.clone().map_or_else(config::config_path, Ok)?;
        let config = Arc::new(LiveConfig::open(config_path, CONFIG_KINDS));
        let versions = config.subscribe();
        let database = options.database.clone().map_or_else(config::database_path, Ok)?;
        let (rules, followed) =
            watch::channel(Arc::new(PopupRules::from_config(&config.current())));
        let (outbound, routed) =
            watch::channel(Arc::new(OutboundRules::from_config(&config.current())));
        let admission = Admission::new(followed).with_outbound(routed);
        let (store, commits) = Store::open(&database, clock.clone(), admission)?;
        let http = Http::new().map_err(anyhow::Error::msg)?;
        let deps = Deps {
            http: http.clone(),
            secrets: Arc::new(secrets::Origins),
            security: config.current().security.clone(),
        };
        let images = Images::new(config::images_path()?);
        let dispatcher = Dispatcher::new(store.clone(), clock.clone(), deps, outbound);
        let foundation = Self {
            clock,
            started_at,
            config,
            versions,
            rules,
            http,
            dispatcher,
            database,
            images,
            store,
        };
        Ok((foundation, commits))
    }

    /// Keeps quiet from the first popup on, so that none of the start slips through.
    pub(super) async fn keep_quiet(
        &self,
        popups: PopupQueue,
        stop: CancellationToken,
    ) -> Result<Quiet, QuietError> {
        let keeper = Keeper {
            store: self.store.clone(),
            clock: self.clock.clone(),
            config: self.versions.clone(),
            rules: self.rules.clone(),
            popups,
        };
        Quiet::start(keeper, stop).await
    }

    pub(super) async fn close(self) {
        if tokio::time::timeout(CLOSE_WITHIN, self.store.close()).await.is_err() {
            warn!("the inbox did not close in time; it is consistent all the same");
        }
    }
}
