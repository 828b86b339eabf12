//! What all programs have in common that the daemon starts.

use tokio::process::Child;

/// What systemd tells this service alone and another program must not take for its own.
pub(crate) const OURS_ALONE: [&str; 6] = [
    "NOTIFY_SOCKET",
    "WATCHDOG_USEC",
    "WATCHDOG_PID",
    "LISTEN_FDS",
    "LISTEN_PID",
    "CREDENTIALS_DIRECTORY",
];

/// Ends a program that leads its own process group, with everything it started. Does nothing once it is reaped.
pub(crate) fn kill_group(child: &Child) {
    // `None` once it is reaped: its number may be somebody else's by then.
    let Some(id) = child.id().and_then(|id| i32::try_from(id).ok()).filter(|id| *id > 1) else {
        return;
    };
    // SAFETY: kill takes plain numbers. The child leads its own group and is not reaped yet.
    unsafe { libc::kill(-id, libc::SIGKILL) };
}
