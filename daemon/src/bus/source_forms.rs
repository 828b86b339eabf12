//! What `Sources1` does with the forms of sources: the configuration file, the keyring, and a try before both.

use std::sync::Arc;

use secrecy::SecretString;
use tidings_api::{Error, Result, SecretPlace, SourceSettings};
use tracing::warn;

use crate::bus;
use crate::config::edit::EditError;
use crate::config::{LiveConfig, SecretOrigin, SourceConfig};
use crate::demo::{self, Stage};
use crate::secrets::{self, Given, SecretError};
use crate::sources::supervisor::Supervisor;
use crate::sources::{Secrets, TestReport, form, registry};

/// Stands for the name of a form that has none yet.
const UNNAMED: &str = "new source";

/// Answers and carries out forms. An edit is in force when it returns, for the sources, too.
pub(super) struct SourceForms {
    stage: Arc<Stage>,
    supervisor: Supervisor,
    config: Arc<LiveConfig>,
}

impl SourceForms {
    pub(super) const fn new(
        stage: Arc<Stage>,
        supervisor: Supervisor,
        config: Arc<LiveConfig>,
    ) -> Self {
        Self { stage, supervisor, config }
    }

    /// The forms there are.
    pub(super) fn kinds() -> Result<String> {
        to_json("kinds", &registry::forms())
    }

    /// The form of a source, filled in.
    pub(super) fn get(&self, name: &str) -> Result<String> {
        to_json("source", &form::settings(&self.find(name)?))
    }

    /// Adds a source.
    pub(super) async fn add(&self, settings: &str) -> Result<()> {
        let settings = SourceSettings::from_json(settings)?;
        if settings.name == demo::SOURCE_NAME {
            return Err(Error::InvalidArgs(format!(
                "name: \"{}\" is reserved for the sample data; choose another name",
                demo::SOURCE_NAME
            )));
        }
        let key = match settings.secret {
            SecretPlace::None => None,
            SecretPlace::Keyring => Some(form::secret_key(&settings.kind, &settings.preset)),
            SecretPlace::Elsewhere => {
                return Err(Error::InvalidArgs(
                    "secret: a command or file is named in config.toml only; use the keyring, or add it there"
                        .to_owned(),
                ));
            }
        };
        if let Some(key) = key {
            self.leave_old_secret_behind(&settings, key).await?;
        }
        self.config.add_source(&settings, key).map_err(|error| edited(&error))?;
        self.stage.apply().await;
        Ok(())
    }

    /// A secret that an earlier source of this name has left in the keyring was for another server, maybe.
    async fn leave_old_secret_behind(&self, settings: &SourceSettings, key: &str) -> Result<()> {
        self.config.preview_source(settings, Some(key)).map_err(|error| edited(&error))?;
        if self.config.current().sources.iter().any(|source| source.name == settings.name) {
            // It is taken: the edit is refused, and the secret belongs to who has the name.
            return Ok(());
        }
        match secrets::delete(&settings.name).await {
            Ok(()) | Err(SecretError::KeyringAbsent) => Ok(()),
            Err(error) => Err(Error::Unavailable(format!(
                "the keyring may hold a secret of an earlier source of this name, which cannot be removed, so nothing was added: {error}"
            ))),
        }
    }

    /// Changes a source. A secret does not follow it to another server.
    pub(super) async fn update(&self, settings: &str) -> Result<()> {
        let settings = SourceSettings::from_json(settings)?;
        let before = self.find(&settings.name)?;
        let (after, _) =
            self.config.preview_source(&settings, None).map_err(|error| edited(&error))?;
        if before.secret.is_some() && moves(&before, &after) {
            self.leave_secret_behind(&before).await?;
        }
        self.config.update_source(&settings).map_err(|error| edited(&error))?;
        self.stage.apply().await;
        Ok(())
    }

    /// Whoever can change an address must not get hold of the secret by naming a server of their own.
    async fn leave_secret_behind(&self, source: &SourceConfig) -> Result<()> {
        if source.secret != Some(SecretOrigin::Keyring) {
            return Err(Error::Conflict(format!(
                "\"{}\" would send its secret to another server, and the secret comes from where config.toml says; change the address there, too",
                source.name
            )));
        }
        match secrets::delete(&source.name).await {
            // Nobody keeps a secret that could go astray.
            Ok(()) | Err(SecretError::KeyringAbsent) => Ok(()),
            Err(error) => Err(Error::Unavailable(format!(
                "the secret for the old address cannot be removed, so nothing was changed: {error}"
            ))),
        }
    }

    /// Switches a source on or off.
    pub(super) async fn set_enabled(&self, name: &str, enabled: bool) -> Result<()> {
        self.find(name)?;
        self.config.set_source_enabled(name, enabled).map_err(|error| edited(&error))?;
        self.stage.apply().await;
        Ok(())
    }

    /// Takes a source out, and its secret.
    pub(super) async fn remove(&self, name: &str) -> Result<()> {
        let source = self.find(name)?;
        self.config.remove_source(name).map_err(|error| edited(&error))?;
        self.stage.apply().await;
        if source.secret != Some(SecretOrigin::Keyring) {
            return Ok(());
        }
        match secrets::delete(name).await {
            Ok(()) | Err(SecretError::KeyringAbsent) => Ok(()),
            Err(error) => Err(Error::Unavailable(format!(
                "the source is removed, but not its secret: {error}; then run `tidings secret delete {name}`"
            ))),
        }
    }

    /// Tries a form. Without a secret the stored one is used, on the servers that it is for.
    pub(super) async fn test(&self, settings: &str, secret: SecretString) -> Result<TestReport> {
        let mut settings = SourceSettings::from_json(settings)?;
        if settings.name.trim().is_empty() {
            UNNAMED.clone_into(&mut settings.name);
        }
        let secret = if is_empty(&secret) { None } else { Some(checked(secret)?) };
        let key = secret.is_some().then(|| form::secret_key(&settings.kind, &settings.preset));
        let (source, security) =
            self.config.preview_source(&settings, key).map_err(|error| edited(&error))?;
        let stored = self.config.current().sources.iter().find(|s| s.name == source.name).cloned();
        if secret.is_none() && stored.is_some_and(|s| s.secret.is_some() && moves(&s, &source)) {
            return Err(Error::InvalidArgs(
                "secret: the stored one is for another server; enter the one for this address"
                    .to_owned(),
            ));
        }
        let secrets = secret.map(|secret| Arc::new(Given(secret)) as Arc<dyn Secrets>);
        Ok(self.supervisor.test_settings(source, security, secrets).await)
    }

    /// Stores a secret in the keyring, and sees to it that the source looks there.
    pub(super) async fn set_secret(&self, name: &str, secret: SecretString) -> Result<()> {
        let source = self.find(name)?;
        let is_elsewhere = source.secret.as_ref().is_some_and(|o| *o != SecretOrigin::Keyring);
        if is_elsewhere {
            return Err(Error::Conflict(format!(
                "\"{name}\" gets its secret from where config.toml says; change it there"
            )));
        }
        let secret = checked(secret)?;
        secrets::store(name, &secret).await.map_err(|error| unavailable(&error))?;
        if source.secret.is_none() {
            let preset = registry::summary(&source).preset;
            let key = form::secret_key(&source.kind, &preset);
            if let Err(error) = self.config.use_keyring(name, key) {
                forget(name).await;
                return Err(edited(&error));
            }
            self.stage.apply().await;
        }
        // A source that is switched off reads it when it is switched on.
        let _off = self.supervisor.reconnect(name);
        Ok(())
    }

    /// A source of the configuration.
    fn find(&self, name: &str) -> Result<SourceConfig> {
        let config = self.config.current();
        if let Some(source) = config.sources.iter().find(|source| source.name == name) {
            return Ok(source.clone());
        }
        if self.supervisor.has(name) {
            return Err(Error::Conflict(format!(
                "source: \"{name}\" is sample data and in no configuration; `Control1.EndDemo` ends it"
            )));
        }
        Err(bus::sources::unknown(name))
    }
}

/// Whether a source would connect to a server that it did not connect to before.
fn moves(before: &SourceConfig, after: &SourceConfig) -> bool {
    !form::servers(&after.settings).is_subset(&form::servers(&before.settings))
}

/// Takes back a secret that the configuration cannot name.
async fn forget(name: &str) {
    if let Err(error) = secrets::delete(name).await {
        warn!(source = name, %error, "a secret that nothing names stays in the keyring");
    }
}

fn is_empty(secret: &SecretString) -> bool {
    use secrecy::ExposeSecret;
    secret.expose_secret().is_empty()
}

/// A secret that a request can carry.
pub(super) fn checked(secret: SecretString) -> Result<SecretString> {
    match secrets::typed(&secret) {
        Ok(()) => Ok(secret),
        Err(error) => Err(Error::InvalidArgs(format!("secret: {error}"))),
    }
}

/// Without a Secret Service the words name the way out already.
pub(super) fn unavailable(error: &SecretError) -> Error {
    let is_told = matches!(error, SecretError::KeyringAbsent);
    let way_out =
        if is_told { "" } else { "; or name a token_command or token_file in config.toml" };
    Error::Unavailable(format!("{error}{way_out}"))
}

/// An edit that was refused, in the words of the contract.
pub(super) fn edited(error: &EditError) -> Error {
    let words = error.to_string();
    match error {
        EditError::Missing { .. } => Error::NotFound(words),
        EditError::BadValue { .. } | EditError::Refused(_) => Error::InvalidArgs(words),
        EditError::TooLarge => Error::TooLarge(words),
        EditError::NameTaken { .. }
        | EditError::Broken { .. }
        | EditError::ReadOnly { .. }
        | EditError::Changed { .. } => Error::Conflict(words),
        EditError::Io { .. } => Error::Storage(words),
    }
}

/// An answer as JSON.
pub(super) fn to_json(what: &str, value: &impl serde::Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::Unavailable(format!("{what}: cannot be answered: {error}")))
}
