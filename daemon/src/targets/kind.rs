use std::time::Duration;

use tidings_api::FormField;

use crate::config::{KeyProblem, Security, TargetConfig};
use crate::targets::Target;
use crate::targets::registry::Deps;

/// A kind of target: all that the rest of the daemon knows about it. One `pub const KIND: Kind` in the file of the kind.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// The word for `kind` in the configuration.
    pub name: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// One English sentence on where it leads to.
    pub description: &'static str,
    /// What the secret is called: `token`, `password`, or empty where there is none.
    pub secret: &'static str,
    /// What an address is; `None` = the target has exactly one recipient, and no address.
    pub address: Option<AddressForm>,
    /// The fields of its form beside the name and the secret.
    pub fields: fn() -> Vec<FormField>,
    /// What is wrong with the settings: everything in the table but the keys that all targets share, and where the file allows
    /// to send what. Empty means that `build` would accept them.
    pub check: fn(&toml::Table, &Security) -> Vec<KeyProblem>,
    /// Makes the target. The error is for a person: what is wrong and what to do.
    pub build: Build,
    /// Messages on their way at once, at most.
    pub concurrency: usize,
    /// Whether a second attempt at one message is recognised as such by the provider or the receiver, so that a message
    /// whose fate is unknown can be sent again.
    pub repeatable: bool,
    /// Until a failed attempt is repeated; doubles with each.
    pub retry_after: Duration,
    /// When the provider can first be asked what became of a message; `None` = never.
    pub confirm_after: Option<Duration>,
    /// Whether it can be set up in `config.toml` alone: a program on the bus must not choose what the daemon runs.
    pub only_in_the_file: bool,
}

/// Makes a target, or says why not.
pub type Build = fn(&TargetConfig, &Deps) -> Result<Box<dyn Target>, String>;

/// What an address of a kind is.
#[derive(Clone, Copy, Debug)]
pub struct AddressForm {
    /// What it is called: "E-mail address".
    pub label: &'static str,
    /// An example.
    pub example: &'static str,
    /// Brings an address into the one form it is stored in; the error says what is wrong with it.
    pub normalize: fn(&str) -> Result<String, String>,
    /// Whether a code is sent there first, which its owner must enter.
    pub verified: bool,
}
