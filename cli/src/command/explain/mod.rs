//! `tidings explain`: how a notification came, and what was decided about it for each target.

mod sentence;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tidings_api::{Error, TargetState, TargetStatus};

use crate::arguments::ShowArguments;
use crate::command::targets;
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
    let mut outcome = Outcome::Done;
    for id in &arguments.ids {
        match inbox.explain(*id).await.map_err(Error::from) {
            Ok(decisions) => {
                explained.push((id, decisions.iter().map(encode::from_dict).collect()));
            }
            // The others are explained all the same.
            Err(Error::NotFound(_)) => {
                complain(&format!("nothing is known of a notification with id {id}"));
                outcome = Outcome::Negative;
            }
            Err(error) => return Err(error.into()),
        }
    }
    print(&daemon, &explained, arguments.json, output).await?;
    Ok(outcome)
}

async fn print(
    daemon: &Daemon,
    explained: &[(&i64, Vec<Value>)],
    json: bool,
    output: &mut Output,
) -> Result<(), Failure> {
    if json {
        let objects: Vec<Value> = explained
            .iter()
            .map(|(id, decisions)| json!({ "id": id, "decisions": decisions }))
            .collect();
        return output.json(&objects);
    }
    let now = output::now();
    let held_up = if output.terminal { held_up(daemon).await } else { BTreeMap::new() };
    for (id, decisions) in explained {
        for decision in decisions {
            let text = if output.terminal {
                sentence::sentence(decision, &now, &held_up)
            } else {
                fields(decision)
            };
            output.line(&format!("{id}\t{text}"))?;
        }
    }
    Ok(())
}

/// Targets that send nothing at the moment, and why. What waits there would otherwise seem to wait for nothing.
async fn held_up(daemon: &Daemon) -> BTreeMap<String, String> {
    let why = |row: TargetStatus| match row.state {
        TargetState::Ready => None,
        TargetState::Paused => Some((row.name, format!("the target is paused: {}", row.why))),
        TargetState::Disabled => Some((row.name, "the target is switched off".to_owned())),
    };
    // A daemon that cannot say it has explained the rest all the same.
    targets::all(daemon).await.unwrap_or_default().into_iter().filter_map(why).collect()
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
}
