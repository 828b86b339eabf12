//! Expressions over remote JSON: JSON paths (RFC 9535) and templates, both bounded and free of effects.

use serde_json::Value;
use serde_json_path::JsonPath;

use crate::sources::json::spec::Field;
use crate::template::Template;

/// An expression that was checked once and is evaluated for every row.
#[derive(Clone, Debug)]
enum Expression {
    Path(JsonPath),
    Template(Template),
}

/// One or several expressions; the first with a result counts.
#[derive(Clone, Debug, Default)]
pub(super) struct Query(Vec<Expression>);

impl Query {
    /// Checks the expressions of a field.
    pub(super) fn compile(field: &Field) -> Result<Self, String> {
        field.0.iter().map(|text| expression(text)).collect::<Result<_, _>>().map(Self)
    }

    /// The first text, number or boolean as text; empty when there is none.
    #[must_use]
    pub(super) fn text(&self, item: &Value) -> String {
        self.0
            .iter()
            .filter_map(|expression| match expression {
                Expression::Path(path) => path.query(item).iter().find_map(|value| scalar(value)),
                Expression::Template(template) => template.render(item).ok(),
            })
            .find(|text| !text.trim().is_empty())
            .unwrap_or_default()
    }

    /// The first value that is not null.
    #[must_use]
    pub(super) fn value(&self, item: &Value) -> Option<Value> {
        self.0.iter().find_map(|expression| match expression {
            Expression::Path(path) => {
                path.query(item).iter().find(|value| !value.is_null()).map(|&value| value.clone())
            }
            Expression::Template(template) => template.render(item).ok().map(Value::String),
        })
    }

    /// All values of the first expression that has any, in their order.
    #[must_use]
    pub(super) fn all<'a>(&self, item: &'a Value) -> Vec<&'a Value> {
        self.paths()
            .map(|path| path.query(item).all())
            .find(|all| !all.is_empty())
            .unwrap_or_default()
    }

    /// Every object that any expression finds, in order.
    #[must_use]
    pub(super) fn objects<'a>(&self, item: &'a Value) -> Vec<&'a Value> {
        self.paths().flat_map(|path| path.query(item).all()).filter(|v| v.is_object()).collect()
    }

    /// A count; anything that is not a whole number >= 0 is none.
    #[must_use]
    pub(super) fn count(&self, item: &Value) -> Option<u64> {
        self.paths().find_map(|path| path.query(item).iter().find_map(|value| value.as_u64()))
    }

    /// Truth as servers write it: `true`, `1`, `"read"`, a time of reading; `None` when absent.
    #[must_use]
    pub(super) fn truth(&self, item: &Value) -> Option<bool> {
        self.0.iter().find_map(|expression| match expression {
            Expression::Path(path) => path.query(item).iter().next().map(|value| truthy(value)),
            Expression::Template(template) => {
                template.render(item).ok().map(|text| truthy(&Value::String(text)))
            }
        })
    }

    fn paths(&self) -> impl Iterator<Item = &JsonPath> {
        self.0.iter().filter_map(|expression| match expression {
            Expression::Path(path) => Some(path),
            Expression::Template(_) => None,
        })
    }
}

fn expression(text: &str) -> Result<Expression, String> {
    if !text.starts_with('$') {
        return Template::compile(text).map(Expression::Template);
    }
    JsonPath::parse(text)
        .map(Expression::Path)
        .map_err(|error| format!("\"{text}\" is not a JSON path: {error}"))
}

/// A value that can stand in a line of text.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64().is_some_and(|n| n != 0.0),
        Value::String(text) => {
            let text = text.trim().to_lowercase();
            !matches!(
                text.as_str(),
                "" | "0"
                    | "false"
                    | "no"
                    | "none"
                    | "null"
                    | "unread"
                    | "no_leida"
                    | "no leida"
                    | "no leída"
                    | "pendiente"
                    | "nueva"
                    | "new"
            )
        }
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn query(expressions: &[&str]) -> Query {
        Query::compile(&Field(expressions.iter().map(|&text| text.to_owned()).collect())).unwrap()
    }

    #[test]
    fn first_expression_with_a_text_wins() {
        let found = query(&["$.message", "$.mensaje", "hello {{ who }}"]);
        assert_eq!(
            found.text(&json!({"mensaje": "hola"})),
            "hola",
            "an absent path is passed over"
        );
        assert_eq!(found.text(&json!({"message": {"a": 1}, "who": "you"})), "hello you");
    }

    #[test]
    fn endless_template_ends_without_result() {
        let endless = query(&[
            "{% for i in range(9999) %}{% for j in range(9999) %}x{% endfor %}{% endfor %}",
        ]);
        assert_eq!(endless.text(&json!({})), "", "fuel bounds a template that a preset got wrong");
    }

    #[test]
    fn read_state_is_understood_in_the_shapes_of_the_field() {
        let read = query(&["$.read"]);
        for (value, expected) in [
            (json!({"read": true}), Some(true)),
            (json!({"read": 0}), Some(false)),
            (json!({"read": "unread"}), Some(false)),
            (json!({"read": "2026-01-01T00:00:00Z"}), Some(true)),
            (json!({"read": null}), Some(false)),
            (json!({}), None),
        ] {
            assert_eq!(read.truth(&value), expected, "{value}");
        }
    }

    #[test]
    fn wrong_expressions_are_refused_with_words() {
        let refused = Query::compile(&Field(vec!["$..[".to_owned()])).unwrap_err();
        assert!(refused.contains("JSON path"), "{refused}");
        let refused = Template::compile("{{ a").unwrap_err();
        assert!(refused.contains("template"), "{refused}");
    }
}
