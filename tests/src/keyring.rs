//! A real GNOME Keyring on a private bus, with folders of its own.

use std::io::Write;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use tempfile::TempDir;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;

use crate::bus::PrivateBus;
use crate::wait::{DEADLINE, until};

const SECRET_SERVICE: &str = "org.freedesktop.secrets";
const PASSWORD: &str = "the password of the keyring";

/// A `gnome-keyring-daemon`; it ends when this value is dropped. Its folders last as long as this value.
#[derive(Debug)]
pub struct Keyring {
    daemon: Child,
    home: TempDir,
}

impl Keyring {
    /// Starts a keyring that is unlocked, as after logging in.
    pub async fn unlocked(bus: &PrivateBus) -> Result<Self> {
        let home = tempfile::Builder::new().prefix("tidings-keyring").tempdir()?;
        let daemon = launch(bus, home.path(), Some(PASSWORD))?;
        let keyring = Self { daemon, home };
        keyring.wait_until_owned(bus, true).await?;
        Ok(keyring)
    }

    /// Starts it again without its password: the same secrets, locked.
    pub async fn relock(mut self, bus: &PrivateBus) -> Result<Self> {
        self.end();
        self.wait_until_owned(bus, false).await?;
        self.daemon = launch(bus, self.home.path(), None)?;
        self.wait_until_owned(bus, true).await?;
        Ok(self)
    }

    async fn wait_until_owned(&self, bus: &PrivateBus, owned: bool) -> Result<()> {
        let connection = bus.connect().await?;
        let proxy = DBusProxy::new(&connection).await?;
        let name = BusName::try_from(SECRET_SERVICE)?;
        until("the keyring to come or go", DEADLINE, async || {
            let now = proxy.name_has_owner(name.clone()).await.ok()?;
            (now == owned).then_some(())
        })
        .await
    }

    fn end(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        self.end();
    }
}

fn launch(bus: &PrivateBus, home: &Path, password: Option<&str>) -> Result<Child> {
    let mut command = Command::new("gnome-keyring-daemon");
    command.args(["--foreground", "--components=secrets"]);
    if password.is_some() {
        command.arg("--unlock");
    }
    let runtime = home.join("run");
    std::fs::create_dir_all(&runtime)?;
    let mut daemon = command
        .env("DBUS_SESSION_BUS_ADDRESS", bus.address())
        .env("HOME", home)
        .env("XDG_DATA_HOME", home.join("data"))
        .env("XDG_CONFIG_HOME", home.join("config"))
        .env("XDG_CACHE_HOME", home.join("cache"))
        .env("XDG_RUNTIME_DIR", &runtime)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .context("starting gnome-keyring-daemon; is the package \"gnome-keyring\" installed?")?;
    // Closing the pipe ends the password.
    let mut input = daemon.stdin.take().context("the keyring has no input")?;
    input.write_all(password.unwrap_or_default().as_bytes())?;
    Ok(daemon)
}
