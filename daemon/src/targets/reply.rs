//! Reading what a provider answered.

use serde_json::Value;

use crate::net::http::Reply;
use crate::targets::Outcome;

/// The content; `Null` where it is not JSON, as from a proxy on the way.
#[must_use]
pub(super) fn json(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap_or_default()
}

/// A word that a provider's documentation can be searched for. What is not one is not repeated: it could be contents.
#[must_use]
pub(super) fn word(text: &str) -> Option<&str> {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    (plain && (1..=64).contains(&text.len())).then_some(text)
}

/// What went wrong, where nothing is sent and it is for a person alone.
#[must_use]
pub(super) fn why(outcome: Outcome) -> String {
    match outcome {
        Outcome::Retry { why, .. }
        | Outcome::Unknown { why }
        | Outcome::Gone { why }
        | Outcome::Refused { why }
        | Outcome::OptedOut { why }
        | Outcome::Misconfigured { why } => why,
        Outcome::Accepted { .. } => String::new(),
    }
}
