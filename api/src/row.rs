use std::fmt::{Formatter, Result as FmtResult};

use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use zbus::zvariant::{Signature, Type, Value, as_value};

use crate::{Action, Confirmation, Dict, Notification};

/// A notification as `List` and `Get` answer it (`a{sv}`); an absent value is an absent key.
///
/// A page has more than a thousand values. So they are written from the fields and read into them: with a [`Dict`]
/// between, each value would be allocated twice on either side.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row(pub Notification);

impl Type for Row {
    const SIGNATURE: &'static Signature = Dict::SIGNATURE;
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(row) = self;
        let mut keys = Keys(serializer.serialize_map(None)?);
        keys.put("id", &row.id)?;
        keys.put("urgency", row.urgency.as_str())?;
        keys.put("read", &row.read)?;
        keys.put("received_at", &row.received_at)?;
        keys.put("first_at", &row.first_at)?;
        keys.put("last_at", &row.last_at)?;
        keys.put("occurrences", &row.occurrences)?;
        keys.put("confirmation", row.confirmation.as_str())?;
        for (key, text) in [
            ("source", &row.source),
            ("topic", &row.topic),
            ("key", &row.key),
            ("app", &row.app),
            ("title", &row.title),
            ("body", &row.body),
            ("url", &row.url),
            ("icon", &row.icon),
            ("actor", &row.actor),
            ("verb", &row.verb),
            ("action_object", &row.action_object),
            ("activity_target", &row.activity_target),
            ("data", &row.data),
            ("posted_by", &row.posted_by),
        ] {
            keys.optional(key, Some(text).filter(|text| !text.is_empty()))?;
        }
        keys.optional("tags", Some(&row.tags).filter(|tags| !tags.is_empty()))?;
        if !row.actions.is_empty() {
            let triples: Vec<(String, String, String)> =
                row.actions.iter().cloned().map(Into::into).collect();
            keys.put("actions", &triples)?;
        }
        keys.optional("progress", row.progress.map(u32::from).as_ref())?;
        keys.optional("sent_at_approximate", Some(&true).filter(|_| row.sent_at_approximate))?;
        keys.optional("remote_id", row.remote_id.as_ref())?;
        for (key, moment) in [
            ("sent_at", &row.sent_at),
            ("seen_at", &row.seen_at),
            ("read_at", &row.read_at),
            ("done_at", &row.done_at),
            ("saved_at", &row.saved_at),
            ("snoozed_until", &row.snoozed_until),
            ("acted_at", &row.acted_at),
            ("retracted_at", &row.retracted_at),
            ("expires_at", &row.expires_at),
        ] {
            keys.optional(key, moment.as_ref())?;
        }
        keys.0.end()
    }
}

/// What is written of a dictionary so far.
struct Keys<M>(M);

impl<M: SerializeMap> Keys<M> {
    fn put<T: Type + Serialize + ?Sized>(&mut self, key: &str, value: &T) -> Result<(), M::Error> {
        self.0.serialize_entry(key, &as_value::Serialize(&value))
    }

    fn optional<T: Type + Serialize>(
        &mut self,
        key: &str,
        value: Option<&T>,
    ) -> Result<(), M::Error> {
        value.map_or(Ok(()), |value| self.put(key, value))
    }
}

impl<'de> Deserialize<'de> for Row {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reading)
    }
}

/// Reads a dictionary key by key. Keys of a newer daemon are ignored.
struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Row;

    fn expecting(&self, formatter: &mut Formatter<'_>) -> FmtResult {
        formatter.write_str("a notification (a{sv})")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Row, M::Error> {
        let mut row = Notification { occurrences: 1, ..Notification::default() };
        let (mut first_at, mut last_at) = (None, None);
        while let Some(key) = map.next_key::<&str>()? {
            match key {
                "id" => row.id = value(&mut map)?,
                "source" => row.source = value(&mut map)?,
                "topic" => row.topic = value(&mut map)?,
                "key" => row.key = value(&mut map)?,
                "app" => row.app = value(&mut map)?,
                "title" => row.title = value(&mut map)?,
                "body" => row.body = value(&mut map)?,
                "urgency" => {
                    row.urgency = value::<&str, M>(&mut map)?.parse().map_err(M::Error::custom)?;
                }
                "url" => row.url = value(&mut map)?,
                "icon" => row.icon = value(&mut map)?,
                "actor" => row.actor = value(&mut map)?,
                "verb" => row.verb = value(&mut map)?,
                "action_object" => row.action_object = value(&mut map)?,
                "activity_target" => row.activity_target = value(&mut map)?,
                "tags" => row.tags = value(&mut map)?,
                "actions" => {
                    let triples: Vec<(String, String, String)> = value(&mut map)?;
                    row.actions = triples.into_iter().map(Action::from).collect();
                }
                "progress" => row.progress = u8::try_from(value::<u32, M>(&mut map)?).ok(),
                "data" => row.data = value(&mut map)?,
                "sent_at" => row.sent_at = Some(value(&mut map)?),
                "sent_at_approximate" => row.sent_at_approximate = value(&mut map)?,
                "received_at" => row.received_at = value(&mut map)?,
                "first_at" => first_at = Some(value(&mut map)?),
                "last_at" => last_at = Some(value(&mut map)?),
                "occurrences" => row.occurrences = value(&mut map)?,
                "remote_id" => row.remote_id = Some(value(&mut map)?),
                "confirmation" => row.confirmation = Confirmation::from_word(value(&mut map)?),
                "seen_at" => row.seen_at = Some(value(&mut map)?),
                "read_at" => row.read_at = Some(value(&mut map)?),
                "done_at" => row.done_at = Some(value(&mut map)?),
                "saved_at" => row.saved_at = Some(value(&mut map)?),
                "snoozed_until" => row.snoozed_until = Some(value(&mut map)?),
                "acted_at" => row.acted_at = Some(value(&mut map)?),
                "retracted_at" => row.retracted_at = Some(value(&mut map)?),
                "expires_at" => row.expires_at = Some(value(&mut map)?),
                "posted_by" => row.posted_by = value(&mut map)?,
                _ => drop(map.next_value::<Value<'_>>()?),
            }
        }
        row.read = row.read_at.is_some();
        row.first_at = first_at.unwrap_or(row.received_at);
        row.last_at = last_at.unwrap_or(row.received_at);
        Ok(Row(row))
    }
}

fn value<'de, T, M>(map: &mut M) -> Result<T, M::Error>
where
    T: Type + Deserialize<'de> + 'de,
    M: MapAccess<'de>,
{
    Ok(map.next_value::<as_value::Deserialize<'de, T>>()?.0)
}

#[cfg(test)]
mod tests {
    use zbus::zvariant::serialized::{Context, Data};
    use zbus::zvariant::{LE, to_bytes};

    use super::*;
    use crate::{DictWriter, Urgency};

    fn bytes_of<T: Type + Serialize>(value: &T) -> Data<'static, 'static> {
        to_bytes(Context::new_dbus(LE, 0), value).unwrap()
    }

    fn full() -> Notification {
        let text = str::to_owned;
        Notification {
            id: 7,
            source: text("shop"),
            topic: text("orders"),
            key: text("order-7"),
            app: text("order-watch"),
            title: text("Paid"),
            body: text("by card ☃"),
            urgency: Urgency::Critical,
            url: text("https://shop.example.org/7"),
            icon: text("cart"),
            actor: text("ana"),
            verb: text("paid"),
            action_object: text("order 7"),
            activity_target: text("shop"),
            tags: vec![text("vip"), text("eu")],
            actions: vec![Action { id: text("pack"), label: text("Pack"), url: String::new() }],
            progress: Some(100),
            data: text("{}"),
            read: true,
            sent_at: Some(1),
            sent_at_approximate: true,
            received_at: 2,
            first_at: 3,
            last_at: 4,
            occurrences: 5,
            remote_id: Some(String::new()),
            confirmation: Confirmation::Unconfirmed,
            seen_at: Some(6),
            read_at: Some(7),
            done_at: Some(8),
            saved_at: Some(9),
            snoozed_until: Some(10),
            acted_at: Some(11),
            retracted_at: Some(12),
            expires_at: Some(13),
            posted_by: text("1 /usr/bin/watch"),
        }
    }

    #[test]
    fn every_field_crosses_the_bus() {
        for row in [full(), Notification { occurrences: 1, ..Notification::default() }] {
            let data = bytes_of(&Row(row.clone()));
            let (read, length) = data.deserialize::<Row>().unwrap();
            assert_eq!((read, length), (Row(row), data.len()));
        }
    }

    #[test]
    fn an_absent_value_is_an_absent_key() {
        let data = bytes_of(&Row(Notification::default()));
        let (dict, _) = data.deserialize::<Dict>().unwrap();
        let mut keys: Vec<&str> = dict.keys().map(String::as_str).collect();
        keys.sort_unstable();
        let always = [
            "confirmation",
            "first_at",
            "id",
            "last_at",
            "occurrences",
            "read",
            "received_at",
            "urgency",
        ];
        assert_eq!(keys, always);
        let (dict, _) = bytes_of(&Row(full())).deserialize::<Dict>().unwrap();
        assert_eq!(dict.len(), 36, "and one that is there has its key");
    }

    #[test]
    fn keys_of_a_newer_daemon_are_ignored() {
        let mut writer = DictWriter::default();
        writer.put("id", 7_i64);
        writer.put("mood", vec!["good".to_owned()]);
        writer.put("received_at", 2_i64);
        let data = bytes_of(&writer.finish());
        let (Row(row), _) = data.deserialize::<Row>().unwrap();
        assert_eq!((row.id, row.received_at, row.first_at, row.last_at), (7, 2, 2, 2));
    }

    #[test]
    fn a_value_of_another_type_is_an_error_and_no_panic() {
        for (key, wrong) in [("id", "seven"), ("tags", "vip"), ("urgency", "loud")] {
            let mut writer = DictWriter::default();
            writer.put(key, wrong.to_owned());
            let data = bytes_of(&writer.finish());
            assert!(data.deserialize::<Row>().is_err(), "{key}");
        }
    }
}
