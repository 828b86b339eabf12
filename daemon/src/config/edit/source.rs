//! Changes of a `[[source]]`.

use std::path::Path;

use tidings_api::{SourceSettings, Urgency};
use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::EditError;
use super::table::{set, set_unless_default};
use super::value::{from_json, from_text};
use crate::config::keys::{SECRET, SOURCE};

const ARRAY: &str = "source";

/// Switches a source on or off.
pub(super) fn set_enabled(
    path: &Path,
    document: &mut DocumentMut,
    name: &str,
    enabled: bool,
) -> Result<(), EditError> {
    let (source, _) = find(path, document, name)?;
    set_unless_default(source, "enabled", Value::from(enabled), &Value::from(true))
}

/// Adds a source behind the others. `secret_key` is set to the keyring, if there is one.
pub(super) fn add(
    path: &Path,
    document: &mut DocumentMut,
    settings: &SourceSettings,
    secret_key: Option<&str>,
) -> Result<(), EditError> {
    let name = &settings.name;
    if find(path, document, name).is_ok() {
        return Err(EditError::NameTaken { name: name.clone() });
    }
    match document.entry(ARRAY).or_insert(Item::ArrayOfTables(ArrayOfTables::new())) {
        Item::ArrayOfTables(tables) => {
            let mut table = Table::new();
            fill(&mut table, false, settings, secret_key)?;
            table.decor_mut().set_prefix("\n");
            tables.push(table);
        }
        Item::Value(Value::Array(tables)) => {
            let mut table = InlineTable::new();
            fill(&mut table, true, settings, secret_key)?;
            tables.push(table);
        }
        Item::None | Item::Value(_) | Item::Table(_) => {
            // The loader has refused it before.
            return Err(EditError::Broken { path: path.to_owned() });
        }
    }
    Ok(())
}

fn fill(
    table: &mut dyn TableLike,
    inline: bool,
    settings: &SourceSettings,
    secret_key: Option<&str>,
) -> Result<(), EditError> {
    set(table, inline, "name", from_text("name", &settings.name)?)?;
    change(table, inline, settings)?;
    match secret_key {
        Some(key) => set_keyring(table, inline, key),
        None => Ok(()),
    }
}

/// Changes what the form shows of a source.
pub(super) fn update(
    path: &Path,
    document: &mut DocumentMut,
    settings: &SourceSettings,
) -> Result<(), EditError> {
    let (source, inline) = find(path, document, &settings.name)?;
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
        check_key(key)?;
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

/// What a form may set: neither what has a field of its own, nor where the secret comes from. A command or a file that
/// the daemon reads and sends to a server is for the owner of the file to name, not for a program on the bus.
fn check_key(key: &str) -> Result<(), EditError> {
    let wrong = |problem| Err(EditError::BadValue { key: key.to_owned(), problem });
    let plain = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
    };
    if !key.split('.').all(plain) {
        return wrong("is not a key; write words with dots between them, like auth.username");
    }
    if SECRET.contains(&key) {
        return wrong("says where the secret is; that is set with SetSecret, or in the file");
    }
    if key == "preset" || key != "url" && SOURCE.contains(&key) {
        return wrong("has a field of its own beside `settings`");
    }
    Ok(())
}

/// Says that the secret of a source is in the keyring, if nothing says where it is.
pub(super) fn use_keyring(
    path: &Path,
    document: &mut DocumentMut,
    name: &str,
    key: &str,
) -> Result<(), EditError> {
    let (source, inline) = find(path, document, name)?;
    if SECRET.iter().any(|key| source.contains_key(key)) {
        return Ok(());
    }
    set_keyring(source, inline, key)
}

fn set_keyring(table: &mut dyn TableLike, inline: bool, key: &str) -> Result<(), EditError> {
    set(table, inline, key, Some(Value::from("keyring")))
}

/// A source by its name, and whether it is written inline.
fn find<'d>(
    path: &Path,
    document: &'d mut DocumentMut,
    name: &str,
) -> Result<(&'d mut dyn TableLike, bool), EditError> {
    let found: Option<(&mut dyn TableLike, bool)> = match document.get_mut(ARRAY) {
        Some(Item::ArrayOfTables(tables)) => tables
            .iter_mut()
            .find(|table| is_named(*table, name))
            .map(|table| (table as &mut dyn TableLike, false)),
        Some(Item::Value(Value::Array(tables))) => tables
            .iter_mut()
            .filter_map(Value::as_inline_table_mut)
            .find(|table| is_named(*table, name))
            .map(|table| (table as &mut dyn TableLike, true)),
        Some(Item::None | Item::Value(_) | Item::Table(_)) | None => None,
    };
    found.ok_or_else(|| EditError::NoSuchSource { path: path.to_owned(), name: name.to_owned() })
}

/// Whether it is the source of that name.
pub(super) fn is_named(table: &dyn TableLike, name: &str) -> bool {
    table.get("name").and_then(Item::as_str) == Some(name)
}
