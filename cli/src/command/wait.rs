use std::time::Duration;

use futures_util::{Stream, StreamExt};
use serde::Serialize;
use tidings_api::{Fields, Post, PostClosed, PostInvoked};
use zbus::names::UniqueName;

use crate::command::unsent;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::{Output, clean};

/// `post --wait --json`.
#[derive(Debug, Serialize)]
struct Answer<'a> {
    /// Identity in the inbox.
    id: i64,
    /// `action`, `reply`, `timeout`, or why the popup closed: `expired`, `dismissed`, `closed`, `undefined`.
    outcome: &'a str,
    /// Which button; `default` is the popup itself.
    action: Option<&'a str>,
    /// What was typed.
    reply: Option<&'a str>,
}

/// How the waiting ended.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Chosen { action: String, reply: Option<String> },
    Closed(String),
    TimedOut,
}

/// Posts, and waits for what the person does with it.
pub(super) async fn run(
    daemon: &Daemon,
    post: &Post,
    timeout: Option<Duration>,
    json: bool,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let proxy = daemon.post().await?;
    // Before the post: the answer to a fast click must not come before anyone listens.
    let invoked = proxy.receive_invoked().await?;
    let closed = proxy.receive_closed().await?;
    let owners = proxy.inner().receive_owner_changed().await?;
    let id = proxy.post(&post.title, &post.body, post.to_options()).await?;
    if post.targets.as_ref().is_some_and(|targets| !targets.is_empty()) {
        // Before the wait: without its popup there may be nobody who could answer.
        unsent::tell(daemon, id).await;
    }
    let answered = Box::pin(answer(id, invoked, closed, owners));
    let end = match timeout {
        Some(timeout) => {
            tokio::time::timeout(timeout, answered).await.unwrap_or(Ok(End::TimedOut))?
        }
        None => answered.await?,
    };
    print(id, &end, json, output)?;
    Ok(if matches!(end, End::Chosen { .. }) { Outcome::Done } else { Outcome::Negative })
}

async fn answer(
    id: i64,
    invoked: impl Stream<Item = PostInvoked>,
    closed: impl Stream<Item = PostClosed>,
    owners: impl Stream<Item = Option<UniqueName<'static>>>,
) -> Result<End, Failure> {
    let mut invoked = std::pin::pin!(invoked);
    let mut closed = std::pin::pin!(closed);
    let mut owners = std::pin::pin!(owners);
    loop {
        tokio::select! {
            // A choice closes the popup too, and counts more than the closing.
            biased;
            Some(signal) = invoked.next() => {
                let arguments = signal.args()?;
                if arguments.id == id {
                    let mut details = Fields::new("details", arguments.details);
                    let reply = details.text("reply")?;
                    return Ok(End::Chosen { action: arguments.action.to_owned(), reply });
                }
            }
            Some(signal) = closed.next() => {
                let arguments = signal.args()?;
                if arguments.id == id {
                    return Ok(End::Closed(arguments.reason.to_owned()));
                }
            }
            owner = owners.next() => {
                if owner.flatten().is_none() {
                    return Err(Failure::unreachable(format!(
                        "the daemon went away while notification {id} waited for an answer; \
                         it is stored, but the answer will not come here"
                    )));
                }
            }
        }
    }
}

fn print(id: i64, end: &End, json: bool, output: &mut Output) -> Result<(), Failure> {
    let answer = match end {
        End::Chosen { action, reply: Some(reply) } => {
            Answer { id, outcome: "reply", action: Some(action), reply: Some(reply) }
        }
        End::Chosen { action, reply: None } => {
            Answer { id, outcome: "action", action: Some(action), reply: None }
        }
        End::Closed(reason) => Answer { id, outcome: reason, action: None, reply: None },
        End::TimedOut => Answer { id, outcome: "timeout", action: None, reply: None },
    };
    if json {
        return output.json(&[answer]);
    }
    let Some(text) = answer.reply.or(answer.action) else { return Ok(()) };
    // A script gets the reply as it was typed; a terminal gets what is harmless there.
    if output.terminal { output.line(&clean::block(text)) } else { output.line(text) }
}
