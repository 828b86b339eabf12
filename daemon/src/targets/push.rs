//! What the ways to a phone have in common: a payload is small, a phone that is off gets it later, and a repeat takes the
//! place of what is on the screen already.

use std::borrow::Cow;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value};
use tidings_api::Urgency;
use url::Url;

use crate::config::is_loopback;
use crate::targets::Message;
use crate::targets::cut::cut_json;
use crate::targets::settings::Settings;

/// Largest payload that FCM and APNs take, in bytes.
pub(super) const PAYLOAD_BYTES: usize = 4096;
/// The longest that FCM keeps a message for a phone that is off; the others take it too.
pub(super) const LONGEST_TTL: Duration = Duration::from_secs(28 * 24 * 60 * 60);

/// Longer values are left out of the data: they would take the place of the text.
const DATA_BYTES: usize = 512;

/// Reads `ttl`.
pub(super) fn ttl(settings: &mut Settings<'_>) -> Duration {
    let ttl = settings.duration("ttl", LONGEST_TTL);
    if ttl > LONGEST_TTL {
        settings.problem("ttl", "`ttl` is at most \"28d\": no provider keeps a message for longer");
    }
    ttl.min(LONGEST_TTL)
}

/// Reads `url`, to which an access token travels that comes from no secret of the configuration: so it is looked at here
/// whether it travels unread.
pub(super) fn server(settings: &mut Settings<'_>, default: &str) -> Option<Url> {
    let url = settings.url("url", default)?;
    if url.scheme() != "https" && !is_loopback(&url) {
        settings.problem("url", "`url` begins with https://, unless it is this machine");
    }
    Some(url)
}

/// Reads the path of a file that holds a key or an account. It is opened when a token is made.
pub(super) fn secret_file(settings: &mut Settings<'_>, key: &'static str) -> Option<PathBuf> {
    let path = settings.text(key)?;
    if !path.starts_with('/') && !path.starts_with("~/") {
        settings.problem(
            key,
            format!("`{key}` is a path from the root or from home: \"/…\" or \"~/…\""),
        );
    }
    Some(PathBuf::from(path))
}

/// How long a phone that is off is waited for, in whole seconds: not beyond the end of the notification. 0 = now or never.
#[must_use]
pub(super) fn lifetime(message: &Message, ttl: Duration) -> u64 {
    let Some(end) = message.expires_at else { return ttl.as_secs() };
    let left = u64::try_from(end.saturating_sub(message.now)).unwrap_or_default() / 1_000;
    left.min(ttl.as_secs())
}

/// The end of the lifetime in seconds since the epoch; 0 = now or never.
#[must_use]
pub(super) fn expiration(message: &Message, ttl: Duration) -> u64 {
    match lifetime(message, ttl) {
        0 => 0,
        seconds => u64::try_from(message.now / 1_000).unwrap_or_default().saturating_add(seconds),
    }
}

/// How much an iPhone lets it interrupt. `critical` breaks through a phone that is set to silent and needs Apple's
/// permission, so nothing is that by itself.
#[must_use]
pub(super) const fn interruption_level(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Low => "passive",
        Urgency::Normal | Urgency::High => "active",
        Urgency::Critical => "time-sensitive",
    }
}

/// `apns-priority`: 10 is delivered at once, 5 when it costs the phone little.
#[must_use]
pub(super) const fn apns_priority(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Low => "5",
        Urgency::Normal | Urgency::High | Urgency::Critical => "10",
    }
}

/// A text as JSON; `Null` for an empty one.
#[must_use]
pub(super) fn text(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { Value::from(text) }
}

/// An object of what is said: without what is `Null` or an empty object.
#[must_use]
pub(super) fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    let said = |value: &Value| !value.is_null() && value.as_object().is_none_or(|o| !o.is_empty());
    let entries = entries.into_iter().filter(|(_, value)| said(value));
    Value::Object(entries.map(|(key, value)| (key.to_owned(), value)).collect())
}

/// What an app gets beside the texts. All of it is text, for FCM takes nothing else.
#[must_use]
pub(super) fn data(message: &Message) -> Map<String, Value> {
    let number = |value: i64| if value > 0 { value.to_string() } else { String::new() };
    let count = if message.count > 1 { message.count.to_string() } else { String::new() };
    let entries = [
        ("notification", number(message.notification)),
        ("source", message.source.clone()),
        ("topic", message.topic.clone()),
        ("url", message.url.clone()),
        ("count", count),
    ];
    let worth = |value: &String| !value.is_empty() && value.len() <= DATA_BYTES;
    let entries = entries.into_iter().filter(|(_, value)| worth(value));
    entries.map(|(name, value)| (name.to_owned(), Value::from(value))).collect()
}

/// The payload with as much of the texts as fits into `most` bytes: the body is cut first, then the title. `payload` makes
/// it of a title and a body.
#[must_use]
pub(super) fn fit(
    message: &Message,
    most: usize,
    payload: impl Fn(&str, &str) -> Value,
) -> Vec<u8> {
    // An empty text may be left out with its name and quotes, so what is around it is measured with one character in it.
    let room =
        |title: &str, body: &str| (most + 1).saturating_sub(payload(title, body).to_string().len());
    let body = cut_json(&message.body, room(&message.title, "-"));
    let title = if body.is_empty() {
        cut_json(&message.title, room("-", ""))
    } else {
        Cow::Borrowed(message.title.as_str())
    };
    payload(&title, &body).to_string().into_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn message() -> Message {
        Message {
            identity: "d1-17".into(),
            source: "orders".into(),
            count: 1,
            now: 1_795_780_800_000,
            ..Message::default()
        }
    }

    #[test]
    fn a_phone_is_not_waited_for_beyond_the_end() {
        let day = Duration::from_secs(86_400);
        assert_eq!(lifetime(&message(), day), 86_400);
        assert_eq!(expiration(&message(), day), 1_795_780_800 + 86_400);
        let short = Message { expires_at: Some(1_795_780_860_500), ..message() };
        assert_eq!(lifetime(&short, day), 60);
        let over = Message { expires_at: Some(1), ..message() };
        assert_eq!((lifetime(&over, day), expiration(&over, day)), (0, 0));
    }

    #[test]
    fn data_has_what_is_known_and_nothing_long() {
        let full = Message {
            notification: 7,
            count: 3,
            topic: "t".repeat(DATA_BYTES + 1),
            url: "https://h.example/7".into(),
            ..message()
        };
        let expected = json!({"notification": "7", "source": "orders", "url": "https://h.example/7", "count": "3"});
        assert_eq!(Value::Object(data(&full)), expected);
        assert_eq!(Value::Object(data(&message())), json!({"source": "orders"}));
    }

    proptest! {
        #[test]
        fn payload_fits_and_as_much_as_possible_is_kept(
            title in "\\PC{0,80}", body in "(\\PC|[\"\\\\\n]){0,400}", most in 60_usize..500,
        ) {
            let long = Message { title: title.clone(), body: body.clone(), ..message() };
            let payload = |title: &str, body: &str| json!({"title": title, "body": body});
            let bytes = fit(&long, most, payload);
            prop_assert!(bytes.len() <= most, "{} bytes of {most}", bytes.len());
            let read: Value = serde_json::from_slice(&bytes).unwrap();
            let shown = read["body"].as_str().unwrap();
            if payload(&title, &body).to_string().len() <= most {
                prop_assert_eq!(shown, body.as_str(), "nothing is cut without need");
            } else if let Some(beginning) = shown.strip_suffix('…') {
                prop_assert!(body.starts_with(beginning), "{beginning}");
                prop_assert_eq!(read["title"].as_str(), Some(title.as_str()), "the body is cut first");
            }
        }
    }
}
