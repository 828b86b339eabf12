//! Presets: what is known about a family of servers, as data. The user's table is laid over one of them.

use crate::config::KeyProblem;
use crate::sources::json::form::FORM;
use crate::sources::json::keys;
use crate::sources::json::spec::{
    AuthSpec, FrameSpec, IdentitySpec, ItemSpec, ListSpec, MarkSpec, RequestSpec, Spec, SyncSpec,
    WebsocketSpec,
};

/// Name and text of every preset.
pub const PRESETS: [(&str, &str); 4] = [
    ("django-channels", include_str!("../presets/django-channels.toml")),
    ("django-channels-history", include_str!("../presets/django-channels-history.toml")),
    ("django-list", include_str!("../presets/django-list.toml")),
    ("django-notifications", include_str!("../presets/django-notifications.toml")),
];

/// Lays the user's settings over their preset.
pub(super) fn merge(settings: &toml::Table) -> Result<Spec, Vec<KeyProblem>> {
    let problems = key_problems(settings);
    if !problems.is_empty() {
        return Err(problems);
    }
    let mut merged = match settings.get("preset").and_then(toml::Value::as_str) {
        Some(name) => {
            let mut preset = table(name).map_err(|problem| vec![problem])?;
            preset.remove(FORM);
            preset
        }
        None => toml::Table::new(),
    };
    lay_over(&mut merged, settings);
    merged.try_into().map_err(|error: toml::de::Error| {
        vec![KeyProblem {
            key: String::new(),
            message: error.message().to_owned(),
            known: Vec::new(),
        }]
    })
}

/// The keys known at a dotted place; `None` where the spec has no table.
#[must_use]
pub(super) fn known_keys(place: &str) -> Option<&'static [&'static str]> {
    Some(match place {
        "" => keys::of::<Spec>(),
        "auth" => keys::of::<AuthSpec>(),
        "websocket" => keys::of::<WebsocketSpec>(),
        "frame" => keys::of::<FrameSpec>(),
        "list" => keys::of::<ListSpec>(),
        "item" => keys::of::<ItemSpec>(),
        "mark" => keys::of::<MarkSpec>(),
        "mark.read" | "mark.unread" => keys::of::<RequestSpec>(),
        "identity" => keys::of::<IdentitySpec>(),
        "sync" => keys::of::<SyncSpec>(),
        _ => return None,
    })
}

/// A preset as it is written, with its form.
pub(super) fn table(name: &str) -> Result<toml::Table, KeyProblem> {
    let names: Vec<&'static str> = PRESETS.iter().map(|(name, _)| *name).collect();
    let unknown = || KeyProblem {
        key: "preset".to_owned(),
        message: format!("there is no preset \"{name}\"; known presets: {}", names.join(", ")),
        known: names.clone(),
    };
    let (_, text) = PRESETS.iter().find(|(known, _)| *known == name).ok_or_else(unknown)?;
    text.parse().map_err(|error: toml::de::Error| KeyProblem {
        key: "preset".to_owned(),
        message: format!("the preset \"{name}\" is damaged: {}", error.message()),
        known: Vec::new(),
    })
}

fn lay_over(base: &mut toml::Table, over: &toml::Table) {
    for (key, value) in over {
        match (base.get_mut(key), value) {
            (Some(toml::Value::Table(base)), toml::Value::Table(over)) => lay_over(base, over),
            _ => {
                base.insert(key.clone(), value.clone());
            }
        }
    }
}

/// Every unknown key and every value of a wrong type, each at its own place.
fn key_problems(settings: &toml::Table) -> Vec<KeyProblem> {
    let mut problems = Vec::new();
    walk("", settings, &mut problems);
    problems
}

fn walk(place: &str, table: &toml::Table, problems: &mut Vec<KeyProblem>) {
    let Some(known) = known_keys(place) else { return };
    for (key, value) in table {
        let path = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
        if !known.contains(&key.as_str()) {
            let message = format!("unknown key \"{path}\" for a source of kind \"json\"");
            problems.push(KeyProblem { key: path, message, known: known.to_vec() });
            continue;
        }
        match value.as_table().filter(|_| known_keys(&path).is_some()) {
            Some(inner) => walk(&path, inner, problems),
            None => problems.extend(type_problem(&path, value)),
        }
    }
}

/// An error of serde without the text it found: somebody may have written a password where a table belongs.
fn without_text(message: &str) -> String {
    const FOUND: &str = "invalid type: string ";
    let end = message.rfind(", expected ");
    match message.find(FOUND).zip(end).filter(|(start, end)| start + FOUND.len() <= *end) {
        Some((start, end)) => {
            format!("{}invalid type: a text{}", &message[..start], &message[end..])
        }
        None => message.to_owned(),
    }
}

/// Reads the one key alone, so that an error belongs to it and to nothing else.
fn type_problem(path: &str, value: &toml::Value) -> Option<KeyProblem> {
    let nested = path.rsplit('.').fold(value.clone(), |inner, key| {
        toml::Value::Table(toml::Table::from_iter([(key.to_owned(), inner)]))
    });
    let error = nested.try_into::<Spec>().err()?;
    Some(KeyProblem {
        key: path.to_owned(),
        message: format!("{path}: {}", without_text(error.message())),
        known: Vec::new(),
    })
}
