//! Opening a link that the page has shown in full: through the desktop's portal where one runs, else by `xdg-open`.

use std::process::Stdio;
use std::time::Duration;

use ashpd::desktop::open_uri::OpenFileRequest;
use tidings_api::Address;
use tidings_app::page::Failure;
use tokio::process::Command;
use zbus::Connection;
use zbus::fdo::DBusProxy;

use crate::commands::Answer;

const PORTAL: &str = "org.freedesktop.portal.Desktop";
/// How long a failure is waited for: some desktops keep `xdg-open` until the browser ends.
const RESULT_WITHIN: Duration = Duration::from_secs(3);

/// Opens a link that is on the allow-list.
pub(crate) async fn open(connection: &Connection, address: &Address) -> Answer<()> {
    if has_portal(connection).await && by_portal(connection, address).await {
        return Ok(());
    }
    by_xdg_open(address).await
}

/// None is started for it.
async fn has_portal(connection: &Connection) -> bool {
    let Ok(bus) = DBusProxy::new(connection).await else { return false };
    let Ok(name) = PORTAL.try_into() else { return false };
    bus.name_has_owner(name).await.unwrap_or(false)
}

/// Whether it took the link; a person whom it asks may still say no.
async fn by_portal(connection: &Connection, address: &Address) -> bool {
    let Ok(uri) = ashpd::Uri::parse(address.as_str()) else { return false };
    let request = OpenFileRequest::default().connection(Some(connection.clone()));
    match request.send_uri(&uri).await {
        Ok(_) => true,
        Err(error) => {
            tracing::debug!(%error, "the portal did not take the link");
            false
        }
    }
}

/// The link is one argument and no shell reads it.
async fn by_xdg_open(address: &Address) -> Answer<()> {
    let mut child = Command::new("xdg-open")
        .arg(address.as_str())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| {
            Failure::unavailable(format!(
                "xdg-open cannot be started ({error}); install the package \"xdg-utils\" or a desktop portal"
            ))
        })?;
    match tokio::time::timeout(RESULT_WITHIN, child.wait()).await {
        Ok(Ok(status)) if !status.success() => {
            Err(Failure::unavailable(format!("xdg-open did not open the link ({status})")))
        }
        Ok(Err(error)) => Err(Failure::unavailable(format!("xdg-open: {error}"))),
        Ok(Ok(_)) => Ok(()),
        Err(_) => {
            tauri::async_runtime::spawn(async move { child.wait().await });
            Ok(())
        }
    }
}
