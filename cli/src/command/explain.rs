use chrono::Local;
use serde_json::{Value, json};
use tidings_api::Scope;

use crate::arguments::ShowArguments;
use crate::command::opt_out;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome, complain};
use crate::output::{self, Output, clean, json as encode, time};

/// Prints how a notification came and each decision about it, in order.
pub(crate) async fn run(
    arguments: &ShowArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let daemon = Daemon::connect().await?;
    let inbox = daemon.inbox().await?;
    let mut explained = Vec::new();
    for id in &arguments.ids {
        let decisions: Vec<Value> =
            inbox.explain(*id).await?.iter().map(encode::from_dict).collect();
        if decisions.is_empty() {
            complain(&format!("nothing is known of a notification with id {id}"));
            return Ok(Outcome::Negative);
        }
        explained.push((id, decisions));
    }
    if arguments.json {
        let objects: Vec<Value> = explained
            .iter()
            .map(|(id, decisions)| json!({ "id": id, "decisions": decisions }))
            .collect();
        output.json(&objects)?;
        return Ok(Outcome::Done);
    }
    let now = output::now();
    for (id, decisions) in &explained {
        for decision in decisions {
            let text = if output.terminal { sentence(decision, &now) } else { fields(decision) };
            output.line(&format!("{id}\t{text}"))?;
        }
    }
    Ok(Outcome::Done)
}

/// For programs: `key=value` with tabs between; keys of a newer daemon appear by themselves.
fn fields(decision: &Value) -> String {
    let text = |(key, value): (&String, &Value)| match (is_time(key), value.as_i64()) {
        (true, Some(at)) => format!("{key}={}", time::iso(at)),
        _ => format!("{key}={}", clean::line(&plain(value))),
    };
    decision.as_object().into_iter().flatten().map(text).collect::<Vec<_>>().join("\t")
}

fn is_time(key: &str) -> bool {
    key == "at" || key.ends_with("_until") || key.ends_with("_at") || key.ends_with("_delivery")
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// For people.
fn sentence(decision: &Value, now: &chrono::DateTime<Local>) -> String {
    let word = |key: &str| decision[key].as_str().unwrap_or_default();
    let when = |key: &str| decision[key].as_i64().map(|at| time::full(at, now));
    let text = match word("event") {
        "arrival" => {
            let came = match word("arrival") {
                "live" => "arrived live",
                "catch-up" => "found when catching up after an absence",
                "backfill" => "history from before the first connection",
                other => other,
            };
            format!("{}  {came}{}", when("at").unwrap_or_default(), because(word("reason")))
        }
        "delivery" => {
            let at = when("attempted_delivery").or_else(|| when("scheduled_delivery"));
            let grouped = if word("grouping") == "summary" { " in a summary" } else { "" };
            let (target, status) = (word("target"), word("status"));
            let woken = if decision["wake"].is_null() { "" } else { " after its snooze" };
            let muted = (word("reason") == "opted-out").then(|| muted(decision, now));
            let reason = muted.unwrap_or_else(|| because(word("reason")));
            let at = at.unwrap_or_default();
            format!("{at}  {target}: {status}{grouped}{woken}{reason}")
        }
        _ => return fields(decision).replace('\t', "  "),
    };
    clean::line(&text)
}

/// Which opt-out it was.
fn muted(decision: &Value, now: &chrono::DateTime<Local>) -> String {
    let part = |key: &str| decision[key].as_str().map(str::to_owned);
    let [source, topic, key] = ["scope_source", "scope_topic", "scope_key"].map(part);
    let about = opt_out::about(&Scope { source, topic, key });
    let until = decision["scope_until"].as_i64().map(|until| time::full(until, now));
    let until = until.map(|until| format!(", until {until}")).unwrap_or_default();
    format!(", muted: {about}{until}")
}

/// The reasons of the contract in words; one of a newer daemon as it is.
fn because(reason: &str) -> String {
    let words = match reason {
        "" => return String::new(),
        "backfill" => "history does not pop up",
        "read" => "it was read before it could be shown",
        "snoozed" => "it was snoozed before it could be shown, and alerts when it wakes",
        "gone" => "it was deleted or taken back before it could be shown",
        "expired" => "its time was over before it could be shown",
        "not-targeted" => "the poster limited the targets to others",
        "in-doubt" => {
            "the daemon ended while showing it; showing it again could have shown it twice"
        }
        "popups-off" => "popups of this source are switched off in the configuration",
        "below-urgency" => "it is below the urgency that the configuration asks for",
        "quiet-manual" => "quiet was switched on",
        "quiet-timer" => "quiet was switched on for a while",
        "quiet-schedule" => "it came in the quiet hours of the schedule",
        "quiet-inhibitor" => "a program had asked for quiet",
        other => other,
    };
    format!(", because {words}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_get_iso_times_and_unknown_keys_as_they_are() {
        let decision = json!({"at": 0, "status": "SUPPRESSED", "new_key": [1]});
        assert_eq!(
            fields(&decision),
            "at=1970-01-01T00:00:00.000Z\tstatus=SUPPRESSED\tnew_key=[1]"
        );
    }

    #[test]
    fn what_is_muted_says_by_which_opt_out() {
        let decision = json!({
            "event": "delivery", "target": "desktop", "status": "OPTED OUT", "grouping": "single",
            "reason": "opted-out", "scheduled_delivery": 0,
            "scope_source": "ci", "scope_topic": "builds", "scope_until": 4_000_000_000_000_i64,
        });
        let text = sentence(&decision, &output::now());
        assert!(text.contains("OPTED OUT, muted: topic builds of ci, until 2096-"), "{text}");
    }

    #[test]
    fn people_get_the_reason_in_words() {
        let decision = json!({
            "event": "delivery", "target": "desktop", "status": "SUPPRESSED", "grouping": "single",
            "reason": "popups-off", "scheduled_delivery": 0,
        });
        let text = sentence(&decision, &output::now());
        assert!(text.contains("desktop: SUPPRESSED, because popups of this source are"), "{text}");
        let woken =
            json!({"event": "delivery", "target": "desktop", "status": "DELIVERED", "wake": 1});
        assert!(sentence(&woken, &output::now()).ends_with("desktop: DELIVERED after its snooze"));
        let newer = json!({"event": "delivery", "reason": "moon-phase"});
        assert!(sentence(&newer, &output::now()).contains("because moon-phase"));
    }
}
