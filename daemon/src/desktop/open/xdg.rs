//! `xdg-open`, for desktops without a portal.

use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tidings_api::Address;
use tokio::process::{Child, Command};

use super::OpenError;
use crate::process::OURS_ALONE;

/// How long a failure is waited for. Some desktops keep `xdg-open` until the browser ends.
const RESULT_WITHIN: Duration = Duration::from_secs(3);

/// Opens a link and waits a moment for bad news.
pub(super) async fn open(address: &Address, token: Option<&str>) -> Result<(), OpenError> {
    run(command("xdg-open", address, token)).await
}

async fn run(mut command: Command) -> Result<(), OpenError> {
    let mut child = command.spawn().map_err(|error| OpenError::NotInstalled(error.to_string()))?;
    match tokio::time::timeout(RESULT_WITHIN, child.wait()).await {
        Ok(Ok(status)) => verdict(status),
        Ok(Err(error)) => Err(OpenError::XdgOpen(error.to_string())),
        Err(_) => {
            tokio::spawn(reap(child));
            Ok(())
        }
    }
}

fn command(program: &str, address: &Address, token: Option<&str>) -> Command {
    let mut command = Command::new(program);
    command.arg(address.as_str()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    for variable in OURS_ALONE {
        command.env_remove(variable);
    }
    // In the child's environment only: a token is good for one window, and later children would
    // present it again.
    for variable in ["XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"] {
        match token {
            Some(token) => command.env(variable, token),
            None => command.env_remove(variable),
        };
    }
    command
}

/// The exit codes of xdg-open(1).
fn verdict(status: ExitStatus) -> Result<(), OpenError> {
    let words = match status.code() {
        Some(0) => return Ok(()),
        Some(1) => "it did not understand the link",
        Some(3) => "no program for such links is installed",
        Some(4) => "the program for such links failed",
        Some(_) => "it failed",
        None => "it was ended by a signal",
    };
    Err(OpenError::XdgOpen(format!("{words} ({status})")))
}

async fn reap(mut child: Child) {
    match child.wait().await {
        Ok(status) => tracing::debug!(%status, "xdg-open has ended"),
        Err(error) => tracing::debug!(%error, "xdg-open is lost"),
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::ExitStatusExt;
    use std::path::Path;

    use super::*;

    #[test]
    fn the_token_is_in_the_environment_of_the_child_alone() {
        let address = Address::parse("https://example.org/").unwrap();
        let command = command("xdg-open", &address, Some("token"));
        let given = |name: &str| {
            let mut changes = command.as_std().get_envs();
            changes.find(|(key, _)| *key == OsStr::new(name)).and_then(|(_, value)| value)
        };
        assert_eq!(given("XDG_ACTIVATION_TOKEN"), Some(OsStr::new("token")));
        assert_eq!(given("DESKTOP_STARTUP_ID"), Some(OsStr::new("token")));
        assert_eq!(std::env::var_os("XDG_ACTIVATION_TOKEN"), None, "set for the whole process");
    }

    #[test]
    fn without_a_token_the_child_inherits_none() {
        let address = Address::parse("https://example.org/").unwrap();
        let command = command("xdg-open", &address, None);
        let removed: Vec<&OsStr> = command
            .as_std()
            .get_envs()
            .filter(|(_, value)| value.is_none())
            .map(|(key, _)| key)
            .collect();
        assert!(removed.contains(&OsStr::new("XDG_ACTIVATION_TOKEN")));
        assert!(removed.contains(&OsStr::new("NOTIFY_SOCKET")), "the browser would speak for us");
    }

    /// A program in `folder` that does as `script` says.
    fn program(folder: &Path, script: &str) -> String {
        let path = folder.join("open");
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
        path.display().to_string()
    }

    #[tokio::test]
    async fn the_program_gets_the_link_as_its_only_argument_and_the_token() {
        let folder = tempfile::tempdir().unwrap();
        let script = format!(
            "printf '%s|%s|%s' \"$#\" \"$1\" \"$XDG_ACTIVATION_TOKEN\" > {}/seen",
            folder.path().display()
        );
        let address = Address::parse("https://example.org/?q=a b;$(id)").unwrap();
        let program = program(folder.path(), &script);
        assert_eq!(run(command(&program, &address, Some("token"))).await, Ok(()));
        let seen = std::fs::read_to_string(folder.path().join("seen")).unwrap();
        assert_eq!(seen, "1|https://example.org/?q=a%20b;$(id)|token");
    }

    #[tokio::test]
    async fn a_failing_and_a_missing_program_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let address = Address::parse("https://example.org/").unwrap();
        let failing = run(command(&program(folder.path(), "exit 3"), &address, None)).await;
        assert!(matches!(failing, Err(OpenError::XdgOpen(_))), "answered {failing:?}");
        let missing = run(command("/no/such/program", &address, None)).await;
        assert!(matches!(missing, Err(OpenError::NotInstalled(_))), "answered {missing:?}");
    }

    #[test]
    fn failures_are_told_in_words() {
        let exited = |code: i32| verdict(ExitStatus::from_raw(code << 8));
        assert_eq!(exited(0), Ok(()));
        let told = exited(3).unwrap_err().to_string();
        assert!(told.contains("no program for such links is installed"), "said: {told}");
        assert!(verdict(ExitStatus::from_raw(9)).is_err(), "killed is not opened");
    }
}
