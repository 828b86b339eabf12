//! A session bus of a test's own, without the services of the machine it runs on.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use zbus::Connection;

/// A `dbus-daemon` in a temporary folder; it ends when this value is dropped.
#[derive(Debug)]
pub struct PrivateBus {
    daemon: Child,
    address: String,
    folder: TempDir,
}

impl PrivateBus {
    /// Starts a bus on which nothing can be activated.
    pub fn start() -> Result<Self> {
        Self::launch(None)
    }

    /// Starts a bus that activates the `.service` files of `services`, and only those.
    pub fn with_services(services: &Path) -> Result<Self> {
        Self::launch(Some(services))
    }

    /// The address for `DBUS_SESSION_BUS_ADDRESS` of a program under test.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The bus's own folder; a place for sockets and files that go away with it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Opens a new connection, with a unique name of its own.
    pub async fn connect(&self) -> Result<Connection> {
        zbus::connection::Builder::address(self.address.as_str())?
            .build()
            .await
            .context("connecting to the private bus")
    }

    fn launch(services: Option<&Path>) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("tidings-bus").tempdir()?;
        let configuration = folder.path().join("bus.conf");
        std::fs::write(&configuration, configuration_text(folder.path(), services))?;
        // Its complaint about the limit of open files would stand between the results of the tests.
        let log = std::fs::File::create(folder.path().join("dbus-daemon.log"))?;
        let mut daemon = Command::new("dbus-daemon")
            .args(["--nofork", "--nopidfile", "--print-address=1"])
            .arg(format!("--config-file={}", configuration.display()))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .context("starting dbus-daemon; is the package \"dbus\" installed?")?;
        let mut address = String::new();
        let output = daemon.stdout.take().context("dbus-daemon has no output")?;
        BufReader::new(output).read_line(&mut address)?;
        // From here on the drop ends the daemon, also when the address is missing.
        let bus = Self { daemon, address: address.trim().to_owned(), folder };
        ensure!(!bus.address.is_empty(), "dbus-daemon ended without printing its address");
        Ok(bus)
    }
}

impl Drop for PrivateBus {
    fn drop(&mut self) {
        // Both fail only when the daemon has ended already, and then there is nothing left to do.
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }
}

/// The session bus's own policy and limits, without its service folders.
fn configuration_text(folder: &Path, services: Option<&Path>) -> String {
    let services = services.map_or_else(String::new, |path| {
        format!("  <servicedir>{}</servicedir>\n", path.display())
    });
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <keep_umask/>
  <listen>unix:path={folder}/bus</listen>
  <auth>EXTERNAL</auth>
{services}  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
  <limit name="max_incoming_bytes">1000000000</limit>
  <limit name="max_outgoing_bytes">1000000000</limit>
  <limit name="max_message_size">1000000000</limit>
  <limit name="service_start_timeout">25000</limit>
  <limit name="max_completed_connections">1000</limit>
  <limit name="max_connections_per_user">1000</limit>
  <limit name="max_names_per_connection">50000</limit>
  <limit name="max_match_rules_per_connection">50000</limit>
  <limit name="max_replies_per_connection">50000</limit>
</busconfig>
"#,
        folder = folder.display()
    )
}
