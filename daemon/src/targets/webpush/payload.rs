//! What the page's service worker gets.

use serde_json::{Value, json};

use crate::targets::cut::{cut_json, json_bytes};
use crate::targets::webpush::seal::OVERHEAD;
use crate::targets::{Message, handle};

/// Most of an encrypted message. Push services take 4096 bytes (RFC 8030, section 7.2), Mozilla's way to phones no more than
/// this.
const SEALED_MAX: usize = 2744;
/// Most of a payload.
pub(super) const PLAIN_MAX: usize = SEALED_MAX - OVERHEAD;
/// Most of a title, in JSON.
const TITLE_MAX: usize = 600;
/// A longer link is left out: half a link leads elsewhere.
const LINK_MAX: usize = 1000;

/// The payload as JSON.
pub(super) fn of(message: &Message) -> Vec<u8> {
    let url = if json_bytes(&message.url) <= LINK_MAX { message.url.as_str() } else { "" };
    let payload = |body: &str| -> Value {
        json!({
            "title": cut_json(&message.title, TITLE_MAX),
            "body": body,
            "url": url,
            "tag": handle::thread(message),
            "urgency": message.urgency.as_str(),
            "id": message.notification,
        })
    };
    let room = PLAIN_MAX.saturating_sub(payload("").to_string().len());
    payload(&cut_json(&message.body, room)).to_string().into_bytes()
}
