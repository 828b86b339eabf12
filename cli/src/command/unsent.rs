use std::collections::BTreeSet;

use serde_json::Value;

use crate::connection::Daemon;
use crate::exit::complain;
use crate::output::{json, reason};

/// What somebody has to mend. That it is quiet, or that the user has opted out, is as it should be.
const TO_MEND: [&str; 2] = ["target-off", "no-record"];

/// Says on standard error which of the targets that the poster has named get nothing, and why.
pub(super) async fn tell(daemon: &Daemon, id: i64) {
    // It is posted; a daemon that cannot explain it takes nothing away from that.
    let Ok(inbox) = daemon.inbox().await else { return };
    let decisions = inbox.explain(id).await.unwrap_or_default();
    let decisions: Vec<Value> = decisions.iter().map(json::from_dict).collect();
    notes(id, &decisions).iter().for_each(|note| complain(note));
}

/// One note a target, about the newest occurrence alone.
fn notes(id: i64, decisions: &[Value]) -> BTreeSet<String> {
    let occurrence = |decision: &Value| decision["occurrence"].as_i64().unwrap_or_default();
    let newest = decisions.iter().map(occurrence).max().unwrap_or_default();
    let of_newest = decisions.iter().filter(|decision| occurrence(decision) == newest);
    of_newest.filter_map(|decision| note(id, decision)).collect()
}

fn note(id: i64, decision: &Value) -> Option<String> {
    let target = decision["target"].as_str()?;
    let reason = decision["reason"].as_str().filter(|reason| TO_MEND.contains(reason))?;
    let step = match reason {
        "target-off" => format!("`tidings targets enable {target}` switches it on"),
        _ => format!("`tidings records {target}` lists its records"),
    };
    let why = reason::in_words(reason, target);
    Some(format!("{id} is posted, but not sent to \"{target}\": {why}; {step}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_goes_nowhere_is_told_once_a_target_with_the_way_out() {
        let off = json!({"target": "mail", "reason": "target-off", "occurrence": 2});
        let nobody = json!({"target": "phone", "reason": "no-record", "occurrence": 2});
        let told = notes(7, &[off.clone(), off, nobody]);
        let told: Vec<_> = told.iter().map(String::as_str).collect();
        assert_eq!(
            told,
            [
                "7 is posted, but not sent to \"mail\": the target is switched off; `tidings targets enable mail` switches it on",
                "7 is posted, but not sent to \"phone\": the target has no record that receives; `tidings records phone` lists its records",
            ]
        );
    }

    #[test]
    fn what_is_as_it_should_be_and_what_was_before_is_not_told() {
        let quiet = json!({"target": "mail", "reason": "quiet-manual", "occurrence": 2});
        let desktop = json!({"target": "desktop", "reason": "not-targeted", "occurrence": 2});
        let before = json!({"target": "mail", "reason": "target-off", "occurrence": 1});
        assert!(notes(7, &[quiet, desktop, before]).is_empty());
    }
}
