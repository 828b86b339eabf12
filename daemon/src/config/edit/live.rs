//! The edits, on the file that runs.

use tidings_api::{Route, SourceSettings, TargetSettings};
use toml_edit::DocumentMut;

use super::file::plan;
use super::source::SOURCES;
use super::target::TARGETS;
use super::{EditError, Setting, remove, route, settings, source, target};
use crate::config::model::{Security, SourceConfig, TargetConfig};
use crate::config::watch::LiveConfig;

/// Every edit but a preview is in force when it returns. An error leaves the file as it was.
impl LiveConfig {
    /// Switches a source on or off.
    ///
    /// # Errors
    ///
    /// Why the file could not be edited.
    pub fn set_source_enabled(&self, name: &str, enabled: bool) -> Result<(), EditError> {
        self.edit(|document| SOURCES.set_enabled(self.path(), document, name, enabled))
    }

    /// Adds a source; `secret_key` (`token` or `password`) says that its secret is in the keyring.
    ///
    /// # Errors
    ///
    /// Why the file could not be edited.
    pub fn add_source(
        &self,
        settings: &SourceSettings,
        secret_key: Option<&str>,
    ) -> Result<(), EditError> {
        self.edit(|document| source::add(self.path(), document, settings, secret_key))
    }

    /// Changes what the form shows of a source.
    ///
    /// # Errors
    ///
    /// Why the file could not be edited.
    pub fn update_source(&self, settings: &SourceSettings) -> Result<(), EditError> {
        self.edit(|document| source::update(self.path(), document, settings))
    }

    /// Takes a source out.
    ///
    /// # Errors
    ///
    /// Why the file could not be edited.
    pub fn remove_source(&self, name: &str) -> Result<(), EditError> {
        self.edit(|document| remove::remove(self.path(), document, SOURCES, name))
    }

    /// Says that the secret of a source is in the keyring, if nothing says where it is.
    ///
    /// # Errors
    ///
    /// Why the file could not be edited.
    pub fn use_keyring(&self, name: &str, secret_key: &str) -> Result<(), EditError> {
        self.edit(|document| SOURCES.use_keyring(self.path(), document, name, secret_key))
    }

    /// Switches a target on or off.
    ///
    /// # Errors
    ///
    /// Why the file could not be edited.
    pub fn set_target_enabled(&self, name: &str, enabled: bool) -> Result<(), EditError> {
        self.edit(|document| TARGETS.set_enabled(self.path(), document, name, enabled))
    }

    /// Adds a target; `secret_key` (`token` or `password`) says that its secret is in the keyring.
    ///
    /// # Errors
    ///
    /// Why the file could not be edited.
    pub fn add_target(
        &self,
        settings: &TargetSettings,
        secret_key: Option<&str>,
    ) -> Result<(), EditError> {
        self.edit(|document| target::add(self.path(), document, settings, secret_key))
    }

    /// Changes what the form shows of a target.
    ///
    /// # Errors
    ///
    /// Why the file could not be edited.
    pub fn update_target(&self, settings: &TargetSettings) -> Result<(), EditError> {
        self.edit(|document| target::update(self.path(), document, settings))
    }

    /// Takes a target out. One that a route leads to stays: the error says so.
    ///
    /// # Errors
    ///
    /// Why the file could not be edited.
    pub fn remove_target(&self, name: &str) -> Result<(), EditError> {
        self.edit(|document| remove::remove(self.path(), document, TARGETS, name))
    }

    /// Says that the secret of a target is in the keyring, if nothing says where it is.
    ///
    /// # Errors
    ///
    /// Why the file could not be edited.
    pub fn use_keyring_for_target(&self, name: &str, secret_key: &str) -> Result<(), EditError> {
        self.edit(|document| TARGETS.use_keyring(self.path(), document, name, secret_key))
    }

    /// Replaces the routes.
    ///
    /// # Errors
    ///
    /// Why the file could not be edited.
    pub fn set_routes(&self, routes: &[Route]) -> Result<(), EditError> {
        self.edit(|document| route::set_all(document, routes))
    }

    /// The configuration as it would be with a target's form stored.
    ///
    /// # Errors
    ///
    /// Why the form could not be stored, but for a file that cannot be written.
    pub fn preview_target(
        &self,
        settings: &TargetSettings,
        secret_key: Option<&str>,
    ) -> Result<TargetConfig, EditError> {
        let path = self.path();
        let plan =
            plan(path, self.kinds(), |document| match target::update(path, document, settings) {
                Err(EditError::Missing { .. }) => target::add(path, document, settings, secret_key),
                outcome => outcome,
            })?;
        let mut targets = plan.config.targets.into_iter();
        let found = targets.find(|target| target.name == settings.name);
        found.ok_or_else(|| TARGETS.missing(path, &settings.name))
    }

    /// Changes settings, all or none.
    ///
    /// # Errors
    ///
    /// Why the file could not be edited.
    pub fn set(&self, wanted: &[Setting]) -> Result<(), EditError> {
        self.edit(|document| settings::set(document, wanted))
    }

    /// A source as it would be if its form were stored, and the security it would run under.
    ///
    /// # Errors
    ///
    /// Why the form could not be stored, but for a file that cannot be written.
    pub fn preview_source(
        &self,
        settings: &SourceSettings,
        secret_key: Option<&str>,
    ) -> Result<(SourceConfig, Security), EditError> {
        let path = self.path();
        let plan =
            plan(path, self.kinds(), |document| match source::update(path, document, settings) {
                Err(EditError::Missing { .. }) => source::add(path, document, settings, secret_key),
                Ok(()) => match secret_key {
                    Some(key) => SOURCES.use_keyring(path, document, &settings.name, key),
                    None => Ok(()),
                },
                Err(error) => Err(error),
            })?;
        let missing = || SOURCES.missing(path, &settings.name);
        let mut sources = plan.config.sources.into_iter();
        let source = sources.find(|source| source.name == settings.name).ok_or_else(missing)?;
        Ok((source, plan.config.security))
    }

    fn edit(
        &self,
        change: impl FnOnce(&mut DocumentMut) -> Result<(), EditError>,
    ) -> Result<(), EditError> {
        plan(self.path(), self.kinds(), change)?.write()?;
        self.reload().map_err(|_| EditError::Broken { path: self.path().to_owned() })
    }
}
