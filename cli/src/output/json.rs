use std::fmt::Write;

use serde::Serialize;
use serde_json::{Map, Value as Json};
use tidings_api::Dict;
use zbus::zvariant::Value;

use crate::exit::Failure;
use crate::output::clean;

/// One array with one element a line, so that it can be read by `jq`, `diff` and people.
pub(super) fn array<T: Serialize>(items: &[T]) -> Result<String, Failure> {
    if items.is_empty() {
        return Ok("[]".to_owned());
    }
    let lines: Vec<String> = items.iter().map(object).collect::<Result<_, _>>()?;
    Ok(format!("[\n{}\n]", lines.join(",\n")))
}

/// One value on one line.
pub(super) fn object<T: Serialize>(item: &T) -> Result<String, Failure> {
    let text = serde_json::to_string(item)
        .map_err(|error| Failure::failed(format!("could not be written as JSON: {error}")))?;
    Ok(escaped(text))
}

/// Escapes what JSON allows to stand as it is but a terminal would obey. The value stays the same.
fn escaped(text: String) -> String {
    if !text.chars().any(clean::is_forbidden) {
        return text;
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if clean::is_forbidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(safe, "\\u{unit:04x}");
            }
        } else {
            safe.push(c);
        }
    }
    safe
}

/// A dictionary of the daemon as a JSON object, its keys in alphabetical order.
pub(crate) fn from_dict(dict: &Dict) -> Json {
    let mut entries: Vec<_> = dict.iter().collect();
    entries.sort_by_key(|(key, _)| *key);
    Json::Object(entries.into_iter().map(|(key, value)| (key.clone(), from_value(value))).collect())
}

/// A D-Bus value as JSON. File descriptors have no JSON form and become `null`.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "zvariant has one more variant when another crate of the build turns GVariant on"
)]
fn from_value(value: &Value<'_>) -> Json {
    match value {
        Value::Bool(flag) => Json::from(*flag),
        Value::U8(n) => Json::from(*n),
        Value::I16(n) => Json::from(*n),
        Value::U16(n) => Json::from(*n),
        Value::I32(n) => Json::from(*n),
        Value::U32(n) => Json::from(*n),
        Value::I64(n) => Json::from(*n),
        Value::U64(n) => Json::from(*n),
        Value::F64(n) => Json::from(*n),
        Value::Str(text) => Json::from(text.as_str()),
        Value::ObjectPath(path) => Json::from(path.as_str()),
        Value::Signature(signature) => Json::from(signature.to_string()),
        Value::Value(inner) => from_value(inner),
        Value::Array(array) => array.iter().map(from_value).collect(),
        Value::Structure(structure) => structure.fields().iter().map(from_value).collect(),
        Value::Dict(dict) => Json::Object(
            dict.iter().map(|(k, v)| (key_text(k), from_value(v))).collect::<Map<_, _>>(),
        ),
        _ => Json::Null,
    }
}

fn key_text(key: &Value<'_>) -> String {
    match from_value(key) {
        Json::String(text) => text,
        other @ (Json::Null
        | Json::Bool(_)
        | Json::Number(_)
        | Json::Array(_)
        | Json::Object(_)) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_on_a_terminal_is_harmless_and_loses_nothing() {
        let hostile = "a\u{9b}2J\u{202e}b\u{e0041}c\u{1b}[0m";
        let text = object(&hostile).unwrap();
        assert!(!text.chars().any(clean::is_forbidden), "{text:?}");
        let back: String = serde_json::from_str(&text).unwrap();
        assert_eq!(back, hostile, "a program reads the very same text");
    }

    #[test]
    fn no_rows_are_an_empty_array() {
        assert_eq!(array::<u8>(&[]).unwrap(), "[]");
        assert_eq!(array(&[1, 2]).unwrap(), "[\n1,\n2\n]");
    }

    #[test]
    fn every_kind_of_answer_has_a_json_form() {
        let mut writer = tidings_api::DictWriter::default();
        writer.put("steps", vec!["a".to_owned()]);
        writer.put("ok", true);
        writer.put("n", 7_u32);
        let json = from_dict(&writer.finish());
        assert_eq!(json.to_string(), r#"{"n":7,"ok":true,"steps":["a"]}"#);
    }
}
