//! The list of kinds: one word here and one module beside it is a new kind.

use std::sync::Arc;

use tidings_api::SourceKind;

use crate::config::{KeyProblem, Kinds, Security, SourceConfig};
use crate::model::Marking;
use crate::net::http::Http;
use crate::sources::{Secrets, Source, json};
use crate::targets;

/// Every kind that `kind = "…"` may name.
pub const KINDS: &[&str] = &["json"];

/// What `config.toml` is checked against.
pub const CONFIG_KINDS: Kinds = Kinds {
    names: KINDS,
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
}

/// Checks the settings of a source without connecting. Empty means that [`build`] would accept them.
#[must_use]
pub fn check(kind: &str, settings: &toml::Table) -> Vec<KeyProblem> {
    match kind {
        "json" => json::check(settings),
        other => vec![unknown_kind(other)],
    }
}

/// Builds a source from its configuration. The error is for a person: what is wrong and what to do.
pub fn build(config: &SourceConfig, deps: &Deps) -> Result<Box<dyn Source>, String> {
    match config.kind.as_str() {
        "json" => Ok(Box::new(json::JsonSource::new(config, deps)?)),
        other => Err(unknown_kind(other).message),
    }
}

/// The forms of every kind and preset.
#[must_use]
pub fn forms() -> Vec<SourceKind> {
    json::kinds()
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
    match config.kind.as_str() {
        "json" => json::summary(&config.settings),
        _ => Summary::default(),
    }
}

fn unknown_kind(kind: &str) -> KeyProblem {
    KeyProblem {
        key: "kind".to_owned(),
        message: format!("there is no kind \"{kind}\"; known kinds: {}", KINDS.join(", ")),
        known: KINDS.to_vec(),
    }
}
