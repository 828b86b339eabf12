//! The remote sources, and the demo beside them.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::config::Config;
use crate::daemon::foundation::Foundation;
use crate::demo::{self, Demo};
use crate::net::http::Http;
use crate::secrets;
use crate::sources::registry::Deps;
use crate::sources::supervisor::Supervisor;

#[derive(Clone)]
pub(super) struct Sources {
    pub(super) supervisor: Supervisor,
    pub(super) demo: Option<Arc<Demo>>,
}

impl Sources {
    /// Starts what the configuration names. The receiver gets the name of each source whose state changes.
    pub(super) async fn start(
        foundation: &Foundation,
        with_demo: bool,
    ) -> anyhow::Result<(Self, mpsc::UnboundedReceiver<String>)> {
        let config = foundation.config.current();
        let deps = Deps {
            http: Http::new().map_err(anyhow::Error::msg)?,
            secrets: Arc::new(secrets::Origins),
            security: config.security.clone(),
        };
        let demo = if with_demo { Some(Arc::new(start_demo(foundation).await?)) } else { None };
        let (supervisor, changes) =
            Supervisor::new(foundation.store.clone(), foundation.clock.clone(), deps);
        let sources = Self { supervisor, demo };
        sources.apply(&config).await;
        Ok((sources, changes))
    }

    /// Makes the running sources those of a configuration, and the demo.
    pub(super) async fn apply(&self, config: &Config) {
        let mut config = config.clone();
        config.sources.extend(self.demo.iter().map(|demo| demo.source.clone()));
        self.supervisor.apply(&config).await;
    }
}

async fn start_demo(foundation: &Foundation) -> anyhow::Result<Demo> {
    // Beside the database, whose directory is the user's alone.
    let directory = foundation.database.parent().unwrap_or(Path::new("."));
    Ok(demo::start(directory, foundation.clock.clone(), demo::Day::believable()).await?)
}
