//! What Apple's answers mean.
//! <https://developer.apple.com/documentation/usernotifications/handling-notification-responses-from-apns>

use std::time::Duration;

use chrono::{DateTime, SecondsFormat};

use super::spec::Spec;
use crate::net::http::Reply;
use crate::targets::Outcome;
use crate::targets::reply::{json, word};

/// Apple asks to wait so long after a fault of its own.
const FAULT: Duration = Duration::from_secs(15 * 60);
/// Apple takes a new token after so long.
const TOKENS: Duration = Duration::from_secs(20 * 60);

/// An answer as far as it matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    status: u16,
    reason: String,
    /// Of a device that is gone: since when, in milliseconds.
    since: Option<i64>,
    retry_after: Option<Duration>,
}

impl Answer {
    /// Reads an answer; one from a proxy on the way has a status and no reason.
    #[must_use]
    pub(super) fn read(reply: &Reply) -> Self {
        let content = json(reply);
        let reason = content["reason"].as_str().and_then(word).unwrap_or_default();
        Self {
            status: reply.status,
            reason: reason.to_owned(),
            since: content["timestamp"].as_i64(),
            retry_after: reply.retry_after,
        }
    }

    /// Whether a new provider token is asked for.
    #[must_use]
    pub(super) fn is_expired_token(&self) -> bool {
        self.reason == "ExpiredProviderToken"
    }

    /// What came of sending. `proven` = Apple has taken a message with this topic before.
    #[must_use]
    pub(super) fn outcome(&self, spec: &Spec, proven: bool) -> Outcome {
        if self.status == 200 {
            return Outcome::Accepted { receipt: None };
        }
        let gone = |why: &str| Outcome::Gone { why: self.told(why) };
        let config = |why: &str| Outcome::Misconfigured { why: self.told(why) };
        let refused = |why: &str| Outcome::Refused { why: self.told(why) };
        match self.reason.as_str() {
            "Unregistered" => {
                gone(&format!("the app is no longer installed there{}", self.since()))
            }
            "ExpiredToken" => {
                gone(&format!("the device token is not valid any more{}", self.since()))
            }
            "BadDeviceToken" if proven => gone("the device token is wrong"),
            // With the wrong environment every device gets this answer, and none of them is to blame.
            "BadDeviceToken" => refused(&format!(
                "the device token is wrong, or not of the {} environment; if every device gets this answer, set `environment` to the other one",
                spec.environment
            )),
            "DeviceTokenNotForTopic" if proven => gone("the device token is of another app"),
            "DeviceTokenNotForTopic" => config(&format!(
                "the device token is not of the app {}; check `topic`, or remove the device",
                spec.topic
            )),
            "TooManyRequests" => self.later("too many messages to this device", None),
            "TooManyProviderTokenUpdates" => self.later(
                "Apple wants no new provider token yet; is the key in use elsewhere?",
                Some(TOKENS),
            ),
            "ExpiredProviderToken" => {
                config("Apple finds the provider token too old; check the clock of this machine")
            }
            "InvalidProviderToken" => config(
                "Apple refuses the key; check key_id, team_id and whether the key still exists",
            ),
            "MissingProviderToken" => config("Apple has not seen a provider token; check `url`"),
            "UnrelatedKeyIdInToken" => {
                config("the key is not of this team or app; check key_id, team_id and `topic`")
            }
            "BadEnvironmentKeyIdInToken" => config(&format!(
                "the key is not for the {} environment; check `environment`, or make a key for it",
                spec.environment
            )),
            "BadCertificate" | "BadCertificateEnvironment" => {
                config("Apple refuses the connection's certificate")
            }
            "Forbidden" => config("Apple forbids it; check the key in Apple's developer account"),
            "TopicDisallowed" => config("the key may not send to this app; check `topic`"),
            "BadTopic" | "MissingTopic" => config("Apple knows no such app; check `topic`"),
            "BadPath" | "MethodNotAllowed" => config("this is not Apple's API; check `url`"),
            "PayloadTooLarge" => refused("the message is too large"),
            "BadCollapseId" | "BadExpirationDate" | "BadMessageId" | "BadPriority"
            | "DuplicateHeaders" | "InvalidPushType" | "MissingDeviceToken" | "PayloadEmpty" => {
                refused("Apple cannot read the message")
            }
            "IdleTimeout" => self.later("Apple closed the connection", None),
            "InternalServerError" | "ServiceUnavailable" | "Shutdown" => {
                self.later("Apple failed", Some(FAULT))
            }
            _ => self.by_status(),
        }
    }

    fn by_status(&self) -> Outcome {
        match self.status {
            410 => Outcome::Gone { why: self.told("Apple knows the device no more") },
            429 => self.later("Apple asks to be left alone for now", None),
            500..=599 => self.later("Apple failed", Some(FAULT)),
            401 | 403 => {
                Outcome::Misconfigured { why: self.told("Apple refuses the provider token") }
            }
            300..=399 | 404 | 405 => {
                Outcome::Misconfigured { why: self.told("this is not Apple's API; check `url`") }
            }
            _ => Outcome::Refused { why: self.told("Apple refuses the message") },
        }
    }

    /// A repeat takes the place of the first on the screen, should that have been taken all the same.
    fn later(&self, why: &str, least: Option<Duration>) -> Outcome {
        Outcome::Retry { why: self.told(why), after: self.retry_after.max(least) }
    }

    /// The words, with what Apple calls it.
    fn told(&self, why: &str) -> String {
        match self.reason.as_str() {
            "" => format!("{why} ({})", self.status),
            reason => format!("{why} ({} {reason})", self.status),
        }
    }

    /// A device that registered again after this has another token, or this one anew.
    fn since(&self) -> String {
        let since = self.since.and_then(DateTime::from_timestamp_millis);
        let since = since.map(|since| since.to_rfc3339_opts(SecondsFormat::Secs, true));
        since.map(|since| format!(", since {since}")).unwrap_or_default()
    }
}
