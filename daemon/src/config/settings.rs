//! The keys of a source that its kind reads: as plain TOML, and as texts with their places.

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::keys::SECRET;
use super::problem::Problems;
use super::reader::Located;

/// Keys whose value is a secret, unless it is a template. Keys of the preset that merely name a header,
/// a cookie or a form field are not among them.
const LITERAL_SECRETS: [&str; 10] = [
    "authorization",
    "proxy_authorization",
    "token",
    "access_token",
    "api_key",
    "apikey",
    "x_api_key",
    "password",
    "passwd",
    "secret",
];

/// The table that says how a notification is read from what the server sent.
const ITEM: &str = "item";

/// A key and its value with their places.
pub(super) type Entry<'d> = (&'d Spanned<DeString<'d>>, &'d Spanned<DeValue<'d>>);

/// Whether a key holds a secret as plain text: a template (`{{ … }}`) says where the secret goes and is none.
pub(super) fn is_literal_secret(key: &str, value: &str) -> bool {
    let key = key.to_lowercase().replace('-', "_");
    let literal = !value.is_empty() && !value.contains("{{");
    // `cookie = "sessionid"` names one, `cookie = "sessionid=1f0"` carries one.
    literal && (LITERAL_SECRETS.contains(&key.as_str()) || key == "cookie" && value.contains('='))
}

/// Calls `check` with every text of a source and its key, at any depth, but for the origin of the secret
/// and for what an item shows: the secret does not travel to the addresses that a click opens.
pub(super) fn each_text(source: &DeTable<'_>, check: &mut dyn FnMut(&str, &Located<&str>)) {
    for (key, value) in source.iter() {
        let key = key.get_ref().as_ref();
        if key != ITEM && !SECRET.contains(&key) {
            texts_of(key, value, check);
        }
    }
}

fn texts_of(key: &str, value: &Spanned<DeValue<'_>>, check: &mut dyn FnMut(&str, &Located<&str>)) {
    match value.get_ref() {
        DeValue::String(text) => check(key, &Located { value: text, span: value.span() }),
        DeValue::Array(array) => array.iter().for_each(|item| texts_of(key, item, check)),
        DeValue::Table(table) => {
            table.iter().for_each(|(key, value)| texts_of(key.get_ref(), value, check));
        }
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

/// A key by its dotted path, with its value; of a path that ends early, the last key on it.
pub(super) fn find<'d>(table: &'d DeTable<'d>, path: &str) -> Option<Entry<'d>> {
    let (head, tail) = path.split_once('.').unwrap_or((path, ""));
    let (key, value) = table.get_key_value(head)?;
    let deeper = value.get_ref().as_table().filter(|_| !tail.is_empty());
    deeper.and_then(|table| find(table, tail)).or(Some((key, value)))
}

/// A value without the places. A number out of range is a problem, and `None`.
pub(super) fn to_toml(
    problems: &mut Problems<'_>,
    value: &Spanned<DeValue<'_>>,
) -> Option<toml::Value> {
    let plain = match value.get_ref() {
        DeValue::String(text) => Some(toml::Value::String(text.to_string())),
        DeValue::Integer(integer) => {
            let number = i64::from_str_radix(integer.as_str(), integer.radix());
            number.ok().map(toml::Value::Integer)
        }
        DeValue::Float(float) => float.as_str().parse().ok().map(toml::Value::Float),
        DeValue::Boolean(boolean) => Some(toml::Value::Boolean(*boolean)),
        DeValue::Datetime(datetime) => Some(toml::Value::Datetime(*datetime)),
        DeValue::Array(array) => {
            let items = array.iter().filter_map(|item| to_toml(problems, item));
            return Some(toml::Value::Array(items.collect()));
        }
        DeValue::Table(table) => return Some(toml::Value::Table(to_table(problems, table))),
    };
    if plain.is_none() {
        problems.add(value.span(), "the number is out of range", None);
    }
    plain
}

fn to_table(problems: &mut Problems<'_>, table: &DeTable<'_>) -> toml::Table {
    let entries = table.iter();
    let plain = entries.filter_map(|(key, value)| {
        to_toml(problems, value).map(|value| (key.get_ref().to_string(), value))
    });
    plain.collect()
}
