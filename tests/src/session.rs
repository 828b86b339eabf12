//! A person's login session: a bus, a popup server, a home folder and a browser that only takes notes.

use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;
use tidings_api::names;
use tokio::process::Command;
use zbus::Connection;
use zbus::fdo::DBusProxy;

use crate::bus::PrivateBus;
use crate::popup_server::PopupServer;
use crate::programs;
use crate::tidingsd::Tidingsd;

/// What is under `$HOME`; every path is below one temporary folder.
#[derive(Debug)]
pub struct Session {
    /// The session bus.
    pub bus: PrivateBus,
    /// The popup server; it owns its name from the start unless the session began without.
    pub popups: PopupServer,
    home: TempDir,
    /// What the bus may start, if anything.
    services: Option<TempDir>,
    /// The authority that programs believe in place of the system's.
    authority: Option<PathBuf>,
}

impl Session {
    /// Logs in on a desktop with a popup server.
    pub async fn start() -> Result<Self> {
        let session = Self::without_popup_server().await?;
        session.popups.own_name().await?;
        Ok(session)
    }

    /// Logs in where no popup server runs yet; `popups.own_name()` brings it.
    pub async fn without_popup_server() -> Result<Self> {
        Self::on(PrivateBus::start()?).await
    }

    /// Logs in where the bus starts the daemon when it is called, as in an installation.
    pub async fn with_daemon_on_call() -> Result<Self> {
        let services = tempfile::Builder::new().prefix("tidings-services").tempdir()?;
        let name = format!("{}.service", names::BUS_NAME);
        programs::install_data(&format!("{name}.in"), &services.path().join(name))?;
        let mut session = Self::on(PrivateBus::with_services(services.path())?).await?;
        session.services = Some(services);
        let environment = session.environment()?;
        let texts =
            environment.iter().map(|(key, value)| Ok((*key, value.to_str().context("not UTF-8")?)));
        let bus = DBusProxy::new(&session.connect().await?).await?;
        bus.update_activation_environment(texts.collect::<Result<_>>()?).await?;
        Ok(session)
    }

    /// Logs in on a bus of the test's own making; its popup server does not run yet.
    pub async fn on(bus: PrivateBus) -> Result<Self> {
        let popups = PopupServer::prepare(bus.connect().await?);
        let home = tempfile::Builder::new().prefix("tidings-home").tempdir()?;
        let session = Self { bus, popups, home, services: None, authority: None };
        for folder in [session.config_file(), session.database()] {
            std::fs::create_dir_all(folder.parent().context("no parent")?)?;
        }
        let runtime = session.home().join("run");
        std::fs::create_dir(&runtime)?;
        std::fs::set_permissions(&runtime, std::fs::Permissions::from_mode(0o700))?;
        session.install_browser()?;
        Ok(session)
    }

    /// The home folder.
    #[must_use]
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// `config.toml`, which need not exist.
    #[must_use]
    pub fn config_file(&self) -> PathBuf {
        self.home().join("config/tidings/config.toml")
    }

    /// The inbox, which need not exist.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.home().join("data/tidings/inbox.db")
    }

    /// Writes `config.toml`.
    pub fn configure(&self, text: &str) -> Result<()> {
        std::fs::write(self.config_file(), text).context("writing config.toml")
    }

    /// Writes a secret as `token_file` wants it, readable by the owner alone.
    pub fn secret_file(&self, name: &str, secret: &str) -> Result<PathBuf> {
        let path = self.home().join(name);
        std::fs::write(&path, format!("{secret}\n"))?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600))?;
        Ok(path)
    }

    /// Lets programs that start from now on believe this authority of certificates and no other.
    pub fn trust(&mut self, authority: &Path) {
        self.authority = Some(authority.to_owned());
    }

    /// Starts the daemon and waits until it serves the bus.
    pub async fn daemon(&self) -> Result<Tidingsd> {
        Tidingsd::start(self, &[]).await
    }

    /// Starts the daemon with these arguments.
    pub async fn daemon_with(&self, arguments: &[&str]) -> Result<Tidingsd> {
        Tidingsd::start(self, arguments).await
    }

    /// Where its bus is, for a client that brings its own connection.
    #[must_use]
    pub fn bus_address(&self) -> &str {
        self.bus.address()
    }

    /// A client's connection. Calls that are never answered fail after a while.
    pub async fn connect(&self) -> Result<Connection> {
        zbus::connection::Builder::address(self.bus.address())?
            .method_timeout(Duration::from_secs(30))
            .build()
            .await
            .context("connecting to the private bus")
    }

    /// The variables of every program of the session, and no other.
    pub fn environment(&self) -> Result<Vec<(&'static str, OsString)>> {
        let mut path = vec![self.home().join("bin")];
        path.extend(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()));
        let mut environment: Vec<(&'static str, OsString)> = vec![
            ("HOME", self.home().into()),
            ("XDG_CONFIG_HOME", self.home().join("config").into()),
            ("XDG_DATA_HOME", self.home().join("data").into()),
            ("XDG_STATE_HOME", self.home().join("state").into()),
            ("XDG_CACHE_HOME", self.home().join("cache").into()),
            ("XDG_RUNTIME_DIR", self.home().join("run").into()),
            ("DBUS_SESSION_BUS_ADDRESS", self.bus.address().into()),
            // One bus is enough for both: the machine's own is not for tests.
            ("DBUS_SYSTEM_BUS_ADDRESS", self.bus.address().into()),
            ("PATH", std::env::join_paths(path)?),
            ("LANG", "C.UTF-8".into()),
            ("TZ", "UTC".into()),
            ("RUST_BACKTRACE", "1".into()),
        ];
        environment.extend(self.authority.iter().map(|path| ("SSL_CERT_FILE", path.into())));
        Ok(environment)
    }

    /// A program of the session, ended when its handle is dropped.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Result<Command> {
        let mut command = Command::new(program);
        command.env_clear().envs(self.environment()?).current_dir(self.home()).kill_on_drop(true);
        Ok(command)
    }

    /// What the browser was asked to open so far: activation token and URL.
    #[must_use]
    pub fn opened(&self) -> Vec<(String, String)> {
        // The file does not exist before the first URL.
        let text = std::fs::read_to_string(self.home().join("opened")).unwrap_or_default();
        text.lines()
            .filter_map(|line| line.split_once(' '))
            .map(|(token, url)| (token.to_owned(), url.to_owned()))
            .collect()
    }

    fn install_browser(&self) -> Result<()> {
        let bin = self.home().join("bin");
        std::fs::create_dir(&bin)?;
        let script = "#!/bin/sh\necho \"${XDG_ACTIVATION_TOKEN:--} $1\" >>\"$HOME/opened\"\n";
        let path = bin.join("xdg-open");
        std::fs::write(&path, script)?;
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
        Ok(())
    }
}
