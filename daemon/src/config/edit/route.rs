//! The routes, replaced as a whole: each keeps its place, its comments, and the keys that stay as they are.

use tidings_api::{Route, RouteSpan, Urgency};
use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value};

use super::EditError;
use super::table::{set, set_unless_default};
use super::value::{from_json, from_text};

const ARRAY: &str = "route";

/// Writes the routes.
pub(super) fn set_all(document: &mut DocumentMut, routes: &[Route]) -> Result<(), EditError> {
    if routes.is_empty() {
        document.remove(ARRAY);
        return Ok(());
    }
    let item = document.entry(ARRAY).or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    if item.as_array_of_tables().is_none() {
        // Written as a list of inline tables: their comments are none of a route's.
        *item = Item::ArrayOfTables(ArrayOfTables::new());
    }
    let Some(tables) = item.as_array_of_tables_mut() else { return Ok(()) };
    while tables.len() > routes.len() {
        tables.remove(tables.len() - 1);
    }
    for (index, route) in routes.iter().enumerate() {
        if let Some(table) = tables.get_mut(index) {
            change(table, route)?;
        } else {
            let mut table = Table::new();
            change(&mut table, route)?;
            table.decor_mut().set_prefix("\n");
            tables.push(table);
        }
    }
    Ok(())
}

fn change(table: &mut Table, route: &Route) -> Result<(), EditError> {
    let list = |key: &str, texts: &[String]| from_json(key, &serde_json::Value::from(texts));
    set(table, false, "name", from_text("name", &route.name)?)?;
    for (key, texts) in [
        ("source", &route.source),
        ("topic", &route.topic),
        ("tag", &route.tag),
        ("actor", &route.actor),
        ("to", &route.to),
    ] {
        set(table, false, key, list(key, texts)?)?;
    }
    set(table, false, "text", from_text("text", &route.text)?)?;
    set(table, false, "unread_for", from_text("unread_for", &route.unread_for)?)?;
    set(table, false, "when", spans(&route.when)?)?;
    let low = Value::from(Urgency::Low.as_str());
    set_unless_default(table, "min_urgency", Value::from(route.min_urgency.as_str()), &low)?;
    set_unless_default(table, "only", Value::from(route.only), &Value::from(false))
}

fn spans(spans: &[RouteSpan]) -> Result<Option<Value>, EditError> {
    let mut lines = Array::new();
    for span in spans {
        let mut line = InlineTable::new();
        let days = from_json("when", &serde_json::Value::from(span.days.as_slice()))?;
        line.extend(days.map(|days| ("days", days)));
        line.extend(from_text("when", &span.from)?.map(|from| ("from", from)));
        line.extend(from_text("when", &span.until)?.map(|until| ("until", until)));
        lines.push(line);
    }
    Ok((!lines.is_empty()).then_some(Value::Array(lines)))
}
