use std::collections::BTreeMap;

use serde_json::Value;
use tidings_api::names::DESKTOP_TARGET;
use tidings_api::{Millis, TargetState};

use crate::command::targets;
use crate::connection::Daemon;
use crate::exit::complain;
use crate::output::{self, json, reason};

/// What somebody has to mend. That it is quiet, or that the user has opted out, is as it should be.
const TO_MEND: [&str; 2] = ["target-off", "no-record"];

/// Says on standard error which of the targets that the poster has named get nothing, or not before they are switched on.
pub(super) async fn tell(daemon: &Daemon, id: i64) {
    // It is posted; a daemon that cannot explain it takes nothing away from that.
    let Ok(inbox) = daemon.inbox().await else { return };
    let decisions = inbox.explain(id).await.unwrap_or_default();
    let decisions: Vec<Value> = decisions.iter().map(json::from_dict).collect();
    let now = output::now().timestamp_millis();
    let waits = decisions.iter().any(|decision| is_for_later(decision, now));
    let off = if waits { switched_off(daemon).await } else { Vec::new() };
    notes(id, &decisions, &off, now).iter().for_each(|note| complain(note));
}

/// Whether it is sent elsewhere at a time to come, if anybody is there then.
fn is_for_later(decision: &Value, now: Millis) -> bool {
    decision["status"] == "SCHEDULED"
        && decision["target"] != DESKTOP_TARGET
        && decision["scheduled_delivery"].as_i64().is_some_and(|at| at > now)
}

async fn switched_off(daemon: &Daemon) -> Vec<String> {
    let rows = targets::all(daemon).await.unwrap_or_default();
    let off = rows.into_iter().filter(|row| row.state == TargetState::Disabled);
    off.map(|row| row.name).collect()
}

/// One note a target, about the newest occurrence alone.
fn notes(id: i64, decisions: &[Value], off: &[String], now: Millis) -> Vec<String> {
    let occurrence = |decision: &Value| decision["occurrence"].as_i64().unwrap_or_default();
    let newest = decisions.iter().map(occurrence).max().unwrap_or_default();
    let mut unsent: BTreeMap<_, Vec<i64>> = BTreeMap::new();
    for decision in decisions.iter().filter(|decision| occurrence(decision) == newest) {
        let Some(target) = decision["target"].as_str() else { continue };
        let reason = decision["reason"].as_str().filter(|reason| TO_MEND.contains(reason));
        let is_off = off.iter().any(|name| name == target);
        let waits = (is_off && is_for_later(decision, now)).then_some("");
        if let Some(reason) = reason.or(waits) {
            unsent.entry((target, reason)).or_default().extend(decision["delivery"].as_i64());
        }
    }
    unsent.iter().map(|((target, reason), rows)| note(id, target, reason, rows)).collect()
}

/// No reason = it waits until the target is switched on.
fn note(id: i64, target: &str, reason: &str, deliveries: &[i64]) -> String {
    let switch_on = format!("`tidings targets enable {target}` switches it on");
    let step = match reason {
        "" => {
            let why = reason::in_words("target-off", target);
            return format!("{id} is posted, and waits for \"{target}\": {why}; {switch_on}");
        }
        "target-off" => {
            let deliveries: Vec<String> = deliveries.iter().map(ToString::to_string).collect();
            format!("{switch_on}, and then `tidings retry {}` sends it", deliveries.join(" "))
        }
        _ => format!("`tidings records {target}` lists its records"),
    };
    let why = reason::in_words(reason, target);
    format!("{id} is posted, but not sent to \"{target}\": {why}; {step}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_goes_nowhere_is_told_once_a_target_with_the_way_out() {
        let off = |delivery: i64| json!({"target": "mail", "reason": "target-off", "occurrence": 2, "delivery": delivery});
        let nobody =
            json!({"target": "phone", "reason": "no-record", "occurrence": 2, "delivery": 6});
        assert_eq!(
            notes(7, &[off(4), off(5), nobody], &[], 0),
            [
                "7 is posted, but not sent to \"mail\": the target is switched off; `tidings targets enable mail` switches it on, and then `tidings retry 4 5` sends it",
                "7 is posted, but not sent to \"phone\": the target has no record that receives; `tidings records phone` lists its records",
            ]
        );
    }

    #[test]
    fn what_is_for_later_waits_for_a_target_that_is_off_now() {
        let off = ["mail".to_owned()];
        let at = |target: &str, at: i64| json!({"target": target, "status": "SCHEDULED", "scheduled_delivery": at});
        let decisions = [at("mail", 9), at("phone", 9), at("desktop", 9)];
        assert_eq!(
            notes(7, &decisions, &off, 8),
            [
                "7 is posted, and waits for \"mail\": the target is switched off; `tidings targets enable mail` switches it on"
            ]
        );
        assert!(notes(7, &[at("mail", 8)], &off, 8).is_empty(), "it is on its way");
    }

    #[test]
    fn what_is_as_it_should_be_and_what_was_before_is_not_told() {
        let quiet = json!({"target": "mail", "reason": "quiet-manual", "occurrence": 2});
        let desktop = json!({"target": "desktop", "reason": "not-targeted", "occurrence": 2});
        let before = json!({"target": "mail", "reason": "target-off", "occurrence": 1});
        assert!(notes(7, &[quiet, desktop, before], &[], 0).is_empty());
    }
}
