use serde_json::{Map, Value};

/// Reads `KEY=VALUE`. What is JSON is taken as such (`true`, `20`, `["$.a", "$.b"]`, `"20"`), anything else as text.
pub(crate) fn setting(text: &str) -> Result<(String, Value), String> {
    let Some((key, value)) = text.split_once('=').filter(|(key, _)| !key.is_empty()) else {
        return Err("give KEY=VALUE, for example auth.username=ana".to_owned());
    };
    let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
    check_tables(key, &value)?;
    Ok((key.to_owned(), value))
}

/// What has no dotted key would get lost, or land elsewhere.
fn check_tables(key: &str, value: &Value) -> Result<(), String> {
    let Some(table) = value.as_object() else { return Ok(()) };
    if table.is_empty() {
        return Err(format!("`{key}` has nothing in it; leave it out"));
    }
    if let Some(inner) = table.keys().find(|inner| inner.contains('.') || inner.is_empty()) {
        return Err(format!(
            "`{key}`: \"{inner}\" can be set in config.toml only, for a dot leads into a table here"
        ));
    }
    table.iter().try_for_each(|(inner, value)| check_tables(&format!("{key}.{inner}"), value))
}

/// The keys as the daemon takes them: what is a table, written as a JSON object, becomes its dotted keys, and a key that is
/// given several times a list.
pub(crate) fn dotted(settings: &[(String, Value)]) -> Map<String, Value> {
    let mut keys = Map::new();
    for (key, value) in settings.iter().flat_map(|(key, value)| below(key, value)) {
        let all = match keys.remove(&key) {
            None => value,
            Some(earlier) => items(earlier).chain(items(value)).collect(),
        };
        keys.insert(key, all);
    }
    keys
}

fn items(value: Value) -> impl Iterator<Item = Value> {
    let items = if let Value::Array(items) = value { items } else { vec![value] };
    items.into_iter()
}

fn below(key: &str, value: &Value) -> Vec<(String, Value)> {
    let Some(table) = value.as_object() else {
        return vec![(key.to_owned(), value.clone())];
    };
    table.iter().flat_map(|(inner, value)| below(&format!("{key}.{inner}"), value)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_text_unless_it_is_json() {
        let value = |text: &str| setting(text).unwrap().1;
        assert_eq!(
            setting("auth.username=ana=x").unwrap(),
            ("auth.username".into(), json!("ana=x"))
        );
        assert_eq!(value("list.page_size=20"), json!(20));
        assert_eq!(value("auth.username=\"20\""), json!("20"), "quotes make a text of a number");
        assert_eq!(value("item.title=$.title"), json!("$.title"));
        assert_eq!(value("item.title=[\"$.a\", \"$.b\"]"), json!(["$.a", "$.b"]));
        assert_eq!(value("timezone="), json!(""));
    }

    #[test]
    fn an_object_is_the_table_below_its_key() {
        let headers = setting("headers={\"X-A\": \"1\", \"X-B\": \"{{ title }}\"}").unwrap();
        let settings = dotted(&[headers, setting("method=PUT").unwrap()]);
        let expected = json!({"headers.X-A": "1", "headers.X-B": "{{ title }}", "method": "PUT"});
        assert_eq!(Value::from(settings), expected);
    }

    #[test]
    fn a_key_that_is_given_several_times_is_a_list_in_that_order() {
        let given = ["topics=alerts", "topics=[\"backups\"]", "overlap=5m", "topics=builds"];
        let settings = dotted(&given.map(|text| setting(text).unwrap()));
        let expected = json!({"overlap": "5m", "topics": ["alerts", "backups", "builds"]});
        assert_eq!(Value::from(settings), expected);
    }

    #[test]
    fn a_table_that_has_no_dotted_keys_is_refused_and_not_lost() {
        for text in ["headers={}", "headers={\"X\": {}}"] {
            assert!(setting(text).unwrap_err().contains("leave it out"), "{text}");
        }
        let dot = setting("headers={\"X.A\": \"1\"}").unwrap_err();
        assert!(dot.contains("\"X.A\"") && dot.contains("config.toml"), "{dot}");
    }

    #[test]
    fn a_value_without_a_key_is_refused_with_an_example() {
        for text in ["ana", "=ana"] {
            assert!(setting(text).unwrap_err().contains("auth.username=ana"), "{text}");
        }
    }
}
