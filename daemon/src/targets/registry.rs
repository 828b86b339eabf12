//! The list of kinds: one word here and one module beside it is a new kind.

use std::sync::Arc;

use crate::config::{KeyProblem, Security, TargetConfig};
use crate::net::http::Http;
use crate::sources::Secrets;
use crate::targets::{
    Kind, Target, apns, command, email, expo, fcm, ntfy, twilio, webhook, webpush,
};

/// Every kind that `kind = "…"` may name, in the order in which they are offered.
pub const KINDS: &[&Kind] = &[
    &email::KIND,
    &ntfy::KIND,
    &twilio::KIND,
    &webhook::KIND,
    &webpush::KIND,
    &expo::KIND,
    &fcm::KIND,
    &apns::KIND,
    &command::KIND,
];

/// What every kind needs from the rest of the daemon.
#[derive(Clone)]
pub struct Deps {
    /// The one HTTP client of the process.
    pub http: Http,
    /// Reads tokens and passwords when a message needs them.
    pub secrets: Arc<dyn Secrets>,
    /// Which hosts may be sent what.
    pub security: Security,
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

/// Checks the settings of a target without connecting. Empty means that [`build`] would accept them.
#[must_use]
pub fn check(kind: &str, settings: &toml::Table, security: &Security) -> Vec<KeyProblem> {
    find(kind).map(|kind| (kind.check)(settings, security)).unwrap_or_default()
}

/// Builds a target from its configuration. The error is for a person: what is wrong and what to do.
pub fn build(config: &TargetConfig, deps: &Deps) -> Result<Box<dyn Target>, String> {
    match find(&config.kind) {
        Some(kind) => (kind.build)(config, deps),
        None => Err(format!("there is no kind of target \"{}\"", config.kind)),
    }
}
