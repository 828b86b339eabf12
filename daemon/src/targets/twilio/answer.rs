//! What Twilio's answers mean. Its own words are not repeated: they name the number.

use serde_json::Value;

use crate::net::http::Reply;
use crate::targets::reply::{json, word};
use crate::targets::{Confirmation, Outcome};

/// What an error code means for what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    /// The number is wrong, or cannot get text messages.
    Gone,
    /// Its owner has answered STOP.
    OptedOut,
    /// Later.
    Transient,
    /// The account or the sender is not set up right.
    Config,
}

/// The codes that mean something else than "this message was not sent", with words. Twilio adds and changes codes, so what
/// is not here is a failure of the one message. <https://www.twilio.com/docs/api/errors>
const CODES: [(u64, Class, &str); 18] = [
    (20003, Class::Config, "the account SID, the API key SID or the password is wrong"),
    (20005, Class::Config, "the account is not active; look at it in Twilio's console"),
    (20404, Class::Config, "the account does not exist; check account_sid"),
    (20429, Class::Transient, "too many requests at once"),
    (21211, Class::Gone, "it is not a phone number"),
    (21212, Class::Config, "`from` is not a number or name that can send"),
    (
        21408,
        Class::Config,
        "text messages to this country are switched off; permit it in Twilio's console under Geo permissions",
    ),
    (21606, Class::Config, "`from` is no number of yours that can send text messages"),
    (21610, Class::OptedOut, "its owner has answered STOP"),
    (21611, Class::Transient, "the queue of `from` is full"),
    (21614, Class::Gone, "it is not the number of a mobile phone"),
    (21635, Class::Gone, "it is the number of a landline"),
    (21659, Class::Config, "`from` is no number of yours"),
    (21703, Class::Config, "the Messaging Service has no number to send from"),
    (21705, Class::Config, "the Messaging Service does not exist; check messaging_service_sid"),
    (30003, Class::Transient, "the phone is off or out of reach"),
    (30005, Class::Gone, "the number does not exist or is no longer in use"),
    (30006, Class::Gone, "it is the number of a landline, or its network takes no text messages"),
];

/// What came of sending.
#[must_use]
pub(super) fn of_sending(reply: &Reply) -> Outcome {
    let content = json(reply);
    match (reply.status, content["sid"].as_str().and_then(word)) {
        (200..=299, Some(sid)) => Outcome::Accepted { receipt: Some(sid.to_owned()) },
        (200..=299, None) => Outcome::Unknown {
            why: format!(
                "Twilio took the message and did not say under which number ({})",
                reply.status
            ),
        },
        // There is no way to say "only if you have not sent it yet".
        (500..=599, _) => Outcome::Unknown {
            why: format!("Twilio failed ({}); it may have sent the message", reply.status),
        },
        _ => refused(reply, number(&content["code"])),
    }
}

/// What became of a message that was sent. The error says why nothing was learned.
pub(super) fn of_asking(reply: &Reply) -> Result<Confirmation, String> {
    let content = json(reply);
    match (reply.status, content["status"].as_str()) {
        (200..=299, Some(status)) => Ok(of_status(status, number(&content["error_code"]))),
        (404, _) => Ok(Confirmation::Lost),
        (401 | 403, _) => Err(format!("Twilio refuses the credentials ({})", reply.status)),
        _ => Err(format!("Twilio does not say what became of the message ({})", reply.status)),
    }
}

fn refused(reply: &Reply, code: Option<u64>) -> Outcome {
    let class = match (code.and_then(known), reply.status) {
        (Some((class, _)), _) => Some(class),
        (None, 429) => Some(Class::Transient),
        // A redirect or a path that is not there: another server than Twilio's.
        (None, 300..=399 | 401 | 403 | 404) => Some(Class::Config),
        (None, _) => None,
    };
    let why = code.map_or_else(|| words_of_status(reply.status), words);
    match class {
        Some(Class::Gone) => Outcome::Gone { why },
        Some(Class::OptedOut) => Outcome::OptedOut { why },
        Some(Class::Transient) => Outcome::Retry { why, after: reply.retry_after },
        Some(Class::Config) => Outcome::Misconfigured { why },
        None => Outcome::Refused { why },
    }
}

fn of_status(status: &str, code: Option<u64>) -> Confirmation {
    match status {
        // Partially: some parts have arrived; sent again, they would be there twice.
        "delivered" | "read" | "partially_delivered" => Confirmation::Delivered,
        "canceled" => Confirmation::Refused { why: "it was cancelled at Twilio".to_owned() },
        "undelivered" | "failed" => {
            let why = code.map_or_else(|| format!("Twilio could not deliver it ({status})"), words);
            match code.and_then(known).map(|(class, _)| class) {
                Some(Class::Gone) => Confirmation::Gone { why },
                Some(Class::OptedOut) => Confirmation::OptedOut { why },
                Some(Class::Transient) => Confirmation::Failed { why },
                Some(Class::Config) => Confirmation::Misconfigured { why },
                None => Confirmation::Refused { why },
            }
        }
        // queued, accepted, scheduled, sending, sent, and whatever comes to be between them.
        _ => Confirmation::Pending,
    }
}

fn known(code: u64) -> Option<(Class, &'static str)> {
    let entry = CODES.iter().find(|(known, ..)| *known == code);
    entry.map(|(_, class, words)| (*class, *words))
}

fn words(code: u64) -> String {
    let words = known(code).map_or("Twilio could not send the message", |(_, words)| words);
    format!("{words} (error {code}, see https://www.twilio.com/docs/errors/{code})")
}

fn words_of_status(status: u16) -> String {
    match status {
        300..=399 | 404 => {
            format!("this is not Twilio's API ({status}); check `url` and account_sid")
        }
        401 | 403 => format!(
            "Twilio refuses the credentials ({status}); check account_sid and store the password again"
        ),
        429 => "Twilio asks to be left alone for now (429)".to_owned(),
        _ => format!("Twilio refuses the message ({status})"),
    }
}

/// A code is a number, in quotes in some of Twilio's APIs.
fn number(code: &Value) -> Option<u64> {
    code.as_u64().or_else(|| code.as_str()?.parse().ok()).filter(|code| *code > 0)
}
