//! A configured target as its form shows it.

use serde_json::{Map, Value as Json};
use tidings_api::{FieldKind, FormField, SecretPlace, TargetSettings};

use super::registry;
use crate::config::keys::SECRET_FILES;
use crate::config::{Digest, TargetConfig, write_duration};
use crate::sources::form::{find, json, place};

/// What the form of a target shows; nothing of its secret but where it is.
#[must_use]
pub fn settings(config: &TargetConfig) -> TargetSettings {
    let fields: Vec<FormField> =
        registry::find(&config.kind).map(|kind| (kind.fields)()).unwrap_or_default();
    let own = fields.iter().filter_map(|field| {
        let value = json(find(&config.settings, &field.key)?, field.kind)?;
        Some((field.key.clone(), value))
    });
    let mut shown: Map<String, Json> = own.collect();
    shown.extend(shared(config).into_iter().map(|(key, value)| (key.to_owned(), value)));
    TargetSettings {
        name: config.name.clone(),
        kind: config.kind.clone(),
        enabled: config.enabled,
        settings: shown,
        secret: if is_elsewhere(config) {
            SecretPlace::Elsewhere
        } else {
            place(config.secret.as_ref())
        },
    }
}

/// Whether its secret is where the owner of `config.toml` says: given by a command, a credential or a file.
#[must_use]
pub fn is_elsewhere(config: &TargetConfig) -> bool {
    SECRET_FILES.iter().any(|key| config.settings.contains_key(*key))
        || place(config.secret.as_ref()) == SecretPlace::Elsewhere
}

/// What the forms of all targets have.
fn shared(config: &TargetConfig) -> Vec<(&'static str, Json)> {
    let text = |text: &Option<String>| Json::from(text.clone().unwrap_or_default());
    vec![
        ("title", text(&config.title)),
        ("body", text(&config.body)),
        ("digest", Json::from(config.digest.map(digest).unwrap_or_default())),
        ("quiet", Json::from(config.quiet)),
    ]
}

/// As it is written in the file.
fn digest(digest: Digest) -> String {
    match digest {
        Digest::Every(every) => write_duration(every),
        Digest::Hourly => "hourly".to_owned(),
        Digest::Daily(time) => format!("daily {}", time.format("%H:%M")),
    }
}

/// The fields of what all targets have, behind those of the kind.
#[must_use]
pub fn shared_fields() -> Vec<FormField> {
    let field = |key: &str, kind: FieldKind, default: &str, help: &str| FormField {
        key: key.to_owned(),
        kind,
        default: default.to_owned(),
        help: help.to_owned(),
        advanced: true,
        ..FormField::default()
    };
    vec![
        FormField {
            example: "[{{ source }}] {{ title }}".to_owned(),
            ..field("title", FieldKind::Text, "", "Template of the title.")
        },
        FormField {
            example: "{{ body }}".to_owned(),
            ..field("body", FieldKind::Text, "", "Template of the text.")
        },
        FormField {
            example: "daily 08:00".to_owned(),
            ..field(
                "digest",
                FieldKind::Text,
                "",
                "The first goes out at once, the rest is told together: 15m, hourly or daily 08:00.",
            )
        },
        field("quiet", FieldKind::Flag, "false", "Send nothing while it is quiet."),
    ]
}
