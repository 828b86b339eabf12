//! The number on the app's launcher in a dock (`com.canonical.Unity.LauncherEntry`, read by KDE, Ubuntu and Plank).

use std::collections::HashMap;

use tokio::sync::watch;
use tracing::debug;
use zbus::Connection;
use zbus::zvariant::Value;

use crate::tray::Appearance;

const INTERFACE: &str = "com.canonical.Unity.LauncherEntry";
const PATH: &str = "/org/tidings/Tidings/LauncherEntry";
const APPLICATION: &str = "application://org.tidings.Tidings.desktop";

/// Tells the unread number whenever it is another.
pub async fn draw(connection: Connection, mut appearance: watch::Receiver<Option<Appearance>>) {
    let mut told = None;
    while appearance.changed().await.is_ok() {
        let unread = appearance.borrow_and_update().as_ref().map(|appearance| appearance.unread);
        if unread.is_none() || unread == told {
            continue;
        }
        let body = (APPLICATION, properties(unread.unwrap_or(0)));
        match connection.emit_signal(None::<&str>, PATH, INTERFACE, "Update", &body).await {
            Ok(()) => told = unread,
            // The bus is going, and the program with it.
            Err(error) => debug!(%error, "docks were not told"),
        }
    }
}

fn properties(unread: u32) -> HashMap<&'static str, Value<'static>> {
    [("count", Value::from(i64::from(unread))), ("count-visible", Value::from(unread > 0))].into()
}
