use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use tokio::process::Child;

use super::frame::Frame;
use super::process;
use crate::display::Display;
use crate::session::Session;
use crate::wait::{LONG, until};

/// A program with a window called "Tidings" that nobody steers: for figures, where a driver would be in the way.
#[derive(Debug)]
pub struct Unattended {
    process: Child,
    shown_after: Duration,
}

impl Unattended {
    /// Starts it and waits until its window is on the screen.
    pub async fn start(
        session: &Session,
        display: &Display,
        program: &Path,
        arguments: &[&str],
    ) -> Result<Self> {
        let mut command = process::on_screen(session, program, display)?;
        let log = session.home().join("unattended.log");
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null());
        command.stderr(std::fs::File::create(&log)?);
        let started = Instant::now();
        let mut process =
            command.spawn().with_context(|| format!("starting {}", program.display()))?;
        let said = || std::fs::read_to_string(&log).unwrap_or_default();
        let shown_after = until("the window on the screen", LONG, async || {
            if let Some(status) = process.try_wait().ok().flatten() {
                return Some(Err(status));
            }
            Frame::find(display).ok()?.map(|_| Ok(started.elapsed()))
        })
        .await
        .with_context(said)?
        .map_err(|status| anyhow!("{} ended with {status}: {}", program.display(), said()))?;
        Ok(Self { process, shown_after })
    }

    /// How long after its start the window was there.
    #[must_use]
    pub fn shown_after(&self) -> Duration {
        self.shown_after
    }

    /// The share of memory of the process and of those that it has started, in KiB.
    pub fn pss_kib(&self) -> Result<u64> {
        let pid = self.process.id().context("the program has ended")?;
        let mut sum = 0;
        for pid in family(pid)? {
            // A helper may end while it is looked at.
            let rollup = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup"));
            let Some(line) =
                rollup.iter().flat_map(|text| text.lines()).find(|line| line.starts_with("Pss:"))
            else {
                continue;
            };
            sum += line.split_whitespace().nth(1).context("no figure")?.parse::<u64>()?;
        }
        Ok(sum)
    }

    /// Ends it and waits.
    pub async fn end(mut self) -> Result<()> {
        self.process.kill().await.context("ending the program")
    }
}

/// The process and all that it has started, directly or not.
fn family(root: u32) -> Result<Vec<u32>> {
    let mut family = vec![root];
    let mut next = 0;
    while let Some(parent) = family.get(next).copied() {
        next += 1;
        let Ok(threads) = std::fs::read_dir(format!("/proc/{parent}/task")) else { continue };
        for thread in threads {
            let children = std::fs::read_to_string(thread?.path().join("children"));
            let children = children.unwrap_or_default();
            family.extend(children.split_whitespace().filter_map(|pid| pid.parse::<u32>().ok()));
        }
    }
    Ok(family)
}
