//! What the messages of Home Assistant say. Pure.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tidings_api::{KeyMode, Millis};

use crate::model::{Arrival, Event, Incoming, SentAt, ThreadEnd};
use crate::sources::live::{Heard, Moment};
use crate::sources::trouble::Trouble;
use crate::sources::{lenient, text, time};

/// The number of our subscription; all of its events carry it.
pub(super) const SUBSCRIPTION: u64 = 1;
/// The number of our question for [`OLDEST_STATE`].
pub(super) const QUESTION: u64 = 2;
/// Since when the server has run, as near as it tells: no state is older than the process that holds it.
pub(super) const OLDEST_STATE: &str =
    "{{ states | map(attribute='last_updated') | map('as_timestamp') | min }}";
/// Notifications that are read of one message, and messages that may be collected in it. Nobody has as many, and each takes
/// far more memory here than the few bytes that a server can write it in.
const MOST: usize = 10_000;
/// What a notification without a title is called.
const NAMELESS: &str = "Home Assistant";

/// One message.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Frame {
    /// The server waits for the token.
    AuthRequired,
    /// It took it; its version.
    AuthOk(String),
    /// It did not; its words.
    AuthInvalid(String),
    /// It does not take our command; its words.
    Refused(String),
    /// Everything that there is. `whole` = every entry could be read.
    Current { notes: Vec<Note>, whole: bool },
    /// New, or with another text.
    Arrived(Vec<Note>),
    /// Dismissed.
    Removed(Vec<Note>),
    /// When its oldest state was set; `None` = it has none, or does not say.
    Since(Option<Millis>),
    /// An answer that tells nothing.
    Other,
    /// Nobody knows what this is.
    Unknown(String),
}

/// A notification there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Note {
    key: String,
    title: String,
    body: String,
    created: Option<SentAt>,
}

/// Reads a message of the server: several come as an array where the server collects them.
pub(super) fn frames(message: &[u8]) -> Vec<Frame> {
    let mut room = MOST;
    match lenient::parse(message) {
        Some(Value::Array(all)) if all.len() <= MOST => {
            all.iter().map(|one| frame(one, &mut room)).collect()
        }
        Some(one) if !one.is_array() => vec![frame(&one, &mut room)],
        Some(_) | None => vec![Frame::Unknown(String::from_utf8_lossy(message).into_owned())],
    }
}

/// What follows from a message of the server.
pub(super) fn heard(message: &[u8], moment: Moment, place: &str) -> Heard {
    let mut heard = Heard::default();
    for frame in frames(message) {
        match frame {
            Frame::Current { notes, whole } => {
                // A list that cannot be read to its end does not say what is missing in it.
                heard.all = whole.then(|| notes.iter().map(Note::remote_id).collect());
                heard
                    .events
                    .extend(notes.into_iter().map(|note| note.upsert(moment.earlier, moment.now)));
            }
            Frame::Arrived(notes) => {
                if let Some(all) = &mut heard.all {
                    all.extend(notes.iter().map(Note::remote_id));
                }
                heard
                    .events
                    .extend(notes.into_iter().map(|note| note.upsert(Arrival::Live, moment.now)));
            }
            Frame::Removed(notes) => {
                forget(heard.all.as_mut(), &notes);
                heard.events.extend(notes.into_iter().map(|note| note.end(moment.now)));
            }
            Frame::AuthInvalid(why) => heard.end = Some(not_let_in(place, &why)),
            Frame::Refused(why) => heard.end = Some(not_taken(place, &why)),
            Frame::Unknown(text) => {
                // It may have added to the list.
                heard.all = None;
                heard.events.push(Event::Unknown { text });
            }
            Frame::AuthRequired | Frame::AuthOk(_) | Frame::Since(_) | Frame::Other => {}
        }
    }
    heard
}

/// The token is refused.
pub(super) fn not_let_in(place: &str, why: &str) -> Trouble {
    Trouble::NeedsLogin(format!(
        "{place}: the access token is refused{why}; make a new one in your profile there, under \"Security\""
    ))
}

/// The subscription is refused.
pub(super) fn not_taken(place: &str, why: &str) -> Trouble {
    Trouble::Rejected(format!(
        "{place}: its notifications cannot be subscribed to{why}; that takes Home Assistant 2023.6 or newer"
    ))
}

fn forget(all: Option<&mut BTreeSet<String>>, removed: &[Note]) {
    if let Some(all) = all {
        for note in removed {
            all.remove(&note.remote_id());
        }
    }
}

/// `room` is how many notifications may still be read.
fn frame(value: &Value, room: &mut usize) -> Frame {
    let unknown = || Frame::Unknown(value.to_string());
    match value.get("type").and_then(Value::as_str) {
        Some("auth_required") => Frame::AuthRequired,
        Some("auth_ok") => Frame::AuthOk(words(value.get("ha_version"))),
        Some("auth_invalid") => Frame::AuthInvalid(complaint(value.get("message"))),
        Some("result") => result(value),
        Some("event") if number(value) == Some(QUESTION) => Frame::Since(oldest_state(value)),
        Some("event") => {
            value.get("event").and_then(|event| change(event, room)).unwrap_or_else(unknown)
        }
        Some("pong") => Frame::Other,
        Some(_) | None => unknown(),
    }
}

fn result(value: &Value) -> Frame {
    if value.get("success").and_then(Value::as_bool) != Some(false) {
        return Frame::Other;
    }
    match number(value) {
        Some(SUBSCRIPTION) => {
            Frame::Refused(complaint(value.get("error").and_then(|error| error.get("message"))))
        }
        Some(QUESTION) => Frame::Since(None),
        Some(_) | None => Frame::Other,
    }
}

/// Which of our commands it is about.
fn number(value: &Value) -> Option<u64> {
    value.get("id").and_then(Value::as_u64)
}

/// The answer to our question: a number where there is a state, and an empty text where there is none.
fn oldest_state(value: &Value) -> Option<Millis> {
    let result = value.get("event")?.get("result")?;
    result.is_number().then(|| time::parse(result, None)).flatten().map(|sent| sent.at)
}

/// When the notification with this identity was made; `None` = nobody knows.
pub(super) fn made_at(remote_id: &str) -> Option<Millis> {
    remote_id.rsplit_once('@').and_then(|(_, at)| at.parse().ok())
}

/// An event of the subscription; `None` = another one.
fn change(event: &Value, room: &mut usize) -> Option<Frame> {
    let (mut notes, entries): (Vec<Note>, usize) = match event.get("notifications")? {
        Value::Object(map) => {
            let read = map.iter().take(*room).filter_map(|(id, note)| Note::read(id, note));
            (read.collect(), map.len())
        }
        Value::Array(all) => {
            let read = all.iter().take(*room).filter_map(|note| Note::read("", note));
            (read.collect(), all.len())
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
    };
    *room = room.saturating_sub(entries);
    let whole = notes.len() == entries;
    notes.sort_by_key(Note::at);
    match event.get("type")?.as_str()? {
        "current" => Some(Frame::Current { notes, whole }),
        "added" | "updated" if whole => Some(Frame::Arrived(notes)),
        "removed" if whole => Some(Frame::Removed(notes)),
        _ => None,
    }
}

impl Note {
    fn read(id: &str, value: &Value) -> Option<Self> {
        let fields = value.as_object()?;
        let id = fields.get("notification_id").and_then(Value::as_str).unwrap_or(id);
        let title = text::line(fields.get("title").and_then(Value::as_str).unwrap_or_default());
        Some(Self {
            key: text::identity(id)?,
            title: if title.is_empty() { NAMELESS.to_owned() } else { title },
            body: text::body(fields.get("message").and_then(Value::as_str).unwrap_or_default()),
            created: fields.get("created_at").and_then(|at| time::parse(at, None)),
        })
    }

    fn at(&self) -> Option<Millis> {
        self.created.as_ref().map(|sent| sent.at)
    }

    /// Its id names a place that is filled again and again; with the time it names what is in it. The time is written as one
    /// number, whatever the server's spelling of it.
    fn remote_id(&self) -> String {
        let at = self.at().map(|at| at.to_string()).unwrap_or_default();
        format!("{}@{at}", self.key)
    }

    fn upsert(self, arrival: Arrival, now: Millis) -> Event {
        Event::Upsert(Box::new(Incoming {
            remote_id: Some(self.remote_id()),
            key: self.key,
            mode: KeyMode::Update,
            title: self.title,
            body: self.body,
            sent: self.created,
            // Always Markdown: there is no other kind of text there.
            data: json!({ "content_type": "text/markdown" }).to_string(),
            arrival,
            received_at: now,
            ..Incoming::default()
        }))
    }

    fn end(self, now: Millis) -> Event {
        let event_id = format!("removed {}", self.remote_id());
        let at = self.at().unwrap_or(now);
        // Its time says which of those made under one name is meant, also where the event is told live.
        let arrival = Arrival::CatchUp;
        Event::EndThread { key: self.key, how: ThreadEnd::Deleted, event_id, at, arrival }
    }
}

fn words(value: Option<&Value>) -> String {
    const LENGTH: usize = 200;
    let line = text::line(value.and_then(Value::as_str).unwrap_or_default());
    line.chars().take(LENGTH).collect()
}

/// The server's words as the end of a sentence.
fn complaint(value: Option<&Value>) -> String {
    let words = words(value);
    if words.is_empty() { words } else { format!(" ({words})") }
}

#[cfg(test)]
mod tests;
