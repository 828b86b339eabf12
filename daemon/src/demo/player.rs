use tokio::sync::watch;

use super::board::frame;
use super::day::Scene;
use super::server::Shared;

/// Plays the scenes to whoever is connected, then waits until the list was read once more.
///
/// It begins when a client is connected and has caught up, so that nothing of the day is taken for history.
pub(super) async fn play(scenes: Vec<Scene>, shared: Shared, finish: watch::Sender<bool>) {
    shared.wait_until(|board| board.has_reader()).await;
    for scene in scenes {
        tokio::time::sleep(scene.pause).await;
        // The row first: this server's frames tell of what its list already has.
        let id = shared.add(scene.note.clone());
        for _ in 0..scene.frames.count() {
            shared.broadcast(&frame(id, &scene.note));
        }
    }
    let total = shared.len();
    shared.wait_until(|board| board.was_listed_with(total)).await;
    finish.send_replace(true);
}
