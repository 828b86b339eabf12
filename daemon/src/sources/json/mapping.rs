//! From a server's JSON to a notification. Pure, and total over any bytes.

use std::collections::BTreeMap;

use chrono_tz::Tz;
use serde_json::Value;
use tidings_api::{Millis, Urgency, limits};
use url::Url;

use crate::model::{Arrival, Incoming};
use crate::sources::json::spec::{FrameSpec, ItemSpec, Spec};
use crate::sources::json::template::Query;
use crate::sources::lenient;
use crate::sources::text;
use crate::sources::time;

/// What a frame says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// A notification; provisional unless the frame has its id.
    Notification(Box<Incoming>),
    /// A number of unread notifications and no text.
    Count(u64),
    /// Something happened; the list knows what.
    Hint,
    /// A greeting or an answer to a ping.
    Ignored,
    /// Looks like JSON and is not: nothing to show, the list knows.
    Undecodable,
}

/// A row of the server's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The server's identity.
    pub(super) id: String,
    /// Read on the server; `None` = the server does not say.
    pub(super) read: Option<bool>,
    /// The notification.
    pub(super) incoming: Incoming,
}

/// The compiled `item` and `frame` of a spec.
#[derive(Clone, Debug)]
pub(super) struct Mapping {
    item: ItemQueries,
    frame: FrameQueries,
    zone: Option<Tz>,
    base: Url,
    has_list: bool,
}

#[derive(Clone, Debug)]
struct ItemQueries {
    id: Query,
    key: Query,
    topic: Query,
    title: Query,
    body: Query,
    url: Query,
    icon: Query,
    actor: Query,
    verb: Query,
    action_object: Query,
    activity_target: Query,
    urgency: Query,
    urgency_map: BTreeMap<String, Urgency>,
    sent: Query,
    read: Query,
    unread: Query,
    tags: Query,
    data: Query,
}

#[derive(Clone, Debug)]
struct FrameQueries {
    notification: Query,
    text: Query,
    kind: Query,
    ignore: Vec<String>,
    count: Query,
}

impl Mapping {
    /// Checks the expressions of a spec. The error names the key.
    pub(super) fn compile(spec: &Spec, base: Url) -> Result<Self, (String, String)> {
        let zone = match spec.timezone.as_str() {
            "" => None,
            name => Some(name.parse().map_err(|_| {
                let message = format!("\"{name}\" is not an IANA time zone like \"Europe/Madrid\"");
                ("timezone".to_owned(), message)
            })?),
        };
        Ok(Self {
            item: ItemQueries::compile(&spec.item)?,
            frame: FrameQueries::compile(&spec.frame)?,
            has_list: !spec.list.url.is_empty(),
            zone,
            base,
        })
    }

    /// Reads a frame, whatever it holds.
    #[must_use]
    pub(super) fn frame(&self, bytes: &[u8], now: Millis) -> Frame {
        // A mended text would never equal that of the list, which is asked instead, where there is one.
        let parse = if self.has_list { lenient::parse_strictly } else { lenient::parse };
        match parse(bytes) {
            Some(Value::String(text)) => self.bare(&text, now),
            Some(object @ Value::Object(_)) => self.object(&object, now),
            Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_)) => Frame::Hint,
            None => self.not_json(bytes, now),
        }
    }

    /// Reads a row of the list; `None` = it has no id, so nothing can be known about it.
    #[must_use]
    pub(super) fn row(&self, item: &Value, now: Millis) -> Option<Row> {
        let id = text::identity(&self.item.id.text(item))?;
        let read = self.read(item);
        let incoming = Incoming {
            remote_id: Some(id.clone()),
            read: Some(read.unwrap_or_default()),
            arrival: Arrival::CatchUp,
            ..self.content(item, now)
        };
        Some(Row { id, read, incoming })
    }

    fn read(&self, item: &Value) -> Option<bool> {
        self.item.read.truth(item).or_else(|| self.item.unread.truth(item).map(|unread| !unread))
    }

    fn object(&self, object: &Value, now: Millis) -> Frame {
        let kind = self.frame.kind.text(object);
        if !kind.is_empty() && self.frame.ignore.contains(&kind) {
            return Frame::Ignored;
        }
        for nested in self.frame.notification.objects(object) {
            let mut incoming = self.content(nested, now);
            incoming.remote_id = text::identity(&self.item.id.text(nested));
            incoming.read = Some(self.read(nested).unwrap_or_default());
            if has_text(&incoming) {
                return live(incoming);
            }
        }
        let text = text::body(&self.frame.text.text(object));
        if !text.is_empty() {
            return live(Incoming { body: text, received_at: now, ..Incoming::default() });
        }
        self.frame.count.count(object).map_or(Frame::Hint, Frame::Count)
    }

    fn bare(&self, text: &str, now: Millis) -> Frame {
        let body = text::body(text);
        if body.is_empty() {
            return Frame::Hint;
        }
        live(Incoming { body, received_at: now, ..Incoming::default() })
    }

    fn not_json(&self, bytes: &[u8], now: Millis) -> Frame {
        let Ok(text) = std::str::from_utf8(bytes) else { return Frame::Undecodable };
        if text.trim_start().starts_with(['{', '[', '"']) {
            return Frame::Undecodable;
        }
        self.bare(text, now)
    }

    fn content(&self, item: &Value, now: Millis) -> Incoming {
        let queries = &self.item;
        let line = |query: &Query| text::line(&query.text(item));
        Incoming {
            key: text::identity(&queries.key.text(item)).unwrap_or_default(),
            topic: line(&queries.topic),
            title: line(&queries.title),
            body: text::body(&queries.body.text(item)),
            urgency: self.urgency(item),
            url: self.link(&queries.url.text(item)),
            icon: line(&queries.icon),
            actor: line(&queries.actor),
            verb: line(&queries.verb),
            action_object: line(&queries.action_object),
            activity_target: line(&queries.activity_target),
            tags: self.tags(item),
            data: self.data(item),
            sent: queries.sent.value(item).and_then(|value| time::parse(&value, self.zone)),
            received_at: now,
            ..Incoming::default()
        }
    }

    fn urgency(&self, item: &Value) -> Urgency {
        let word = self.item.urgency.text(item).trim().to_lowercase();
        let mapped = self.item.urgency_map.get(&word).copied();
        mapped.or_else(|| word.parse().ok()).unwrap_or_default()
    }

    /// Only links that a browser opens; relative ones belong to the server.
    fn link(&self, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        let link = self.base.join(text.trim()).ok();
        link.filter(|link| matches!(link.scheme(), "http" | "https"))
            .map(String::from)
            .filter(|link| link.len() <= limits::URL_BYTES)
            .unwrap_or_default()
    }

    fn tags(&self, item: &Value) -> Vec<String> {
        let found = match self.item.tags.value(item) {
            Some(Value::Array(values)) => values,
            Some(value @ Value::String(_)) => vec![value],
            _ => Vec::new(),
        };
        let tags = found.iter().filter_map(Value::as_str).map(text::line);
        tags.filter(|tag| !tag.is_empty()).take(limits::TAGS).collect()
    }

    fn data(&self, item: &Value) -> String {
        let json = self.item.data.value(item).map(|value| value.to_string()).unwrap_or_default();
        if json.len() > limits::DATA_BYTES { String::new() } else { json }
    }
}

fn live(incoming: Incoming) -> Frame {
    let provisional = incoming.remote_id.is_none();
    Frame::Notification(Box::new(Incoming { provisional, arrival: Arrival::Live, ..incoming }))
}

fn has_text(incoming: &Incoming) -> bool {
    !incoming.title.is_empty() || !incoming.body.is_empty()
}

impl ItemQueries {
    fn compile(spec: &ItemSpec) -> Result<Self, (String, String)> {
        let query = |key: &str, field| {
            Query::compile(field).map_err(|message| (format!("item.{key}"), message))
        };
        Ok(Self {
            id: query("id", &spec.id)?,
            key: query("key", &spec.key)?,
            topic: query("topic", &spec.topic)?,
            title: query("title", &spec.title)?,
            body: query("body", &spec.body)?,
            url: query("url", &spec.url)?,
            icon: query("icon", &spec.icon)?,
            actor: query("actor", &spec.actor)?,
            verb: query("verb", &spec.verb)?,
            action_object: query("action_object", &spec.action_object)?,
            activity_target: query("activity_target", &spec.activity_target)?,
            urgency: query("urgency", &spec.urgency)?,
            urgency_map: spec.urgency_map.iter().map(|(k, v)| (k.to_lowercase(), *v)).collect(),
            sent: query("sent", &spec.sent)?,
            read: query("read", &spec.read)?,
            unread: query("unread", &spec.unread)?,
            tags: query("tags", &spec.tags)?,
            data: query("data", &spec.data)?,
        })
    }
}

impl FrameQueries {
    fn compile(spec: &FrameSpec) -> Result<Self, (String, String)> {
        let query = |key: &str, field| {
            Query::compile(field).map_err(|message| (format!("frame.{key}"), message))
        };
        Ok(Self {
            notification: query("notification", &spec.notification)?,
            text: query("text", &spec.text)?,
            kind: query("kind", &spec.kind)?,
            ignore: spec.ignore.clone(),
            count: query("count", &spec.count)?,
        })
    }
}

#[cfg(test)]
mod tests;
