use serde_json::{Map, Value as Json};
use tidings_api::{Dict, DictWriter};

use super::{Failure, to_json};

/// The setting that is a list; it crosses the bus as JSON text.
const SCHEDULE: &str = "quiet.schedule";

/// The answer of `Preferences1.Get` as the page reads it.
///
/// # Errors
///
/// The schedule is not JSON.
pub fn settings_from_dict(dict: &Dict) -> Result<Map<String, Json>, Failure> {
    let mut settings = to_json(dict);
    if let Some(Json::String(text)) = settings.get(SCHEDULE) {
        let schedule = serde_json::from_str(text).map_err(|error| {
            Failure::unavailable(format!("{SCHEDULE}: the daemon's answer is not JSON: {error}"))
        })?;
        settings.insert(SCHEDULE.to_owned(), schedule);
    }
    Ok(settings)
}

/// The argument of `Preferences1.Set`; which keys and values there are is the daemon's to judge.
///
/// # Errors
///
/// A value is of a kind that no setting has.
pub fn settings_to_dict(changed: &Map<String, Json>) -> Result<Dict, Failure> {
    let mut writer = DictWriter::default();
    for (key, value) in changed {
        match value {
            Json::Bool(flag) => writer.put(key, *flag),
            Json::String(text) => writer.put(key, text.clone()),
            Json::Number(number) => {
                let number = number.as_i64().ok_or_else(|| {
                    Failure::invalid(format!("{key}: {number} is not a whole number"))
                })?;
                writer.put(key, number);
            }
            Json::Array(_) => writer.put(key, value.to_string()),
            Json::Null | Json::Object(_) => {
                return Err(Failure::invalid(format!(
                    "{key}: a setting is a text, a number, a flag or a list, not {value}"
                )));
            }
        }
    }
    Ok(writer.finish())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn object(value: Json) -> Map<String, Json> {
        let Json::Object(map) = value else { panic!("not an object: {value}") };
        map
    }

    #[test]
    fn settings_survive_the_way_to_the_daemon_and_back() {
        let settings = object(json!({
            "desktop.popups": true,
            "retention.max_age": "90d",
            "retention.max_count": 10_000,
            "quiet.schedule": [{ "days": ["mon-fri"], "from": "22:00", "until": "07:00" }],
        }));
        let dict = settings_to_dict(&settings).unwrap();
        assert_eq!(dict["quiet.schedule"].value_signature().to_string(), "s", "JSON text");
        assert_eq!(settings_from_dict(&dict).unwrap(), settings);
    }

    #[test]
    fn a_text_that_looks_like_a_list_stays_a_text_elsewhere() {
        let settings = object(json!({ "app.language": "[]" }));
        let dict = settings_to_dict(&settings).unwrap();
        assert_eq!(settings_from_dict(&dict).unwrap(), settings);
    }

    #[test]
    fn what_no_setting_is_gets_refused_by_name() {
        for value in [json!(null), json!({}), json!(1.5)] {
            let failure = settings_to_dict(&object(json!({ "app.theme": value }))).unwrap_err();
            assert!(failure.message.starts_with("app.theme: "), "{failure}");
        }
    }
}
