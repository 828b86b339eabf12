use std::path::Path;

use toml_edit::{DocumentMut, Item, TableLike, Value};

use super::EditError;
use super::file::edit;

/// Switches a source on or off in the file. Comments, order, line ends and the file's mode stay.
///
/// # Errors
///
/// Every [`EditError`]; the file is untouched then.
pub fn set_source_enabled(path: &Path, name: &str, enabled: bool) -> Result<(), EditError> {
    edit(path, |document| {
        let source = find_source(document, name).ok_or_else(|| EditError::NoSuchSource {
            path: path.to_owned(),
            name: name.to_owned(),
        })?;
        set_flag(source, "enabled", enabled, true);
        Ok(())
    })
}

fn find_source<'d>(document: &'d mut DocumentMut, name: &str) -> Option<&'d mut dyn TableLike> {
    let named = |table: &dyn TableLike| table.get("name").and_then(Item::as_str) == Some(name);
    match document.get_mut("source")? {
        Item::ArrayOfTables(tables) => {
            let table = tables.iter_mut().find(|table| named(*table))?;
            Some(table)
        }
        Item::Value(Value::Array(tables)) => {
            let mut tables = tables.iter_mut().filter_map(Value::as_inline_table_mut);
            let table = tables.find(|table| named(*table))?;
            Some(table)
        }
        Item::None | Item::Value(_) | Item::Table(_) => None,
    }
}

/// Sets a flag; a missing one whose default is already right is not written.
fn set_flag(table: &mut dyn TableLike, key: &str, flag: bool, default: bool) {
    let mut value = Value::from(flag);
    match table.get_mut(key) {
        Some(Item::Value(old)) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        Some(_) => {}
        None if flag == default => {}
        None => {
            table.insert(key, Item::Value(value));
        }
    }
}
