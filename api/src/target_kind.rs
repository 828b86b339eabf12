use serde::{Deserialize, Serialize};

use crate::{Error, FormField, Result, SecretPlace};

/// A kind of target: one entry of "where shall it be sent?".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TargetKind {
    /// The word for `kind` in the configuration.
    pub kind: String,
    /// What people call it.
    pub title: String,
    /// One English sentence on where it leads to.
    pub description: String,
    /// What the secret is called there: `token`, `password`; empty = it has none.
    pub secret: String,
    /// What one of its addresses is; nothing = the target has exactly one recipient.
    pub address: Option<AddressField>,
    /// Whether it can be set up in `config.toml` alone.
    pub only_in_the_file: bool,
    /// The fields of its form, in order, beside the name and the secret.
    pub fields: Vec<FormField>,
}

/// What an address of a kind of target is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct AddressField {
    /// What it is called.
    pub label: String,
    /// An example.
    pub example: String,
    /// Whether its owner must enter a code that is sent there, before anything else is.
    pub verified: bool,
}

impl TargetKind {
    /// Reads the answer of `Targets1.Kinds`.
    pub fn list_from_json(text: &str) -> Result<Vec<Self>> {
        serde_json::from_str(text)
            .map_err(|error| Error::Unavailable(format!("kinds: not understood: {error}")))
    }
}

/// A target as its form edits it: `Targets1.Get`, `Add` and `Update`, as JSON.
///
/// `settings` holds the dotted keys of the form, and `title`, `body`, `digest` and `quiet`, which all targets have. `Add` and
/// `Update` take `max_retries`, `retry_interval`, `burst` and `refill` as well; `Get` leaves them out. `Update` leaves every other key of the table, and its comments, as they
/// are. An empty value takes the key out of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TargetSettings {
    /// Unique among targets and sources; cannot be changed by `Update`.
    pub name: String,
    /// The word for `kind`.
    pub kind: String,
    /// Whether anything is sent.
    pub enabled: bool,
    /// Dotted keys with texts, flags, numbers and lists.
    #[cfg_attr(
        feature = "typescript",
        ts(type = "Record<string, string | boolean | number | string[]>")
    )]
    pub settings: serde_json::Map<String, serde_json::Value>,
    /// Where its secret is. Of a new target: `keyring` when `SetSecret` follows.
    pub secret: SecretPlace,
}

/// What is left out is what the configuration means without it.
impl Default for TargetSettings {
    fn default() -> Self {
        Self {
            name: String::new(),
            kind: String::new(),
            enabled: true,
            settings: serde_json::Map::new(),
            secret: SecretPlace::None,
        }
    }
}

impl TargetSettings {
    /// Reads what a call or an answer carries.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text)
            .map_err(|error| Error::InvalidArgs(format!("settings: not understood: {error}")))
    }
}
