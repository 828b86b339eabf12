//! The kind against a server on loopback and a real inbox, one behaviour a test.

mod deletions;
mod faults;
mod live;
mod server;
mod settings;
mod storm;

use tidings_api::{Notification, SourceState};

use crate::sources::gotify::tests::server::{Fake, Gotify};
use crate::sources::live::testing::Scene;

const KIND: &str = "gotify";

/// A source that has caught up with this server.
async fn online(server: &Gotify, settings: &str) -> Scene {
    Scene::online(KIND, &format!("{}\n{settings}", server.url())).await
}

/// Ids of the rows that the server is thought to have, the newest first.
fn ids(rows: &[Notification]) -> Vec<u64> {
    let there = rows.iter().filter(|row| row.retracted_at.is_none());
    there.filter_map(|row| row.remote_id.as_ref()?.parse().ok()).collect()
}

/// Ids of the rows that were taken back.
fn gone(rows: &[Notification]) -> Vec<u64> {
    let gone = rows.iter().filter(|row| row.retracted_at.is_some());
    gone.filter_map(|row| row.remote_id.as_ref()?.parse().ok()).collect()
}

async fn start() -> Gotify {
    Gotify::start(Fake::default()).await
}

/// Waits until the source is online on its so many-th connection.
async fn connected(server: &Gotify, scene: &Scene, times: usize) {
    server.asked("GET /stream", times).await;
    scene.state(SourceState::Online).await;
}
