//! Tables of `[[source]]` and `[[target]]`, found by their name, however they are written.

use std::path::Path;

use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value};

use super::EditError;
use super::table::{set, set_unless_default};
use super::value::from_text;
use crate::config::keys::{SECRET, SECRET_FILES};

/// One kind of named table.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entries(pub(super) &'static str);

/// What changes a table, and whether it is written inline.
type Change<'a> = &'a mut dyn FnMut(&mut dyn TableLike, bool) -> Result<(), EditError>;

impl Entries {
    /// Adds a table of that name behind the others.
    pub(super) fn add(
        self,
        path: &Path,
        document: &mut DocumentMut,
        name: &str,
        fill: Change<'_>,
    ) -> Result<(), EditError> {
        if self.find(path, document, name).is_ok() {
            return Err(EditError::NameTaken { what: self.0, name: name.to_owned() });
        }
        let mut named = |table: &mut dyn TableLike, inline: bool| {
            set(table, inline, "name", from_text("name", name)?)?;
            fill(table, inline)
        };
        match document.entry(self.0).or_insert(Item::ArrayOfTables(ArrayOfTables::new())) {
            Item::ArrayOfTables(tables) => {
                let mut table = Table::new();
                named(&mut table, false)?;
                table.decor_mut().set_prefix("\n");
                tables.push(table);
            }
            Item::Value(Value::Array(tables)) => {
                let mut table = InlineTable::new();
                named(&mut table, true)?;
                tables.push(table);
            }
            Item::None | Item::Value(_) | Item::Table(_) => {
                // The loader has refused it before.
                return Err(EditError::Broken { path: path.to_owned() });
            }
        }
        Ok(())
    }

    /// The table of that name, and whether it is written inline.
    pub(super) fn find<'d>(
        self,
        path: &Path,
        document: &'d mut DocumentMut,
        name: &str,
    ) -> Result<(&'d mut dyn TableLike, bool), EditError> {
        let found: Option<(&mut dyn TableLike, bool)> = match document.get_mut(self.0) {
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
        found.ok_or_else(|| self.missing(path, name))
    }

    /// Switches it on or off.
    pub(super) fn set_enabled(
        self,
        path: &Path,
        document: &mut DocumentMut,
        name: &str,
        enabled: bool,
    ) -> Result<(), EditError> {
        let (table, _) = self.find(path, document, name)?;
        set_unless_default(table, "enabled", Value::from(enabled), &Value::from(true))
    }

    /// Says that its secret is in the keyring, if nothing says where it is.
    pub(super) fn use_keyring(
        self,
        path: &Path,
        document: &mut DocumentMut,
        name: &str,
        key: &str,
    ) -> Result<(), EditError> {
        let (table, inline) = self.find(path, document, name)?;
        if SECRET.iter().any(|key| table.contains_key(key)) {
            return Ok(());
        }
        set_keyring(table, inline, key)
    }

    pub(super) fn missing(self, path: &Path, name: &str) -> EditError {
        EditError::Missing { path: path.to_owned(), what: self.0, name: name.to_owned() }
    }
}

pub(super) fn set_keyring(
    table: &mut dyn TableLike,
    inline: bool,
    key: &str,
) -> Result<(), EditError> {
    set(table, inline, key, Some(Value::from("keyring")))
}

/// Whether it is the table of that name.
pub(super) fn is_named(table: &dyn TableLike, name: &str) -> bool {
    table.get("name").and_then(Item::as_str) == Some(name)
}

/// What a form may set: neither what has a field of its own, nor where the secret comes from. A command or a file that
/// the daemon reads and sends to a server is for the owner of the file to name, not for a program on the bus.
pub(super) fn check_key(key: &str, own: &[&str]) -> Result<(), EditError> {
    let wrong = |problem| Err(EditError::BadValue { key: key.to_owned(), problem });
    let plain = |part: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "_-".contains(c))
    };
    if !key.split('.').all(plain) {
        return wrong("is not a key; write words with dots between them, like auth.username");
    }
    if SECRET.contains(&key) || SECRET_FILES.contains(&key) {
        return wrong(
            "says where the secret is; `tidings secret set` puts one into the keyring, and other places are named in the file alone",
        );
    }
    if own.contains(&key) {
        return wrong("has a field of its own beside `settings`");
    }
    Ok(())
}
