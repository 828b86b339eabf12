//! `org.tidings.Tidings.Sources1`.

use std::sync::Arc;

use tidings_api::{Dict, DictWriter, Error, Result, SourceStatus, names};
use tokio::sync::mpsc;
use tracing::warn;
use zbus::object_server::SignalEmitter;
use zbus::{Connection, interface};

use crate::config::LiveConfig;
use crate::sources::supervisor::Supervisor;

/// Watches and steers the remote sources.
pub(super) struct Sources1 {
    supervisor: Supervisor,
    config: Arc<LiveConfig>,
}

impl Sources1 {
    pub(super) fn new(supervisor: Supervisor, config: Arc<LiveConfig>) -> Self {
        Self { supervisor, config }
    }

    async fn exists(&self, source: &str) -> bool {
        self.supervisor.list().await.iter().any(|status| status.name == source)
    }
}

#[interface(name = "org.tidings.Tidings.Sources1")]
impl Sources1 {
    /// Every configured source with its state.
    #[zbus(out_args("sources"))]
    async fn list(&self) -> Vec<Dict> {
        self.supervisor.list().await.iter().map(SourceStatus::to_dict).collect()
    }

    /// Connects once beside the running connection and says what the server answered.
    #[zbus(out_args("report"))]
    async fn test(&self, source: &str) -> Result<Dict> {
        let report = self.supervisor.test(source).await.ok_or_else(|| unknown(source))?;
        let mut answer = DictWriter::default();
        answer.put("ok", report.ok);
        answer.put("steps", report.steps);
        Ok(answer.finish())
    }

    /// Drops the connection and dials at once, whatever it was waiting for.
    async fn reconnect(&self, source: &str) -> Result<()> {
        if self.supervisor.reconnect(source) {
            Ok(())
        } else if self.exists(source).await {
            Err(Error::Conflict(format!(
                "source: \"{source}\" is switched off; `tidings sources enable {source}` switches it on"
            )))
        } else {
            Err(unknown(source))
        }
    }

    /// Switches a source on or off, in the configuration file.
    async fn set_enabled(&self, source: &str, enabled: bool) -> Result<()> {
        if !self.exists(source).await {
            return Err(unknown(source));
        }
        self.config
            .set_source_enabled(source, enabled)
            .map_err(|error| Error::Conflict(error.to_string()))
    }

    /// The state of the source with this name is another.
    #[zbus(signal)]
    async fn changed(emitter: &SignalEmitter<'_>, source: &str) -> zbus::Result<()>;
}

fn unknown(source: &str) -> Error {
    Error::NotFound(format!(
        "source: there is no source \"{source}\"; `tidings sources` lists them"
    ))
}

/// Runs until the supervisor is gone.
pub(super) async fn announce(connection: Connection, mut changes: mpsc::UnboundedReceiver<String>) {
    let emitter = match SignalEmitter::new(&connection, names::OBJECT_PATH) {
        Ok(emitter) => emitter,
        Err(error) => return warn!(%error, "changes of sources cannot be announced"),
    };
    while let Some(source) = changes.recv().await {
        if let Err(error) = Sources1::changed(&emitter, &source).await {
            warn!(%error, source, "a change of a source could not be announced");
        }
    }
}
