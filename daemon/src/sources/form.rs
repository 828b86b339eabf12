//! A configured source as its form shows it.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};
use tidings_api::{FieldKind, SecretPlace, SourceKind, SourceSettings};
use url::Url;

use crate::config::{SecretOrigin, SourceConfig};
use crate::sources::registry;

/// What the form of a source shows; nothing of its secret but where it is.
#[must_use]
pub fn settings(config: &SourceConfig) -> SourceSettings {
    let preset = registry::summary(config).preset;
    let form = of(&config.kind, &preset);
    let fields = form.iter().flat_map(|form| &form.fields);
    let shown = fields.filter_map(|field| {
        let value = json(find(&config.settings, &field.key)?, field.kind)?;
        Some((field.key.clone(), value))
    });
    SourceSettings {
        name: config.name.clone(),
        kind: config.kind.clone(),
        enabled: config.enabled,
        popups: config.popups,
        min_urgency: config.min_urgency.as_str().to_owned(),
        settings: shown.collect::<Map<_, _>>(),
        secret: place(config.secret.as_ref()),
        preset,
    }
}

/// What a secret is called there, which is the key that names the keyring.
#[must_use]
pub fn secret_key(kind: &str, preset: &str) -> &'static str {
    match of(kind, preset) {
        Some(form) if form.secret == "password" => "password",
        Some(_) | None => "token",
    }
}

/// Every server that these settings may connect to, the secret in hand. A text that is no whole address is a path on
/// the source's own server, or no address at all, which is the same here.
#[must_use]
pub fn servers(settings: &toml::Table) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let base = settings.get("url").and_then(toml::Value::as_str);
    if let Some(base) = base.and_then(|base| Url::parse(base).ok()) {
        settings.values().for_each(|value| collect(&base, value, &mut found));
    }
    found
}

fn collect(base: &Url, value: &toml::Value, found: &mut BTreeSet<String>) {
    match value {
        toml::Value::String(text) => {
            let url = base.join(text).ok();
            found.extend(url.map(|url| url.origin()).filter(url::Origin::is_tuple).map(|origin| {
                let scheme = origin.ascii_serialization();
                // A WebSocket is opened on the same server.
                scheme.replacen("ws", "http", usize::from(scheme.starts_with("ws")))
            }));
        }
        toml::Value::Array(items) => items.iter().for_each(|item| collect(base, item, found)),
        toml::Value::Table(table) => table.values().for_each(|item| collect(base, item, found)),
        toml::Value::Integer(_)
        | toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_) => {}
    }
}

fn of(kind: &str, preset: &str) -> Option<SourceKind> {
    registry::forms().into_iter().find(|form| form.kind == kind && form.preset == preset)
}

/// Where a secret is.
pub(crate) const fn place(origin: Option<&SecretOrigin>) -> SecretPlace {
    match origin {
        None => SecretPlace::None,
        Some(SecretOrigin::Keyring) => SecretPlace::Keyring,
        Some(SecretOrigin::Command(_) | SecretOrigin::File(_) | SecretOrigin::Credential(_)) => {
            SecretPlace::Elsewhere
        }
    }
}

/// The value at a dotted key.
pub(crate) fn find<'t>(table: &'t toml::Table, key: &str) -> Option<&'t toml::Value> {
    match key.split_once('.') {
        Some((head, tail)) => find(table.get(head)?.as_table()?, tail),
        None => table.get(key),
    }
}

/// A value for the control of its field; `None` = no form can show it.
pub(crate) fn json(value: &toml::Value, kind: FieldKind) -> Option<Json> {
    Some(match (value, kind) {
        (toml::Value::String(text), FieldKind::List) => Json::from(vec![text.clone()]),
        (toml::Value::String(text), _) => Json::from(text.clone()),
        (toml::Value::Boolean(flag), _) => Json::from(*flag),
        (toml::Value::Integer(number), _) => Json::from(*number),
        (toml::Value::Array(items), _) => {
            let texts: Option<Vec<_>> = items.iter().map(toml::Value::as_str).collect();
            Json::from(texts?)
        }
        (toml::Value::Float(_) | toml::Value::Datetime(_) | toml::Value::Table(_), _) => {
            return None;
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> toml::Table {
        text.parse().unwrap()
    }

    #[test]
    fn every_server_that_settings_name_is_found() {
        let settings = table(
            "url = \"https://a.b\"\npreset = \"x\"\n[websocket]\nurl = \"wss://a.b:443/ws\"\n[list]\nurl = \"/list\"\n             also = [\"//evil.example/x\"]\n[item]\ntitle = \"{{ actor }}\"",
        );
        let found: Vec<_> = servers(&settings).into_iter().collect();
        assert_eq!(found, ["https://a.b", "https://evil.example"]);
        let other = table("url = \"https://a.b:8443\"");
        assert!(!servers(&other).is_subset(&servers(&settings)), "a port is another server");
    }

    #[test]
    fn a_form_shows_its_fields_and_says_where_the_secret_is() {
        let config = SourceConfig {
            name: "home".into(),
            kind: "json".into(),
            enabled: false,
            popups: true,
            break_quiet: false,
            notice_after: None,
            min_urgency: tidings_api::Urgency::High,
            secret: Some(SecretOrigin::Command(vec!["pass".into(), "hunter2".into()])),
            settings: table(
                "preset = \"django-list\"\nurl = \"https://a.b\"\nauth.username = \"ana\"\nitem.title = \"$.t\"\nsync.debounce = \"1s\"",
            ),
        };
        let shown = settings(&config);
        assert_eq!(
            (shown.preset.as_str(), shown.min_urgency.as_str(), shown.secret),
            ("django-list", "high", SecretPlace::Elsewhere)
        );
        let keys: BTreeSet<_> = shown.settings.keys().map(String::as_str).collect();
        let expected = BTreeSet::from(["auth.username", "item.title", "url"]);
        assert_eq!(keys, expected, "and nothing that it does not show");
        assert_eq!(shown.settings["item.title"], serde_json::json!(["$.t"]), "a list is a list");
        assert!(!serde_json::to_string(&shown).unwrap().contains("hunter2"));
    }
}
