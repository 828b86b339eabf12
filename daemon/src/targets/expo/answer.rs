//! What Expo's answers mean. Its own words are not repeated: they name the token.

use serde_json::Value;

use crate::net::http::Reply;
use crate::targets::reply::{json, word};
use crate::targets::{Confirmation, Outcome};

/// What an error means for what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Gone,
    Transient,
    Config,
    Message,
}

/// The errors of tickets and receipts, and of whole requests.
/// <https://docs.expo.dev/push-notifications/sending-notifications/#errors>
const ERRORS: [(&str, Class, &str); 13] = [
    ("DeviceNotRegistered", Class::Gone, "the app is no longer installed there, or may not notify"),
    ("MessageTooBig", Class::Message, "the message is too large"),
    ("MessageRateExceeded", Class::Transient, "too many messages to this phone"),
    (
        "MismatchSenderId",
        Class::Config,
        "the FCM key at Expo is of another Firebase project than the app; mend it in Expo's dashboard",
    ),
    (
        "InvalidCredentials",
        Class::Config,
        "the keys for Apple or Google at Expo are not valid any more; run `eas credentials`",
    ),
    ("DeveloperError", Class::Message, "Expo cannot read the message"),
    ("ExpoError", Class::Transient, "Expo failed"),
    ("ProviderError", Class::Transient, "Apple or Google failed"),
    ("TOO_MANY_REQUESTS", Class::Transient, "too many messages a second for this project"),
    (
        "UNAUTHORIZED",
        Class::Config,
        "Expo wants the access token of the project, or another one; make one in Expo's dashboard and store it",
    ),
    ("PUSH_TOO_MANY_EXPERIENCE_IDS", Class::Message, "the tokens are of several projects"),
    ("PUSH_TOO_MANY_NOTIFICATIONS", Class::Message, "too many messages in one request"),
    ("PUSH_TOO_MANY_RECEIPTS", Class::Message, "too many receipts in one request"),
];

/// What came of sending one message.
#[must_use]
pub(super) fn of_sending(reply: &Reply) -> Outcome {
    let content = json(reply);
    if let Some(code) = request_error(&content) {
        return refused(reply, code);
    }
    if !(200..=299).contains(&reply.status) {
        return of_status(reply);
    }
    match ticket(&content) {
        Some(ticket) => of_ticket(reply, ticket),
        None => Outcome::Unknown {
            why: format!("Expo did not answer with one ticket for one message ({})", reply.status),
        },
    }
}

/// What became of messages, one answer for each receipt. The error says why nothing was learned.
pub(super) fn of_asking(reply: &Reply, receipts: &[String]) -> Result<Vec<Confirmation>, String> {
    let content = json(reply);
    if let Some(code) = request_error(&content) {
        return Err(words(code));
    }
    let data = content["data"].as_object().filter(|_| (200..=299).contains(&reply.status));
    let Some(data) = data else {
        return Err(format!("Expo does not say what became of the messages ({})", reply.status));
    };
    // One that is missing is not ready yet, or older than a day.
    Ok(receipts.iter().map(|id| data.get(id).map_or(Confirmation::Pending, of_receipt)).collect())
}

/// The one ticket: in a list as long as what was sent, or by itself.
fn ticket(content: &Value) -> Option<&Value> {
    match content["data"].as_array() {
        Some(tickets) => tickets.first().filter(|_| tickets.len() == 1),
        None => content.get("data").filter(|data| data.is_object()),
    }
}

fn of_ticket(reply: &Reply, ticket: &Value) -> Outcome {
    let id = ticket["id"].as_str().and_then(word);
    match (ticket["status"].as_str(), id) {
        (Some("ok"), Some(id)) => Outcome::Accepted { receipt: Some(id.to_owned()) },
        (Some("ok"), None) => Outcome::Accepted { receipt: None },
        (Some("error"), _) => refused(reply, error(ticket)),
        _ => Outcome::Unknown { why: "Expo did not say what came of the message".to_owned() },
    }
}

fn of_receipt(receipt: &Value) -> Confirmation {
    match receipt["status"].as_str() {
        Some("ok") => Confirmation::Delivered,
        Some("error") => {
            let code = error(receipt);
            let why = words(code);
            match class(code) {
                Some(Class::Gone) => Confirmation::Gone { why },
                Some(Class::Transient) => Confirmation::Failed { why },
                Some(Class::Config) => Confirmation::Misconfigured { why },
                Some(Class::Message) | None => Confirmation::Refused { why },
            }
        }
        _ => Confirmation::Pending,
    }
}

fn refused(reply: &Reply, code: &str) -> Outcome {
    let why = words(code);
    match class(code) {
        Some(Class::Gone) => Outcome::Gone { why },
        Some(Class::Transient) => Outcome::Retry { why, after: reply.retry_after },
        Some(Class::Config) => Outcome::Misconfigured { why },
        Some(Class::Message) => Outcome::Refused { why },
        // An error that is new: the status says what to do.
        None if !(200..=299).contains(&reply.status) => of_status(reply),
        None => Outcome::Refused { why },
    }
}

fn of_status(reply: &Reply) -> Outcome {
    let status = reply.status;
    match status {
        429 => Outcome::Retry {
            why: "Expo asks to be left alone for now (429)".to_owned(),
            after: reply.retry_after,
        },
        // Should it have been taken all the same, the repeat takes its place on the screen.
        500..=599 => {
            Outcome::Retry { why: format!("Expo failed ({status})"), after: reply.retry_after }
        }
        401 | 403 => Outcome::Misconfigured {
            why: format!(
                "Expo refuses the access token ({status}); make one in Expo's dashboard and store it"
            ),
        },
        300..=399 | 404 => Outcome::Misconfigured {
            why: format!("this is not Expo's API ({status}); check `url`"),
        },
        _ => Outcome::Refused { why: format!("Expo refuses the message ({status})") },
    }
}

/// The code of an error of the whole request, of which there is usually one.
fn request_error(content: &Value) -> Option<&str> {
    content["errors"].as_array()?.first().map(|error| error["code"].as_str().unwrap_or_default())
}

/// The code of an error of one message.
fn error(entry: &Value) -> &str {
    entry["details"]["error"].as_str().unwrap_or_default()
}

fn class(code: &str) -> Option<Class> {
    ERRORS.iter().find(|(known, ..)| *known == code).map(|(_, class, _)| *class)
}

fn words(code: &str) -> String {
    match (ERRORS.iter().find(|(known, ..)| *known == code), word(code)) {
        (Some((code, _, words)), _) => format!("{words} ({code})"),
        (None, Some(code)) => format!("Expo refuses the message ({code})"),
        (None, None) => "Expo refuses the message".to_owned(),
    }
}
