//! The edits, on the file that runs.

use tidings_api::SourceSettings;
use toml_edit::DocumentMut;

use super::file::plan;
use super::{EditError, Setting, remove, settings, source};
use crate::config::model::{Security, SourceConfig};
use crate::config::watch::LiveConfig;

/// Every edit but a preview is in force when it returns. An error leaves the file as it was.
impl LiveConfig {
    /// Switches a source on or off.
    ///
    /// # Errors
    ///
    /// Why the file could not be edited.
    pub fn set_source_enabled(&self, name: &str, enabled: bool) -> Result<(), EditError> {
        self.edit(|document| source::set_enabled(self.path(), document, name, enabled))
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
        self.edit(|document| remove::remove(self.path(), document, name))
    }

    /// Says that the secret of a source is in the keyring, if nothing says where it is.
    ///
    /// # Errors
    ///
    /// Why the file could not be edited.
    pub fn use_keyring(&self, name: &str, secret_key: &str) -> Result<(), EditError> {
        self.edit(|document| source::use_keyring(self.path(), document, name, secret_key))
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
                Err(EditError::NoSuchSource { .. }) => {
                    source::add(path, document, settings, secret_key)
                }
                Ok(()) => match secret_key {
                    Some(key) => source::use_keyring(path, document, &settings.name, key),
                    None => Ok(()),
                },
                Err(error) => Err(error),
            })?;
        let missing =
            || EditError::NoSuchSource { path: path.to_owned(), name: settings.name.clone() };
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
