//! How a command ends: its exit code, and what it says on standard error.

use std::io::{self, Write};
use std::process::ExitCode;

use tidings_api::{Error, names};
use zbus::DBusError;

use crate::output::clean;

/// An end that is no error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Exit code 0.
    Done,
    /// Exit code 1 with nothing on standard error: the answer is "no", not "it went wrong".
    Negative,
}

/// Why a command could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// Exit code 1.
    #[error("{0}")]
    Failed(String),
    /// Exit code 2: the command line is wrong, whether this program noticed or the daemon.
    #[error("{0}")]
    Usage(String),
    /// Exit code 3.
    #[error("{what}\n{advice}")]
    Unreachable {
        /// What was tried and what came back.
        what: String,
        /// What to do.
        advice: &'static str,
    },
    /// Exit code 3 as well: what is asked for is the window.
    #[error(
        "the window cannot be opened: the app is not running and the session bus does not know how to start it\n{INSTALL}"
    )]
    NoApp,
    /// Exit code 0 and silence: whoever read our output has seen enough.
    #[error("broken pipe")]
    BrokenPipe,
}

/// Without a bus nothing else can be reached or started.
const JOIN_SESSION: &str = "\
In a cron job or over SSH set DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/$(id -u)/bus; \
`tidings doctor` finds out more.";

const START: &str = "\
Start it with `systemctl --user start tidingsd`, or run `tidingsd` in a terminal; \
`tidings doctor` finds out more.";

const INSTALL: &str = "\
Install it with `make install`, or start `tidings-app` in the graphical session.";

/// Longest time a method call may take, so that no script hangs on a daemon that does.
pub(crate) const METHOD_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(25);

impl Failure {
    pub(crate) fn failed(what: impl Into<String>) -> Self {
        Self::Failed(what.into())
    }

    pub(crate) fn unreachable(what: impl Into<String>) -> Self {
        Self::Unreachable { what: what.into(), advice: START }
    }

    /// There is no session bus to ask.
    pub(crate) fn no_bus(why: &str) -> Self {
        Self::Unreachable { what: format!("no session bus: {why}"), advice: JOIN_SESSION }
    }

    const fn exit_code(&self) -> u8 {
        match self {
            Self::BrokenPipe => 0,
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Unreachable { .. } | Self::NoApp => 3,
        }
    }
}

/// Says what went wrong, and turns the end of a command into the exit code of the process.
pub(crate) fn code(outcome: Result<Outcome, Failure>) -> ExitCode {
    match outcome {
        Ok(Outcome::Done) | Err(Failure::BrokenPipe) => ExitCode::SUCCESS,
        Ok(Outcome::Negative) => ExitCode::from(1),
        Err(failure) => {
            complain(&failure.to_string());
            ExitCode::from(failure.exit_code())
        }
    }
}

/// Writes a line to standard error. The text may quote a remote server, so it is cleaned.
pub(crate) fn complain(text: &str) {
    // With standard error closed there is nobody to tell; the exit code still says it.
    let _ = writeln!(io::stderr(), "tidings: {}", clean::block(text));
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::BrokenPipe;
        }
        Self::Failed(error.to_string())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::InvalidArgs(message) | Error::TooLarge(message) => Self::Usage(message),
            Error::NotFound(message)
            | Error::Conflict(message)
            | Error::RateLimited(message)
            | Error::Storage(message)
            | Error::Unavailable(message) => Self::Failed(message),
        }
    }
}

impl From<zbus::Error> for Failure {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "zbus may add errors; all mean the same here"
    )]
    fn from(error: zbus::Error) -> Self {
        match &error {
            zbus::Error::MethodError(name, message, _) => {
                let message = message.as_deref().unwrap_or_default();
                answered(name.as_str(), message)
                    .unwrap_or_else(|| Error::from(error.clone()).into())
            }
            zbus::Error::FDO(fdo) => {
                let message = fdo.description().unwrap_or_default();
                answered(fdo.name().as_str(), message)
                    .unwrap_or_else(|| Self::failed(error.to_string()))
            }
            zbus::Error::InputOutput(io) if io.kind() == io::ErrorKind::TimedOut => {
                Self::unreachable(format!(
                    "the daemon did not answer within {} seconds",
                    METHOD_TIMEOUT.as_secs()
                ))
            }
            zbus::Error::InputOutput(io) => Self::unreachable(format!("the session bus: {io}")),
            _ => Self::failed(format!("the daemon's answer: {error}")),
        }
    }
}

/// What an error of the bus itself means; `None` for errors that the daemon chose.
fn answered(name: &str, message: &str) -> Option<Failure> {
    let short = name.strip_prefix("org.freedesktop.DBus.Error.")?;
    let failure = match short {
        "ServiceUnknown" | "NameHasNoOwner" => Failure::unreachable(format!(
            "the daemon is not running: nobody owns {}",
            names::BUS_NAME
        )),
        "NoReply" | "Disconnected" | "Timeout" | "TimedOut" => {
            Failure::unreachable(format!("the daemon went away before it answered ({message})"))
        }
        "UnknownMethod" | "UnknownInterface" | "UnknownObject" | "UnknownProperty" => {
            Failure::failed(format!(
                "the running daemon does not know this ({message}); it is of another version: \
                 restart it with `systemctl --user restart tidingsd`"
            ))
        }
        _ if short.starts_with("Spawn.") => {
            Failure::unreachable(format!("the daemon could not be started: {message}"))
        }
        "AccessDenied" => Failure::failed(format!("the session bus does not allow it: {message}")),
        _ => return None,
    };
    Some(failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_failure_has_its_own_exit_code() {
        assert_eq!(Failure::failed("x").exit_code(), 1);
        assert_eq!(Failure::Usage("x".into()).exit_code(), 2);
        assert_eq!(Failure::unreachable("x").exit_code(), 3);
        assert_eq!(Failure::from(io::Error::from(io::ErrorKind::BrokenPipe)).exit_code(), 0);
    }

    #[test]
    fn an_unavailable_part_is_not_an_unreachable_daemon() {
        let popups_away = Failure::from(Error::Unavailable("no popup server".into()));
        assert_eq!(popups_away.exit_code(), 1, "the daemon answered, so it was reached");
    }

    #[test]
    fn an_absent_daemon_comes_with_the_way_to_start_it() {
        let failure = answered("org.freedesktop.DBus.Error.ServiceUnknown", "").unwrap();
        assert_eq!(failure.exit_code(), 3);
        assert!(failure.to_string().contains("systemctl --user start tidingsd"));
    }

    #[test]
    fn a_timeout_counts_as_unreachable() {
        let timeout = io::Error::from(io::ErrorKind::TimedOut);
        assert_eq!(Failure::from(zbus::Error::from(timeout)).exit_code(), 3);
    }
}
