//! What the page may ask, one file a group. Each command calls the daemon and translates; logic is in the library.

pub(crate) mod control;
pub(crate) mod inbox;
#[cfg(test)]
mod list;
pub(crate) mod preferences;
pub(crate) mod shell;
pub(crate) mod sources;
pub(crate) mod targets;
#[cfg(test)]
mod tests;

use serde::Serialize;
use tidings_app::page::Failure;

/// What every command answers.
pub(crate) type Answer<T> = Result<T, Failure>;

/// What a form says, as the daemon reads it.
fn json(form: &impl Serialize) -> Answer<String> {
    serde_json::to_string(form).map_err(|error| Failure::invalid(format!("form: {error}")))
}
