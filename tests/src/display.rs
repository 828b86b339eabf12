//! A screen in memory.

use std::io::{BufRead, BufReader};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

/// An `Xvfb`; it ends when this value is dropped.
#[derive(Debug)]
pub struct Display {
    server: Child,
    name: String,
}

impl Display {
    /// Starts one under a number that nobody uses.
    pub fn start() -> Result<Self> {
        let (reader, writer) = pipe()?;
        let number = writer.as_raw_fd();
        let mut command = Command::new("Xvfb");
        command
            .arg("-displayfd")
            .arg(number.to_string())
            .args(["-noreset", "-nolisten", "tcp", "-screen", "0", "1280x900x24"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // SAFETY: between fork and exec only fcntl runs, which may run there; the descriptor is open until after spawn.
        unsafe {
            command.pre_exec(move || match libc::fcntl(number, libc::F_SETFD, 0) {
                -1 => Err(std::io::Error::last_os_error()),
                _ => Ok(()),
            });
        }
        let server =
            command.spawn().context("starting Xvfb; is the package \"xvfb\" installed?")?;
        drop(writer);
        let mut display = Self { server, name: String::new() };
        let mut printed = String::new();
        BufReader::new(std::fs::File::from(reader)).read_line(&mut printed)?;
        ensure!(!printed.trim().is_empty(), "Xvfb ended without naming its display");
        display.name = format!(":{}", printed.trim());
        Ok(display)
    }

    /// For the variable `DISPLAY`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Display {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Reading and writing end, closed in programs that are started.
fn pipe() -> Result<(OwnedFd, OwnedFd)> {
    let mut ends = [0; 2];
    // SAFETY: pipe2 writes two descriptors into the array, which has room for them.
    let result = unsafe { libc::pipe2(ends.as_mut_ptr(), libc::O_CLOEXEC) };
    ensure!(result == 0, "making a pipe: {}", std::io::Error::last_os_error());
    // SAFETY: both were just opened for us and belong to nobody else.
    Ok(unsafe { (OwnedFd::from_raw_fd(ends[0]), OwnedFd::from_raw_fd(ends[1])) })
}
