use serde::Deserialize;
use tidings_api::{Action, KeyMode, Millis, Post, Urgency};

use crate::parse::time::Moment;

/// One line of `tidings post --many`: the keys of `Post1.PostMany`, as JSON.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PostLine {
    title: String,
    body: String,
    topic: String,
    app: String,
    urgency: Urgency,
    key: String,
    mode: KeyMode,
    icon: String,
    url: String,
    actions: Vec<ActionLine>,
    actor: String,
    verb: String,
    action_object: String,
    activity_target: String,
    tags: Vec<String>,
    progress: Option<u8>,
    transient: bool,
    expires_at: Option<Time>,
    deliver_at: Option<Time>,
    targets: Option<Vec<String>>,
    data: serde_json::Value,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ActionLine {
    id: String,
    label: String,
    #[serde(default)]
    url: String,
}

/// Milliseconds since the epoch, or a text as `--at` takes it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Time {
    Millis(Millis),
    Text(String),
}

impl Time {
    fn resolve<Z: chrono::TimeZone>(self, now: &chrono::DateTime<Z>) -> Result<Millis, String> {
        match self {
            Self::Millis(millis) => Ok(millis),
            Self::Text(text) => text.parse::<Moment>().map(|moment| moment.after(now)),
        }
    }
}

/// Reads one JSON line. The error says what is wrong with it, without the number of the line.
pub(crate) fn post_line<Z: chrono::TimeZone>(
    text: &str,
    now: &chrono::DateTime<Z>,
) -> Result<Post, String> {
    let line: PostLine = serde_json::from_str(text).map_err(|error| in_one_line(&error))?;
    let action =
        |action: ActionLine| Action { id: action.id, label: action.label, url: action.url };
    Ok(Post {
        title: line.title,
        body: line.body,
        topic: line.topic,
        app: line.app,
        urgency: line.urgency,
        key: line.key,
        mode: line.mode,
        icon: line.icon,
        url: line.url,
        actions: line.actions.into_iter().map(action).collect(),
        actor: line.actor,
        verb: line.verb,
        action_object: line.action_object,
        activity_target: line.activity_target,
        tags: line.tags,
        progress: line.progress,
        transient: line.transient,
        expires_at: line.expires_at.map(|time| time.resolve(now)).transpose()?,
        deliver_at: line.deliver_at.map(|time| time.resolve(now)).transpose()?,
        targets: line.targets,
        data: data_text(line.data),
    })
}

/// The parser counts lines of its own, and there is only one: the caller says which of the input it was.
fn in_one_line(error: &serde_json::Error) -> String {
    error.to_string().replace(" at line 1 column ", " at column ")
}

/// A text is taken as JSON text already, the form in which `tidings list --json` prints `data`.
fn data_text(data: serde_json::Value) -> String {
    match data {
        serde_json::Value::Null => String::new(),
        serde_json::Value::String(text) => text,
        other @ (serde_json::Value::Bool(_)
        | serde_json::Value::Number(_)
        | serde_json::Value::Array(_)
        | serde_json::Value::Object(_)) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{TimeZone, Utc};

    use super::*;

    fn read(text: &str) -> Result<Post, String> {
        post_line(text, &Utc.timestamp_millis_opt(1_000_000).unwrap())
    }

    #[test]
    fn a_time_that_is_over_means_now_and_does_not_end_the_other_lines() {
        for over in ["5", "\"1970-01-01\""] {
            let post = read(&format!(r#"{{"title":"t","deliver_at":{over}}}"#)).unwrap();
            assert!(post.deliver_at.unwrap() < 1_000_000, "the daemon takes it for now");
        }
    }

    #[test]
    fn a_line_may_carry_everything_a_post_takes() {
        let post = read(
            r#"{"title":"t","body":"b","topic":"x","urgency":"high","mode":"silent","progress":7,
                "actions":[{"id":"a","label":"A"}],"tags":["q"],"targets":[],"deliver_at":"10m",
                "expires_at":5,"data":{"n":1}}"#,
        )
        .unwrap();
        assert_eq!(post.urgency, Urgency::High);
        assert_eq!(post.mode, KeyMode::Silent);
        assert_eq!(post.targets, Some(Vec::new()), "an empty list is not the same as none");
        assert_eq!(post.deliver_at, Some(1_600_000));
        assert_eq!(post.expires_at, Some(5));
        assert_eq!(post.data, r#"{"n":1}"#);
    }

    #[test]
    fn the_parsers_own_line_number_is_not_told() {
        assert_eq!(read("hello").unwrap_err(), "expected value at column 1");
    }

    #[test]
    fn a_key_that_is_none_of_ours_is_refused_by_name() {
        assert!(read(r#"{"titel":"t"}"#).unwrap_err().contains("titel"));
    }
}
