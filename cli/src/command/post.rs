use std::io::Read;

use chrono::Local;
use serde::Serialize;
use tidings_api::{Post, limits};

use crate::arguments::PostArguments;
use crate::command::{post_many, wait};
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::{self, Output};

/// `post --json` and a line of `post --many --json`.
#[derive(Debug, Serialize)]
pub(super) struct Posted {
    /// Identity in the inbox.
    pub(super) id: i64,
}

/// Posts one notification, or many from standard input.
pub(crate) async fn run(
    mut arguments: Box<PostArguments>,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    if arguments.many {
        return post_many::run(arguments.json, output).await;
    }
    if arguments.body.as_deref() == Some("-") {
        arguments.body = Some(body_from(std::io::stdin().lock())?);
    }
    let (waiting, json) = (arguments.wait, arguments.json);
    let post = post_of(*arguments, &output::now());
    let daemon = Daemon::connect().await?;
    if let Some(timeout) = waiting {
        let timeout = timeout.map(|span| span.0);
        return Box::pin(wait::run(&daemon, &post, timeout, json, output)).await;
    }
    let id = daemon.post().await?.post(&post.title, &post.body, post.to_options()).await?;
    if json {
        output.json(&[Posted { id }])?;
    } else {
        output.line(&id.to_string())?;
    }
    Ok(Outcome::Done)
}

fn post_of(arguments: PostArguments, now: &chrono::DateTime<Local>) -> Post {
    let targets =
        (arguments.store_only || !arguments.targets.is_empty()).then_some(arguments.targets);
    Post {
        title: arguments.title.unwrap_or_default(),
        body: arguments.body.unwrap_or_default(),
        topic: arguments.topic.unwrap_or_default(),
        app: arguments.app.unwrap_or_default(),
        urgency: arguments.urgency.unwrap_or_default(),
        key: arguments.key.unwrap_or_default(),
        mode: arguments.mode.unwrap_or_default(),
        icon: arguments.icon.unwrap_or_default(),
        url: arguments.url.unwrap_or_default(),
        actions: arguments.actions,
        actor: arguments.actor.unwrap_or_default(),
        verb: arguments.verb.unwrap_or_default(),
        action_object: arguments.action_object.unwrap_or_default(),
        activity_target: arguments.activity_target.unwrap_or_default(),
        tags: arguments.tags,
        progress: arguments.progress,
        transient: arguments.transient,
        expires_at: arguments.expires.map(|moment| moment.after(now)),
        deliver_at: arguments.at.map(|moment| moment.after(now)),
        targets,
        data: arguments.data.unwrap_or_default(),
    }
}

/// Reads a body to its end. More than a body can hold is refused before all of it is in memory.
fn body_from(input: impl Read) -> Result<String, Failure> {
    let limit = limits::BODY_BYTES;
    let mut bytes = Vec::new();
    input
        .take(u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(2))
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::failed(format!("standard input: {error}")))?;
    let mut body = String::from_utf8_lossy(&bytes).into_owned();
    if body.ends_with('\n') {
        body.pop();
    }
    if body.len() > limit {
        return Err(Failure::failed(format!(
            "body: standard input holds more than {limit} bytes, the limit of a body; \
             cut it, for example with `tail -c {limit}`"
        )));
    }
    Ok(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_loses_the_line_feed_of_its_last_line_only() {
        assert_eq!(body_from(&b"a\n\nb\n\n"[..]).unwrap(), "a\n\nb\n");
    }

    #[test]
    fn a_body_that_is_not_utf8_is_posted_all_the_same() {
        assert_eq!(body_from(&b"caf\xe9"[..]).unwrap(), "caf\u{fffd}");
    }

    #[test]
    fn an_endless_body_is_refused_with_a_way_out() {
        let error = body_from(std::io::repeat(b'x')).unwrap_err().to_string();
        assert!(error.contains("65536") && error.contains("tail -c"), "{error}");
        let exact = "x".repeat(limits::BODY_BYTES) + "\n";
        assert!(body_from(exact.as_bytes()).is_ok(), "the limit itself is allowed");
    }
}
