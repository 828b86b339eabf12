//! What `[[source]]` and `[[target]]` have in common: a name of their own, a kind that brings keys of its own, and a secret
//! that must not travel in the clear.

use std::collections::BTreeMap;
use std::ops::Range;

use tidings_api::{limits, names};
use toml::de::DeTable;
use url::Url;

use super::keys::{self, did_you_mean};
use super::kinds::KeyProblem;
use super::model::Security;
use super::problem::Problems;
use super::reader::{Located, TableReader, suggestion};
use super::settings::{each_text, find, is_literal_secret, to_toml};
use super::url::{carries_credentials, is_loopback, is_plain};

/// The names that are taken: what uses each, and on which line.
pub(super) type Names = BTreeMap<String, (&'static str, usize)>;

/// What the table is: `source` or `target`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) what: &'static str,
    /// The keys that every one of them may have.
    pub(super) shared: &'static [&'static str],
    /// A name for the example.
    pub(super) example: &'static str,
}

impl Entry {
    /// The name, noted as taken.
    pub(super) fn name(
        self,
        problems: &mut Problems<'_>,
        reader: &mut TableReader<'_>,
        place: &Range<usize>,
        taken: &mut Names,
    ) -> Option<String> {
        let what = self.what;
        if reader.value("name").is_none() {
            let help = format!("give it one: name = \"{}\"", self.example);
            problems.add(place.clone(), format!("the {what} has no name"), help);
        }
        let Located { value: name, span } = reader.string(problems, "name")?;
        if let Some((message, help)) = name_problem(name) {
            problems.add(span, message, help);
            return None;
        }
        let line = problems.line_of(&span);
        if let Some((other, first)) = taken.get(name) {
            problems.add(
                span,
                format!("the name \"{name}\" is taken by the {other} on line {first}"),
                format!("every {what} needs a name of its own"),
            );
            return None;
        }
        taken.insert(name.to_owned(), (what, line));
        Some(name.to_owned())
    }

    /// The kind, one of the known.
    pub(super) fn kind(
        self,
        problems: &mut Problems<'_>,
        reader: &mut TableReader<'_>,
        place: &Range<usize>,
        known: &[&str],
    ) -> Option<String> {
        if reader.value("kind").is_none() {
            let message = format!("the {} has no kind", self.what);
            problems.add(place.clone(), message, format!("kinds: {}", known.join(", ")));
        }
        let Located { value: kind, span } = reader.string(problems, "kind")?;
        if !known.contains(&kind) {
            let message = format!("unknown kind \"{kind}\"");
            problems.add(span, message, suggestion(kind, known));
            return None;
        }
        Some(kind.to_owned())
    }

    /// Tells what the kind finds wrong with its keys, each in its place.
    pub(super) fn key_problems(
        self,
        problems: &mut Problems<'_>,
        table: &DeTable<'_>,
        found: Vec<KeyProblem>,
        place: &Range<usize>,
    ) {
        for KeyProblem { key, message, known } in found {
            let entry = find(table, &key);
            let value = entry.and_then(|(_, value)| value.get_ref().as_str());
            let help = self.advice(&key, &known, value);
            // A wrong word is pointed at, else the key.
            let span = match entry {
                Some((_, value)) if help.of_value => value.span(),
                Some((key, _)) => key.span(),
                None => place.clone(),
            };
            problems.add(span, message, help.text);
        }
    }

    /// The word that was probably meant: a key of the kind, a key that all share, or a value.
    fn advice(self, path: &str, known: &[&str], value: Option<&str>) -> Advice {
        let meant = |word: &str| Some(format!("did you mean `{word}`?"));
        let shared = self.shared.iter().chain(keys::SECRET).copied();
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
}

/// Every key that has not been read: those of the kind.
pub(super) fn settings(problems: &mut Problems<'_>, reader: &TableReader<'_>) -> toml::Table {
    let rest = reader.rest();
    rest.filter_map(|(key, _, value)| Some((key.to_owned(), to_toml(problems, value)?))).collect()
}

/// Refuses secrets that stand in the table, and addresses to which its secret would travel in the clear.
pub(super) fn check_texts(
    problems: &mut Problems<'_>,
    table: &DeTable<'_>,
    has_secret: bool,
    security: &Security,
) {
    each_text(table, &mut |key, text| {
        refuse_credentials(problems, key, text);
        if has_secret && is_dialled(key) {
            check_transport(problems, text, security);
        }
    });
}

/// A secret may travel unencrypted only to this machine and to hosts allowed by name.
fn check_transport(problems: &mut Problems<'_>, text: &Located<&str>, security: &Security) {
    let Ok(url) = Url::parse(text.value) else {
        return;
    };
    let Some(host) = url.host().map(|host| host.to_string()) else {
        return;
    };
    let allowed = security.allow_insecure_hosts.contains(&host);
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

/// A suggestion for a problem of a kind, and whether it is about the value of the key.
struct Advice {
    text: Option<String>,
    of_value: bool,
}

/// What is wrong with a name, and what to do.
fn name_problem(name: &str) -> Option<(String, Option<String>)> {
    if name.trim().is_empty() {
        return Some(("the name is empty".to_owned(), None));
    }
    let stands_for = match name {
        names::LOCAL_SOURCE => Some("posts from this machine"),
        names::DESKTOP_TARGET => Some("the popups on this desktop"),
        _ => None,
    };
    if let Some(stands_for) = stands_for {
        let help = format!("it stands for {stands_for}; choose another");
        return Some((format!("the name \"{name}\" is reserved"), Some(help)));
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

/// Whether a key says where something connects to.
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
