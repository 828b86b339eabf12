//! What a message past the queue shows about the whole target.

use super::*;

async fn pause(scene: &Scene) {
    let (done, recorded) = oneshot::channel();
    scene.commands.send(Command::Pause { why: "401".into(), done }).unwrap();
    settled(recorded).await;
}

#[tokio::test]
async fn a_failed_test_of_the_credentials_holds_back_what_is_queued() {
    let scene = Scene::new(Provider::new(1_000)).await;
    pause(&scene).await;
    assert_eq!(scene.store.pauses().await.unwrap()[0].why, "401", "it is told to whoever asks");
    scene.post(&["a"]).await;
    scene.advance(PROBE_AFTER / 2);
    // What is told after the time is answered after whatever it began.
    for _ in 0..3 {
        scene.settle().await;
        scene.wait_for(&["SCHEDULED"]).await;
    }
    assert!(scene.provider.titles().is_empty(), "each would be refused as the test was");
    let (done, recorded) = oneshot::channel();
    scene.commands.send(Command::Resume(done)).unwrap();
    settled(recorded).await;
    assert!(scene.store.pauses().await.unwrap().is_empty());
    scene.wait_for(&["DELIVERED"]).await;
}

#[tokio::test]
async fn one_failed_test_after_the_other_does_not_put_off_the_try_after_an_hour() {
    let scene = Scene::new(Provider::new(1_000)).await;
    pause(&scene).await;
    scene.post(&["a"]).await;
    scene.advance(PROBE_AFTER / 2);
    pause(&scene).await;
    scene.advance(PROBE_AFTER / 2);
    scene.wait_for(&["DELIVERED"]).await;
}

#[tokio::test]
async fn a_target_that_ends_notes_nothing_for_the_next_one_of_its_name() {
    let mut scene = Scene::new(Provider::new(0)).await;
    scene.post(&["a"]).await;
    until(|| scene.provider.begun.load(Ordering::SeqCst) == 1).await;
    scene.stop.cancel();
    let (done, recorded) = oneshot::channel();
    scene.commands.send(Command::Pause { why: "401".into(), done }).unwrap();
    assert!(recorded.await.is_err(), "it is dropped");
    scene.provider.open.add_permits(1);
    tokio::time::timeout(PATIENCE, &mut scene.lane).await.unwrap().unwrap();
    assert!(scene.store.pauses().await.unwrap().is_empty());
}
