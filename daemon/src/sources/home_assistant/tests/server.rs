//! A Home Assistant, as far as its notifications are concerned.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat};
use serde_json::{Map, Value, json};

use crate::clock::Clock;
use crate::sources::live::testing::SECRET;
use crate::sources::live::testing::server::{self, Request, Script, Server, UNAUTHORIZED};

pub(super) type Home = Server<Fake>;

/// Between two notifications, in milliseconds.
const STEP: i64 = 10;

pub(super) struct Fake {
    pub(super) notes: BTreeMap<String, Value>,
    /// It waits for the client to speak.
    pub(super) silent: bool,
    /// The token is revoked.
    pub(super) revoked: bool,
    /// It does not know the command.
    pub(super) old: bool,
    /// Messages are collected into arrays.
    pub(super) collects: bool,
    /// When its oldest state was set, in milliseconds; `None` = it has none yet.
    pub(super) since: Option<i64>,
    /// It answers no question.
    pub(super) mute: bool,
    /// What it tells between a subscription and the list of what there is.
    pub(super) before_list: Vec<String>,
    now: i64,
    told: Vec<String>,
}

impl Default for Fake {
    fn default() -> Self {
        Self {
            notes: BTreeMap::new(),
            silent: false,
            revoked: false,
            old: false,
            collects: false,
            since: Some(Clock::System.now() - 3_600_000),
            mute: false,
            before_list: Vec::new(),
            now: Clock::System.now() - 60_000,
            told: Vec::new(),
        }
    }
}

/// A message of the subscription.
pub(super) fn event(kind: &str, notes: &Value) -> String {
    json!({"id": 1, "type": "event", "event": {"type": kind, "notifications": notes}}).to_string()
}

impl Fake {
    /// Puts a notification there, and answers what the subscription tells of it.
    pub(super) fn create(&mut self, key: &str, text: &str) -> String {
        self.now += STEP;
        let at = DateTime::from_timestamp_millis(self.now).unwrap();
        let note = json!({
            "notification_id": key, "title": null, "message": text,
            "created_at": at.to_rfc3339_opts(SecondsFormat::Micros, false),
        });
        let known = self.notes.insert(key.to_owned(), note.clone()).is_some();
        event(if known { "updated" } else { "added" }, &json!({ key: note }))
    }

    /// Dismisses one, and answers what the subscription tells of it.
    pub(super) fn dismiss(&mut self, key: &str) -> Option<String> {
        let note = self.notes.remove(key)?;
        Some(event("removed", &json!({ key: note })))
    }

    /// Forgets everything, as with a restart. States come a little later.
    pub(super) fn restart(&mut self) {
        self.notes.clear();
        self.now += STEP;
        self.since = None;
    }

    /// Its first state is set.
    pub(super) fn started(&mut self) {
        self.now += STEP;
        self.since = Some(self.now);
    }

    pub(super) fn shown(&self) -> Vec<(String, String)> {
        let text = |note: &Value| note["message"].as_str().unwrap_or_default().to_owned();
        self.notes.iter().map(|(key, note)| (key.clone(), text(note))).collect()
    }

    fn current(&self) -> String {
        let notes: Map<String, Value> =
            self.notes.iter().map(|(key, note)| (key.clone(), note.clone())).collect();
        event("current", &Value::Object(notes))
    }
}

impl Script for Fake {
    fn admit(&mut self, request: &Request) -> Result<(), String> {
        assert!(!request.target.contains(SECRET), "no secret in an address: access logs keep it");
        if request.target == "/api/websocket" { Ok(()) } else { Err(UNAUTHORIZED.to_owned()) }
    }

    fn answer(&mut self, request: &Request) -> String {
        if request.header("authorization") != Some(&format!("Bearer {SECRET}")) || self.revoked {
            return UNAUTHORIZED.to_owned();
        }
        match (request.method.as_str(), request.target.as_str()) {
            ("GET", "/api/") => server::json("200 OK", &json!({"message": "API running."})),
            ("POST", "/api/services/persistent_notification/dismiss") => {
                let body: Value = serde_json::from_str(&request.body).unwrap();
                let told = self.dismiss(body["notification_id"].as_str().unwrap());
                self.told.extend(told);
                server::json("200 OK", &json!([]))
            }
            _ => server::json("404 Not Found", &json!({"message": "Not Found"})),
        }
    }

    fn announce(&mut self) -> Vec<String> {
        std::mem::take(&mut self.told)
    }

    fn greet(&mut self) -> Vec<String> {
        let greeting = json!({"type": "auth_required", "ha_version": "2025.12.1"}).to_string();
        if self.silent { Vec::new() } else { vec![greeting] }
    }

    fn reply(&mut self, message: &str) -> Vec<String> {
        let message: Value = serde_json::from_str(message).unwrap();
        match message["type"].as_str().unwrap() {
            "auth" if message["access_token"] == SECRET && !self.revoked => {
                vec![json!({"type": "auth_ok", "ha_version": "2025.12.1"}).to_string()]
            }
            "auth" => {
                let words = "Invalid access token or password";
                vec![json!({"type": "auth_invalid", "message": words}).to_string()]
            }
            "persistent_notification/subscribe" if self.old => {
                let error = json!({"code": "unknown_command", "message": "Unknown command."});
                let id = &message["id"];
                vec![
                    json!({"id": id, "type": "result", "success": false, "error": error})
                        .to_string(),
                ]
            }
            "persistent_notification/subscribe" => {
                assert_eq!(message["id"], 1, "events are recognised by it");
                let result =
                    json!({"id": 1, "type": "result", "success": true, "result": null}).to_string();
                let mut said = vec![result];
                said.extend(self.before_list.iter().cloned());
                said.push(self.current());
                if self.collects { vec![format!("[{}]", said.join(","))] } else { said }
            }
            "render_template" if self.mute => Vec::new(),
            "render_template" => {
                let id = &message["id"];
                let result = self.since.map_or(json!(""), |since| json!(since as f64 / 1000.0));
                let event = json!({"result": result, "listeners": {"all": true}});
                vec![
                    json!({"id": id, "type": "result", "success": true, "result": null})
                        .to_string(),
                    json!({"id": id, "type": "event", "event": event}).to_string(),
                ]
            }
            "unsubscribe_events" => {
                assert_eq!(message["subscription"], 2, "the notifications stay subscribed to");
                let id = &message["id"];
                vec![
                    json!({"id": id, "type": "result", "success": true, "result": null})
                        .to_string(),
                ]
            }
            other => panic!("no client says {other}"),
        }
    }
}

impl Home {
    /// Puts a notification there and tells of it.
    pub(super) fn create(&self, key: &str, text: &str) {
        let told = self.miss(key, text);
        self.say(told);
    }

    /// Puts a notification there and tells nobody.
    pub(super) fn miss(&self, key: &str, text: &str) -> String {
        self.state().script.create(key, text)
    }

    /// Dismisses one and tells of it.
    pub(super) fn dismiss(&self, key: &str) {
        let told = self.state().script.dismiss(key);
        told.into_iter().for_each(|text| self.say(text));
    }
}
