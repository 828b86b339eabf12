use std::io;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, ChildStderr, ChildStdin, Command};
use tokio::time::timeout;

use crate::process::kill_group;

/// How long standard error may still flow after the program has ended. Something that it left in the background can hold
/// the pipe open for ever.
const AFTERGLOW: Duration = Duration::from_millis(500);
/// How much of the end of standard error is kept, in bytes.
const KEPT: usize = 4096;

/// How it went.
#[derive(Debug)]
pub(super) enum End {
    /// It ended by itself or by a signal, and this is the end of its standard error.
    Ended(ExitStatus, Vec<u8>),
    /// It was ended with everything it had started.
    TimedOut(Duration),
    /// It never ran.
    NotStarted(io::Error),
    /// It ran, and the system does not tell what became of it.
    Lost(io::Error),
}

/// The program and what it has started; killed when this is dropped before it was waited for.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        kill_group(&self.0);
    }
}

/// Runs a program with something to read. Its standard output is thrown away.
pub(super) async fn run(mut command: Command, input: &[u8], limit: Duration) -> End {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    let mut group = match command.spawn() {
        Ok(child) => Group(child),
        Err(error) => return End::NotStarted(error),
    };
    match timeout(limit, finish(&mut group.0, input)).await {
        Ok(Ok((status, said))) => End::Ended(status, said),
        Ok(Err(error)) => End::Lost(error),
        Err(_) => End::TimedOut(limit),
    }
}

async fn finish(child: &mut Child, input: &[u8]) -> io::Result<(ExitStatus, Vec<u8>)> {
    let (stdin, stderr) = (child.stdin.take(), child.stderr.take());
    let mut said = Vec::new();
    let status = {
        let talk = async {
            tokio::join!(feed(stdin, input), listen(stderr, &mut said));
        };
        let mut talk = pin!(talk);
        tokio::select! {
            () = &mut talk => child.wait().await?,
            status = child.wait() => {
                // What has not been read or said by then is between other programs.
                let _ = timeout(AFTERGLOW, talk).await;
                status?
            }
        }
    };
    Ok((status, said))
}

/// Writes all of it and closes the pipe. A program need not read it.
async fn feed(stdin: Option<ChildStdin>, input: &[u8]) {
    let Some(mut stdin) = stdin else { return };
    if let Err(error) = stdin.write_all(input).await {
        tracing::debug!(%error, "a program did not read all of its message");
    }
}

/// Reads to the end, keeping only the last of it: a talkative program must neither block nor fill the memory.
async fn listen(stderr: Option<ChildStderr>, kept: &mut Vec<u8>) {
    let Some(mut stderr) = stderr else { return };
    let mut chunk = [0; KEPT];
    while let Ok(count @ 1..) = stderr.read(&mut chunk).await {
        kept.extend_from_slice(&chunk[..count]);
        kept.drain(..kept.len().saturating_sub(KEPT));
    }
}
