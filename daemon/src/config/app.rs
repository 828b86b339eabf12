use toml::Spanned;
use toml::de::DeValue;

use super::keys;
use super::load::table;
use super::model::{App, Density, SYSTEM_LANGUAGE, Theme};
use super::problem::Problems;
use super::reader::{Located, TableReader, suggestion};

/// Longest name of a language: the longest registered tag has 35 characters.
const LANGUAGE_CHARACTERS: usize = 35;

/// Reads `[app]`.
pub(super) fn read_app(problems: &mut Problems<'_>, value: &Spanned<DeValue<'_>>) -> App {
    let unset = App::default();
    let Some(mut reader) = table(problems, value, "app", "[app]") else {
        return unset;
    };
    let theme = word(problems, &mut reader, "theme", &Theme::WORDS).unwrap_or(unset.theme);
    let density = word(problems, &mut reader, "density", &Density::WORDS).unwrap_or(unset.density);
    let language = language(problems, &mut reader).unwrap_or(unset.language);
    let single_keys = reader.boolean(problems, "single_keys").unwrap_or(unset.single_keys);
    reader.finish(problems, keys::APP);
    App { theme, density, language, single_keys }
}

/// One of a few words.
fn word<T: Copy>(
    problems: &mut Problems<'_>,
    reader: &mut TableReader<'_>,
    key: &'static str,
    words: &[(&'static str, T)],
) -> Option<T> {
    let Located { value, span } = reader.string(problems, key)?;
    let found = words.iter().find(|(word, _)| *word == value);
    if found.is_none() {
        let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        problems.add(span, format!("unknown {key} \"{value}\""), suggestion(value, &known));
    }
    found.map(|(_, meant)| *meant)
}

fn language(problems: &mut Problems<'_>, reader: &mut TableReader<'_>) -> Option<String> {
    let Located { value, span } = reader.string(problems, "language")?;
    let letters = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if value.is_empty() || value.len() > LANGUAGE_CHARACTERS || !value.chars().all(letters) {
        let help = format!("write a tag like \"es\" or \"pt-BR\", or \"{SYSTEM_LANGUAGE}\"");
        problems.add(span, "`language` is not the name of a language", help);
        return None;
    }
    Some(value.to_owned())
}
