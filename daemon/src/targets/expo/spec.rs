//! What the configuration says, and the message that is made by it.

use std::time::Duration;

use serde_json::{Value, json};
use tidings_api::Urgency;
use url::Url;

use crate::config::KeyProblem;
use crate::targets::settings::Settings;
use crate::targets::{Message, handle, push};

/// Expo.
pub(super) const SERVER: &str = "https://exp.host";
/// The sound of every notification that may make one, unless the configuration names another.
pub(super) const SOUND: &str = "default";
/// The word for no sound at all.
const SILENT: &str = "none";
/// What `priority` may be.
pub(super) const PRIORITIES: [&str; 4] = [AUTO, "default", "normal", "high"];
/// What `interruption_level` may be.
pub(super) const LEVELS: [&str; 5] = [AUTO, "passive", "active", "time-sensitive", "critical"];
/// As the urgency has it.
const AUTO: &str = "auto";

/// Largest message, in bytes. 4096 are what Expo may hand on to Apple and Google; it lays its own around it.
pub(super) const MOST: usize = push::PAYLOAD_BYTES - 512;

/// The settings of a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spec {
    pub(super) url: Url,
    sound: Option<String>,
    channel_id: Option<String>,
    category_id: Option<String>,
    priority: &'static str,
    level: &'static str,
    badge: Option<i64>,
    ttl: Duration,
}

impl Spec {
    /// Reads the settings.
    pub(super) fn read(table: &toml::Table) -> Result<Self, Vec<KeyProblem>> {
        let mut settings = Settings::new("expo", table);
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let sound = settings.text("sound").unwrap_or(SOUND);
        let channel_id = owned(settings.text("channel_id"));
        let category_id = owned(settings.text("category_id"));
        let priority = settings.choice("priority", &PRIORITIES);
        let level = settings.choice("interruption_level", &LEVELS);
        let badge = settings.number("badge", 0..=99_999, -1);
        let ttl = push::ttl(&mut settings);
        let url = push::server(&mut settings, SERVER);
        settings.finish()?;
        let Some(url) = url else { return Err(Vec::new()) };
        let sound = (sound != SILENT).then(|| sound.to_owned());
        let badge = (badge >= 0).then_some(badge);
        Ok(Self { url, sound, channel_id, category_id, priority, level, badge, ttl })
    }

    /// A list with the one message.
    #[must_use]
    pub(super) fn payload(&self, message: &Message) -> Vec<u8> {
        push::fit(message, MOST, |title, body| {
            Value::Array(vec![self.message(message, title, body)])
        })
    }

    fn message(&self, message: &Message, title: &str, body: &str) -> Value {
        let name = handle::thread(message);
        let quiet = message.urgency == Urgency::Low;
        push::object([
            ("to", json!(message.address)),
            ("title", push::text(title)),
            ("body", push::text(body)),
            ("data", Value::Object(push::data(message))),
            ("sound", if quiet { Value::Null } else { json!(self.sound) }),
            // Left out, an iPhone that is off would get nothing at all.
            ("ttl", json!(push::lifetime(message, self.ttl))),
            ("priority", json!(self.priority(message.urgency))),
            ("interruptionLevel", json!(self.level(message.urgency))),
            ("badge", json!(self.badge)),
            ("channelId", json!(self.channel_id)),
            ("categoryId", json!(self.category_id)),
            ("collapseId", json!(name)),
            ("tag", json!(name)),
        ])
    }

    fn priority(&self, urgency: Urgency) -> &'static str {
        match (self.priority, urgency) {
            (AUTO, Urgency::Low) => "normal",
            (AUTO, Urgency::Normal) => "default",
            (AUTO, Urgency::High | Urgency::Critical) => "high",
            (word, _) => word,
        }
    }

    fn level(&self, urgency: Urgency) -> &'static str {
        if self.level == AUTO { push::interruption_level(urgency) } else { self.level }
    }
}
