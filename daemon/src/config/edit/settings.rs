//! The settings that clients may edit, by the dotted keys of the file.

use tidings_api::{Dict, DictWriter, Fields, Result};
use toml_edit::{Array, DocumentMut, InlineTable, Value};

use super::EditError;
use super::table;
use super::value::{from_json, from_text};
use crate::config::Config;
use crate::config::duration::write_duration;
use crate::config::model::{Density, Theme};
use crate::quiet::{Schedule, Span};

const POPUPS: &str = "desktop.popups";
const MAX_AGE: &str = "retention.max_age";
const MAX_COUNT: &str = "retention.max_count";
const SCHEDULE: &str = "quiet.schedule";
const THEME: &str = "app.theme";
const DENSITY: &str = "app.density";
const LANGUAGE: &str = "app.language";
const SINGLE_KEYS: &str = "app.single_keys";

/// One value of the file as it shall be.
#[derive(Clone, Debug)]
pub struct Setting {
    key: &'static str,
    wanted: Wanted,
}

#[derive(Clone, Debug)]
enum Wanted {
    Flag(bool),
    /// A text; empty takes the key out.
    Text(String),
    /// A number; 0 takes the key out.
    Number(i64),
    /// JSON.
    Schedule(String),
}

impl Setting {
    /// The keys of `Get` and `Set`.
    pub const KEYS: [&'static str; 8] =
        [POPUPS, MAX_AGE, MAX_COUNT, SCHEDULE, THEME, DENSITY, LANGUAGE, SINGLE_KEYS];

    /// Reads the dictionary of a `Set` call. An unknown key or a wrong type is an error; what a value may be is for the
    /// loader to say.
    pub fn from_dict(dict: Dict) -> Result<Vec<Self>> {
        let mut fields = Fields::new("settings", dict);
        let mut settings = Vec::new();
        for key in Self::KEYS {
            let wanted = match key {
                POPUPS | SINGLE_KEYS => fields.boolean(key)?.map(Wanted::Flag),
                MAX_COUNT => fields.integer(key)?.map(Wanted::Number),
                SCHEDULE => fields.text(key)?.map(Wanted::Schedule),
                _ => fields.text(key)?.map(Wanted::Text),
            };
            settings.extend(wanted.map(|wanted| Self { key, wanted }));
        }
        fields.finish()?;
        Ok(settings)
    }

    /// All settings as they are.
    #[must_use]
    pub fn all(config: &Config) -> Dict {
        let mut dict = DictWriter::default();
        dict.put(POPUPS, config.desktop.popups);
        dict.put(MAX_AGE, config.retention.max_age.map(write_duration).unwrap_or_default());
        let count = config.retention.max_count.and_then(|count| i64::try_from(count).ok());
        dict.put(MAX_COUNT, count.unwrap_or_default());
        dict.put(SCHEDULE, schedule_json(&config.quiet.schedule));
        let theme = Theme::WORDS.into_iter().find(|(_, theme)| *theme == config.app.theme);
        dict.put(THEME, theme.map_or("", |(word, _)| word));
        let density =
            Density::WORDS.into_iter().find(|(_, density)| *density == config.app.density);
        dict.put(DENSITY, density.map_or("", |(word, _)| word));
        dict.put(LANGUAGE, config.app.language.clone());
        dict.put(SINGLE_KEYS, config.app.single_keys);
        dict.finish()
    }

    fn value(&self) -> std::result::Result<Option<Value>, EditError> {
        match &self.wanted {
            Wanted::Flag(flag) => Ok(Some(Value::from(*flag))),
            Wanted::Text(text) => from_text(self.key, text),
            Wanted::Number(number) => Ok((*number != 0).then(|| Value::from(*number))),
            Wanted::Schedule(json) => schedule(json),
        }
    }
}

/// Puts all of them into the file.
pub(super) fn set(
    document: &mut DocumentMut,
    settings: &[Setting],
) -> std::result::Result<(), EditError> {
    for setting in settings {
        table::set(document.as_table_mut(), false, setting.key, setting.value()?)?;
    }
    Ok(())
}

/// The lines of a schedule as inline tables. Which keys and words a line may have is for the loader to say.
fn schedule(json: &str) -> std::result::Result<Option<Value>, EditError> {
    let wrong = |problem| EditError::BadValue { key: SCHEDULE.to_owned(), problem };
    let parsed: serde_json::Value = if json.trim().is_empty() {
        serde_json::Value::Array(Vec::new())
    } else {
        serde_json::from_str(json).map_err(|_| wrong("is not JSON"))?
    };
    let lines = parsed.as_array().ok_or_else(|| wrong("is not a list"))?;
    let mut schedule = Array::new();
    for line in lines {
        let line = line.as_object().ok_or_else(|| wrong("is not a list of objects"))?;
        let mut table = InlineTable::new();
        for (key, value) in line {
            // An empty value stays, so that the loader says what is wrong with it.
            let empty = if value.is_array() { Value::Array(Array::new()) } else { Value::from("") };
            table.insert(key, from_json(SCHEDULE, value)?.unwrap_or(empty));
        }
        schedule.push(table);
    }
    Ok((!schedule.is_empty()).then_some(Value::Array(schedule)))
}

fn schedule_json(Schedule(spans): &Schedule) -> String {
    let line = |span: &Span| {
        serde_json::json!({
            "days": span.days.words(),
            "from": span.from.format("%H:%M").to_string(),
            "until": span.until.format("%H:%M").to_string(),
        })
    };
    serde_json::Value::Array(spans.iter().map(line).collect()).to_string()
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::PathBuf;

    use tempfile::TempDir;

    use super::*;
    use crate::config::{Kinds, LiveConfig};

    const FILE: &str = "\
# mine
[retention]
max_age = \"90d\"   # a season

[desktop]
popups = true # please
";

    struct Scene {
        config: LiveConfig,
        path: PathBuf,
        _folder: TempDir,
    }

    fn scene(text: Option<&str>) -> Scene {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("tidings/config.toml");
        if let Some(text) = text {
            fs::create_dir(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
        }
        let kinds = Kinds::NONE;
        Scene { config: LiveConfig::open(path.clone(), kinds), path, _folder: folder }
    }

    fn settings(fill: impl FnOnce(&mut DictWriter)) -> Vec<Setting> {
        let mut dict = DictWriter::default();
        fill(&mut dict);
        Setting::from_dict(dict.finish()).unwrap()
    }

    #[test]
    fn a_setting_changes_one_word_and_keeps_everything_around_it() {
        let scene = scene(Some(FILE));
        let wanted = settings(|dict| {
            dict.put(POPUPS, false);
            dict.put(MAX_AGE, "2w");
        });
        scene.config.set(&wanted).unwrap();
        let expected = FILE.replace("true", "false").replace("90d", "2w");
        assert_eq!(fs::read_to_string(&scene.path).unwrap(), expected);
        assert!(!scene.config.current().desktop.popups, "it runs at once");
    }

    #[test]
    fn without_a_file_there_is_one_afterwards_and_its_answers_are_the_settings() {
        let scene = scene(None);
        let nights = r#"[{"days":["mon-fri"],"from":"22:00","until":"07:00"}]"#;
        scene
            .config
            .set(&settings(|dict| {
                dict.put(SCHEDULE, nights);
                dict.put(THEME, "dark");
                dict.put(MAX_COUNT, 5_000_i64);
            }))
            .unwrap();
        let told = Setting::all(&scene.config.current());
        let text = |key: &str| <&str>::try_from(&told[key]).unwrap().to_owned();
        assert_eq!((text(SCHEDULE).as_str(), text(THEME).as_str()), (nights, "dark"));
        assert_eq!(i64::try_from(&told[MAX_COUNT]).unwrap(), 5_000);
        let file = fs::read_to_string(&scene.path).unwrap();
        assert!(
            file.contains("days = [\"mon-fri\"], from = \"22:00\""),
            "as people write it: {file}"
        );
    }

    #[test]
    fn nothing_is_no_limit_and_no_line() {
        let scene = scene(Some(FILE));
        scene
            .config
            .set(&settings(|dict| {
                dict.put(MAX_AGE, "");
                dict.put(MAX_COUNT, 0_i64);
                dict.put(SCHEDULE, "[]");
            }))
            .unwrap();
        assert_eq!(scene.config.current().retention, crate::config::Retention::default());
        assert!(!fs::read_to_string(&scene.path).unwrap().contains("max_"));
    }

    #[test]
    fn one_wrong_value_changes_nothing_and_is_told_in_the_words_of_the_loader() {
        let scene = scene(Some(FILE));
        for (key, value, words) in [
            (MAX_AGE, "90", "is not a duration"),
            (THEME, "pink", "unknown theme \"pink\""),
            (LANGUAGE, "../../x", "is not the name of a language"),
            (SCHEDULE, r#"[{"days":["mo"],"from":"22:00","until":"07:00"}]"#, "is not a day"),
            (SCHEDULE, r#"[{"days":[],"from":"22:00","until":"07:00"}]"#, "`days` is empty"),
            (SCHEDULE, r#"[{"days":["mon"],"from":"","until":"07:00"}]"#, "not a time of day"),
            (SCHEDULE, "[1]", "not a list of objects"),
            (SCHEDULE, "nights", "is not JSON"),
        ] {
            let wanted = settings(|dict| {
                dict.put(POPUPS, false);
                dict.put(key, value);
            });
            let error = scene.config.set(&wanted).unwrap_err().to_string();
            assert!(error.contains(words), "{key} = {value}: {error}");
            assert_eq!(fs::read_to_string(&scene.path).unwrap(), FILE, "all or none");
        }
    }

    #[test]
    fn an_unknown_key_and_a_wrong_type_are_named() {
        let dict = |key: &str, value: &str| {
            let mut dict = DictWriter::default();
            dict.put(key, value);
            Setting::from_dict(dict.finish()).unwrap_err().to_string()
        };
        assert!(dict("app.colour", "x").contains("unknown key \"app.colour\""));
        assert!(dict(POPUPS, "yes").contains("must be a boolean"));
    }
}
