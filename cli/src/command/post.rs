use std::io::Read;

use chrono::Local;
use serde::Serialize;
use tidings_api::{Post, limits};

use crate::arguments::PostArguments;
use crate::command::{post_many, unsent, wait};
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::{self, Output};
use crate::parse::time::{Moment, Span};

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
    refuse_a_stray_timeout(&arguments)?;
    refuse_the_past(arguments.at, &output::now())?;
    arguments.icon = arguments.icon.map(icon).transpose()?;
    if arguments.body.as_deref() == Some("-") {
        arguments.body = Some(body_from(std::io::stdin().lock())?);
    }
    let (waiting, json) = (arguments.wait, arguments.json);
    let named_targets = !arguments.targets.is_empty();
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
    if named_targets {
        output.flush()?;
        unsent::tell(&daemon, id).await;
    }
    Ok(Outcome::Done)
}

/// In `--wait 5m` the `5m` is a title or a body, and the wait has no end: never what was meant.
fn refuse_a_stray_timeout(arguments: &PostArguments) -> Result<(), Failure> {
    if !matches!(arguments.wait, Some(None)) {
        return Ok(());
    }
    let texts = [arguments.title.as_deref(), arguments.body.as_deref()];
    match texts.into_iter().flatten().find(|text| text.parse::<Span>().is_ok()) {
        Some(text) => Err(Failure::Usage(format!(
            "\"{text}\" looks like the time to wait: write it as --wait={text}"
        ))),
        None => Ok(()),
    }
}

/// A date that is over is a slip of the pen: it would be delivered at once, which `--at` never means.
fn refuse_the_past(at: Option<Moment>, now: &chrono::DateTime<Local>) -> Result<(), Failure> {
    match at.map(|moment| moment.after(now)) {
        Some(at) if at < now.timestamp_millis() => Err(Failure::Usage(format!(
            "--at: {} is in the past; give a time that is still to come, or leave it out",
            output::time::full(at, now)
        ))),
        Some(_) | None => Ok(()),
    }
}

/// The daemon runs in another folder: a path is made absolute here, and has to be there.
fn icon(icon: String) -> Result<String, Failure> {
    if !icon.contains('/') {
        return Ok(icon);
    }
    let path = std::fs::canonicalize(&icon)
        .map_err(|error| Failure::Usage(format!("icon: {icon} cannot be read: {error}")))?;
    path.into_os_string()
        .into_string()
        .map_err(|_| Failure::Usage(format!("icon: the path of {icon} is not UTF-8")))
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

    fn parsed(arguments: &[&str]) -> PostArguments {
        #[derive(clap::Parser)]
        struct Line {
            #[command(flatten)]
            post: PostArguments,
        }
        let arguments = ["post"].iter().chain(arguments);
        <Line as clap::Parser>::try_parse_from(arguments).unwrap().post
    }

    #[test]
    fn a_timeout_without_its_equals_sign_is_not_posted_as_a_text() {
        let error = refuse_a_stray_timeout(&parsed(&["Deploy?", "--wait", "5m"])).unwrap_err();
        assert!(error.to_string().contains("--wait=5m"), "{error}");
        for fine in [&["Deploy?", "--wait=5m"][..], &["Tea", "5m"], &["Deploy?", "now", "--wait"]] {
            assert!(refuse_a_stray_timeout(&parsed(fine)).is_ok(), "{fine:?} says what it means");
        }
    }

    #[test]
    fn a_time_that_is_over_is_refused_and_not_taken_for_now() {
        let now = output::now();
        let at = |text: &str| refuse_the_past(parsed(&["Tea", "--at", text]).at, &now);
        let error = at("2020-01-31").unwrap_err();
        assert!(matches!(error, Failure::Usage(_)) && error.to_string().contains("2020-01-31"));
        for fine in ["10m", "0s", "00:00", "2096-01-31"] {
            assert!(at(fine).is_ok(), "{fine} is now or later");
        }
    }

    #[test]
    fn an_icon_is_a_name_or_a_file_that_is_there() {
        assert_eq!(icon("drive-harddisk".into()).unwrap(), "drive-harddisk");
        assert_eq!(icon("/../".into()).unwrap(), "/", "the daemon gets the whole path");
        assert!(icon("./no-such.png".into()).unwrap_err().to_string().contains("no-such.png"));
    }

    #[test]
    fn an_endless_body_is_refused_with_a_way_out() {
        let error = body_from(std::io::repeat(b'x')).unwrap_err().to_string();
        assert!(error.contains("65536") && error.contains("tail -c"), "{error}");
        let exact = "x".repeat(limits::BODY_BYTES) + "\n";
        assert!(body_from(exact.as_bytes()).is_ok(), "the limit itself is allowed");
    }
}
