//! The window's process and its place on the screen, seen from outside of the page.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use tidings_api::names;
use tokio::process::Command;
use zbus::fdo::DBusProxy;

use crate::display::Display;
use crate::programs;
use crate::session::Session;

/// Starts `tidings-window` a second time and waits until that one has ended.
pub(super) async fn start_again(
    session: &Session,
    display: &Display,
    arguments: &[&str],
) -> Result<()> {
    let mut again = on_screen(session, programs::tidings_window()?, display)?;
    let output = again.args(arguments).stdin(Stdio::null()).output();
    let output = tokio::time::timeout(crate::wait::LONG, output)
        .await
        .context("a second window stays, where it should hand over and end")??;
    let words = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "the second start failed: {words}");
    Ok(())
}

/// A program of the session that may show windows.
pub(super) fn on_screen(
    session: &Session,
    program: impl AsRef<std::ffi::OsStr>,
    display: &Display,
) -> Result<Command> {
    let mut command = session.command(program)?;
    command
        .env("DISPLAY", display.name())
        .env("GDK_BACKEND", "x11")
        // The accessibility bus and the settings of the machine are not the test's.
        .env("NO_AT_BRIDGE", "1")
        .env("GSETTINGS_BACKEND", "memory")
        .env("TIDINGS_LOG", "tidings_window=debug,info");
    Ok(command)
}

/// The process that is the window.
pub(super) async fn pid(session: &Session) -> Result<Option<u32>> {
    let connection = session.connect().await?;
    let bus = DBusProxy::new(&connection).await?;
    Ok(bus.get_connection_unix_process_id(names::WINDOW_NAME.try_into()?).await.ok())
}

/// Whether the process is there.
pub(super) fn lives(pid: u32) -> bool {
    // A process that was not waited for by its parent is a zombie and has no memory.
    let state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    Path::new(&format!("/proc/{pid}")).exists() && !state.contains(") Z ")
}
