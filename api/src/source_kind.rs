use serde::{Deserialize, Serialize};

use crate::{Error, Result, Urgency};

/// What kind of value a field takes; a form shows the control that fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum FieldKind {
    /// One line.
    #[default]
    Text,
    /// An `http`, `https`, `ws` or `wss` address.
    Url,
    /// On or off.
    Flag,
    /// One of `choices`.
    Choice,
    /// Several lines, one entry each.
    List,
}

/// One field of the form that adds a source or a target, named by the dotted key of `config.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct FormField {
    /// The key, dotted below a table: `url`, `auth.username`.
    pub key: String,
    /// Which control.
    pub kind: FieldKind,
    /// Whether it cannot be left out.
    pub required: bool,
    /// What applies when it is empty; shown as a placeholder.
    pub default: String,
    /// Of a choice: the words to choose from.
    pub choices: Vec<String>,
    /// An example.
    pub example: String,
    /// One English sentence: what it means. Pages translate by key and fall back to this.
    pub help: String,
    /// Rarely needed: shown after a click on "more".
    pub advanced: bool,
}

/// A kind of source, or one of its presets: one entry of "which server do you use?".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SourceKind {
    /// The word for `kind` in the configuration.
    pub kind: String,
    /// The word for `preset`; empty where the kind has none.
    pub preset: String,
    /// What people call it.
    pub title: String,
    /// One English sentence on what it connects to.
    pub description: String,
    /// What the secret is called there: `token`, `password`; empty = it needs none.
    pub secret: String,
    /// The fields of its form, in order, beside the name and the secret.
    pub fields: Vec<FormField>,
}

impl SourceKind {
    /// Reads the answer of `Sources1.Kinds`.
    pub fn list_from_json(text: &str) -> Result<Vec<Self>> {
        serde_json::from_str(text)
            .map_err(|error| Error::Unavailable(format!("kinds: not understood: {error}")))
    }
}

/// Where a secret is, as a form shows it. The secret itself is never answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum SecretPlace {
    /// The source has none.
    #[default]
    None,
    /// The Secret Service.
    Keyring,
    /// A file, a command or a systemd credential that the configuration names.
    Elsewhere,
}

/// A source as its form edits it: `Sources1.Get`, `Add`, `Update` and `TestSettings`, as JSON.
///
/// `settings` holds the dotted keys of the form and nothing that the form does not show; `Update` leaves every
/// other key of the table, and its comments, as they are. An empty value takes the key out of the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SourceSettings {
    /// Unique; cannot be changed by `Update`.
    pub name: String,
    /// The word for `kind`.
    pub kind: String,
    /// The word for `preset`; may be empty.
    pub preset: String,
    /// Whether it connects.
    pub enabled: bool,
    /// Whether it raises popups.
    pub popups: bool,
    /// Popups from this urgency on.
    #[cfg_attr(feature = "typescript", ts(as = "Urgency"))]
    pub min_urgency: String,
    /// Dotted keys with texts, flags and lists.
    #[cfg_attr(feature = "typescript", ts(type = "Record<string, string | boolean | string[]>"))]
    pub settings: serde_json::Map<String, serde_json::Value>,
    /// Where its secret is. Of a new source: `keyring` when `SetSecret` follows.
    pub secret: SecretPlace,
}

/// What is left out is what the configuration means without it: on, with every popup.
impl Default for SourceSettings {
    fn default() -> Self {
        Self {
            name: String::new(),
            kind: String::new(),
            preset: String::new(),
            enabled: true,
            popups: true,
            min_urgency: Urgency::Low.as_str().to_owned(),
            settings: serde_json::Map::new(),
            secret: SecretPlace::None,
        }
    }
}

impl SourceSettings {
    /// Reads what a call or an answer carries.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text)
            .map_err(|error| Error::InvalidArgs(format!("settings: not understood: {error}")))
    }
}
