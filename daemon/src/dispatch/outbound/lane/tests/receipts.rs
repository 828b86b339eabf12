//! What a provider is asked later about what it has accepted.

use super::*;

#[tokio::test]
async fn a_provider_is_asked_later_and_its_word_is_recorded() {
    let scene = Scene::new(Provider::new(100)).await;
    scene.post(&["a"]).await;
    scene.wait_for(&["DELIVERED"]).await;
    assert_eq!(scene.provider.asked.load(Ordering::SeqCst), 0, "not before it can know");
    scene.advance(15_000);
    until(|| scene.provider.asked.load(Ordering::SeqCst) == 1).await;
    let confirmed = async {
        while scene.deliveries().await[0].confirmed_at.is_none() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(PATIENCE, confirmed).await.expect("it is confirmed");
}

#[tokio::test]
async fn a_provider_that_cannot_be_asked_is_not_asked_for_ever() {
    let scene = Scene::new(Provider::new(100)).await;
    *scene.provider.later.lock().unwrap() = None;
    scene.post(&["a"]).await;
    scene.wait_for(&["DELIVERED"]).await;
    scene.advance(15_000);
    until(|| scene.provider.asked.load(Ordering::SeqCst) == 1).await;
    scene.advance(25 * 60 * 60_000);
    until(|| scene.provider.asked.load(Ordering::SeqCst) == 2).await;
    scene.advance(25 * 60 * 60_000);
    scene.post(&["b"]).await;
    scene.wait_for(&["DELIVERED", "DELIVERED"]).await;
    assert_eq!(scene.provider.asked.load(Ordering::SeqCst), 2, "a day is enough");
}

#[tokio::test]
async fn a_receipt_that_tells_of_wrong_credentials_pauses_the_target() {
    let scene = Scene::new(Provider::new(100)).await;
    let refused = Confirmation::Misconfigured { why: "InvalidCredentials".into() };
    *scene.provider.later.lock().unwrap() = Some(refused);
    scene.post(&["a"]).await;
    scene.wait_for(&["DELIVERED"]).await;
    scene.advance(15_000);
    scene.wait_for(&["DELIVERY FAILURE"]).await;
    scene.post(&["b"]).await;
    scene.settle().await;
    assert_eq!(scene.statuses().await, ["DELIVERY FAILURE", "SCHEDULED"], "it waits");
    assert_eq!(scene.store.pauses().await.unwrap()[0].why, "InvalidCredentials");
}
