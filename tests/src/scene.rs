//! A person's session with a daemon that is signed in at a faulty server.

use std::collections::BTreeSet;

use anyhow::Result;
use tidings_api::{Notification, SourceState, StateChange};

use crate::config::{self, SOURCE};
use crate::faulty_server::FaultyServer;
use crate::session::Session;
use crate::tidingsd::Tidingsd;
use crate::wait::{LONG, until};

/// The three that play together; dropped together.
#[derive(Debug)]
pub struct Scene {
    /// Where the daemon runs and popups appear.
    pub session: Session,
    /// What the source [`SOURCE`] is connected to.
    pub server: FaultyServer,
    /// The daemon.
    pub daemon: Tidingsd,
}

impl Scene {
    /// A daemon that is online with a new server in good health.
    pub async fn online() -> Result<Self> {
        Self::online_with("").await
    }

    /// The same with further lines in the source's configuration.
    pub async fn online_with(lines: &str) -> Result<Self> {
        let scene = Self::start(FaultyServer::start().await?, lines).await?;
        scene.daemon.wait_for_state(SOURCE, SourceState::Online).await?;
        scene.server.wait_for_sockets(1).await?;
        Ok(scene)
    }

    /// A daemon that was just started with this server in its configuration.
    pub async fn start(server: FaultyServer, lines: &str) -> Result<Self> {
        let session = Session::start().await?;
        session.configure(&format!("{}{lines}", config::faulty(&session, &server)?))?;
        let daemon = session.daemon().await?;
        Ok(Self { session, server, daemon })
    }

    /// Waits until exactly these many rows are there, all with the server's identity.
    pub async fn wait_for_confirmed(&self, count: usize) -> Result<Vec<Notification>> {
        let what = format!("{count} confirmed rows");
        let confirmed = move |rows: &[Notification]| {
            rows.len() == count && rows.iter().all(|row| row.remote_id.is_some())
        };
        self.daemon.wait_for_rows(SOURCE, &what, LONG, confirmed).await
    }

    /// Waits until the list has been asked so many times more.
    pub async fn wait_for_reconciles(&self, count: usize) -> Result<()> {
        let path = "/notifications/api/list/";
        let wanted = self.server.requests("GET", path) + count;
        until("further reconciles", LONG, async || {
            (self.server.requests("GET", path) >= wanted).then_some(())
        })
        .await
    }

    /// Marks rows as read here.
    pub async fn mark_read(&self, rows: &[Notification]) -> Result<()> {
        let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
        self.daemon.inbox().await?.set_state(&ids, StateChange::READ.to_dict()).await?;
        Ok(())
    }
}

/// The server's identities, each once.
#[must_use]
pub fn remote_ids(rows: &[Notification]) -> BTreeSet<&str> {
    rows.iter().filter_map(|row| row.remote_id.as_deref()).collect()
}
