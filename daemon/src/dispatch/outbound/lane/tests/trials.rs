//! What a message past the queue shows about the whole target.

use super::*;

#[tokio::test]
async fn a_failed_test_of_the_credentials_holds_back_what_is_queued() {
    let scene = Scene::new(Provider::new(1_000)).await;
    scene.commands.send(Command::Paused).unwrap();
    scene.post(&["a"]).await;
    scene.advance(PROBE_AFTER / 2);
    // What is told after the time is answered after whatever it began.
    for _ in 0..3 {
        scene.settle().await;
        scene.wait_for(&["SCHEDULED"]).await;
    }
    assert!(scene.provider.titles().is_empty(), "each would be refused as the test was");
    scene.commands.send(Command::Mended).unwrap();
    scene.wait_for(&["DELIVERED"]).await;
}
