//! Stops the daemon: its unit where systemd runs it, else its process, politely.

use anyhow::{Context, ensure};
use tidings_api::names;
use zbus::fdo::{DBusProxy, PropertiesProxy};
use zbus::names::{BusName, InterfaceName};
use zbus::zvariant::OwnedObjectPath;
use zbus::{Connection, proxy};

/// The unit that the installation brings.
const UNIT: &str = "tidingsd.service";
const SYSTEMD: &str = "org.freedesktop.systemd1";

/// The user's service manager.
#[proxy(
    interface = "org.freedesktop.systemd1.Manager",
    default_service = "org.freedesktop.systemd1",
    default_path = "/org/freedesktop/systemd1"
)]
trait Manager {
    #[zbus(name = "GetUnitByPID")]
    fn get_unit_by_pid(&self, pid: u32) -> zbus::Result<OwnedObjectPath>;

    fn stop_unit(&self, name: &str, mode: &str) -> zbus::Result<OwnedObjectPath>;
}

/// Stops the daemon that owns the name.
pub(super) async fn stop(connection: &Connection) -> anyhow::Result<()> {
    let bus = DBusProxy::new(connection).await?;
    let process = bus.get_connection_unix_process_id(BusName::try_from(names::BUS_NAME)?).await?;
    if is_unit(connection, &bus, process).await {
        // Ended otherwise than by its manager, the unit would count as failed and be started again.
        ManagerProxy::new(connection).await?.stop_unit(UNIT, "replace").await?;
        return Ok(());
    }
    terminate(process)
}

/// Whether systemd runs the process as the daemon's unit; not so where there is no systemd.
async fn is_unit(connection: &Connection, bus: &DBusProxy<'_>, process: u32) -> bool {
    let Ok(name) = BusName::try_from(SYSTEMD) else { return false };
    // Only where it runs already: a bus must not start a service manager for this.
    if !bus.name_has_owner(name).await.unwrap_or(false) {
        return false;
    }
    unit_of(connection, process).await.is_ok_and(|unit| unit == UNIT)
}

async fn unit_of(connection: &Connection, process: u32) -> anyhow::Result<String> {
    let unit = ManagerProxy::new(connection).await?.get_unit_by_pid(process).await?;
    let properties =
        PropertiesProxy::builder(connection).destination(SYSTEMD)?.path(unit)?.build().await?;
    let interface = InterfaceName::try_from("org.freedesktop.systemd1.Unit")?;
    Ok(properties.get(interface, "Id").await?.try_into()?)
}

fn terminate(process: u32) -> anyhow::Result<()> {
    let process = libc::pid_t::try_from(process)?;
    ensure!(process > 1, "the bus names {process} as the daemon's process, which it cannot be");
    // SAFETY: `kill` takes two integers and touches no memory of ours.
    let result = unsafe { libc::kill(process, libc::SIGTERM) };
    if result == 0 {
        return Ok(());
    }
    Err(std::io::Error::last_os_error()).context("the daemon could not be told to end")
}
