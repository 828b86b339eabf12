//! What an ntfy server answers, and what to do.

use std::time::Duration;

use serde_json::Value;

use crate::net::http::Reply;
use crate::targets::Outcome;
use crate::targets::answer::later;
use crate::targets::cut::cut;

/// The messages of the day are used up (`42908`). The count begins anew at midnight UTC; to ask every minute until then
/// would get the address banned at ntfy.sh.
const DAY_IS_OVER: i64 = 42908;
const UNTIL_ANOTHER_DAY: Duration = Duration::from_secs(60 * 60);
/// Most of the server's words that are kept.
const WORDS_MAX: usize = 200;

/// Classes an answer. `place` is host and port.
pub(super) fn judge(reply: &Reply, place: &str) -> Outcome {
    let fault = Fault::of(reply);
    let why = format!("{place} answered {}{}", reply.status, fault.words);
    match reply.status {
        200..=299 if is_ntfy(reply) => Outcome::Accepted { receipt: None },
        200..=299 => Outcome::Misconfigured {
            why: format!("{why}, but not as an ntfy server does; check `url`"),
        },
        300..=399 => Outcome::Misconfigured {
            why: format!("{why}, a redirect, which is not followed; set `url` to where it leads"),
        },
        401 => Outcome::Misconfigured {
            why: format!(
                "{why}: it does not take the token, or the password of `username`; store it again"
            ),
        },
        403 => Outcome::Misconfigured {
            why: format!(
                "{why}: publishing to this topic is not allowed; give the target a token of a user who may"
            ),
        },
        404 | 405 => {
            Outcome::Misconfigured { why: format!("{why}: there is no ntfy server at `url`") }
        }
        408 | 425 => later(why, reply),
        429 if fault.code == Some(DAY_IS_OVER) => {
            Outcome::Retry { why, after: Some(reply.retry_after.unwrap_or(UNTIL_ANOTHER_DAY)) }
        }
        // 507: a UnifiedPush topic without a subscriber, so it was not taken.
        429 | 503 | 507 => later(why, reply),
        // It may have been handed on to subscribers before the fault.
        500..=599 => Outcome::Unknown { why },
        _ => Outcome::Refused { why },
    }
}

/// Whether the answer is the message as it was published.
fn is_ntfy(reply: &Reply) -> bool {
    let answer: Option<Value> = serde_json::from_slice(&reply.body).ok();
    answer.is_some_and(|answer| answer.get("id").is_some_and(Value::is_string))
}

/// ntfy's own account of what is wrong: a number, and words that stand in its program.
struct Fault {
    code: Option<i64>,
    words: String,
}

impl Fault {
    fn of(reply: &Reply) -> Self {
        let answer: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
        // Whatever has no number is not from ntfy, and may repeat what was sent.
        let Some(code) = answer.get("code").and_then(Value::as_i64) else {
            return Self { code: None, words: String::new() };
        };
        let words = answer.get("error").and_then(Value::as_str).unwrap_or_default();
        let words: String = words.chars().filter(|character| !character.is_control()).collect();
        Self { code: Some(code), words: format!(" ({code} {})", cut(&words, WORDS_MAX)) }
    }
}
