#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a value is of the wanted type or it is not; zvariant's list grows with the features of the build"
)]

use std::collections::HashMap;

use zbus::zvariant::{OwnedValue, Value};

use crate::{Error, Result};

/// A dictionary as it crosses the bus (`a{sv}`).
pub type Dict = HashMap<String, OwnedValue>;

/// Reads a dictionary from a caller key by key; what is left over at the end is an error.
///
/// Integers of every D-Bus width are accepted where a number is wanted, because scripting languages choose
/// the width themselves.
#[derive(Debug)]
pub struct Fields {
    what: &'static str,
    left: Dict,
}

impl Fields {
    /// Starts to read `dict`; `what` names it in errors.
    #[must_use]
    pub fn new(what: &'static str, dict: Dict) -> Self {
        Self { what, left: dict }
    }

    /// A text.
    pub fn text(&mut self, key: &str) -> Result<Option<String>> {
        self.take(key, "a string (s)", |value| match value {
            Value::Str(text) => Some(text.to_string()),
            _ => None,
        })
    }

    /// A truth value.
    pub fn boolean(&mut self, key: &str) -> Result<Option<bool>> {
        self.take(key, "a boolean (b)", |value| match value {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        })
    }

    /// An integer of any width.
    pub fn integer(&mut self, key: &str) -> Result<Option<i64>> {
        self.take(key, "an integer", integer)
    }

    /// A list of texts.
    pub fn texts(&mut self, key: &str) -> Result<Option<Vec<String>>> {
        self.take(key, "an array of strings (as)", |value| {
            let Value::Array(array) = value else { return None };
            array
                .iter()
                .map(|item| match unboxed(item) {
                    Value::Str(text) => Some(text.to_string()),
                    _ => None,
                })
                .collect()
        })
    }

    /// A list of triples of texts.
    pub fn triples(&mut self, key: &str) -> Result<Option<Vec<(String, String, String)>>> {
        self.take(key, "an array of (sss)", |value| {
            let Value::Array(array) = value else { return None };
            array.iter().map(triple).collect()
        })
    }

    /// Ends the reading: any key that nobody asked for is an error that names it.
    pub fn finish(self) -> Result<()> {
        // The smallest name, so that the same call always gets the same answer.
        match self.left.into_keys().min() {
            Some(key) => Err(Error::InvalidArgs(format!("{}: unknown key \"{key}\"", self.what))),
            None => Ok(()),
        }
    }

    fn take<T>(
        &mut self,
        key: &str,
        wanted: &str,
        read: impl FnOnce(&Value<'_>) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some(value) = self.left.remove(key) else { return Ok(None) };
        match read(unboxed(&value)) {
            Some(read) => Ok(Some(read)),
            None => Err(Error::InvalidArgs(format!(
                "{}: \"{key}\" must be {wanted}, not {}",
                self.what,
                value.value_signature()
            ))),
        }
    }
}

/// Some bindings (pydbus, GJS) wrap a value in one variant more than asked for.
fn unboxed<'a, 'b>(value: &'a Value<'b>) -> &'a Value<'b> {
    match value {
        Value::Value(inner) => inner,
        other => other,
    }
}

fn integer(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::U8(n) => Some(i64::from(*n)),
        Value::I16(n) => Some(i64::from(*n)),
        Value::U16(n) => Some(i64::from(*n)),
        Value::I32(n) => Some(i64::from(*n)),
        Value::U32(n) => Some(i64::from(*n)),
        Value::I64(n) => Some(*n),
        Value::U64(n) => i64::try_from(*n).ok(),
        _ => None,
    }
}

fn triple(value: &Value<'_>) -> Option<(String, String, String)> {
    let Value::Structure(structure) = unboxed(value) else { return None };
    match structure.fields() {
        [Value::Str(a), Value::Str(b), Value::Str(c)] => {
            Some((a.to_string(), b.to_string(), c.to_string()))
        }
        _ => None,
    }
}

/// Builds a dictionary; an absent value is an absent key.
#[derive(Debug, Default)]
pub struct DictWriter {
    dict: Dict,
}

impl DictWriter {
    /// Writes `key`.
    pub fn put<'v>(&mut self, key: &str, value: impl Into<Value<'v>>) {
        // Only a file descriptor can fail to be owned, and no dictionary of this contract carries one.
        if let Ok(value) = OwnedValue::try_from(value.into()) {
            self.dict.insert(key.to_owned(), value);
        }
    }

    /// Writes `key` unless the value is absent.
    pub fn optional<'v>(&mut self, key: &str, value: Option<impl Into<Value<'v>>>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    /// Writes `key` unless the text is empty.
    pub fn text(&mut self, key: &str, value: &str) {
        if !value.is_empty() {
            self.put(key, value.to_owned());
        }
    }

    /// The dictionary.
    #[must_use]
    pub fn finish(self) -> Dict {
        self.dict
    }
}
