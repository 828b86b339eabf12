//! Taking a `[[source]]` or a `[[target]]` out, with the comment that belongs to it and no other.

use std::path::Path;

use toml_edit::{Decor, DocumentMut, Item, Table, TableLike, Value};

use super::EditError;
use super::entries::{Entries, is_named};

/// Takes one out. What stands above it behind an empty line, like the head of the file, stays.
pub(super) fn remove(
    path: &Path,
    document: &mut DocumentMut,
    entries: Entries,
    name: &str,
) -> Result<(), EditError> {
    let missing = || entries.missing(path, name);
    match document.get_mut(entries.0) {
        Some(Item::ArrayOfTables(tables)) => {
            let index =
                tables.iter().position(|table| is_named(table, name)).ok_or_else(missing)?;
            let removed = tables.get(index).map(|table| (prefix(table.decor()), table.position()));
            tables.remove(index);
            if let Some((above, position)) = removed {
                keep_above(document, &above, position);
            }
        }
        Some(Item::Value(Value::Array(tables))) => {
            let named = |table: &Value| {
                table.as_inline_table().is_some_and(|table| is_named(table as &dyn TableLike, name))
            };
            let index = tables.iter().position(named).ok_or_else(missing)?;
            tables.remove(index);
        }
        Some(Item::None | Item::Value(_) | Item::Table(_)) | None => return Err(missing()),
    }
    Ok(())
}

fn prefix(decor: &Decor) -> String {
    decor.prefix().and_then(|prefix| prefix.as_str()).unwrap_or_default().to_owned()
}

/// Puts what stood above a removed table, and was not about it, above the next one.
fn keep_above(document: &mut DocumentMut, above: &str, position: Option<isize>) {
    let Some((kept, _)) = above.rsplit_once("\n\n").filter(|(kept, _)| !kept.trim().is_empty())
    else {
        return;
    };
    match next_table(document, position) {
        Some(next) => {
            let below = prefix(next.decor());
            next.decor_mut().set_prefix(format!("{kept}\n\n{}", below.trim_start_matches('\n')));
        }
        None => {
            let trailing = document.trailing().as_str().unwrap_or_default().to_owned();
            document.set_trailing(format!("{kept}\n{trailing}"));
        }
    }
}

/// The table that is written next in the file.
fn next_table(document: &mut DocumentMut, position: Option<isize>) -> Option<&mut Table> {
    let mut tables: Vec<&mut Table> = Vec::new();
    for (_, item) in document.iter_mut() {
        match item {
            Item::Table(table) => tables.push(table),
            Item::ArrayOfTables(array) => tables.extend(array.iter_mut()),
            Item::None | Item::Value(_) => {}
        }
    }
    tables.into_iter().filter(|table| table.position() > position).min_by_key(|t| t.position())
}
