//! What the configuration says, a registration token, and the message.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use tidings_api::Urgency;
use url::Url;

use crate::config::KeyProblem;
use crate::targets::settings::Settings;
use crate::targets::{Message, handle, push};

/// Google.
pub(super) const SERVER: &str = "https://fcm.googleapis.com";
/// The sound of every notification that may make one, unless the configuration names another.
pub(super) const SOUND: &str = "default";
/// The word for no sound at all.
const SILENT: &str = "none";
/// Longer ones are none: they are about 160 characters, and have grown before.
const LONGEST_TOKEN: usize = 4_096;

/// The settings of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spec {
    url: Url,
    /// `~` is not expanded yet.
    pub(super) service_account_file: Option<PathBuf>,
    channel_id: Option<String>,
    sound: Option<String>,
    ttl: Duration,
}

impl Spec {
    /// Reads the settings.
    pub(super) fn read(table: &toml::Table) -> Result<Self, Vec<KeyProblem>> {
        let mut settings = Settings::new("fcm", table);
        let service_account_file = push::secret_file(&mut settings, "service_account_file");
        let channel_id = settings.text("channel_id").map(str::to_owned);
        let sound = settings.text("sound").unwrap_or(SOUND);
        let ttl = push::ttl(&mut settings);
        let url = push::server(&mut settings, SERVER);
        settings.finish()?;
        let Some(url) = url else { return Err(Vec::new()) };
        let sound = (sound != SILENT).then(|| sound.to_owned());
        Ok(Self { url, service_account_file, channel_id, sound, ttl })
    }

    /// Where messages of a project go.
    #[must_use]
    pub(super) fn url(&self, project: &str) -> Url {
        let mut url = self.url.clone();
        // The settings let nothing but http and https in, which have a path.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["v1", "projects", project, "messages:send"]);
        }
        url
    }

    /// The request's content. All of it is measured, though FCM counts less.
    #[must_use]
    pub(super) fn payload(&self, message: &Message) -> Vec<u8> {
        push::fit(
            message,
            push::PAYLOAD_BYTES,
            |title, body| json!({ "message": self.message(message, title, body) }),
        )
    }

    fn message(&self, message: &Message, title: &str, body: &str) -> Value {
        push::object([
            ("token", json!(message.address)),
            (
                "notification",
                push::object([("title", push::text(title)), ("body", push::text(body))]),
            ),
            ("data", Value::Object(push::data(message))),
            ("android", self.android(message)),
            ("apns", self.apns(message)),
            ("webpush", self.webpush(message)),
        ])
    }

    fn android(&self, message: &Message) -> Value {
        json!({
            "priority": priority(message.urgency),
            "ttl": format!("{}s", push::lifetime(message, self.ttl)),
            "notification": push::object([
                ("tag", json!(handle::thread(message))),
                ("channel_id", json!(self.channel_id)),
                ("sound", self.sound(message.urgency)),
            ]),
        })
    }

    fn apns(&self, message: &Message) -> Value {
        json!({
            "headers": {
                "apns-collapse-id": handle::thread(message),
                "apns-priority": push::apns_priority(message.urgency),
                "apns-expiration": push::expiration(message, self.ttl).to_string(),
            },
            "payload": { "aps": push::object([
                ("sound", self.sound(message.urgency)),
                ("interruption-level", json!(push::interruption_level(message.urgency))),
            ]) },
        })
    }

    fn webpush(&self, message: &Message) -> Value {
        json!({
            "headers": {
                "TTL": push::lifetime(message, self.ttl).to_string(),
                "Urgency": web_urgency(message.urgency),
            },
            "notification": { "tag": handle::thread(message) },
        })
    }

    fn sound(&self, urgency: Urgency) -> Value {
        if urgency == Urgency::Low { Value::Null } else { json!(self.sound) }
    }
}

/// `HIGH` wakes a phone that sleeps; Google watches that what comes with it is seen by a person.
const fn priority(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Low | Urgency::Normal => "NORMAL",
        Urgency::High | Urgency::Critical => "HIGH",
    }
}

/// The words of RFC 8030, section 5.3.
const fn web_urgency(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Low => "low",
        Urgency::Normal => "normal",
        Urgency::High | Urgency::Critical => "high",
    }
}

/// A registration token: a text that means something to Google only.
pub(super) fn registration_token(text: &str) -> Result<String, String> {
    let text = text.trim();
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "-_:.".contains(c));
    if !plain || !(20..=LONGEST_TOKEN).contains(&text.len()) {
        return Err("it is no registration token; the app gets one from Firebase, about 160 letters, digits and signs".to_owned());
    }
    Ok(text.to_owned())
}
