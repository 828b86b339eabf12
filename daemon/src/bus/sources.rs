//! `org.tidings.Tidings.Sources1`.

use std::sync::Arc;

use secrecy::SecretString;
use tidings_api::{Dict, DictWriter, Error, Result, SourceStatus, names};
use tokio::sync::mpsc;
use tracing::warn;
use zbus::object_server::SignalEmitter;
use zbus::{Connection, interface};

use crate::bus::source_forms::SourceForms;
use crate::config::LiveConfig;
use crate::demo::Stage;
use crate::sources::TestReport;
use crate::sources::supervisor::Supervisor;

/// Watches and steers the remote sources.
pub(super) struct Sources1 {
    supervisor: Supervisor,
    forms: SourceForms,
}

impl Sources1 {
    pub(super) fn new(stage: Arc<Stage>, supervisor: Supervisor, config: Arc<LiveConfig>) -> Self {
        let forms = SourceForms::new(stage, supervisor.clone(), config);
        Self { supervisor, forms }
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
        Ok(to_dict(report))
    }

    /// Drops the connection and dials at once, whatever it was waiting for.
    async fn reconnect(&self, source: &str) -> Result<()> {
        if self.supervisor.reconnect(source) {
            Ok(())
        } else if self.supervisor.has(source) {
            Err(Error::Conflict(format!(
                "source: \"{source}\" is switched off; `tidings sources enable {source}` switches it on"
            )))
        } else {
            Err(unknown(source))
        }
    }

    /// Switches a source on or off, in the configuration file.
    async fn set_enabled(&self, source: &str, enabled: bool) -> Result<()> {
        self.forms.set_enabled(source, enabled).await
    }

    /// The kinds and presets there are, with the fields of their forms, as JSON.
    #[zbus(out_args("kinds"))]
    async fn kinds(&self) -> Result<String> {
        SourceForms::kinds()
    }

    /// One source as its form edits it, as JSON; without its secret.
    #[zbus(out_args("settings"))]
    async fn get(&self, source: &str) -> Result<String> {
        self.forms.get(source)
    }

    /// Adds a source to the configuration file.
    async fn add(&self, settings: &str) -> Result<()> {
        self.forms.add(settings).await
    }

    /// Changes a source in the configuration file, keeping its other keys and the comments.
    async fn update(&self, settings: &str) -> Result<()> {
        self.forms.update(settings).await
    }

    /// Takes a source out of the configuration file and its secret out of the keyring; its notifications stay.
    async fn remove(&self, source: &str) -> Result<()> {
        self.forms.remove(source).await
    }

    /// Like `Test`, for settings that are not stored. An empty secret means the stored one.
    #[zbus(out_args("report"))]
    async fn test_settings(&self, settings: &str, secret: &str) -> Result<Dict> {
        Ok(to_dict(self.forms.test(settings, SecretString::from(secret)).await?))
    }

    /// Stores the secret of a source in the keyring and dials again. It is never answered by any call.
    async fn set_secret(&self, source: &str, secret: &str) -> Result<()> {
        self.forms.set_secret(source, SecretString::from(secret)).await
    }

    /// The state of the source with this name is another.
    #[zbus(signal)]
    async fn changed(emitter: &SignalEmitter<'_>, source: &str) -> zbus::Result<()>;
}

fn to_dict(report: TestReport) -> Dict {
    let mut answer = DictWriter::default();
    answer.put("ok", report.ok);
    answer.put("steps", report.steps);
    answer.finish()
}

pub(super) fn unknown(source: &str) -> Error {
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
