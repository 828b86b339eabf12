use std::io::BufRead;
use std::time::Duration;

use indicatif::ProgressBar;
use tidings_api::{Dict, Post, Post1Proxy, limits};
use tokio::sync::mpsc;

use crate::command::post::Posted;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome, complain};
use crate::output::{self, Output, progress};
use crate::parse::post_line::post_line;

/// A batch ends here too, so that 1,000 long bodies do not make one message of the bus's greatest size.
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// A caller that posts faster than its share is told to come back; a pipe can wait for that.
const RATE_LIMIT_PAUSE: Duration = Duration::from_millis(500);
/// After this many pauses it is no burst any more.
const RATE_LIMIT_PAUSES: u32 = 120;

/// A line that was read, or why the reading ended early.
type Line = Result<Dict, Failure>;

/// Posts the JSON lines of standard input, and prints one id a line in their order.
///
/// One batch after the other: where a key occurs twice the later line must win, and after a failure
/// everything before it is posted and nothing behind it.
pub(super) async fn run(json: bool, output: &mut Output) -> Result<Outcome, Failure> {
    let daemon = Daemon::connect().await?;
    let proxy = daemon.post().await?;
    let mut lines = lines_of_stdin();
    let bar = progress::items("posted");
    loop {
        let batch = next_batch(&mut lines).await;
        if !batch.notifications.is_empty() {
            let ids = post(&proxy, &batch.notifications).await;
            print(&ids.inspect_err(|_| say_how_many(&bar))?, json, &bar, output)?;
        }
        if batch.ended {
            bar.finish_and_clear();
            return batch.broken.map_or(Ok(Outcome::Done), Err);
        }
    }
}

#[derive(Debug, Default)]
struct Batch {
    notifications: Vec<Dict>,
    /// Nothing comes after it.
    ended: bool,
    /// Why nothing comes after it.
    broken: Option<Failure>,
}

/// Waits for one line and takes what else is there: full batches from a file, single lines from `tail -f`.
async fn next_batch(lines: &mut mpsc::Receiver<Line>) -> Batch {
    let mut batch = Batch::default();
    let mut bytes = 0;
    let mut line = lines.recv().await;
    loop {
        match line {
            Some(Ok(notification)) => {
                bytes += weight(&notification);
                batch.notifications.push(notification);
            }
            Some(Err(failure)) => {
                batch.broken = Some(failure);
                batch.ended = true;
                return batch;
            }
            None => {
                batch.ended = true;
                return batch;
            }
        }
        if batch.notifications.len() >= limits::POST_MANY || bytes >= BATCH_BYTES {
            return batch;
        }
        line = match lines.try_recv() {
            Ok(line) => Some(line),
            Err(mpsc::error::TryRecvError::Empty) => return batch,
            Err(mpsc::error::TryRecvError::Disconnected) => None,
        };
    }
}

/// About how many bytes it is on the wire.
fn weight(notification: &Dict) -> usize {
    let text = |key: &str| {
        notification
            .get(key)
            .and_then(|value| value.downcast_ref::<&str>().ok())
            .map_or(0, str::len)
    };
    256 + text("title") + text("body") + text("data") + text("url")
}

/// Reads on a thread of its own, since standard input blocks.
fn lines_of_stdin() -> mpsc::Receiver<Line> {
    let (sender, receiver) = mpsc::channel(2 * limits::POST_MANY);
    std::thread::spawn(move || {
        for (number, line) in std::io::stdin().lock().lines().enumerate() {
            let Some(line) = read(number + 1, line).transpose() else { continue };
            let ended = line.is_err();
            if sender.blocking_send(line).is_err() || ended {
                return;
            }
        }
    });
    receiver
}

/// One line; an empty one is none.
fn read(number: usize, line: std::io::Result<String>) -> Result<Option<Dict>, Failure> {
    let line = line.map_err(|error| Failure::failed(format!("line {number}: {error}")))?;
    if line.trim().is_empty() {
        return Ok(None);
    }
    let checked = post_line(&line, &output::now()).and_then(|post| {
        // The daemon refuses a batch as a whole and knows no lines: so its own check is done here first.
        Post::from_dict(post.to_dict()).map_err(|error| error.to_string())
    });
    match checked {
        Ok(post) => Ok(Some(post.to_dict())),
        Err(why) => Err(Failure::failed(format!(
            "line {number}: {why}; the lines before it are posted, it and those after it are not"
        ))),
    }
}

/// After a failure in the middle, where to go on.
fn say_how_many(bar: &ProgressBar) {
    let posted = bar.position();
    bar.finish_and_clear();
    complain(&format!("the first {posted} notifications were posted, then:"));
}

/// All or none of the batch. A rate limit is waited for.
async fn post(proxy: &Post1Proxy<'static>, batch: &[Dict]) -> Result<Vec<i64>, Failure> {
    let mut pauses = 0;
    loop {
        match proxy.post_many(copy(batch)?).await {
            Ok(ids) => return Ok(ids),
            Err(error) => {
                let limited = matches!(
                    tidings_api::Error::from(error.clone()),
                    tidings_api::Error::RateLimited(_)
                );
                if !limited || pauses >= RATE_LIMIT_PAUSES {
                    return Err(error.into());
                }
                pauses += 1;
                tokio::time::sleep(RATE_LIMIT_PAUSE).await;
            }
        }
    }
}

fn copy(batch: &[Dict]) -> Result<Vec<Dict>, Failure> {
    let copy_of = |notification: &Dict| -> Result<Dict, zbus::zvariant::Error> {
        notification.iter().map(|(key, value)| Ok((key.clone(), value.try_clone()?))).collect()
    };
    batch
        .iter()
        .map(copy_of)
        .collect::<Result<_, _>>()
        .map_err(|error| Failure::failed(format!("a notification could not be copied: {error}")))
}

fn print(ids: &[i64], json: bool, bar: &ProgressBar, output: &mut Output) -> Result<(), Failure> {
    bar.suspend(|| {
        for id in ids {
            if json {
                output.json_line(&Posted { id: *id })?;
            } else {
                output.line(&id.to_string())?;
            }
        }
        output.flush()
    })?;
    bar.inc(u64::try_from(ids.len()).unwrap_or_default());
    Ok(())
}
