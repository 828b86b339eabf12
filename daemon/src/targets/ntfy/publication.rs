//! A message as ntfy takes it, within what it takes.

use serde_json::{Map, Value, json};
use tidings_api::Urgency;

use crate::targets::cut::{cut, cut_json, json_bytes};
use crate::targets::{Message, handle};

/// A longer text becomes an attachment, which nobody reads in a popup.
const MESSAGE_MAX: usize = 4096;
/// Twice the limit of a message is what the server reads of the JSON; a little less, whoever counts.
const JSON_MAX: usize = 8000;
/// Most of a title, in JSON.
const TITLE_MAX: usize = 1024;
/// Most of all tags together, in JSON.
const TAGS_MAX: usize = 512;
/// A longer link is left out: half a link leads elsewhere.
const LINK_MAX: usize = 2048;

/// Names that the server uses itself.
const RESERVED: [&str; 10] =
    ["docs", "static", "file", "app", "metrics", "account", "settings", "signup", "login", "v1"];

/// Checks a topic. Its case counts.
pub(crate) fn topic(text: &str) -> Result<String, String> {
    let topic = text.trim();
    if topic.is_empty() || topic.len() > 64 {
        return Err("a topic has 1 to 64 characters".to_owned());
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !topic.bytes().all(allowed) {
        return Err(
            "a topic has only letters, digits, - and _ in it; write the topic alone, without the server"
                .to_owned(),
        );
    }
    if RESERVED.contains(&topic) {
        return Err("the server uses this name itself; choose another topic".to_owned());
    }
    Ok(topic.to_owned())
}

/// The JSON of a message.
pub(super) fn of(message: &Message) -> Vec<u8> {
    // An empty text would be shown as "triggered".
    let (title, text) = match (message.title.as_str(), message.body.as_str()) {
        (title, "") => ("", title),
        both => both,
    };
    let mut json = Map::new();
    json.insert("topic".into(), message.address.clone().into());
    if !title.is_empty() {
        json.insert("title".into(), cut_json(title, TITLE_MAX).into());
    }
    json.insert("priority".into(), priority(message.urgency).into());
    let tags = tags(&message.tags);
    if !tags.is_empty() {
        json.insert("tags".into(), tags.into());
    }
    if !message.url.is_empty() && json_bytes(&message.url) <= LINK_MAX {
        json.insert("click".into(), message.url.clone().into());
    }
    json.insert("sequence_id".into(), handle::thread(message).into());
    json.insert("message".into(), json!(""));
    let room = JSON_MAX.saturating_sub(Value::Object(json.clone()).to_string().len());
    json.insert("message".into(), cut_json(&cut(text, MESSAGE_MAX), room).into());
    Value::Object(json).to_string().into_bytes()
}

/// The tags that have room.
fn tags(tags: &[String]) -> Vec<String> {
    let mut room = TAGS_MAX;
    let fitting = tags.iter().filter(|tag| !tag.is_empty()).take_while(|tag| {
        let left = room.checked_sub(json_bytes(tag));
        room = left.unwrap_or_default();
        left.is_some()
    });
    fitting.cloned().collect()
}

/// 3 is ntfy's default; 5 keeps on ringing.
const fn priority(urgency: Urgency) -> u8 {
    match urgency {
        Urgency::Low => 2,
        Urgency::Normal => 3,
        Urgency::High => 4,
        Urgency::Critical => 5,
    }
}
