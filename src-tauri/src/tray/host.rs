//! The panel's side: whether somebody is there who shows tray icons.

use futures_util::StreamExt;
use tracing::info;
use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::names::{BusName, OwnedUniqueName};

const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// Waits until there is a tray host, and tells who. `None` when the bus is gone.
pub(super) async fn present(connection: &Connection) -> zbus::Result<Option<OwnedUniqueName>> {
    let bus = DBusProxy::new(connection).await?;
    // Before the question, so that a host that comes meanwhile is not missed.
    let mut changes = bus.receive_name_owner_changed_with_args(&[(0, WATCHER)]).await?;
    if let Some(host) = owner(&bus).await? {
        return Ok(Some(host));
    }
    info!("no tray host; waiting for one");
    while let Some(change) = changes.next().await {
        if let Some(host) = change.args()?.new_owner.as_ref() {
            return Ok(Some(host.to_owned().into()));
        }
    }
    Ok(None)
}

/// Whether this is still the tray host.
pub(super) async fn is(connection: &Connection, host: &OwnedUniqueName) -> zbus::Result<bool> {
    let bus = DBusProxy::new(connection).await?;
    Ok(owner(&bus).await?.as_ref() == Some(host))
}

async fn owner(bus: &DBusProxy<'_>) -> zbus::Result<Option<OwnedUniqueName>> {
    match bus.get_name_owner(BusName::try_from(WATCHER)?).await {
        Ok(owner) => Ok(Some(owner)),
        Err(zbus::fdo::Error::NameHasNoOwner(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
