#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "only what JSON can say is translated; zvariant's list grows with the features of the build"
)]

use serde_json::{Map, Value as Json};
use tidings_api::Dict;
use zbus::zvariant::Value;

/// A dictionary of the bus as a JSON object. What JSON cannot say, such as a file descriptor, is `null`.
#[must_use]
pub fn to_json(dict: &Dict) -> Map<String, Json> {
    dict.iter().map(|(key, value)| (key.clone(), value_to_json(value))).collect()
}

fn value_to_json(value: &Value<'_>) -> Json {
    match value {
        Value::U8(n) => (*n).into(),
        Value::Bool(flag) => (*flag).into(),
        Value::I16(n) => (*n).into(),
        Value::U16(n) => (*n).into(),
        Value::I32(n) => (*n).into(),
        Value::U32(n) => (*n).into(),
        Value::I64(n) => (*n).into(),
        Value::U64(n) => (*n).into(),
        Value::F64(n) => (*n).into(),
        Value::Str(text) => text.as_str().into(),
        Value::Signature(signature) => signature.to_string().into(),
        Value::ObjectPath(path) => path.as_str().into(),
        Value::Value(inner) => value_to_json(inner),
        Value::Array(array) => array.iter().map(value_to_json).collect(),
        Value::Structure(fields) => fields.fields().iter().map(value_to_json).collect(),
        Value::Dict(dict) => dict
            .iter()
            .filter_map(|(key, value)| match key {
                Value::Str(key) => Some((key.to_string(), value_to_json(value))),
                _ => None,
            })
            .collect::<Map<_, _>>()
            .into(),
        _ => Json::Null,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tidings_api::DictWriter;

    use super::*;

    #[test]
    fn every_value_of_the_contract_becomes_its_json() {
        let mut writer = DictWriter::default();
        writer.put("text", "a");
        writer.put("flag", true);
        writer.put("small", -3_i32);
        writer.put("large", i64::MAX);
        writer.put("list", vec!["a", "b"]);
        writer.put("triples", vec![("a", "b", "c")]);
        writer.put("boxed", Value::Value(Box::new(Value::from(7_u8))));
        writer.put("inner", std::collections::HashMap::from([("key", "value")]));
        assert_eq!(
            Json::from(to_json(&writer.finish())),
            json!({
                "text": "a", "flag": true, "small": -3, "large": i64::MAX, "list": ["a", "b"],
                "triples": [["a", "b", "c"]], "boxed": 7, "inner": { "key": "value" },
            })
        );
    }
}
