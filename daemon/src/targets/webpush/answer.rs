//! What a push service answers, and what to do.

use serde_json::Value;

use crate::net::http::Reply;
use crate::targets::Outcome;
use crate::targets::answer::later;

/// Classes an answer. `place` is host and port, `public` the key that the sender showed.
pub(super) fn judge(reply: &Reply, place: &str, public: &str) -> Outcome {
    let why = format!("{place} answered {}{}", reply.status, number(reply));
    match reply.status {
        200..=299 => Outcome::Accepted { receipt: None },
        300..=399 => Outcome::Refused { why: format!("{why}, a redirect, which is not followed") },
        401 | 403 => Outcome::Misconfigured {
            why: format!(
                "{why}: it does not take the key of this target, whose public half is {public}. The browser has subscribed with another, or `subject` or the clock of this machine is wrong"
            ),
        },
        // RFC 8030, section 7.3, and what push services do.
        404 | 410 => Outcome::Gone { why: format!("{why}: the subscription has ended") },
        408 | 425 | 429 | 503 => later(why, reply),
        413 => Outcome::Refused { why: format!("{why}: the message is too large") },
        // It may have been taken before the fault; the Topic keeps a repetition from being a second one.
        500..=599 => Outcome::Unknown { why },
        _ => Outcome::Refused { why },
    }
}

/// Mozilla's number for what is wrong. Its words, and all of others', may repeat the endpoint.
fn number(reply: &Reply) -> String {
    let answer: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    let number = answer.get("errno").and_then(Value::as_u64);
    number.map(|number| format!(" (errno {number})")).unwrap_or_default()
}
