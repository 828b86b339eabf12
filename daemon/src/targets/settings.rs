//! Reads the settings of a target, key by key, and gathers all that is wrong with them.
//!
//! A kind reads every key that it knows, then asks [`Settings::finish`]: what has not been read is unknown. So `check` and
//! `build` of a kind are one reading, and cannot disagree:
//!
//! ```ignore
//! fn read(table: &toml::Table) -> Result<Spec, Vec<KeyProblem>> {
//!     let mut settings = Settings::new("ntfy", table);
//!     let spec = Spec { url: settings.url("url", SERVER), user: settings.text("username") };
//!     settings.finish().map(|()| spec)
//! }
//! ```

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use tidings_api::{FieldKind, FormField};
use url::Url;

use crate::config::{KeyProblem, parse_duration};

/// The settings of one target while they are read. A value of a wrong type is a problem and counts as left out; so does an
/// empty text, without being a problem.
#[derive(Debug)]
pub struct Settings<'t> {
    what: &'static str,
    kind: &'static str,
    table: &'t toml::Table,
    known: Vec<&'static str>,
    problems: Vec<KeyProblem>,
}

impl<'t> Settings<'t> {
    /// Begins to read. `kind` is the word in the configuration, for messages.
    #[must_use]
    pub const fn new(kind: &'static str, table: &'t toml::Table) -> Self {
        Self { what: "target", kind, table, known: Vec::new(), problems: Vec::new() }
    }

    /// Begins to read those of a source.
    #[must_use]
    pub const fn of_source(kind: &'static str, table: &'t toml::Table) -> Self {
        Self { what: "source", kind, table, known: Vec::new(), problems: Vec::new() }
    }

    /// A text.
    pub fn text(&mut self, key: &'static str) -> Option<&'t str> {
        let value = self.value(key)?;
        let text = value.as_str();
        if text.is_none() {
            self.wrong_type(key, "a text in quotes");
        }
        text.filter(|text| !text.is_empty())
    }

    /// A text that must be there; empty after a problem.
    pub fn required(&mut self, key: &'static str, example: &str) -> &'t str {
        let before = self.problems.len();
        let text = self.text(key);
        if text.is_none() && self.problems.len() == before {
            self.problem(
                key,
                format!("`{key}` is missing; write for example {key} = \"{example}\""),
            );
        }
        text.unwrap_or_default()
    }

    /// The name of a user whose password the secret is. A colon would end it (RFC 7617).
    pub fn username(&mut self) -> Option<&'t str> {
        let name = self.text("username");
        if name.is_some_and(|name| name.contains(':')) {
            self.problem("username", "`username` has a colon in it, which ends a name");
        }
        name
    }

    /// Notes that a key is missing, if nothing else is wrong with it.
    pub fn missing(&mut self, key: &'static str, example: &str) {
        if !self.problems.iter().any(|problem| problem.key == key) {
            self.problem(
                key,
                format!("`{key}` is missing; write for example {key} = \"{example}\""),
            );
        }
    }

    /// `true` or `false`.
    pub fn flag(&mut self, key: &'static str, default: bool) -> bool {
        let Some(value) = self.value(key) else { return default };
        if value.as_bool().is_none() {
            self.wrong_type(key, "true or false, without quotes");
        }
        value.as_bool().unwrap_or(default)
    }

    /// A whole number within a range; its digits in quotes are one too, for forms know texts only.
    pub fn number(&mut self, key: &'static str, range: RangeInclusive<i64>, default: i64) -> i64 {
        let Some(value) = self.value(key) else { return default };
        let written = value.as_str();
        if written == Some("") {
            return default;
        }
        let number = value.as_integer().or_else(|| written?.parse().ok());
        let fitting = number.filter(|number| range.contains(number));
        if fitting.is_none() {
            let (least, most) = (range.start(), range.end());
            self.wrong_type(key, &format!("a whole number from {least} to {most}"));
        }
        fitting.unwrap_or(default)
    }

    /// A time like `"90s"` or `"1d"`.
    pub fn duration(&mut self, key: &'static str, default: Duration) -> Duration {
        let Some(text) = self.text(key) else { return default };
        let duration = parse_duration(text);
        if duration.is_none() {
            self.wrong_type(key, "a time with its unit, like \"90s\", \"10m\" or \"1d\"");
        }
        duration.unwrap_or(default)
    }

    /// One of some words; the first is what applies when it is left out.
    pub fn choice(&mut self, key: &'static str, words: &[&'static str]) -> &'static str {
        let first = words.first().copied().unwrap_or_default();
        let Some(text) = self.text(key) else { return first };
        let word = words.iter().copied().find(|word| *word == text);
        if word.is_none() {
            self.problems.push(KeyProblem {
                key: key.to_owned(),
                message: format!("`{key}` is one of {}", words.join(", ")),
                known: words.to_vec(),
            });
        }
        word.unwrap_or(first)
    }

    /// Several texts; a single one may stand without brackets.
    pub fn list(&mut self, key: &'static str) -> Vec<&'t str> {
        let Some(value) = self.value(key) else { return Vec::new() };
        let texts: Option<Vec<&str>> = match (value.as_str(), value.as_array()) {
            (Some(text), _) => Some(vec![text]),
            (None, Some(items)) => items.iter().map(toml::Value::as_str).collect(),
            (None, None) => None,
        };
        if texts.is_none() {
            self.wrong_type(key, "a list of texts, like [\"a\", \"b\"]");
        }
        texts.unwrap_or_default().into_iter().filter(|text| !text.is_empty()).collect()
    }

    /// A table of texts with keys of the user's own.
    pub fn texts(&mut self, key: &'static str) -> BTreeMap<&'t str, &'t str> {
        let Some(value) = self.value(key) else { return BTreeMap::new() };
        let entries = value.as_table().and_then(|table| {
            table.iter().map(|(name, value)| Some((name.as_str(), value.as_str()?))).collect()
        });
        if entries.is_none() {
            self.wrong_type(key, "a table of texts, like { name = \"value\" }");
        }
        entries.unwrap_or_default()
    }

    /// The `http` or `https` address of a server. A path that it ends in is a folder: `https://a.example/b` is read as
    /// `https://a.example/b/`, so that relative addresses are joined to it. `None` after a problem, or without a default.
    pub fn url(&mut self, key: &'static str, default: &str) -> Option<Url> {
        let text = self.text(key).unwrap_or(default);
        if text.is_empty() {
            return None;
        }
        let url = Url::parse(text).ok().filter(|url| {
            let plain = url.username().is_empty() && url.password().is_none();
            let bare = url.query().is_none() && url.fragment().is_none();
            matches!(url.scheme(), "http" | "https") && url.has_host() && plain && bare
        });
        let Some(mut url) = url else {
            self.wrong_type(key, "the address of a server, like \"https://example.org\"");
            return None;
        };
        if !url.path().ends_with('/') {
            url.set_path(&format!("{}/", url.path()));
        }
        Some(url)
    }

    /// Notes something else that is wrong with a key.
    pub fn problem(&mut self, key: &'static str, message: impl Into<String>) {
        let message = message.into();
        self.problems.push(KeyProblem { key: key.to_owned(), message, known: Vec::new() });
    }

    /// All that is wrong, with every key that nobody has asked for.
    pub fn finish(self) -> Result<(), Vec<KeyProblem>> {
        let Self { what, kind, table, known, mut problems } = self;
        let unknown = table.keys().filter(|key| !known.contains(&key.as_str()));
        problems.extend(unknown.map(|key| KeyProblem {
            key: key.clone(),
            message: format!("unknown key \"{key}\" for a {what} of kind \"{kind}\""),
            known: known.clone(),
        }));
        if problems.is_empty() { Ok(()) } else { Err(problems) }
    }

    fn value(&mut self, key: &'static str) -> Option<&'t toml::Value> {
        self.known.push(key);
        self.table.get(key)
    }

    /// Says what is expected, and not what stands there: it may be a secret in the wrong place.
    fn wrong_type(&mut self, key: &'static str, expected: &str) {
        self.problem(key, format!("`{key}` is {expected}"));
    }
}

/// Problems in one line, for `build`, which is not asked before `check` found nothing.
#[must_use]
pub fn words(problems: &[KeyProblem]) -> String {
    problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("; ")
}

/// A field of a form; what else there is to say about it is laid over: `FormField { required: true, ..field(…) }`.
#[must_use]
pub fn field(key: &str, kind: FieldKind, help: &str) -> FormField {
    FormField { key: key.to_owned(), kind, help: help.to_owned(), ..FormField::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(text: &str) -> toml::Table {
        text.parse().unwrap()
    }

    /// Reads with a reader that knows one key; the messages of what is wrong.
    fn wrong(text: &str, read: impl FnOnce(&mut Settings<'_>)) -> Vec<String> {
        let table = table(text);
        let mut settings = Settings::new("test", &table);
        read(&mut settings);
        let problems = settings.finish().err().unwrap_or_default();
        problems.into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn every_type_is_read() {
        let table = table(
            "text = \"a\"\nflag = true\nnumber = 25\nform = \"587\"\ntime = \"1h\"\nword = \"b\"\n\
             one = \"x\"\nlist = [\"x\", \"\", \"y\"]\nurl = \"https://a.example/b\"\n[texts]\nk = \"v\"",
        );
        let mut settings = Settings::new("test", &table);
        assert_eq!(settings.text("text"), Some("a"));
        assert!(settings.flag("flag", false));
        assert_eq!(settings.number("number", 1..=65535, 1), 25);
        assert_eq!(settings.number("form", 1..=65535, 1), 587, "as a form writes it");
        assert_eq!(settings.duration("time", Duration::ZERO), Duration::from_secs(3600));
        assert_eq!(settings.choice("word", &["a", "b"]), "b");
        assert_eq!(settings.list("one"), ["x"]);
        assert_eq!(settings.list("list"), ["x", "y"], "an empty line of a form is no entry");
        assert_eq!(settings.texts("texts"), BTreeMap::from([("k", "v")]));
        let url = settings.url("url", "").unwrap();
        assert_eq!(url.join("c").unwrap().as_str(), "https://a.example/b/c");
        assert_eq!(settings.finish(), Ok(()));
    }

    #[test]
    fn what_is_left_out_or_empty_means_the_default() {
        for text in ["", "t = \"\"\nn = \"\"\nd = \"\"\nc = \"\"\nu = \"\""] {
            let table = table(text);
            let mut settings = Settings::new("test", &table);
            assert_eq!(settings.text("t"), None);
            assert_eq!(settings.number("n", 0..=9, 7), 7);
            assert_eq!(settings.duration("d", Duration::from_secs(1)), Duration::from_secs(1));
            assert_eq!(settings.choice("c", &["a", "b"]), "a");
            assert_eq!(
                settings.url("u", "https://d.example").unwrap().as_str(),
                "https://d.example/"
            );
            assert!(settings.flag("f", true) && settings.list("l").is_empty());
            assert_eq!(settings.finish(), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_wrong_value_is_told_without_repeating_it() {
        let reads: [fn(&mut Settings<'_>); 7] = [
            |settings| _ = settings.flag("k", true),
            |settings| _ = settings.number("k", 0..=9, 1),
            |settings| _ = settings.duration("k", Duration::ZERO),
            |settings| _ = settings.choice("k", &["a"]),
            |settings| _ = settings.texts("k"),
            |settings| _ = settings.url("k", ""),
            |settings| _ = settings.required("other", "x"),
        ];
        for read in reads {
            let messages = wrong("k = \"hunter2\"", read);
            assert!(!messages.is_empty() && !messages.concat().contains("hunter2"), "{messages:?}");
        }
        for number in ["10", "-1", "1.5", "\"x\"", "true"] {
            let messages = wrong(&format!("k = {number}"), |s| _ = s.number("k", 0..=9, 1));
            assert_eq!(messages, ["`k` is a whole number from 0 to 9"], "{number}");
        }
        assert_eq!(wrong("k = 1", |s| _ = s.text("k")), ["`k` is a text in quotes"]);
        assert_eq!(wrong("k = [1]", |s| _ = s.list("k")).len(), 1);
    }

    #[test]
    fn an_address_of_a_server_carries_nothing_else() {
        for url in [
            "ftp://a.example",
            "a.example",
            "https://u:p@a.example",
            "https://u@a.example",
            "https://a.example/?token=x",
            "https://a.example/#x",
            "mailto:a@a.example",
        ] {
            assert_eq!(wrong(&format!("k = \"{url}\""), |s| _ = s.url("k", "")).len(), 1, "{url}");
        }
    }

    #[test]
    fn unknown_keys_are_told_with_the_known_ones() {
        let table = table("hots = \"x\"");
        let mut settings = Settings::new("test", &table);
        assert_eq!(settings.required("host", "mail.example.org"), "");
        let problems = settings.finish().unwrap_err();
        assert_eq!(problems.len(), 2);
        assert!(problems[0].message.starts_with("`host` is missing"), "{problems:?}");
        assert_eq!(
            (problems[1].key.as_str(), problems[1].known.as_slice()),
            ("hots", &["host"][..])
        );
        assert!(words(&problems).contains("; unknown key \"hots\""));
    }
}
