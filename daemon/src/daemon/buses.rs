//! The connections to the session bus.

use anyhow::anyhow;
use tracing::warn;
use zbus::Connection;

pub(super) struct Buses {
    /// Carries the service.
    pub(super) service: Connection,
    /// Carries the popups: a client that floods the service does not delay them.
    pub(super) popups: Connection,
}

impl Buses {
    pub(super) async fn connect() -> anyhow::Result<Self> {
        Ok(Self { service: session_bus().await?, popups: session_bus().await? })
    }

    /// Waits until a connection is lost: without the bus nobody can reach the daemon.
    pub(super) async fn gone(&self) {
        tokio::select! {
            () = self.service.closed() => {}
            () = self.popups.closed() => {}
        }
        warn!("the session bus is gone");
    }
}

async fn session_bus() -> anyhow::Result<Connection> {
    // In one piece: the error's own words name their cause already.
    Connection::session().await.map_err(|error| {
        anyhow!(
            "the session bus cannot be reached ({error}); start tidingsd inside a session, or with \
             `dbus-run-session`"
        )
    })
}
