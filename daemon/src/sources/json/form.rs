//! The forms of this kind: without a preset, and of every preset.

use serde::Deserialize;
use tidings_api::{FieldKind, FormField, SourceKind};
use tracing::error;

use crate::sources::json::preset::{self, PRESETS};
use crate::sources::json::{NAME, field};

/// The key of a preset that holds its form and is nothing to connect by.
pub(super) const FORM: &str = "form";

/// The form of a source without a preset.
const ANY: &str = include_str!("any.toml");

/// A form as it is written beside its preset.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    title: String,
    description: String,
    /// Keys in their order.
    fields: Vec<String>,
    /// Keys that are rarely needed.
    #[serde(default)]
    advanced: Vec<String>,
    /// Keys without which no server of this family works, beside the address.
    #[serde(default)]
    required: Vec<String>,
}

/// Every entry of "which server do you use?" that is of this kind, the families first.
#[must_use]
pub(super) fn kinds() -> Vec<SourceKind> {
    let mut kinds: Vec<SourceKind> =
        PRESETS.iter().filter_map(|(name, _)| of_preset(name)).collect();
    match toml::from_str(ANY) {
        Ok(form) => kinds.push(kind("", form, &toml::Table::new())),
        Err(error) => error!(%error, "the form of sources without a preset cannot be read"),
    }
    kinds
}

fn of_preset(name: &str) -> Option<SourceKind> {
    let read = || -> Result<SourceKind, String> {
        let mut table = preset::table(name).map_err(|problem| problem.message)?;
        let form = table.remove(FORM).ok_or("it has no form")?;
        let form = form.try_into().map_err(|error: toml::de::Error| error.to_string())?;
        Ok(kind(name, form, &table))
    };
    // A test reads every form: this tells of what cannot be.
    read().inspect_err(|error| error!(preset = name, error, "the form cannot be read")).ok()
}

fn kind(preset: &str, form: Form, known: &toml::Table) -> SourceKind {
    let field = |key: &String, advanced: bool| {
        let described = field::of(key)?;
        let required = key == "url" || form.required.contains(key);
        let default = default(known, key, described.kind).unwrap_or(described.default);
        Some(FormField { default, required, advanced, ..described })
    };
    let first = form.fields.iter().filter_map(|key| field(key, false));
    let more = form.advanced.iter().filter_map(|key| field(key, true));
    let signs_in = find(known, "auth.mode").and_then(toml::Value::as_str) == Some("cookie");
    SourceKind {
        kind: NAME.to_owned(),
        preset: preset.to_owned(),
        fields: first.chain(more).collect(),
        title: form.title,
        description: form.description,
        secret: if signs_in { "password" } else { "token" }.to_owned(),
    }
}

/// What the preset says, as its form shows it.
fn default(known: &toml::Table, key: &str, kind: FieldKind) -> Option<String> {
    let value = find(known, key)?;
    match (value, kind) {
        (toml::Value::Array(items), _) => {
            let lines: Option<Vec<_>> = items.iter().map(toml::Value::as_str).collect();
            Some(lines?.join("\n"))
        }
        (toml::Value::Boolean(flag), _) => Some(flag.to_string()),
        (value, _) => value.as_str().map(str::to_owned),
    }
}

/// A value by its dotted key.
fn find<'t>(table: &'t toml::Table, key: &str) -> Option<&'t toml::Value> {
    match key.split_once('.') {
        Some((head, tail)) => find(table.get(head)?.as_table()?, tail),
        None => table.get(key),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Settings that set one key, at its place.
    fn settings(preset: &str, key: &str, value: toml::Value) -> toml::Table {
        let nested = key.rsplit('.').fold(value, |inner, key| {
            toml::Value::Table(toml::Table::from_iter([(key.to_owned(), inner)]))
        });
        let toml::Value::Table(mut settings) = nested else { panic!("a key has a name") };
        if !preset.is_empty() {
            settings.insert("preset".into(), preset.into());
        }
        settings
    }

    fn value(field: &FormField, text: &str) -> toml::Value {
        match field.kind {
            FieldKind::Text | FieldKind::Url | FieldKind::Choice => text.into(),
            FieldKind::Flag => (text == "true").into(),
            FieldKind::List => text.lines().collect::<Vec<_>>().into(),
        }
    }

    fn fields() -> impl Iterator<Item = (String, FormField)> {
        kinds().into_iter().flat_map(|kind| {
            let preset = kind.preset;
            kind.fields.into_iter().map(move |field| (preset.clone(), field))
        })
    }

    #[test]
    fn every_preset_and_the_kind_itself_has_a_form() {
        let presets: Vec<String> = kinds().into_iter().map(|kind| kind.preset).collect();
        let known = PRESETS.iter().map(|(name, _)| (*name).to_owned());
        assert_eq!(presets, known.chain([String::new()]).collect::<Vec<_>>());
        for kind in kinds() {
            assert!(!kind.title.is_empty() && kind.description.ends_with('.'), "{kind:?}");
            assert_eq!(kind.fields[0].key, "url", "the address comes first: {}", kind.preset);
        }
    }

    #[test]
    fn every_key_that_a_form_names_is_described_once() {
        for (name, text) in PRESETS.iter().chain([&("", ANY)]) {
            let table: toml::Table = text.parse().unwrap();
            let form = table.get(FORM).cloned().unwrap_or(toml::Value::Table(table));
            let form: Form = form.try_into().unwrap();
            let keys: Vec<_> = form.fields.iter().chain(&form.advanced).collect();
            for key in &keys {
                assert!(field::of(key).is_some(), "{name}: {key} has no description");
            }
            assert_eq!(keys.iter().collect::<BTreeSet<_>>().len(), keys.len(), "{name}: {keys:?}");
            assert!(form.required.iter().all(|key| keys.contains(&key)), "{name}: {keys:?}");
        }
    }

    #[test]
    fn a_field_that_is_left_empty_means_what_its_placeholder_shows() {
        for (preset, field) in fields().filter(|(_, field)| !field.default.is_empty()) {
            let written = settings(&preset, &field.key, value(&field, &field.default));
            let empty = settings(&preset, "url", "".into());
            let message = format!("{preset}: {} = {:?}", field.key, field.default);
            assert_eq!(preset::merge(&written), preset::merge(&empty), "{message}");
        }
    }

    #[test]
    fn every_field_is_a_key_of_the_spec_and_takes_its_examples_and_choices() {
        for (preset, field) in fields() {
            let texts =
                field.choices.iter().chain([&field.example]).filter(|text| !text.is_empty());
            for text in texts {
                let written = settings(&preset, &field.key, value(&field, text));
                let merged = preset::merge(&written);
                assert!(merged.is_ok(), "{preset}: {} = {text:?}: {merged:?}", field.key);
            }
            assert!(field.kind != FieldKind::Choice || !field.choices.is_empty(), "{}", field.key);
            assert!(field.help.ends_with('.'), "{}: {}", field.key, field.help);
        }
    }
}
