//! The kind against a server on loopback and a real inbox, one behaviour a test.

mod faults;
mod live;
mod server;
mod settings;
mod storm;

use tidings_api::Notification;

use crate::sources::home_assistant::tests::server::{Fake, Home};
use crate::sources::live::testing::Scene;

const KIND: &str = "home-assistant";

/// A source that has heard what this Home Assistant has.
async fn online(server: &Home, settings: &str) -> Scene {
    Scene::online(KIND, &format!("{}\n{settings}", server.url())).await
}

/// Keys and texts of the rows that are not taken back, sorted.
fn shown(rows: &[Notification]) -> Vec<(&str, &str)> {
    let there = rows.iter().filter(|row| row.retracted_at.is_none());
    let mut shown: Vec<_> = there.map(|row| (row.key.as_str(), row.body.as_str())).collect();
    shown.sort_unstable();
    shown
}

async fn start() -> Home {
    Home::start(Fake::default()).await
}
