//! Finds what may be a secret in a file, so that no error message repeats it.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{SECRET, did_you_mean};
use super::problem::Problems;
use super::url::carries_credentials;

/// Parts of a key that promise a secret behind it.
const SECRET_WORDS: [&str; 10] = [
    "token",
    "password",
    "passwd",
    "passphrase",
    "secret",
    "credential",
    "api_key",
    "apikey",
    "authorization",
    "cookie",
];

/// Whether the value of such a key may be a secret; slips of the pen count.
pub(super) fn is_secret_key(key: &str) -> bool {
    let key = key.to_lowercase().replace('-', "_");
    SECRET_WORDS.iter().any(|word| key.contains(word))
        || did_you_mean(&key, SECRET.iter().copied()).is_some()
}

/// Masks every value that may be a secret.
pub(super) fn mask_secrets(problems: &mut Problems<'_>, table: &DeTable<'_>) {
    for (key, value) in table.iter() {
        // A table says how to sign in; a text in its place is a token more often than not.
        let misplaced = key.get_ref() == "auth" && value.get_ref().is_str();
        mask_value(problems, misplaced || is_secret_key(key.get_ref()), value);
    }
}

fn mask_value(problems: &mut Problems<'_>, secret: bool, value: &Spanned<DeValue<'_>>) {
    match value.get_ref() {
        DeValue::Table(table) if !secret => mask_secrets(problems, table),
        DeValue::Table(table) => {
            table.iter().for_each(|(_, value)| mask_value(problems, true, value));
        }
        DeValue::Array(array) => array.iter().for_each(|item| mask_value(problems, secret, item)),
        DeValue::String(text) => {
            if secret || carries_credentials(text) {
                problems.mask(value.span());
            }
        }
        DeValue::Integer(_) | DeValue::Float(_) if secret => problems.mask(value.span()),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

/// Masks by lines where the syntax is broken: whatever stands behind a secret key, up to the next key
/// or table, and every line with credentials in a URL.
pub(super) fn mask_syntax_errors(problems: &mut Problems<'_>, text: &str) {
    let mut start = 0;
    let mut secret = false;
    for line in text.split_inclusive('\n') {
        let content = line.trim_end();
        let mut hidden: Range<usize> = 0..content.len();
        if let Some((key, _)) = content.split_once('=') {
            secret =
                key.split(|c: char| !(c.is_alphanumeric() || "_-".contains(c))).any(is_secret_key)
                    || key.trim() == "auth"
                    || line_has_secret(content);
            hidden.start = key.len() + 1;
        } else if content.trim_start().starts_with('[') {
            secret = false;
        }
        if secret || line_has_secret(content) {
            problems.mask(start + hidden.start..start + hidden.end);
        }
        start += line.len();
    }
}

/// A secret further on in a line, as in an inline table, or in a URL.
fn line_has_secret(line: &str) -> bool {
    let keys = line.match_indices('=').map(|(at, _)| line[..at].trim_end());
    let words = keys.filter_map(|before| {
        before.rsplit(|c: char| !(c.is_alphanumeric() || "_-".contains(c))).next()
    });
    words.filter(|word| !word.is_empty()).any(is_secret_key)
        || line.contains("://") && line.contains('@')
}
