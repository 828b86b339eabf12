//! From the server's JSON to what happened. Pure, and total over any bytes: every field may be missing or of another type,
//! and what cannot be understood is kept as it came.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;
use tidings_api::{KeyMode, Millis, Urgency, limits};

use crate::model::{Arrival, Event, Incoming, SentAt, ThreadEnd};
use crate::sources::live::Heard;
use crate::sources::ntfy::{action, tags};
use crate::sources::{lenient, text};

/// What the server writes in the place of an empty text.
const TRIGGERED: &str = "triggered";
/// The last second that four digits can write the year of.
const LAST_SECOND: i64 = 253_402_300_799;
/// Most that is kept of what is not understood.
const UNKNOWN_MAX: usize = 16 * 1024;

/// What one object of the stream says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// A greeting or a sign of life.
    Nothing,
    /// A message, or the end of a thread.
    Event(Event),
    /// Something is to be fetched.
    Ask,
    /// An event of a kind that this version does not know, or one that lacks its identity.
    Unknown,
    /// No JSON.
    Garbage,
}

/// What follows from a frame of the WebSocket.
pub(super) fn heard(bytes: &[u8], now: Millis) -> Heard {
    match read(bytes, Arrival::Live, now) {
        Said::Nothing => Heard::default(),
        Said::Event(event) => Heard { events: vec![event], ..Heard::default() },
        Said::Ask => Heard { ask: true, ..Heard::default() },
        Said::Unknown | Said::Garbage => {
            let known = &bytes[..bytes.len().min(UNKNOWN_MAX)];
            let text = String::from_utf8_lossy(known).into_owned();
            Heard { events: vec![Event::Unknown { text }], ..Heard::default() }
        }
    }
}

/// Reads one object of the stream.
pub(super) fn read(bytes: &[u8], arrival: Arrival, now: Millis) -> Said {
    let Some(message) = lenient::parse(bytes) else { return Said::Garbage };
    match word(&message, "event") {
        "open" | "keepalive" => Said::Nothing,
        "message" => notification(message, arrival, now),
        "message_clear" => end(&message, ThreadEnd::Cleared, arrival, now),
        "message_delete" => end(&message, ThreadEnd::Deleted, arrival, now),
        // The server knows of a message that it does not have itself.
        "poll_request" => Said::Ask,
        _ => Said::Unknown,
    }
}

fn notification(message: Value, arrival: Arrival, now: Millis) -> Said {
    let Some(id) = text::identity(word(&message, "id")) else { return Said::Unknown };
    let topic = text::line(word(&message, "topic"));
    let tags = tags::all(&message);
    let title = text::line(word(&message, "title"));
    // As in the server's own apps, what has no title is shown under its topic.
    let title = if title.is_empty() { &topic } else { &title };
    let title = text::line(&format!("{} {title}", tags::emojis(&tags)));
    Said::Event(Event::Upsert(Box::new(Incoming {
        key: thread(&topic, word(&message, "sequence_id"), &id),
        mode: KeyMode::Update,
        arrival,
        title,
        body: body(&message),
        urgency: urgency(&message),
        url: action::link(word(&message, "click")),
        actions: action::all(&message),
        sent: seconds(&message).map(sent),
        received_at: now,
        data: data(message, &id),
        remote_id: Some(id),
        topic,
        tags,
        ..Incoming::default()
    })))
}

fn end(message: &Value, how: ThreadEnd, arrival: Arrival, now: Millis) -> Said {
    let id = text::identity(word(message, "id"));
    let sequence = text::identity(word(message, "sequence_id"));
    let (Some(event_id), Some(sequence)) = (id, sequence) else { return Said::Unknown };
    let topic = text::line(word(message, "topic"));
    let at = seconds(message).map_or(now, milliseconds);
    let key = thread(&topic, &sequence, "");
    Said::Event(Event::EndThread { key, how, event_id, at, arrival })
}

/// The identity of what evolves. A message that belongs to no sequence begins one of its own id.
fn thread(topic: &str, sequence: &str, id: &str) -> String {
    let sequence = text::identity(sequence);
    format!("{topic}/{}", sequence.as_deref().unwrap_or(id))
}

fn body(message: &Value) -> String {
    let written = word(message, "message");
    if written.is_empty() {
        return TRIGGERED.to_owned();
    }
    if word(message, "encoding") == "base64"
        && let Ok(bytes) = BASE64_STANDARD.decode(written)
    {
        let size = bytes.len();
        return String::from_utf8(bytes)
            .ok()
            .filter(|decoded| !decoded.chars().any(is_binary))
            .map_or_else(|| format!("binary message ({size} bytes)"), |text| text::body(&text));
    }
    text::body(written)
}

/// Whether no text has it.
fn is_binary(c: char) -> bool {
    c.is_control() && !c.is_whitespace()
}

fn urgency(message: &Value) -> Urgency {
    match message.get("priority").and_then(Value::as_i64) {
        Some(1 | 2) => Urgency::Low,
        Some(4) => Urgency::High,
        Some(5) => Urgency::Critical,
        _ => Urgency::Normal,
    }
}

fn seconds(message: &Value) -> Option<i64> {
    message.get("time").and_then(Value::as_i64).filter(|at| (1..=LAST_SECOND).contains(at))
}

const fn milliseconds(seconds: i64) -> Millis {
    seconds.saturating_mul(1_000)
}

fn sent(seconds: i64) -> SentAt {
    SentAt { at: milliseconds(seconds), approximate: false, raw: seconds.to_string() }
}

/// The message as it came: what became no field of its own (icon, content type, further actions) is found there.
fn data(mut message: Value, id: &str) -> String {
    if let Some(object) = message.as_object_mut() {
        // Written by the WebSocket and left out by the list: the same message is to be the same text.
        if object.get("sequence_id").and_then(Value::as_str) == Some(id) {
            object.shift_remove("sequence_id");
        }
    }
    let whole = message.to_string();
    if whole.len() <= limits::DATA_BYTES {
        return whole;
    }
    if let Some(object) = message.as_object_mut() {
        // It is the body already.
        object.shift_remove("message");
    }
    Some(message.to_string()).filter(|rest| rest.len() <= limits::DATA_BYTES).unwrap_or_default()
}

fn word<'m>(message: &'m Value, key: &str) -> &'m str {
    message.get(key).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests;
