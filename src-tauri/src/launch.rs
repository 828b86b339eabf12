//! Opens the window: in the program that shows it already, or by starting it.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::Context;
use tidings_api::{ApplicationProxy, Place, names, platform_data};
use tokio::process::Command;
use tracing::{debug, warn};
use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;
use zbus::proxy::CacheProperties;

const PROGRAM: &str = "tidings-window";
/// Lets the window come to the front under Wayland.
const TOKEN: &str = "XDG_ACTIVATION_TOKEN";
/// The same under X11.
const STARTUP_ID: &str = "DESKTOP_STARTUP_ID";

/// Opens places in the window. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Launcher {
    connection: Connection,
}

impl Launcher {
    /// Finds a running window on this bus.
    #[must_use]
    pub fn new(connection: Connection) -> Self {
        Self { connection }
    }

    /// Shows `place`, in a task of its own; what fails is in the log.
    pub fn open(&self, place: Place, token: Option<String>) {
        let launcher = self.clone();
        tokio::spawn(async move {
            if let Err(error) = launcher.try_to_open(&place, token.as_deref()).await {
                warn!(%place, error = format!("{error:#}"), "the window could not be opened");
            }
        });
    }

    async fn try_to_open(&self, place: &Place, token: Option<&str>) -> anyhow::Result<()> {
        let bus = DBusProxy::new(&self.connection).await?;
        if bus.name_has_owner(BusName::try_from(names::WINDOW_NAME)?).await? {
            match self.ask_the_window(place, token).await {
                Ok(()) => return Ok(()),
                // It may be ending at this moment; one that hangs keeps its name, and the new one says so.
                Err(error) => debug!(%error, "the window did not answer; starting another"),
            }
        }
        start(place, token)
    }

    async fn ask_the_window(&self, place: &Place, token: Option<&str>) -> zbus::Result<()> {
        let window = ApplicationProxy::builder(&self.connection)
            .destination(names::WINDOW_NAME)?
            .cache_properties(CacheProperties::No)
            .build()
            .await?;
        window.open(&[&place.to_uri()], platform_data(token)).await
    }
}

fn start(place: &Place, token: Option<&str>) -> anyhow::Result<()> {
    let program = program();
    let mut command = command(&program, place, token);
    let mut window = command.spawn().with_context(|| format!("starting {}", program.display()))?;
    tokio::spawn(async move {
        match window.wait().await {
            Ok(status) if status.success() => {}
            Ok(status) => warn!(%status, "the window ended"),
            Err(error) => warn!(%error, "the window's end was missed"),
        }
    });
    Ok(())
}

fn command(program: &std::path::Path, place: &Place, token: Option<&str>) -> Command {
    let mut command = Command::new(program);
    command.arg("--place").arg(place.to_string()).stdin(Stdio::null());
    // Good for one window: the one that this program was started with is used up.
    command.env_remove(TOKEN).env_remove(STARTUP_ID);
    if let Some(token) = token.filter(|token| !token.contains('\0')) {
        command.env(TOKEN, token).env(STARTUP_ID, token);
    }
    command
}

/// The window's program beside this one, or the one that `PATH` finds.
fn program() -> PathBuf {
    let beside = std::env::current_exe().ok().map(|own| own.with_file_name(PROGRAM));
    beside.filter(|path| path.is_file()).unwrap_or_else(|| PROGRAM.into())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;
    use std::path::Path;

    use super::*;

    fn variable(token: Option<&str>) -> Option<String> {
        let command = command(Path::new("window"), &Place::Notification(7), token);
        let arguments: Vec<&OsStr> = command.as_std().get_args().collect();
        assert_eq!(arguments, ["--place", "inbox/7"]);
        let set = command.as_std().get_envs().find(|(name, _)| *name == OsStr::new(TOKEN));
        let value = set.expect("set or removed, never inherited").1;
        value.map(|value| value.to_string_lossy().into_owned())
    }

    #[test]
    fn the_window_gets_its_place_and_this_clicks_token_alone() {
        assert_eq!(variable(Some("t1")).as_deref(), Some("t1"));
        assert_eq!(variable(None), None, "an old token would be refused, and the next with it");
        assert_eq!(variable(Some("a\0b")), None);
    }
}
