//! What the server of a webhook answers, and what to do. Its words are not repeated: it may say anything, also what it was sent.

use crate::net::http::Reply;
use crate::targets::Outcome;
use crate::targets::answer::later;

/// Classes an answer. `place` is host and port.
pub(super) fn judge(reply: &Reply, place: &str) -> Outcome {
    let why = format!("{place} answered {}", reply.status);
    match reply.status {
        200..=299 => Outcome::Accepted { receipt: None },
        300..=399 => Outcome::Refused {
            why: format!(
                "{why}, a redirect, which is not followed; change the address of the record to where it leads"
            ),
        },
        401 | 403 => Outcome::Misconfigured {
            why: format!(
                "{why}: it does not let this target in; check `auth`, `headers` and the secret"
            ),
        },
        410 => Outcome::Gone { why: format!("{why}: nobody is there any more") },
        408 | 425 | 429 | 503 => later(why, reply),
        // It may have done what it was asked before the fault; by the Idempotency-Key it can know a repetition.
        500..=599 => Outcome::Unknown { why },
        _ => Outcome::Refused { why },
    }
}
