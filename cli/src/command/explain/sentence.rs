use std::collections::BTreeMap;

use chrono::{DateTime, Local};
use serde_json::Value;
use tidings_api::Scope;
use tidings_api::names::DESKTOP_TARGET;

use super::fields;
use crate::command::opt_out;
use crate::output::{clean, line, reason, time};

/// A decision for people. `held_up` says of a target why it sends nothing at the moment.
pub(super) fn sentence(
    decision: &Value,
    now: &DateTime<Local>,
    held_up: &BTreeMap<String, String>,
) -> String {
    let told = Told { decision, now };
    let text = match told.word("event") {
        "arrival" => told.arrival(),
        "delivery" => told.delivery(held_up),
        _ => return fields(decision).replace('\t', "  "),
    };
    clean::line(&text)
}

/// One decision, read at this moment.
#[derive(Clone, Copy)]
struct Told<'a> {
    decision: &'a Value,
    now: &'a DateTime<Local>,
}

impl<'a> Told<'a> {
    fn word(self, key: &str) -> &'a str {
        self.decision[key].as_str().unwrap_or_default()
    }

    fn number(self, key: &str) -> Option<i64> {
        self.decision[key].as_i64()
    }

    fn when(self, key: &str) -> Option<String> {
        self.number(key).map(|at| time::full(at, self.now))
    }

    fn waits(self) -> bool {
        matches!(self.word("status"), "SCHEDULED" | "RETRY")
    }

    fn arrival(self) -> String {
        let came = match self.word("arrival") {
            "live" => "arrived live",
            "catch-up" => "found when catching up after an absence",
            "backfill" => "history from before the first connection",
            other => other,
        };
        format!("{}  {came}{}", self.when("at").unwrap_or_default(), self.because())
    }

    /// When, where to, how far it is, and what led to that.
    fn delivery(self, held_up: &BTreeMap<String, String>) -> String {
        let due = self.when("scheduled_delivery");
        let at = if self.waits() { due } else { self.when("attempted_delivery").or(due) };
        let grouped = match self.word("grouping") {
            "summary" => " in a summary",
            "digest" => " in a digest",
            _ => "",
        };
        let woken = if self.decision["wake"].is_null() { "" } else { " after its snooze" };
        let target = self.word("target");
        let held_up = held_up.get(target).filter(|_| self.waits());
        let sent = if target == DESKTOP_TARGET { String::new() } else { self.sent(held_up) };
        // What paused the target is told once.
        let answer = self.word("answer");
        let is_told = held_up.is_some_and(|why| why.ends_with(answer));
        format!(
            "{}  {target}{}: {}{grouped}{woken}{sent}{}{}",
            at.unwrap_or_default(),
            given(" to ", self.word("address")),
            self.word("status"),
            self.because(),
            given(": ", if is_told { "" } else { answer }),
        )
    }

    /// What is told of a delivery to a record alone.
    fn sent(self, held_up: Option<&String>) -> String {
        let route = match self.word("route") {
            "" => ", as the poster has asked".to_owned(),
            route => format!(" by {}", line::route(route)),
        };
        let unread = self.waits() && self.decision["while_unread"].as_bool().unwrap_or(false);
        let unread = if unread { ", if it is unread then" } else { "" };
        let confirmed = match (self.word("status"), self.when("confirmed_at")) {
            ("DELIVERED", Some(at)) => format!(", confirmed by the provider {at}"),
            ("DELIVERED", None) => ", accepted by the provider, not confirmed".to_owned(),
            _ => String::new(),
        };
        let held_up = held_up.map(|why| format!(", but {why}")).unwrap_or_default();
        format!("{route}{unread}{}{confirmed}{held_up}", self.attempts())
    }

    fn attempts(self) -> String {
        let Some(made) = self.number("retry_attempts").filter(|made| *made > 0) else {
            return String::new();
        };
        let after = if self.waits() { "after attempt" } else { "attempt" };
        let allowed = self.number("max_retries").map(|allowed| format!(" of {allowed}"));
        format!(", {after} {made}{}", allowed.unwrap_or_default())
    }

    fn because(self) -> String {
        match (self.word("reason"), self.word("status")) {
            ("opted-out", _) => self.muted(),
            ("", "OPTED OUT") => ", the recipient has told the provider to stop".to_owned(),
            ("", "INACTIVE DEVICE") => ", the address does not exist any more".to_owned(),
            ("", _) => String::new(),
            (reason, _) => format!(", because {}", reason::in_words(reason, self.told_of())),
        }
    }

    /// What arrives is told of in the words of the desktop.
    fn told_of(self) -> &'a str {
        if self.word("event") == "arrival" { DESKTOP_TARGET } else { self.word("target") }
    }

    /// Which opt-out it was.
    fn muted(self) -> String {
        let part = |key: &str| self.decision[key].as_str().map(str::to_owned);
        let [source, topic, key] = ["scope_source", "scope_topic", "scope_key"].map(part);
        let about = opt_out::about(&Scope { source, topic, key });
        let until = self.when("scope_until").map(|until| format!(", until {until}"));
        format!(", muted: {about}{}", until.unwrap_or_default())
    }
}

/// The text behind these words, unless it is empty.
fn given(words: &str, text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("{words}{text}") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::output;

    fn told(decision: &Value) -> String {
        sentence(decision, &output::now(), &BTreeMap::new())
    }

    #[test]
    fn what_is_muted_says_by_which_opt_out() {
        let text = told(&json!({
            "event": "delivery", "target": "desktop", "status": "OPTED OUT", "grouping": "single",
            "reason": "opted-out", "scheduled_delivery": 0,
            "scope_source": "ci", "scope_topic": "builds", "scope_until": 4_000_000_000_000_i64,
        }));
        assert!(text.contains("OPTED OUT, muted: topic builds of ci, until 2096-"), "{text}");
    }

    #[test]
    fn people_get_the_reason_in_words() {
        let text = told(&json!({
            "event": "delivery", "target": "desktop", "status": "SUPPRESSED", "grouping": "single",
            "reason": "popups-off", "scheduled_delivery": 0,
        }));
        assert!(text.contains("desktop: SUPPRESSED, because popups of this source are"), "{text}");
        let woken =
            json!({"event": "delivery", "target": "desktop", "status": "DELIVERED", "wake": 1});
        assert!(told(&woken).ends_with("desktop: DELIVERED after its snooze"));
        let newer = json!({"event": "delivery", "reason": "moon-phase"});
        assert!(told(&newer).contains("because moon-phase"));
        let old = json!({"event": "arrival", "arrival": "backfill", "reason": "backfill"});
        assert!(told(&old).ends_with(", because history does not pop up"));
    }

    #[test]
    fn what_was_sent_says_by_which_route_to_whom_and_what_came_of_it() {
        let text = told(&json!({
            "event": "delivery", "target": "mail", "address": "ana@example.org", "route": "pager",
            "status": "DELIVERED", "grouping": "digest", "scheduled_delivery": 0,
            "attempted_delivery": 5, "retry_attempts": 1, "max_retries": 6,
        }));
        let expected = "mail to ana@example.org: DELIVERED in a digest by route \"pager\", attempt \
                        1 of 6, accepted by the provider, not confirmed";
        assert!(text.ends_with(expected), "{text}");
        let third = told(&json!({
            "event": "delivery", "target": "mail", "route": "route 3", "status": "DELIVERED",
        }));
        assert!(third.contains("DELIVERED by route 3, accepted"), "it has no name: {third}");
        let confirmed = told(&json!({
            "event": "delivery", "target": "phone", "status": "DELIVERED", "grouping": "single",
            "scheduled_delivery": 0, "confirmed_at": 86_400_000,
        }));
        let expected = "phone: DELIVERED, as the poster has asked, confirmed by the provider 1970-";
        assert!(confirmed.contains(expected), "{confirmed}");
    }

    #[test]
    fn what_waits_says_when_after_which_attempt_and_what_holds_it_up() {
        let retry = json!({
            "event": "delivery", "target": "mail", "status": "RETRY", "route": "pager",
            "scheduled_delivery": 4_000_000_000_000_i64, "attempted_delivery": 5,
            "retry_attempts": 2, "max_retries": 6, "answer": "451 try again later",
        });
        let text = told(&retry);
        assert!(text.starts_with("2096-"), "the next attempt, not the last: {text}");
        let expected = "mail: RETRY by route \"pager\", after attempt 2 of 6: 451 try again later";
        assert!(text.ends_with(expected), "{text}");
        let why = "the target is paused: 535 wrong password".to_owned();
        let held_up = BTreeMap::from([("mail".to_owned(), why)]);
        let text = sentence(&retry, &output::now(), &held_up);
        assert!(text.contains(", but the target is paused: 535 wrong password"), "{text}");
        let mut culprit = retry;
        culprit["answer"] = json!("535 wrong password");
        let text = sentence(&culprit, &output::now(), &held_up);
        assert_eq!(text.matches("535").count(), 1, "it is told once: {text}");
        let unread = told(&json!({
            "event": "delivery", "target": "phone", "status": "SCHEDULED", "route": "later",
            "scheduled_delivery": 4_000_000_000_000_i64, "while_unread": true,
        }));
        assert!(unread.ends_with("SCHEDULED by route \"later\", if it is unread then"), "{unread}");
    }

    #[test]
    fn a_recipient_who_has_opted_out_is_not_the_user_who_has_muted_it() {
        let text = told(&json!({
            "event": "delivery", "target": "phone", "status": "OPTED OUT", "route": "pager",
            "scheduled_delivery": 0, "retry_attempts": 1, "answer": "21610 unsubscribed",
        }));
        let expected = "attempt 1, the recipient has told the provider to stop: 21610 unsubscribed";
        assert!(text.ends_with(expected), "{text}");
    }
}
