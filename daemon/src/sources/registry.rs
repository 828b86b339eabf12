//! The list of kinds: one word here and one module beside it is a new kind.

use std::sync::Arc;

use tidings_api::SourceKind;

use crate::config::{KeyProblem, Kinds, Security, SourceConfig};
use crate::images::Images;
use crate::model::Marking;
use crate::net::http::Http;
use crate::sources::{Kind, Secrets, Source, gotify, home_assistant, json, ntfy};
use crate::targets;

/// Every kind that `kind = "…"` may name, in the order in which they are offered.
pub const KINDS: &[&Kind] = &[&ntfy::KIND, &gotify::KIND, &home_assistant::KIND, &json::KIND];

/// What `config.toml` is checked against.
pub const CONFIG_KINDS: Kinds = Kinds {
    names,
    check,
    target_names: targets::registry::names,
    check_target: targets::registry::check,
};

/// What every kind needs from the rest of the daemon.
#[derive(Clone)]
pub struct Deps {
    /// The one HTTP client of the process.
    pub http: Http,
    /// Reads tokens and passwords when a connection needs them.
    pub secrets: Arc<dyn Secrets>,
    /// Which hosts may be sent credentials in the clear.
    pub security: Security,
    /// Keeps the images that belong to what a server sends.
    pub images: Images,
}

/// The kind of a name.
#[must_use]
pub fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().copied().find(|kind| kind.name == name)
}

/// Every name.
#[must_use]
pub fn names() -> Vec<&'static str> {
    KINDS.iter().map(|kind| kind.name).collect()
}

/// Checks the settings of a source without connecting. Empty means that [`build`] would accept them.
#[must_use]
pub fn check(kind: &str, settings: &toml::Table) -> Vec<KeyProblem> {
    match find(kind) {
        Some(kind) => (kind.check)(settings),
        None => vec![unknown_kind(kind)],
    }
}

/// Builds a source from its configuration. The error is for a person: what is wrong and what to do.
pub fn build(config: &SourceConfig, deps: &Deps) -> Result<Box<dyn Source>, String> {
    match find(&config.kind) {
        Some(kind) => (kind.build)(config, deps),
        None => Err(unknown_kind(&config.kind).message),
    }
}

/// The forms of every kind and preset.
#[must_use]
pub fn forms() -> Vec<SourceKind> {
    KINDS.iter().flat_map(|kind| (kind.forms)()).collect()
}

/// What `Sources1.List` shows of a source's settings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// The preset, where the kind has them.
    pub preset: String,
    /// Where it connects to, without credentials.
    pub url: String,
    /// Which marks made here are sent to the server.
    pub marking: Marking,
}

/// Summarises settings; what is missing or wrong stays empty.
#[must_use]
pub fn summary(config: &SourceConfig) -> Summary {
    find(&config.kind).map(|kind| (kind.summary)(&config.settings)).unwrap_or_default()
}

fn unknown_kind(kind: &str) -> KeyProblem {
    KeyProblem {
        key: "kind".to_owned(),
        message: format!("there is no kind \"{kind}\"; known kinds: {}", names().join(", ")),
        known: names(),
    }
}
