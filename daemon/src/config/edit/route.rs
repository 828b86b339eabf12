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
    let kept = assign(tables.iter().cloned().collect(), routes);
    // The file shows tables by their places: those of the routes stay, and a new one follows the one before it.
    let mut places: Vec<_> = kept.iter().flatten().map(Table::position).collect();
    places.sort_unstable();
    let mut place = places.first().copied().flatten();
    let mut places = places.into_iter();
    tables.clear();
    for (kept, route) in kept.into_iter().zip(routes) {
        let mut table = kept.unwrap_or_else(new);
        if !table.is_empty() {
            place = places.next().flatten();
        }
        table.set_position(place);
        change(&mut table, route)?;
        tables.push(table);
    }
    Ok(())
}

fn new() -> Table {
    let mut table = Table::new();
    table.decor_mut().set_prefix("\n");
    table
}

/// The table that each route has in the file, with its comments: the one that says the same, else the one of that name,
/// else the one in its place.
fn assign(before: Vec<Table>, routes: &[Route]) -> Vec<Option<Table>> {
    let mut left: Vec<_> = before.into_iter().map(Some).collect();
    let mut assigned = vec![None; routes.len()];
    let named = |table: &Table, route: &Route| {
        let name = table.get("name").and_then(Item::as_str).unwrap_or_default();
        !name.is_empty() && name == route.name
    };
    for belongs in [&says_the_same as &dyn Fn(&Table, &Route) -> bool, &named] {
        for (assigned, route) in assigned.iter_mut().zip(routes) {
            if assigned.is_none() {
                let own = |table: &&mut Option<Table>| {
                    table.as_ref().is_some_and(|table| belongs(table, route))
                };
                *assigned = left.iter_mut().find(own).and_then(Option::take);
            }
        }
    }
    for (assigned, left) in assigned.iter_mut().zip(&mut left) {
        if assigned.is_none() {
            *assigned = left.take();
        }
    }
    assigned
}

fn says_the_same(table: &Table, route: &Route) -> bool {
    let mut changed = table.clone();
    change(&mut changed, route).is_ok() && changed.to_string() == table.to_string()
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

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
# phones at night
[[route]]
to = [\"phone\"]
min_urgency = \"critical\" # only these

# everything from the shop
[[route]]
source = [\"orders\"]
to = [\"mail\"]

[retention]
max_age = \"90d\"

# the rest
[[route]]
name = \"rest\"
to = [\"mail\"]
";

    fn edited(change: impl FnOnce(&mut Vec<Route>)) -> String {
        let mut routes = vec![
            Route { to: vec!["phone".into()], min_urgency: Urgency::Critical, ..Route::default() },
            Route { source: vec!["orders".into()], to: vec!["mail".into()], ..Route::default() },
            Route { name: "rest".into(), to: vec!["mail".into()], ..Route::default() },
        ];
        change(&mut routes);
        let mut document = FILE.parse().unwrap();
        set_all(&mut document, &routes).unwrap();
        document.to_string()
    }

    #[test]
    fn routes_that_stay_as_they_are_leave_the_file_as_it_is() {
        assert_eq!(edited(|_| ()), FILE);
    }

    #[test]
    fn the_comments_of_a_route_go_and_stay_with_it() {
        let text = edited(|routes| drop(routes.remove(0)));
        assert!(!text.contains("phones at night") && !text.contains("only these"), "{text}");
        assert!(text.contains("# everything from the shop\n[[route]]\nsource"), "{text}");
        assert!(text.contains("# the rest\n[[route]]\nname"), "{text}");
    }

    #[test]
    fn routes_change_their_order_with_their_comments() {
        let text = edited(|routes| routes.swap(0, 2));
        let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words} in {text}"));
        assert!(at("# the rest") < at("# everything"), "{text}");
        assert!(at("# everything") < at("# phones"), "{text}");
        assert!(text.contains("min_urgency = \"critical\" # only these"), "{text}");
    }

    #[test]
    fn a_changed_route_keeps_its_comments_by_its_name_or_its_place() {
        let text = edited(|routes| {
            routes[0].min_urgency = Urgency::High;
            routes[2].to.push("phone".into());
        });
        assert!(text.contains("min_urgency = \"high\" # only these"), "{text}");
        assert!(
            text.contains("# the rest\n[[route]]\nname = \"rest\"\nto = [\"mail\", \"phone\"]"),
            "{text}"
        );
    }

    #[test]
    fn a_new_route_is_written_where_it_belongs() {
        let new = Route { to: vec!["hook".into()], ..Route::default() };
        let text = edited(|routes| routes.insert(1, new));
        let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words} in {text}"));
        assert!(at("# phones") < at("\"hook\"") && at("\"hook\"") < at("# everything"), "{text}");
    }
}
