//! The `tidings` command under test.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use crate::programs;
use crate::session::Session;

/// How one run ended.
#[derive(Clone, Debug)]
pub struct Ran {
    /// Exit code; `None` after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

/// Runs `tidings` in the session, without a terminal.
pub async fn tidings(session: &Session, arguments: &[&str]) -> Result<Ran> {
    tidings_with_input(session, arguments, "").await
}

/// Runs `tidings` with this text on its standard input.
pub async fn tidings_with_input(session: &Session, arguments: &[&str], input: &str) -> Result<Ran> {
    finish(start(session, arguments)?, input).await
}

/// Runs `tidings`, wants success and a JSON document, and returns it.
pub async fn tidings_json(session: &Session, arguments: &[&str]) -> Result<serde_json::Value> {
    let ran = tidings(session, arguments).await?;
    ensure!(ran.code == Some(0), "tidings {arguments:?} failed: {ran:?}");
    serde_json::from_str(&ran.stdout).with_context(|| format!("not JSON: {}", ran.stdout))
}

/// Starts `tidings` and lets it run: for `watch` and `post --wait`.
pub fn start(session: &Session, arguments: &[&str]) -> Result<Child> {
    let mut command: Command = session.command(programs::tidings()?)?;
    command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .context("starting tidings")
}

/// Waits for a started program, after giving it `input` to the end.
pub async fn finish(mut child: Child, input: &str) -> Result<Ran> {
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not read its input may have ended already.
        let _ = stdin.write_all(input.as_bytes()).await;
    }
    let output = tokio::time::timeout(Duration::from_secs(30), child.wait_with_output())
        .await
        .context("the program does not end")??;
    Ok(Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout)?,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}
