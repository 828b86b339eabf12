//! What the configuration says, a device token, and the request.

use std::path::PathBuf;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use serde_json::{Value, json};
use tidings_api::Urgency;
use url::Url;

use crate::config::KeyProblem;
use crate::targets::settings::Settings;
use crate::targets::{Message, handle, push};

/// Apps from the App Store and from TestFlight.
pub(super) const PRODUCTION: &str = "production";
/// Apps that Xcode has installed.
const SANDBOX: &str = "sandbox";
/// What `environment` may be.
pub(super) const ENVIRONMENTS: [&str; 2] = [PRODUCTION, SANDBOX];
/// The sound of every notification that may make one, unless the configuration names another.
pub(super) const SOUND: &str = "default";
/// The word for no sound at all.
const SILENT: &str = "none";

/// The settings of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spec {
    url: Url,
    pub(super) team_id: String,
    pub(super) key_id: String,
    /// `~` is not expanded yet.
    pub(super) key_file: Option<PathBuf>,
    pub(super) topic: String,
    pub(super) environment: &'static str,
    sound: Option<String>,
    category: Option<String>,
    ttl: Duration,
}

impl Spec {
    /// Reads the settings.
    pub(super) fn read(table: &toml::Table) -> Result<Self, Vec<KeyProblem>> {
        let mut settings = Settings::new("apns", table);
        let team_id = settings.required("team_id", "DEF123GHIJ");
        let key_id = settings.required("key_id", "ABC123DEFG");
        for (key, id) in [("team_id", team_id), ("key_id", key_id)] {
            let plain = id.len() == 10 && id.chars().all(|c| c.is_ascii_alphanumeric());
            if !plain && !id.is_empty() {
                settings.problem(key, format!("`{key}` has ten letters and digits"));
            }
        }
        let topic = settings.required("topic", "org.example.app");
        if !topic.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_')) {
            settings
                .problem("topic", "`topic` is the bundle ID of the app, like \"org.example.app\"");
        }
        let key_file = push::secret_file(&mut settings, "key_file");
        let environment = settings.choice("environment", &ENVIRONMENTS);
        let sound = settings.text("sound").unwrap_or(SOUND);
        let category = settings.text("category").map(str::to_owned);
        let ttl = push::ttl(&mut settings);
        let server = if environment == SANDBOX {
            "https://api.sandbox.push.apple.com"
        } else {
            "https://api.push.apple.com"
        };
        let url = push::server(&mut settings, server);
        settings.finish()?;
        let Some(url) = url else { return Err(Vec::new()) };
        Ok(Self {
            url,
            team_id: team_id.to_owned(),
            key_id: key_id.to_owned(),
            key_file,
            topic: topic.to_owned(),
            environment,
            sound: (sound != SILENT).then(|| sound.to_owned()),
            category,
            ttl,
        })
    }

    /// Where messages to a device go.
    #[must_use]
    pub(super) fn url(&self, device: &str) -> Url {
        let mut url = self.url.clone();
        // The settings let nothing but http and https in, which have a path.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["3", "device", device]);
        }
        url
    }

    /// Everything but who sends.
    pub(super) fn headers(&self, message: &Message, headers: &mut HeaderMap) {
        let entries = [
            ("apns-topic", self.topic.clone()),
            ("apns-push-type", "alert".to_owned()),
            ("apns-priority", push::apns_priority(message.urgency).to_owned()),
            ("apns-expiration", push::expiration(message, self.ttl).to_string()),
            ("apns-id", uuid(message)),
            ("apns-collapse-id", handle::thread(message)),
        ];
        for (name, value) in entries {
            // The settings let no other topic in than one that a header can carry.
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
    }

    /// The content, within what Apple takes.
    #[must_use]
    pub(super) fn payload(&self, message: &Message) -> Vec<u8> {
        push::fit(message, push::PAYLOAD_BYTES, |title, body| self.content(message, title, body))
    }

    fn content(&self, message: &Message, title: &str, body: &str) -> Value {
        let sound = if message.urgency == Urgency::Low { Value::Null } else { json!(self.sound) };
        push::object([
            (
                "aps",
                push::object([
                    (
                        "alert",
                        push::object([("title", push::text(title)), ("body", push::text(body))]),
                    ),
                    ("sound", sound),
                    // What one source sends is one stack on the screen.
                    ("thread-id", push::text(&message.source)),
                    ("category", json!(self.category)),
                    ("interruption-level", json!(push::interruption_level(message.urgency))),
                ]),
            ),
            ("tidings", Value::Object(push::data(message))),
        ])
    }
}

/// A UUID that is the same for every attempt at a message: of version 8 (RFC 9562, section 5.8), made of its identity.
#[must_use]
pub(super) fn uuid(message: &Message) -> String {
    let hash = digest(&SHA256, message.identity.as_bytes());
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash.as_ref()).for_each(|(byte, hashed)| *byte = *hashed);
    let number = u128::from_be_bytes(bytes);
    // Six bits say of which version and which variant it is.
    let number = number & !(0xf << 76 | 0x3 << 62) | 0x8 << 76 | 0x2 << 62;
    let hex = format!("{number:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// A device token: hexadecimal digits, whose number Apple does not fix.
pub(super) fn device_token(text: &str) -> Result<String, String> {
    let kept = text.chars().filter(|c| !c.is_whitespace() && !matches!(c, '<' | '>'));
    let token = kept.collect::<String>().to_ascii_lowercase();
    let hex = token.chars().all(|c| c.is_ascii_hexdigit());
    if !hex || !(32..=400).contains(&token.len()) || token.len() % 2 == 1 {
        return Err(
            "it is no device token; the app gets one from Apple, 64 or more digits of 0-9 and a-f"
                .to_owned(),
        );
    }
    Ok(token)
}
