use serde_json::{Value, json};

use crate::arguments::ShowArguments;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::{self, Output, clean, json as encode, line, time};

/// Prints each decision about a notification, in order.
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
        explained.push(json!({ "id": id, "decisions": decisions }));
    }
    if arguments.json {
        output.json(&explained)?;
        return Ok(Outcome::Done);
    }
    for entry in &explained {
        for decision in entry["decisions"].as_array().into_iter().flatten() {
            let text = sentence(decision, output.terminal);
            output.line(&line::fields([&*entry["id"].to_string(), &*text]))?;
        }
    }
    Ok(Outcome::Done)
}

/// `at key=value key=value`: the keys are the daemon's, and new ones appear by themselves.
fn sentence(decision: &Value, terminal: bool) -> String {
    let mut parts = Vec::new();
    for (key, value) in decision.as_object().into_iter().flatten() {
        let text = match (key.as_str(), value) {
            (key, Value::Number(number)) if is_time(key) => {
                let at = number.as_i64().unwrap_or_default();
                if terminal { time::full(at, &output::now()) } else { time::iso(at) }
            }
            (_, Value::String(text)) => text.clone(),
            (
                _,
                other @ (Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Array(_)
                | Value::Object(_)),
            ) => other.to_string(),
        };
        parts.push(format!("{key}={}", clean::line(&text)));
    }
    parts.join(if terminal { "  " } else { "\t" })
}

fn is_time(key: &str) -> bool {
    key == "at" || key.ends_with("_at")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_readable_and_unknown_keys_are_shown_as_they_are() {
        let decision = json!({"at": 0, "what": "suppressed", "new_key": [1]});
        let text = sentence(&decision, false);
        assert!(text.contains("at=1970-01-01T00:00:00.000Z"), "{text}");
        assert!(text.contains("what=suppressed") && text.contains("new_key=[1]"), "{text}");
    }
}
