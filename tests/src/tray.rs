//! The tray app under test, seen through its process alone.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};

use anyhow::{Context, Result, ensure};
use tokio::process::Child;

use crate::programs;
use crate::session::Session;
use crate::wait::{DEADLINE, until};

/// A running `tidings-app`; it is killed when this value is dropped.
#[derive(Debug)]
pub struct Tray {
    process: Child,
    log: PathBuf,
}

impl Tray {
    /// Starts it in the session, with a window that only takes notes.
    pub fn start(session: &Session, arguments: &[&str]) -> Result<Self> {
        install_window(session)?;
        let program = session.home().join("bin/tidings-app");
        if !program.exists() {
            // In a folder of its own, or it would find the real window beside itself. Not by this process: a
            // program that another test starts meanwhile would inherit the open file, which then cannot be run.
            let mut copy = std::process::Command::new("cp");
            copy.arg(programs::tidings_app()?).arg(&program);
            ensure!(copy.status()?.success(), "tidings-app could not be copied");
        }
        let log = session.home().join("tidings-app.log");
        let written = std::fs::File::options().create(true).append(true).open(&log)?;
        let process = session
            .command(program)?
            .args(["--log", "debug"])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(written)
            .spawn()
            .context("starting tidings-app")?;
        Ok(Self { process, log })
    }

    /// What it has logged.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_else(|error| error.to_string())
    }

    /// Its process id.
    pub fn pid(&self) -> Result<u32> {
        self.process.id().context("tidings-app has ended")
    }

    /// Waits until it has ended by itself.
    pub async fn ended(&mut self) -> Result<ExitStatus> {
        let ended = tokio::time::timeout(DEADLINE, self.process.wait()).await;
        let ended = ended.with_context(|| format!("it does not end; its log:\n{}", self.log()))?;
        Ok(ended?)
    }
}

/// What the window was asked to show so far: activation token and place.
#[must_use]
pub fn windows(session: &Session) -> Vec<(String, String)> {
    // The file does not exist before the first window.
    let text = std::fs::read_to_string(session.home().join("windows")).unwrap_or_default();
    let words = |line: &str| line.split_once(' ').map(|(token, rest)| (token.into(), rest.into()));
    text.lines().filter_map(words).collect()
}

/// Waits for the next window after the first `before`.
pub async fn next_window(session: &Session, before: usize) -> Result<(String, String)> {
    until("the window", DEADLINE, async || windows(session).into_iter().nth(before)).await
}

fn install_window(session: &Session) -> Result<()> {
    let path = session.home().join("bin/tidings-window");
    let script = "#!/bin/sh\necho \"${XDG_ACTIVATION_TOKEN:--} $*\" >>\"$HOME/windows\"\n";
    std::fs::write(&path, script)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
    Ok(())
}
