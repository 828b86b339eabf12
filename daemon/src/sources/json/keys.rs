//! Which keys a struct of the spec has, asked of serde itself so that no list can go stale.

use serde::Deserialize;
use serde::de::value::Error;
use serde::de::{Error as _, Visitor};
use serde::forward_to_deserialize_any;

/// Names of the fields of `T`, a struct that derives `Deserialize`.
#[must_use]
pub(super) fn of<T: for<'de> Deserialize<'de>>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    // Always an error: the probe carries no value, it only hears what is asked for.
    let _unread = T::deserialize(Probe { names: &mut names });
    names
}

struct Probe<'a> {
    names: &'a mut &'static [&'static str],
}

impl<'de> serde::Deserializer<'de> for Probe<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, Error> {
        Err(Error::custom("a probe carries no value"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, Error> {
        *self.names = fields;
        Err(Error::custom("a probe carries no value"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}
