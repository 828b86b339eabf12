//! One message, as the stream and the list have it. Every field may be missing or of another type.

use serde_json::{Map, Value, json};
use tidings_api::{Action, Address, Millis, Urgency, limits};

use crate::model::{Arrival, Incoming, SentAt};
use crate::sources::gotify::applications::Applications;
use crate::sources::gotify::marker::{Newest, REUSE};
use crate::sources::{text, time};

const MARKDOWN: &str = "text/markdown";

/// A message whose id is known: without one it could not be told from its repetition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Message {
    pub(super) id: u64,
    pub(super) application: Option<u64>,
    /// Clean; empty = the application's name stands for it.
    pub(super) title: String,
    /// Clean.
    pub(super) body: String,
    pub(super) sent: Option<SentAt>,
    urgency: Urgency,
    url: String,
    actions: Vec<Action>,
    data: String,
}

impl Message {
    /// Reads a message; `None` = this is none.
    pub(super) fn read(value: &Value) -> Option<Self> {
        let extras = value.get("extras").and_then(Value::as_object);
        let extra = |path: &[&str]| extras.and_then(|extras| within(extras, path));
        let text_of = |key: &str| value.get(key).map(plain).unwrap_or_default();
        let image = extra(&["client::notification", "bigImageUrl"]).map(link).unwrap_or_default();
        Some(Self {
            id: number(value.get("id")?)?,
            application: value.get("appid").and_then(number),
            title: text::line(&text_of("title")),
            body: text::body(&text_of("message")),
            sent: value.get("date").and_then(|date| time::parse(date, None)),
            urgency: urgency(value.get("priority")),
            url: extra(&["client::notification", "click", "url"]).map(link).unwrap_or_default(),
            actions: show_image(image),
            data: data(extras, extra(&["client::display", "contentType"])),
        })
    }

    /// When it was sent.
    pub(super) fn at(&self) -> Option<Millis> {
        self.sent.as_ref().map(|sent| sent.at)
    }

    /// Whether its id was another message's. Ids only grow, and so do dates, but for what was under way at the same time.
    pub(super) fn reuses_an_id(&self, newest: &Newest) -> bool {
        let later = self.at().is_some_and(|at| at > newest.at.saturating_add(REUSE));
        newest.at > 0 && self.id <= newest.id && later
    }

    /// The notification.
    pub(super) fn incoming(
        self,
        applications: &Applications,
        arrival: Arrival,
        now: Millis,
    ) -> Incoming {
        let topic = self.application.map(|id| applications.name(id)).unwrap_or_default();
        Incoming {
            remote_id: Some(self.id.to_string()),
            title: if self.title.is_empty() { topic.clone() } else { self.title },
            body: self.body,
            topic,
            urgency: self.urgency,
            icon: self.application.map(|id| applications.icon(id)).unwrap_or_default(),
            url: self.url,
            actions: self.actions,
            data: self.data,
            sent: self.sent,
            arrival,
            received_at: now,
            ..Incoming::default()
        }
    }
}

/// A whole number that is not negative, also as its digits or as `7.0`.
pub(super) fn number(value: &Value) -> Option<u64> {
    let digits = || value.as_str()?.trim().parse().ok();
    value.as_u64().or_else(digits).or_else(|| {
        let number = value.as_f64()?;
        // Above this not every whole number has a float of its own.
        let exact = number.fract() == 0.0 && (0.0..9_007_199_254_740_992.0).contains(&number);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole, and bounded on both sides by the check"
        )]
        exact.then_some(number as u64)
    })
}

/// The server's convention (its documentation, "Priorities"): 0 = no notification, 1–3 = an icon, 4–7 = with a sound,
/// 8–10 = with vibration. Nobody checks the range: what is below is low, what is above is as much as there is.
fn urgency(priority: Option<&Value>) -> Urgency {
    let digits = |value: &Value| value.as_str()?.trim().parse().ok();
    match priority.and_then(|value| value.as_f64().or_else(|| digits(value))) {
        Some(priority) if priority < 4.0 => Urgency::Low,
        Some(priority) if priority < 8.0 => Urgency::Normal,
        Some(priority) if priority < 10.0 => Urgency::High,
        Some(_) => Urgency::Critical,
        None => Urgency::Normal,
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

/// The text at the end of a path.
fn within<'e>(extras: &'e Map<String, Value>, path: &[&str]) -> Option<&'e str> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(extras.get(*first)?, |value, key| value.get(key))?.as_str()
}

/// Only what may be opened; the rest stays in `data`.
fn link(url: &str) -> String {
    Address::parse(url.trim()).map(|address| address.as_str().to_owned()).unwrap_or_default()
}

/// An image of a stranger's tells them who looks at it, so it is fetched by whoever asks for it and by nobody else.
fn show_image(url: String) -> Vec<Action> {
    if url.is_empty() {
        return Vec::new();
    }
    vec![Action { id: "image".to_owned(), label: "Show image".to_owned(), url }]
}

/// The extras, for scripts, and what kind of text the body is where it is not plain.
fn data(extras: Option<&Map<String, Value>>, content_type: Option<&str>) -> String {
    let mut data = extras.cloned().unwrap_or_default();
    if content_type.is_some_and(|media_type| media_type.trim().eq_ignore_ascii_case(MARKDOWN)) {
        data.insert("content_type".to_owned(), json!(MARKDOWN));
    }
    if data.is_empty() {
        return String::new();
    }
    Some(Value::Object(data).to_string())
        .filter(|json| json.len() <= limits::DATA_BYTES)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
