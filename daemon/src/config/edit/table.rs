//! Values in tables, whichever way the tables are written.

use toml_edit::{InlineTable, Item, Table, TableLike, Value};

use super::EditError;
use super::value::same;

/// Sets or takes out the value at a dotted path; tables on the way are made in the style of the one around them.
pub(super) fn set(
    table: &mut dyn TableLike,
    inline: bool,
    path: &str,
    value: Option<Value>,
) -> Result<(), EditError> {
    let Some((head, tail)) = path.split_once('.') else {
        return put(table, path, value);
    };
    if !table.contains_key(head) {
        if value.is_none() {
            return Ok(());
        }
        let made = if inline {
            Item::Value(Value::InlineTable(InlineTable::new()))
        } else {
            Item::Table(Table::new())
        };
        table.insert(head, made);
    }
    let item = table.get_mut(head);
    let inner_is_inline = item.as_deref().is_some_and(Item::is_inline_table);
    let inner = item.and_then(Item::as_table_like_mut).ok_or_else(|| EditError::BadValue {
        key: head.to_owned(),
        problem: "is not a table in the file; mend it there",
    })?;
    set(inner, inner_is_inline, tail, value)
}

fn put(table: &mut dyn TableLike, key: &str, value: Option<Value>) -> Result<(), EditError> {
    match (table.get_mut(key), value) {
        (Some(Item::Value(Value::InlineTable(_)) | Item::Table(_) | Item::ArrayOfTables(_)), _) => {
            return Err(EditError::BadValue {
                key: key.to_owned(),
                problem: "is a table in the file; change it there",
            });
        }
        (Some(Item::Value(old)), Some(new)) if same(old, &new) => {}
        (Some(Item::Value(old)), Some(mut new)) => {
            *new.decor_mut() = old.decor().clone();
            *old = new;
        }
        (Some(Item::None) | None, Some(new)) => {
            table.insert(key, Item::Value(new));
        }
        (_, None) => {
            table.remove(key);
        }
    }
    Ok(())
}

/// Sets a value whose absence means `default`: a missing key that is right already is not written.
pub(super) fn set_unless_default(
    table: &mut dyn TableLike,
    key: &str,
    value: Value,
    default: &Value,
) -> Result<(), EditError> {
    if !table.contains_key(key) && same(&value, default) {
        return Ok(());
    }
    put(table, key, Some(value))
}
