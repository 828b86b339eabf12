//! The remote sources, and the demo beside them.

use std::path::Path;
use std::sync::Arc;

use tokio::sync::mpsc;

use crate::daemon::foundation::Foundation;
use crate::demo::Stage;
use crate::secrets;
use crate::sources::outage;
use crate::sources::registry::Deps;
use crate::sources::supervisor::Supervisor;

#[derive(Clone)]
pub(super) struct Sources {
    pub(super) supervisor: Supervisor,
    pub(super) stage: Arc<Stage>,
}

impl Sources {
    /// Starts what the configuration names. The receiver gets the name of each source whose state changes.
    pub(super) async fn start(
        foundation: &Foundation,
        with_demo: bool,
    ) -> anyhow::Result<(Self, mpsc::UnboundedReceiver<String>)> {
        let deps = Deps {
            http: foundation.http.clone(),
            secrets: Arc::new(secrets::Origins),
            security: foundation.config.current().security.clone(),
            images: foundation.images.clone(),
        };
        let (supervisor, changes) =
            Supervisor::new(foundation.store.clone(), foundation.clock.clone(), deps);
        let stage = Arc::new(Stage::new(
            // Beside the database, whose directory is the user's alone.
            foundation.database.parent().unwrap_or(Path::new(".")).to_owned(),
            foundation.clock.clone(),
            Arc::clone(&foundation.config),
            foundation.store.clone(),
            supervisor.clone(),
        ));
        stage.apply().await;
        if with_demo {
            stage.play().await?;
        }
        let (announced, announcements) = mpsc::unbounded_channel();
        tokio::spawn(outage::follow(
            supervisor.clone(),
            foundation.store.clone(),
            foundation.clock.clone(),
            changes,
            announced,
        ));
        Ok((Self { supervisor, stage }, announcements))
    }
}
