//! The demo on demand: begun and ended while the daemon runs.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{Mutex, watch};
use tracing::info;

use super::{Day, Demo, SOURCE_NAME, StartError, start};
use crate::clock::Clock;
use crate::config::LiveConfig;
use crate::sources::supervisor::Supervisor;
use crate::store::{Store, StoreError};

/// Why the demo does not play.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    /// The user has a source of that name.
    #[error(
        "the configuration has a source \"{SOURCE_NAME}\", whose notifications would mix with the sample data; rename it"
    )]
    NameTaken,
    /// Its server does not start.
    #[error(transparent)]
    Start(#[from] StartError),
}

/// Where the demo plays, and the sources beside it.
#[derive(Debug)]
pub struct Stage {
    /// Takes the file with the token; private to the user.
    directory: PathBuf,
    clock: Clock,
    config: Arc<LiveConfig>,
    store: Store,
    supervisor: Supervisor,
    playing: watch::Sender<Option<Arc<Demo>>>,
    /// Held while sources begin and end: what plays and what the configuration names are applied together.
    order: Mutex<()>,
}

impl Stage {
    /// Nothing plays and no source runs yet.
    #[must_use]
    pub fn new(
        directory: PathBuf,
        clock: Clock,
        config: Arc<LiveConfig>,
        store: Store,
        supervisor: Supervisor,
    ) -> Self {
        Self {
            directory,
            clock,
            config,
            store,
            supervisor,
            playing: watch::Sender::new(None),
            order: Mutex::new(()),
        }
    }

    /// What plays at the moment.
    #[must_use]
    pub fn playing(&self) -> Option<Arc<Demo>> {
        self.playing.borrow().clone()
    }

    /// Makes the running sources those of the configuration, and the demo while it plays.
    pub async fn apply(&self) {
        let _order = self.order.lock().await;
        self.apply_in_order().await;
    }

    /// Begins the day; while it plays this changes nothing.
    ///
    /// # Errors
    ///
    /// What is in the way.
    pub async fn play(&self) -> Result<(), PlayError> {
        let _order = self.order.lock().await;
        if self.playing().is_some() {
            return Ok(());
        }
        if self.is_configured() {
            return Err(PlayError::NameTaken);
        }
        let demo = start(&self.directory, self.clock.clone(), Day::believable()).await?;
        info!("the demo begins");
        self.playing.send_replace(Some(Arc::new(demo)));
        self.apply_in_order().await;
        Ok(())
    }

    /// Ends the demo and deletes what came of it, of earlier runs too. Without any this changes nothing.
    ///
    /// # Errors
    ///
    /// The rows could not be deleted; the demo has ended all the same.
    pub async fn end(&self) -> Result<(), StoreError> {
        let _order = self.order.lock().await;
        if self.playing.send_replace(None).is_some() {
            self.apply_in_order().await;
            info!("the demo has ended");
        }
        // What a source of the user's own has delivered is not ours to delete.
        if self.is_configured() { Ok(()) } else { self.store.forget_source(SOURCE_NAME).await }
    }

    fn is_configured(&self) -> bool {
        self.config.current().sources.iter().any(|source| source.name == SOURCE_NAME)
    }

    async fn apply_in_order(&self) {
        let mut config = (*self.config.current()).clone();
        config.sources.extend(self.playing().map(|demo| demo.source.clone()));
        self.supervisor.apply(&config).await;
    }
}
