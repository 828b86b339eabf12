//! Changes of a `[[target]]`.

use std::path::Path;

use tidings_api::TargetSettings;
use toml_edit::{DocumentMut, TableLike, Value};

use super::EditError;
use super::entries::{Entries, check_key, set_keyring};
use super::table::{set, set_unless_default};
use super::value::{from_json, from_text};

pub(super) const TARGETS: Entries = Entries("target");

/// What a form has fields of its own for.
const OWN: [&str; 3] = ["name", "kind", "enabled"];

/// Adds a target behind the others. `secret_key` is set to the keyring, if there is one.
pub(super) fn add(
    path: &Path,
    document: &mut DocumentMut,
    settings: &TargetSettings,
    secret_key: Option<&str>,
) -> Result<(), EditError> {
    TARGETS.add(path, document, &settings.name, &mut |table, inline| {
        change(table, inline, settings)?;
        secret_key.map_or(Ok(()), |key| set_keyring(table, inline, key))
    })
}

/// Changes what the form shows of a target.
pub(super) fn update(
    path: &Path,
    document: &mut DocumentMut,
    settings: &TargetSettings,
) -> Result<(), EditError> {
    let (target, inline) = TARGETS.find(path, document, &settings.name)?;
    change(target, inline, settings)
}

fn change(
    table: &mut dyn TableLike,
    inline: bool,
    settings: &TargetSettings,
) -> Result<(), EditError> {
    set(table, inline, "kind", from_text("kind", &settings.kind)?)?;
    for (key, value) in &settings.settings {
        check_key(key, &OWN)?;
        set(table, inline, key, from_json(key, value)?)?;
    }
    set_unless_default(table, "enabled", Value::from(settings.enabled), &Value::from(true))
}
