//! What a form sends, as TOML. Quoting is the editor's; what no single line can hold is refused.

use toml_edit::{Array, Value};

use super::EditError;

/// The value for a key; `None` = empty, which takes the key out.
pub(super) fn from_json(key: &str, json: &serde_json::Value) -> Result<Option<Value>, EditError> {
    let wrong = |problem| EditError::BadValue { key: key.to_owned(), problem };
    Ok(match json {
        serde_json::Value::Null => None,
        serde_json::Value::Bool(flag) => Some(Value::from(*flag)),
        serde_json::Value::Number(number) => {
            let whole = number.as_i64().ok_or_else(|| wrong("is not a whole number"))?;
            Some(Value::from(whole))
        }
        serde_json::Value::String(text) => from_text(key, text)?,
        serde_json::Value::Array(items) => {
            let mut array = Array::new();
            for item in items {
                let text = item.as_str().ok_or_else(|| wrong("is not a list of texts"))?;
                array.extend(from_text(key, text)?);
            }
            (!array.is_empty()).then_some(Value::Array(array))
        }
        serde_json::Value::Object(_) => {
            return Err(wrong("is a table; name what is in it with a dotted key"));
        }
    })
}

/// A text; `None` = empty.
pub(super) fn from_text(key: &str, text: &str) -> Result<Option<Value>, EditError> {
    if text.chars().any(char::is_control) {
        let problem = "has a line break or another control character in it";
        return Err(EditError::BadValue { key: key.to_owned(), problem });
    }
    Ok((!text.is_empty()).then(|| Value::from(text)))
}

/// Whether what is written means the same as the other, however it is written.
pub(super) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other.iter()).all(|(a, b)| same(a, b))
        }
        // Where a key takes several expressions, it takes one without the brackets, too.
        (text @ Value::String(_), Value::Array(lines)) => {
            lines.len() == 1 && lines.get(0).is_some_and(|line| same(text, line))
        }
        _ => {
            one.as_str().zip(other.as_str()).is_some_and(|(a, b)| a == b)
                || one.as_bool().zip(other.as_bool()).is_some_and(|(a, b)| a == b)
                || one.as_integer().zip(other.as_integer()).is_some_and(|(a, b)| a == b)
        }
    }
}
