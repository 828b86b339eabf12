//! What `Targets1` does with the forms of targets: the configuration file, the keyring, and a try.

use std::collections::BTreeSet;
use std::sync::Arc;

use secrecy::SecretString;
use tidings_api::{
    AddressField, Error, Record, Result, Route, RouteSpan, SecretPlace, TargetKind, TargetSettings,
};
use tracing::warn;
use url::Url;

use crate::bus::source_forms::{checked, edited, to_json, unavailable};
use crate::bus::target_trial::Trial;
use crate::bus::{failed, target_check, targets};
use crate::clock::Clock;
use crate::config::{LiveConfig, RouteConfig, SecretOrigin, TargetConfig, write_duration};
use crate::dispatch::outbound::Dispatcher;
use crate::secrets::{self, SecretError};
use crate::store::Store;
use crate::targets::{AddressForm, Kind, Message, Outcome, form, registry};

/// Answers and carries out forms. An edit is in force when it returns.
pub(super) struct TargetForms {
    store: Store,
    config: Arc<LiveConfig>,
    dispatcher: Dispatcher,
    trial: Trial,
}

impl TargetForms {
    pub(super) fn new(
        store: Store,
        clock: Clock,
        config: Arc<LiveConfig>,
        dispatcher: Dispatcher,
    ) -> Self {
        let trial = Trial::new(store.clone(), clock, dispatcher.outbox().clone());
        Self { store, config, dispatcher, trial }
    }

    /// The forms there are.
    pub(super) fn kinds() -> Result<String> {
        let kinds: Vec<_> = registry::KINDS.iter().map(|kind| described(kind)).collect();
        to_json("kinds", &kinds)
    }

    /// The form of a target, filled in.
    pub(super) fn get(&self, name: &str) -> Result<String> {
        to_json("target", &form::settings(&self.find(name)?))
    }

    /// Adds a target.
    pub(super) async fn add(&self, settings: &str) -> Result<()> {
        let settings = TargetSettings::from_json(settings)?;
        let kind = open_to_the_bus(&settings.kind)?;
        let key = match settings.secret {
            SecretPlace::None => None,
            SecretPlace::Keyring => Some(secret_key(kind)),
            SecretPlace::Elsewhere => {
                return Err(Error::InvalidArgs(
                    "secret: a command or file is named in config.toml only; use the keyring, or add it there"
                        .to_owned(),
                ));
            }
        };
        if key.is_some() {
            // What would be refused leaves the keyring as it is: the name may be a source's, and the secret with it.
            self.config.preview_target(&settings, key).map_err(|error| edited(&error))?;
            if !self.config.current().targets.iter().any(|t| t.name == settings.name) {
                // What an earlier target of this name has left there was for another provider, maybe.
                leave_behind(&settings.name).await?;
            }
        }
        self.config.add_target(&settings, key).map_err(|error| edited(&error))?;
        self.apply().await;
        Ok(())
    }

    /// Changes a target. A secret does not follow it to another server.
    pub(super) async fn update(&self, settings: &str) -> Result<()> {
        let settings = TargetSettings::from_json(settings)?;
        open_to_the_bus(&settings.kind)?;
        let before = self.find(&settings.name)?;
        if settings.kind != before.kind {
            // Its secret and its records would go to another provider.
            return Err(Error::InvalidArgs(format!(
                "kind: \"{}\" is of the kind \"{}\"; remove it and add another one instead",
                before.name, before.kind
            )));
        }
        let after = self.config.preview_target(&settings, None).map_err(|error| edited(&error))?;
        let elsewhere = form::is_elsewhere(&before);
        if (before.secret.is_some() || elsewhere) && moves(&before, &after) {
            if elsewhere {
                return Err(Error::Conflict(format!(
                    "\"{}\" would send its secret to another server, and the secret comes from where config.toml says; change the address there, too",
                    before.name
                )));
            }
            leave_behind(&before.name).await?;
        }
        self.config.update_target(&settings).map_err(|error| edited(&error))?;
        self.apply().await;
        Ok(())
    }

    /// Switches a target on or off.
    pub(super) async fn set_enabled(&self, name: &str, enabled: bool) -> Result<()> {
        self.find(name)?;
        self.config.set_target_enabled(name, enabled).map_err(|error| edited(&error))?;
        self.apply().await;
        Ok(())
    }

    /// Takes a target out, with its records and its secret.
    pub(super) async fn remove(&self, name: &str) -> Result<()> {
        let target = self.find(name)?;
        self.config.remove_target(name).map_err(|error| edited(&error))?;
        self.apply().await;
        self.store.forget_target(name.to_owned()).await.map_err(failed)?;
        if target.secret != Some(SecretOrigin::Keyring) {
            return Ok(());
        }
        match secrets::delete(name).await {
            Ok(()) | Err(SecretError::KeyringAbsent) => Ok(()),
            Err(error) => Err(Error::Unavailable(format!(
                "the target is removed, but not its secret: {error}; then run `tidings secret delete {name}`"
            ))),
        }
    }

    /// Stores a secret in the keyring, sees to it that the target looks there, and ends its pause.
    pub(super) async fn set_secret(&self, name: &str, secret: SecretString) -> Result<()> {
        let target = self.find(name)?;
        if form::is_elsewhere(&target) {
            return Err(Error::Conflict(format!(
                "\"{name}\" gets its secret from where config.toml says; change it there"
            )));
        }
        let kind = registry::find(&target.kind).ok_or_else(|| targets::unknown(name))?;
        if kind.secret.is_empty() {
            return Err(Error::InvalidArgs(format!(
                "secret: a target of the kind \"{}\" has none",
                kind.name
            )));
        }
        let secret = checked(secret)?;
        secrets::store(name, &secret).await.map_err(|error| unavailable(&error))?;
        if target.secret.is_none()
            && let Err(error) = self.config.use_keyring_for_target(name, secret_key(kind))
        {
            if let Err(error) = secrets::delete(name).await {
                warn!(target_name = name, %error, "a secret that nothing names stays in the keyring");
            }
            return Err(edited(&error));
        }
        self.dispatcher.renew(name, &self.config.current()).await.map_err(failed)?;
        Ok(())
    }

    /// Sends a test message. Answers whether all went well, and a line for each step.
    pub(super) async fn test(&self, name: &str, address: &str) -> Result<(bool, Vec<String>)> {
        let target = self.find(name)?;
        self.trial.run(&target, address).await
    }

    /// Why a target cannot send, as far as that shows without sending; empty = nothing is known to be in the way.
    pub(super) async fn check(&self, name: &str) -> Result<String> {
        let target = self.find(name)?;
        if let Some(why) = self.dispatcher.outbox().broken(name) {
            return Ok(why);
        }
        let trouble = target_check::trouble(name, target.secret.as_ref(), &target.settings).await;
        Ok(trouble.unwrap_or_default())
    }

    /// Sends a message to a record past the queue; anything but being accepted is an error.
    pub(super) async fn send(&self, record: &Record, message: &Message) -> Result<()> {
        self.find(&record.target)?;
        match self.trial.send(record, message).await {
            Some(Outcome::Accepted { .. }) => Ok(()),
            outcome => Err(Error::Unavailable(in_words(&record.target, outcome))),
        }
    }

    /// What an address of a target is; an error where it has none.
    pub(super) fn address_form(&self, name: &str) -> Result<AddressForm> {
        let target = self.find(name)?;
        let kind = registry::find(&target.kind).ok_or_else(|| targets::unknown(name))?;
        kind.address.ok_or_else(|| targets::takes_no_address(name))
    }

    /// An address in the one form it is stored in; an error where nothing could ever be sent there.
    pub(super) fn address(&self, name: &str, form: AddressForm, text: &str) -> Result<String> {
        let refused = |why| Error::InvalidArgs(format!("address: {why}"));
        let address = (form.normalize)(text).map_err(refused)?;
        let target = self.find(name)?;
        self.dispatcher.admits(&target, &self.config.current(), &address).map_err(refused)?;
        Ok(address)
    }

    /// The routes.
    pub(super) fn routes(&self) -> Result<String> {
        let routes: Vec<_> = self.config.current().routes.iter().map(route).collect();
        to_json("routes", &routes)
    }

    /// Replaces the routes.
    pub(super) async fn set_routes(&self, routes: &str) -> Result<()> {
        let routes = Route::list_from_json(routes)?;
        self.config.set_routes(&routes).map_err(|error| edited(&error))?;
        self.apply().await;
        Ok(())
    }

    async fn apply(&self) {
        self.dispatcher.apply(&self.config.current()).await;
    }

    /// A target of the configuration.
    fn find(&self, name: &str) -> Result<TargetConfig> {
        let config = self.config.current();
        let found = config.targets.iter().find(|target| target.name == name);
        found.cloned().ok_or_else(|| targets::unknown(name))
    }
}

/// A kind that programs on the bus may set up. What runs a program is for the owner of the file to name.
fn open_to_the_bus(name: &str) -> Result<&'static Kind> {
    let Some(kind) = registry::find(name) else {
        return Err(Error::InvalidArgs(format!(
            "kind: there is no kind \"{name}\"; known kinds: {}",
            registry::names().join(", ")
        )));
    };
    if kind.only_in_the_file {
        return Err(Error::InvalidArgs(format!(
            "kind: a target of the kind \"{name}\" runs a program, so it is set up in config.toml alone"
        )));
    }
    Ok(kind)
}

fn described(kind: &Kind) -> TargetKind {
    TargetKind {
        kind: kind.name.to_owned(),
        title: kind.title.to_owned(),
        description: kind.description.to_owned(),
        secret: kind.secret.to_owned(),
        address: kind.address.map(|form| AddressField {
            label: form.label.to_owned(),
            example: form.example.to_owned(),
            verified: form.verified,
        }),
        only_in_the_file: kind.only_in_the_file,
        fields: (kind.fields)().into_iter().chain(form::shared_fields()).collect(),
    }
}

fn secret_key(kind: &Kind) -> &'static str {
    if kind.secret == "password" { "password" } else { "token" }
}

/// Whether a target would send its secret to a server that it did not send it to before. Without an address of its own
/// it talks to its provider.
fn moves(before: &TargetConfig, after: &TargetConfig) -> bool {
    servers(&after.settings) != servers(&before.settings)
}

/// The servers that are dialled. Links that are only passed on, `unsubscribe` of a mail for one, are not.
fn servers(settings: &toml::Table) -> BTreeSet<String> {
    let dialled = ["url", "server"].iter().filter_map(|key| settings.get(*key)?.as_str());
    let urls = dialled.filter_map(|text| Url::parse(text).ok()).filter(Url::has_host);
    urls.map(|url| {
        let port = url.port_or_known_default().map(|port| port.to_string()).unwrap_or_default();
        format!("{}://{}:{port}", url.scheme(), url.host_str().unwrap_or_default())
    })
    .collect()
}

/// Takes a secret out of the keyring that must not go where its target leads now.
async fn leave_behind(name: &str) -> Result<()> {
    match secrets::delete(name).await {
        // Nobody keeps a secret that could go astray.
        Ok(()) | Err(SecretError::KeyringAbsent) => Ok(()),
        Err(error) => Err(Error::Unavailable(format!(
            "the keyring may hold a secret for another server, which cannot be removed, so nothing was changed: {error}"
        ))),
    }
}

/// What came of a message, for a person.
pub(super) fn in_words(name: &str, outcome: Option<Outcome>) -> String {
    match outcome {
        None => {
            format!("\"{name}\" is switched off, or cannot be used; `tidings targets` says why")
        }
        Some(Outcome::Accepted { .. }) => "accepted".to_owned(),
        Some(Outcome::Retry { why, .. }) => format!("failed for now: {why}"),
        Some(Outcome::Unknown { why }) => format!("it may have arrived, or not: {why}"),
        Some(Outcome::Gone { why }) => format!("the address does not exist: {why}"),
        Some(Outcome::Refused { why }) => format!("refused: {why}"),
        Some(Outcome::OptedOut { why }) => format!("the recipient has opted out: {why}"),
        Some(Outcome::Misconfigured { why }) => format!("the target is not set up right: {why}"),
    }
}

/// A route as its form shows it.
fn route(config: &RouteConfig) -> Route {
    let spans = config.when.0.iter().map(|span| RouteSpan {
        days: span.days.words(),
        from: span.from.format("%H:%M").to_string(),
        until: span.until.format("%H:%M").to_string(),
    });
    Route {
        name: config.given_name.clone(),
        source: config.sources.clone(),
        topic: config.topics.clone(),
        min_urgency: config.min_urgency,
        tag: config.tags.clone(),
        text: config.text.clone(),
        actor: config.actors.clone(),
        unread_for: config.unread_for.map(write_duration).unwrap_or_default(),
        when: spans.collect(),
        to: config.to.clone(),
        only: config.only,
    }
}
