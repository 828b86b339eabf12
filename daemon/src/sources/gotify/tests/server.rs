//! A Gotify of versions 2 and 3, as far as a client sees it.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, SecondsFormat};
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::sources::live::testing::SECRET;
use crate::sources::live::testing::server::{self, Request, Script, Server, UNAUTHORIZED, Wire};

pub(super) type Gotify = Server<Fake>;

/// Between two messages, in milliseconds.
const STEP: i64 = 10;
const MINUTE: i64 = 60_000;
/// It begins as an image does; nobody draws it here.
pub(super) const IMAGE: &str = "GIF89a of the backup";

pub(super) struct Fake {
    /// By ascending ids.
    pub(super) messages: Vec<Value>,
    /// The answer of `GET /application`, without tokens as since version 3.
    pub(super) applications: Value,
    /// Where the one image is.
    pub(super) image: Option<&'static str>,
    /// What it is.
    pub(super) picture: String,
    /// The user whose password the secret is.
    pub(super) user: Option<&'static str>,
    last: u64,
    now: i64,
}

impl Default for Fake {
    fn default() -> Self {
        Self {
            messages: Vec::new(),
            applications: json!([
                {"id": 1, "name": "Backup", "description": "", "image": "static/defaultapp.png"},
                {"id": "2", "name": "Door", "lastUsed": null},
                {"name": "without an id"}, {"id": 3}, null,
            ]),
            image: None,
            picture: IMAGE.to_owned(),
            user: None,
            last: 0,
            now: Clock::System.now() - MINUTE,
        }
    }
}

impl Fake {
    /// Stores a message as the server does, and answers it as the stream shows it.
    pub(super) fn insert(&mut self, text: &str) -> Value {
        self.last += 1;
        self.now += STEP;
        let date = DateTime::from_timestamp_millis(self.now).unwrap();
        let message = json!({
            "id": self.last, "appid": 1, "title": "Title", "message": text, "priority": 5,
            "date": date.to_rfc3339_opts(SecondsFormat::Nanos, false),
        });
        self.messages.push(message.clone());
        message
    }

    /// Removes a message, as another client does.
    pub(super) fn delete(&mut self, id: u64) {
        self.messages.retain(|message| message["id"] != id);
    }

    /// A database of its own, some minutes later.
    pub(super) fn begin_anew(&mut self) {
        self.bring_back(0);
    }

    /// Brings back the copy that was made when this was the newest message, some minutes later.
    pub(super) fn bring_back(&mut self, newest: u64) {
        self.messages.retain(|message| message["id"].as_u64() <= Some(newest));
        self.last = newest;
        self.now += 2 * MINUTE;
    }

    /// The newest first.
    pub(super) fn ids(&self) -> Vec<u64> {
        self.messages.iter().rev().filter_map(|message| message["id"].as_u64()).collect()
    }

    fn knows(&self, request: &Request) -> bool {
        assert!(!request.target.contains(SECRET), "no secret in an address: access logs keep it");
        assert_eq!(request.header("origin"), None, "Gotify refuses origins that it does not know");
        let Some(user) = self.user else { return request.header("x-gotify-key") == Some(SECRET) };
        let pair = BASE64_STANDARD.encode(format!("{user}:{SECRET}"));
        request.header("authorization") == Some(&format!("Basic {pair}"))
    }

    /// As the server has it: `since` means "ids lower than this". Its `next` leads astray: nobody is to follow it.
    fn page(&self, request: &Request) -> String {
        let number = |name| request.parameter(name).and_then(|text| text.parse::<u64>().ok());
        let (limit, since) = (number("limit").unwrap_or(100), number("since").unwrap_or(0));
        if !(1..=200).contains(&limit) {
            return server::json("400 Bad Request", &json!({"error": "Bad Request"}));
        }
        let lower = |message: &&Value| since == 0 || message["id"].as_u64() < Some(since);
        let found: Vec<&Value> = self.messages.iter().rev().filter(lower).collect();
        let size = found.len().min(usize::try_from(limit).unwrap());
        let mut paging = json!({"size": size, "limit": limit, "since": since});
        if found.len() > size {
            paging["next"] = json!("message?limit=wrong&since=wrong");
        }
        server::json("200 OK", &json!({"paging": paging, "messages": found[..size]}))
    }
}

impl Script for Fake {
    fn admit(&mut self, request: &Request) -> Result<(), String> {
        if self.knows(request) { Ok(()) } else { Err(UNAUTHORIZED.to_owned()) }
    }

    fn answer(&mut self, request: &Request) -> String {
        let path = request.target.split('?').next().unwrap_or_default();
        if !self.knows(request) {
            return UNAUTHORIZED.to_owned();
        }
        match (request.method.as_str(), path) {
            ("GET", "/version") => server::json("200 OK", &json!({"version": "3.0.0"})),
            ("GET", "/application") => server::json("200 OK", &self.applications),
            ("GET", path) if Some(path) == self.image => format!(
                "HTTP/1.1 200 OK\r\nContent-Type: image/gif\r\nContent-Length: {}\r\n\r\n{}",
                self.picture.len(),
                self.picture
            ),
            ("GET", "/message") => self.page(request),
            ("DELETE", path) => {
                let id = path.rsplit('/').next().and_then(|id| id.parse().ok()).unwrap_or(0);
                if !self.ids().contains(&id) {
                    return server::json("404 Not Found", &json!({"error": "Not Found"}));
                }
                self.delete(id);
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_owned()
            }
            _ => server::json("404 Not Found", &json!({"error": "Not Found"})),
        }
    }
}

impl Gotify {
    /// A message that the stream brings.
    pub(super) fn post(&self, text: &str) -> u64 {
        let message = self.miss(text);
        self.say(message.to_string());
        message["id"].as_u64().unwrap()
    }

    /// A message that the stream loses.
    pub(super) fn miss(&self, text: &str) -> Value {
        self.state().script.insert(text)
    }

    pub(super) fn delete(&self, id: u64) {
        self.state().script.delete(id);
    }

    /// Brings messages in one piece.
    pub(super) fn together(&self, messages: &[Value]) {
        self.wire(Wire::Together(messages.iter().map(Value::to_string).collect()));
    }
}
