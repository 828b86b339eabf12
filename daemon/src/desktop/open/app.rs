//! The window of the app: shown by the tray program, which the bus starts where it is installed.

use std::time::Duration;

use tidings_api::{ApplicationProxy, Place, names, platform_data};
use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;
use zbus::proxy::CacheProperties;

/// How long the app may take to start and answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Shows `place`; `false` where there is no app that could.
pub(super) async fn open(
    connection: &Connection,
    place: &Place,
    token: Option<&str>,
) -> zbus::Result<bool> {
    if !is_there(connection).await? {
        return Ok(false);
    }
    let app =
        ApplicationProxy::builder(connection).cache_properties(CacheProperties::No).build().await?;
    let uri = place.to_uri();
    match tokio::time::timeout(PATIENCE, app.open(&[&uri], platform_data(token))).await {
        Ok(answer) => answer.map(|()| true),
        Err(_) => Err(zbus::Error::Failure(format!(
            "the app has not answered for {} seconds",
            PATIENCE.as_secs()
        ))),
    }
}

/// Whether the app runs or can be started: a call to one that is neither would be an error on every click.
async fn is_there(connection: &Connection) -> zbus::Result<bool> {
    let bus = DBusProxy::new(connection).await?;
    if bus.name_has_owner(BusName::try_from(names::APPLICATION_ID)?).await? {
        return Ok(true);
    }
    let activatable = bus.list_activatable_names().await?;
    Ok(activatable.iter().any(|name| name.as_str() == names::APPLICATION_ID))
}
