//! The three protocols, as far as a client in good health meets them: ntfy 2.19, Gotify 3.0, Home Assistant 2026.

use chrono::DateTime;
use serde_json::{Value, json};

use super::{Stored, TOKEN};
use crate::http::{Answer, Request};

const TOPIC: &str = "backups";
const JSON: &str = "application/json";
/// The image of the one application of Gotify.
const IMAGE: &[u8] = include_bytes!("../../../icons/rendered/48.png");

/// Which protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speech {
    /// ntfy.
    Ntfy,
    /// Gotify.
    Gotify,
    /// Home Assistant.
    HomeAssistant,
}

/// What the server says to something a client said.
#[derive(Debug, Default)]
pub(super) struct Reply {
    pub(super) texts: Vec<String>,
    /// From now on it hears what is published.
    pub(super) subscribed: bool,
}

impl Speech {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Ntfy, Self::Gotify, Self::HomeAssistant];

    /// The word in the configuration.
    #[must_use]
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Ntfy => "ntfy",
            Self::Gotify => "gotify",
            Self::HomeAssistant => "home-assistant",
        }
    }

    pub(super) fn keys(self) -> String {
        match self {
            Self::Ntfy => format!("topics = [\"{TOPIC}\"]\n"),
            Self::Gotify | Self::HomeAssistant => String::new(),
        }
    }

    pub(super) const fn socket_path(self) -> &'static str {
        match self {
            Self::Ntfy => "/backups/ws",
            Self::Gotify => "/stream",
            Self::HomeAssistant => "/api/websocket",
        }
    }

    /// Whether a socket hears nothing before it has asked.
    pub(super) const fn subscribes(self) -> bool {
        matches!(self, Self::HomeAssistant)
    }

    /// Whether a request shows another token than the one that is let in.
    pub(super) fn refuses(self, request: &Request) -> bool {
        let shown = match self {
            // Whatever the scheme.
            Self::Ntfy | Self::HomeAssistant => {
                request.header("authorization").and_then(|shown| shown.split(' ').next_back())
            }
            Self::Gotify => request.header("x-gotify-key"),
        };
        shown.is_some_and(|shown| shown != TOKEN)
    }

    /// What is said first.
    pub(super) fn greeting(self) -> Option<String> {
        match self {
            Self::Ntfy => Some(json!({"id": "open", "time": 0, "event": "open", "topic": TOPIC})),
            Self::Gotify => None,
            Self::HomeAssistant => {
                Some(json!({"type": "auth_required", "ha_version": "2026.11.0"}))
            }
        }
        .map(|value| value.to_string())
    }

    /// A message as a socket hears it.
    pub(super) fn frame(self, stored: &Stored) -> String {
        match self {
            Self::Ntfy | Self::Gotify => self.message(stored),
            Self::HomeAssistant => notifications("added", std::slice::from_ref(stored)),
        }
        .to_string()
    }

    pub(super) fn reply(self, said: &str, messages: &[Stored]) -> Reply {
        let said: Value = serde_json::from_str(said).unwrap_or_default();
        let texts = match said["type"].as_str() {
            Some("auth") if said["access_token"] == TOKEN => {
                vec![json!({"type": "auth_ok", "ha_version": "2026.11.0"})]
            }
            Some("auth") => vec![json!({"type": "auth_invalid", "message": "Invalid password"})],
            Some("persistent_notification/subscribe") => vec![
                json!({"id": said["id"], "type": "result", "success": true, "result": null}),
                notifications("current", messages),
            ],
            Some("render_template") => {
                vec![json!({"id": said["id"], "type": "event", "event": {"result": 0.0}})]
            }
            _ => Vec::new(),
        };
        let subscribed = texts.len() > 1;
        Reply { texts: texts.into_iter().map(|text| text.to_string()).collect(), subscribed }
    }

    pub(super) fn answer(self, request: &Request, messages: &[Stored]) -> Answer {
        let (media_type, body) = match (self, request.path()) {
            (Self::Ntfy, path) if path.ends_with("/json") => {
                let lines = messages.iter().map(|stored| self.message(stored).to_string() + "\n");
                (JSON, lines.collect::<String>().into_bytes())
            }
            (Self::Gotify, "/message") => (JSON, self.page(request, messages).to_string().into()),
            (Self::Gotify, "/application") => {
                let application = json!({"id": 1, "name": "Backups", "image": "image/backups.png"});
                (JSON, json!([application]).to_string().into())
            }
            (Self::Gotify, "/image/backups.png") => ("image/png", IMAGE.to_vec()),
            _ => (JSON, json!({"version": "1"}).to_string().into()),
        };
        let headers = vec![("Content-Type", media_type.to_owned())];
        Answer { status: 200, headers, body }
    }

    fn message(self, stored: &Stored) -> Value {
        let Stored { number, text, time, more } = stored;
        let mut message = if self == Self::Gotify {
            json!({"id": number, "appid": 1, "message": text, "title": "Backups", "priority": 5,
                "date": date(*time)})
        } else {
            json!({"id": format!("m{number:011}"), "sequence_id": format!("m{number:011}"), "time": time,
                "event": "message", "topic": TOPIC, "message": text})
        };
        for (key, value) in more {
            message[key] = value.clone();
        }
        message
    }

    /// Gotify's pages go backwards: `since` means "ids lower than this", and 0 nothing.
    fn page(self, request: &Request, messages: &[Stored]) -> Value {
        let query = |name: &str| {
            let query = request.target.split_once('?').map_or("", |(_, query)| query);
            let value =
                query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            value.and_then(|value| value.parse::<u64>().ok())
        };
        let since = query("since").filter(|since| *since > 0).unwrap_or(u64::MAX);
        let limit = usize::try_from(query("limit").unwrap_or(100)).unwrap_or(100);
        let older = messages.iter().rev().filter(|stored| stored.number < since);
        let page: Vec<_> = older.take(limit).map(|stored| self.message(stored)).collect();
        json!({"messages": page, "paging": {"size": page.len(), "limit": limit, "since": since}})
    }
}

/// An event of Home Assistant's persistent notifications.
fn notifications(what: &str, stored: &[Stored]) -> Value {
    let listed: serde_json::Map<String, Value> = stored
        .iter()
        .map(|Stored { number, text, time, .. }| {
            let id = format!("n{number}");
            let value = json!({"notification_id": id, "title": "Backups", "message": text,
                "created_at": date(*time)});
            (id, value)
        })
        .collect();
    json!({"id": 1, "type": "event", "event": {"type": what, "notifications": listed}})
}

fn date(time: i64) -> String {
    DateTime::from_timestamp(time, 0).map(|date| date.to_rfc3339()).unwrap_or_default()
}
