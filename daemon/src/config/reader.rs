use std::collections::BTreeSet;
use std::ops::Range;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::duration::{HOW_TO_WRITE, parse_duration};
use super::keys::did_you_mean;
use super::problem::Problems;

/// A value with the place where it stands.
#[derive(Clone, Debug)]
pub(super) struct Located<T> {
    pub(super) value: T,
    pub(super) span: Range<usize>,
}

/// Reads the keys of one table one by one and notes what has the wrong type. A key that is wrong counts
/// as absent, so that one mistake is told once.
#[derive(Debug)]
pub(super) struct TableReader<'d> {
    table: &'d DeTable<'d>,
    /// How the table is written in the file, for messages: `[[source]]`.
    label: &'static str,
    read: BTreeSet<&'static str>,
}

impl<'d> TableReader<'d> {
    pub(super) const fn new(table: &'d DeTable<'d>, label: &'static str) -> Self {
        Self { table, label, read: BTreeSet::new() }
    }

    /// Any value; counts the key as known.
    pub(super) fn value(&mut self, key: &'static str) -> Option<&'d Spanned<DeValue<'d>>> {
        self.read.insert(key);
        self.table.get(key)
    }

    pub(super) fn string(
        &mut self,
        problems: &mut Problems<'_>,
        key: &'static str,
    ) -> Option<Located<&'d str>> {
        let value = self.value(key)?;
        let Some(text) = value.get_ref().as_str() else {
            wrong_type(problems, key, value, "a text in quotes");
            return None;
        };
        Some(Located { value: text, span: value.span() })
    }

    pub(super) fn boolean(
        &mut self,
        problems: &mut Problems<'_>,
        key: &'static str,
    ) -> Option<bool> {
        let value = self.value(key)?;
        let boolean = value.get_ref().as_bool();
        if boolean.is_none() {
            wrong_type(problems, key, value, "true or false, without quotes");
        }
        boolean
    }

    pub(super) fn strings(
        &mut self,
        problems: &mut Problems<'_>,
        key: &'static str,
    ) -> Option<Vec<Located<&'d str>>> {
        const EXPECTED: &str = "a list of texts, like [\"a\", \"b\"]";
        let value = self.value(key)?;
        let Some(array) = value.get_ref().as_array() else {
            wrong_type(problems, key, value, EXPECTED);
            return None;
        };
        let mut texts = Vec::new();
        for item in array.iter() {
            let Some(text) = item.get_ref().as_str() else {
                wrong_type(problems, key, item, EXPECTED);
                return None;
            };
            texts.push(Located { value: text, span: item.span() });
        }
        Some(texts)
    }

    pub(super) fn duration(
        &mut self,
        problems: &mut Problems<'_>,
        key: &'static str,
    ) -> Option<Duration> {
        let value = self.value(key)?;
        let duration = value.get_ref().as_str().and_then(parse_duration);
        if duration.is_none() {
            let message = format!("`{key}` is not a duration");
            problems.add(value.span(), message, HOW_TO_WRITE.to_owned());
        }
        duration
    }

    /// A whole number of at least 1.
    pub(super) fn count(&mut self, problems: &mut Problems<'_>, key: &'static str) -> Option<u64> {
        let value = self.value(key)?;
        let Some(integer) = value.get_ref().as_integer() else {
            wrong_type(problems, key, value, "a whole number, without quotes");
            return None;
        };
        // The store counts in signed 64-bit numbers.
        let number = i64::from_str_radix(integer.as_str(), integer.radix())
            .ok()
            .and_then(|number| u64::try_from(number).ok())
            .filter(|number| *number > 0);
        if number.is_none() {
            problems.add(
                value.span(),
                format!("`{key}` must be at least 1 and less than 2^63"),
                "leave the key out for no limit".to_owned(),
            );
        }
        number
    }

    /// Where the value of a key stands, or the key itself.
    pub(super) fn span(&self, key: &str) -> Option<Range<usize>> {
        self.table.get(key).map(Spanned::span)
    }

    /// What has not been read, in the order of the alphabet.
    pub(super) fn rest(
        &self,
    ) -> impl Iterator<Item = (&'d str, Range<usize>, &'d Spanned<DeValue<'d>>)> {
        let table = self.table;
        table
            .iter()
            .map(|(key, value)| (key.get_ref().as_ref(), key.span(), value))
            .filter(|(key, ..)| !self.read.contains(key))
    }

    /// Refuses every key that has not been read.
    pub(super) fn finish(self, problems: &mut Problems<'_>, known: &[&str]) {
        for (key, span, value) in self.rest() {
            unknown_key(problems, self.label, known, (key, span, value));
        }
    }
}

/// Notes an unknown key with the one probably meant.
pub(super) fn unknown_key(
    problems: &mut Problems<'_>,
    label: &str,
    known: &[&str],
    (key, span, value): (&str, Range<usize>, &Spanned<DeValue<'_>>),
) {
    // It may be a misspelt `token`: what stands behind an unknown key is not shown.
    if !value.get_ref().is_table() && !value.get_ref().is_array() {
        problems.mask(value.span());
    }
    problems.add(span, format!("unknown key `{key}` in {label}"), suggestion(key, known));
}

/// "did you mean", or the whole list.
pub(super) fn suggestion(written: &str, known: &[&str]) -> Option<String> {
    match did_you_mean(written, known.iter().copied()) {
        Some(word) => Some(format!("did you mean `{word}`?")),
        None if known.is_empty() => None,
        None => Some(format!("known here: {}", known.join(", "))),
    }
}

/// Notes a value of the wrong type.
pub(super) fn wrong_type(
    problems: &mut Problems<'_>,
    key: &str,
    value: &Spanned<DeValue<'_>>,
    expected: &str,
) {
    let found = match value.get_ref() {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    problems.add(value.span(), format!("`{key}` must be {expected}, not {found}"), None);
}
