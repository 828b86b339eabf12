//! Changes of a `[[source]]`.

use std::path::Path;

use tidings_api::{SourceSettings, Urgency};
use toml_edit::{DocumentMut, TableLike, Value};

use super::EditError;
use super::entries::{Entries, check_key, set_keyring};
use super::table::{set, set_unless_default};
use super::value::{from_json, from_text};

pub(super) const SOURCES: Entries = Entries("source");

/// What a form has fields of its own for.
const OWN: [&str; 7] =
    ["name", "kind", "preset", "enabled", "popups", "min_urgency", "break_quiet"];

/// Adds a source behind the others. `secret_key` is set to the keyring, if there is one.
pub(super) fn add(
    path: &Path,
    document: &mut DocumentMut,
    settings: &SourceSettings,
    secret_key: Option<&str>,
) -> Result<(), EditError> {
    SOURCES.add(path, document, &settings.name, &mut |table, inline| {
        change(table, inline, settings)?;
        secret_key.map_or(Ok(()), |key| set_keyring(table, inline, key))
    })
}

/// Changes what the form shows of a source.
pub(super) fn update(
    path: &Path,
    document: &mut DocumentMut,
    settings: &SourceSettings,
) -> Result<(), EditError> {
    let (source, inline) = SOURCES.find(path, document, &settings.name)?;
    change(source, inline, settings)
}

fn change(
    table: &mut dyn TableLike,
    inline: bool,
    settings: &SourceSettings,
) -> Result<(), EditError> {
    set(table, inline, "kind", from_text("kind", &settings.kind)?)?;
    set(table, inline, "preset", from_text("preset", &settings.preset)?)?;
    for (key, value) in &settings.settings {
        check_key(key, &OWN)?;
        set(table, inline, key, from_json(key, value)?)?;
    }
    let yes = Value::from(true);
    set_unless_default(table, "enabled", Value::from(settings.enabled), &yes)?;
    set_unless_default(table, "popups", Value::from(settings.popups), &yes)?;
    let low = Value::from(Urgency::Low.as_str());
    match from_text("min_urgency", &settings.min_urgency)? {
        Some(urgency) => set_unless_default(table, "min_urgency", urgency, &low),
        None => set(table, inline, "min_urgency", None),
    }
}
