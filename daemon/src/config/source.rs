use std::collections::BTreeMap;
use std::ops::Range;

use tidings_api::{Urgency, limits, names};
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use url::Url;

use super::keys::{self, did_you_mean};
use super::kinds::{KeyProblem, Kinds};
use super::model::{Security, SourceConfig};
use super::origin::read_origin;
use super::problem::Problems;
use super::reader::{Located, TableReader, suggestion};
use super::settings::{each_text, find, is_literal_secret, to_toml};
use super::url::{carries_credentials, is_loopback, is_plain};

const LABEL: &str = "[[source]]";

/// Reads the `[[source]]` tables of a file one after the other.
#[derive(Debug)]
pub(super) struct SourceReader<'a> {
    kinds: &'a Kinds,
    security: &'a Security,
    /// The line where each name was first used.
    lines: BTreeMap<String, usize>,
    sources: Vec<SourceConfig>,
}

impl<'a> SourceReader<'a> {
    pub(super) const fn new(kinds: &'a Kinds, security: &'a Security) -> Self {
        Self { kinds, security, lines: BTreeMap::new(), sources: Vec::new() }
    }

    pub(super) fn into_sources(self) -> Vec<SourceConfig> {
        self.sources
    }

    /// Reads one table. What is wrong with it is in `problems`.
    pub(super) fn read(&mut self, problems: &mut Problems<'_>, source: &Spanned<DeValue<'_>>) {
        let Some(table) = source.get_ref().as_table() else {
            return;
        };
        let place = source.span();
        let mut reader = TableReader::new(table, LABEL);
        let name = self.read_name(problems, &mut reader, &place);
        let kind = self.read_kind(problems, &mut reader, &place);
        let enabled = reader.boolean(problems, "enabled").unwrap_or(true);
        let popups = reader.boolean(problems, "popups").unwrap_or(true);
        let min_urgency = read_urgency(problems, &mut reader);
        let break_quiet = reader.boolean(problems, "break_quiet").unwrap_or(false);
        let secret = read_origin(problems, &mut reader);
        let settings = read_settings(problems, &reader);
        require_url(problems, &mut reader, &place);
        each_text(table, &mut |key, text| {
            refuse_credentials(problems, key, text);
            if secret.is_some() && is_dialled(key) {
                self.check_transport(problems, text);
            }
        });
        if let Some(kind) = &kind {
            self.check_settings(problems, table, kind, &settings, &place);
        }
        self.sources.extend(name.zip(kind).map(|(name, kind)| SourceConfig {
            name,
            kind,
            enabled,
            popups,
            min_urgency,
            break_quiet,
            secret,
            settings,
        }));
    }

    fn read_name(
        &mut self,
        problems: &mut Problems<'_>,
        reader: &mut TableReader<'_>,
        place: &Range<usize>,
    ) -> Option<String> {
        if reader.value("name").is_none() {
            let help = "give it one: name = \"orders\"".to_owned();
            problems.add(place.clone(), "the source has no name", help);
        }
        let Located { value: name, span } = reader.string(problems, "name")?;
        if let Some((message, help)) = name_problem(name) {
            problems.add(span, message, help);
            return None;
        }
        let line = problems.line_of(&span);
        if let Some(first) = self.lines.get(name) {
            problems.add(
                span,
                format!("the name \"{name}\" is taken by the source on line {first}"),
                "every source needs a name of its own".to_owned(),
            );
            return None;
        }
        self.lines.insert(name.to_owned(), line);
        Some(name.to_owned())
    }

    fn read_kind(
        &self,
        problems: &mut Problems<'_>,
        reader: &mut TableReader<'_>,
        place: &Range<usize>,
    ) -> Option<String> {
        let known = || format!("kinds: {}", self.kinds.names.join(", "));
        if reader.value("kind").is_none() {
            problems.add(place.clone(), "the source has no kind", known());
        }
        let Located { value: kind, span } = reader.string(problems, "kind")?;
        if !self.kinds.names.contains(&kind) {
            let message = format!("unknown kind \"{kind}\"");
            problems.add(span, message, suggestion(kind, self.kinds.names));
            return None;
        }
        Some(kind.to_owned())
    }

    /// A secret may travel unencrypted only to this machine and to hosts allowed by name.
    fn check_transport(&self, problems: &mut Problems<'_>, text: &Located<&str>) {
        let Ok(url) = Url::parse(text.value) else {
            return;
        };
        let Some(host) = url.host().map(|host| host.to_string()) else {
            return;
        };
        let allowed = self.security.allow_insecure_hosts.contains(&host);
        if !is_plain(&url) || is_loopback(&url) || allowed {
            return;
        }
        problems.add(
            text.span.clone(),
            format!("the secret would travel unencrypted to {host}"),
            format!(
                "use https or wss, or allow it by name: [security] allow_insecure_hosts = [\"{host}\"]"
            ),
        );
    }

    fn check_settings(
        &self,
        problems: &mut Problems<'_>,
        table: &DeTable<'_>,
        kind: &str,
        settings: &toml::Table,
        place: &Range<usize>,
    ) {
        for KeyProblem { key, message, known } in (self.kinds.check)(kind, settings) {
            if key == "url" && !table.contains_key("url") {
                continue;
            }
            let entry = find(table, &key);
            let help = advice(&key, &known, entry.and_then(|(_, value)| value.get_ref().as_str()));
            // A wrong word is pointed at, else the key.
            let span = match entry {
                Some((_, value)) if help.of_value => value.span(),
                Some((key, _)) => key.span(),
                None => place.clone(),
            };
            problems.add(span, message, help.text);
        }
    }
}

/// A suggestion for a problem of a kind, and whether it is about the value of the key.
struct Advice {
    text: Option<String>,
    of_value: bool,
}

/// The word that was probably meant: a key of the kind, a key that all sources share, or a value.
fn advice(path: &str, known: &[&str], value: Option<&str>) -> Advice {
    let meant = |word: &str| Some(format!("did you mean `{word}`?"));
    let shared = keys::SOURCE.iter().chain(keys::SECRET).copied();
    let shared = shared.filter(|_| !known.is_empty() && !path.contains('.'));
    let key = path.rsplit('.').next().unwrap_or(path);
    if let Some(word) = did_you_mean(key, shared.chain(known.iter().copied())) {
        return Advice { text: meant(word), of_value: false };
    }
    match value.and_then(|value| did_you_mean(value, known.iter().copied())) {
        Some(word) => Advice { text: meant(word), of_value: true },
        None => Advice { text: suggestion(key, known), of_value: false },
    }
}

/// What is wrong with a name, and what to do.
fn name_problem(name: &str) -> Option<(String, Option<String>)> {
    if name.trim().is_empty() {
        return Some(("the name is empty".to_owned(), None));
    }
    if name == names::LOCAL_SOURCE {
        let help = "it stands for posts from this machine; choose another";
        return Some((format!("the name \"{name}\" is reserved"), Some(help.to_owned())));
    }
    if name.trim() != name || name.chars().any(char::is_control) {
        let message = "the name has spaces around it or control characters in it";
        return Some((message.to_owned(), None));
    }
    let length = name.chars().count();
    (length > limits::FIELD_CHARACTERS).then(|| {
        let limit = limits::FIELD_CHARACTERS;
        (format!("the name has {length} characters; {limit} are allowed"), None)
    })
}

fn read_urgency(problems: &mut Problems<'_>, reader: &mut TableReader<'_>) -> Urgency {
    let Some(Located { value, span }) = reader.string(problems, "min_urgency") else {
        return Urgency::Low;
    };
    value.parse().unwrap_or_else(|_| {
        let words = Urgency::ALL.map(Urgency::as_str);
        let message = format!("\"{value}\" is not an urgency");
        problems.add(span, message, suggestion(value, &words));
        Urgency::Low
    })
}

/// Every key that is not shared by all sources; `url` is among them.
fn read_settings(problems: &mut Problems<'_>, reader: &TableReader<'_>) -> toml::Table {
    let rest = reader.rest();
    rest.filter_map(|(key, _, value)| Some((key.to_owned(), to_toml(problems, value)?))).collect()
}

fn require_url(problems: &mut Problems<'_>, reader: &mut TableReader<'_>, place: &Range<usize>) {
    if reader.value("url").is_none() {
        let help = "add the address of the server: url = \"https://example.org\"".to_owned();
        problems.add(place.clone(), "the source has no url", help);
    }
    let Some(Located { value, span }) = reader.string(problems, "url") else {
        return;
    };
    let parsed = Url::parse(value);
    let usable = parsed
        .is_ok_and(|url| matches!(url.scheme(), "http" | "https" | "ws" | "wss") && url.has_host());
    if !usable {
        let help = "write a whole address: url = \"https://example.org\"".to_owned();
        problems.add(span, "`url` is not an http, https, ws or wss address", help);
    }
}

/// Whether a key says where the source connects to.
fn is_dialled(key: &str) -> bool {
    key == "url" || key.ends_with("_url")
}

fn refuse_credentials(problems: &mut Problems<'_>, key: &str, text: &Located<&str>) {
    let help = "take it out and use token_command, token_file or token = \"keyring\"".to_owned();
    if carries_credentials(text.value) && Url::parse(text.value).is_ok() {
        let message = "a URL in this file must not carry a password or a token".to_owned();
        problems.add(text.span.clone(), message, help);
    } else if is_literal_secret(key, text.value) {
        let message = format!("the value of `{key}` is a secret and does not belong in this file");
        problems.add(text.span.clone(), message, help);
    }
}
