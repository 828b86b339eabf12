//! What FCM's answers mean. Its own words are not repeated: they could hold the token or the message.

use std::time::Duration;

use serde_json::Value;

use crate::net::http::Reply;
use crate::targets::Outcome;
use crate::targets::reply::{json, word};

/// The least that Google wants to be left alone when it does not say for how long.
const QUOTA: Duration = Duration::from_secs(60);
/// What the entry is called that says what FCM means.
const FCM_ERROR: &str = "google.firebase.fcm.v1.FcmError";

/// Whether a new access token could help: it may have been withdrawn, or the account may just have got its permission.
#[must_use]
pub(super) fn refuses_access(reply: &Reply) -> bool {
    let content = json(reply);
    match code(&content) {
        "UNAUTHENTICATED" | "PERMISSION_DENIED" => true,
        "" => matches!(reply.status, 401 | 403),
        _ => false,
    }
}

/// What came of sending.
#[must_use]
pub(super) fn of(reply: &Reply) -> Outcome {
    let content = json(reply);
    if (200..=299).contains(&reply.status) {
        return match content["name"].as_str() {
            Some(_) => Outcome::Accepted { receipt: None },
            None => Outcome::Unknown {
                why: format!("FCM did not say that it took the message ({})", reply.status),
            },
        };
    }
    let code = code(&content);
    match code {
        "UNREGISTERED" => Outcome::Gone {
            why: "the app is no longer installed there (UNREGISTERED)".to_owned(),
        },
        "SENDER_ID_MISMATCH" => Outcome::Gone {
            why: "the registration token is of another Firebase project (SENDER_ID_MISMATCH)".to_owned(),
        },
        "INVALID_ARGUMENT" if is_about_token(&content) => Outcome::Gone {
            why: "it is no registration token (INVALID_ARGUMENT)".to_owned(),
        },
        "INVALID_ARGUMENT" => Outcome::Refused {
            why: "FCM cannot read the message, or it is too large (INVALID_ARGUMENT)".to_owned(),
        },
        "THIRD_PARTY_AUTH_ERROR" => Outcome::Misconfigured {
            why: "the key for Apple or for Web Push in Firebase's console is missing or wrong (THIRD_PARTY_AUTH_ERROR)".to_owned(),
        },
        "QUOTA_EXCEEDED" => Outcome::Retry {
            why: "too many messages for this project or phone (QUOTA_EXCEEDED)".to_owned(),
            after: reply.retry_after.max(Some(QUOTA)),
        },
        _ => of_status(reply, code),
    }
}

fn of_status(reply: &Reply, code: &str) -> Outcome {
    let status = reply.status;
    let code = word(code).map(|code| format!(", {code}")).unwrap_or_default();
    match status {
        429 => Outcome::Retry {
            why: format!("FCM asks to be left alone for now (429{code})"),
            after: reply.retry_after.max(Some(QUOTA)),
        },
        // UNAVAILABLE, INTERNAL, and pages of a proxy. Should it have been taken all the same, the repeat takes its place.
        500..=599 => {
            Outcome::Retry { why: format!("FCM failed ({status}{code})"), after: reply.retry_after }
        }
        401 | 403 => Outcome::Misconfigured {
            why: format!(
                "Google does not let the service account send messages ({status}{code}); give it the role Firebase Cloud Messaging API Admin, and switch the API on for the project"
            ),
        },
        300..=399 | 404 => Outcome::Misconfigured {
            why: format!(
                "there is no such project at FCM ({status}{code}); check the service account and `url`"
            ),
        },
        _ => Outcome::Refused { why: format!("FCM refuses the message ({status}{code})") },
    }
}

/// What FCM calls the error; where it says nothing, what Google's servers call it; empty without either.
fn code(content: &Value) -> &str {
    let own = details(content).find(|detail| is_a(detail, FCM_ERROR));
    let own = own.and_then(|detail| detail["errorCode"].as_str());
    own.or_else(|| content["error"]["status"].as_str()).unwrap_or_default()
}

/// Of an invalid argument: whether it is the address.
fn is_about_token(content: &Value) -> bool {
    let violations = details(content).filter_map(|detail| detail["fieldViolations"].as_array());
    let named = violations.flatten().any(|violation| violation["field"] == "message.token");
    let said = content["error"]["message"].as_str().unwrap_or_default();
    named || said.contains("not a valid FCM registration token")
}

fn details(content: &Value) -> impl Iterator<Item = &Value> {
    content["error"]["details"].as_array().into_iter().flatten()
}

fn is_a(detail: &Value, kind: &str) -> bool {
    detail["@type"].as_str().is_some_and(|name| name.rsplit('/').next() == Some(kind))
}
