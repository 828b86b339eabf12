//! What must not leave any more: opt-outs, and records that are gone.

use tidings_api::names::LOCAL_SOURCE;
use tidings_api::{OptOut, Scope};

use super::*;

#[tokio::test]
async fn an_opt_out_in_mid_run_sends_nothing_more() {
    let scene = Scene::new(Provider::new(7)).await;
    let titles: Vec<String> = (0..200).map(|n| n.to_string()).collect();
    scene.post(&titles.iter().map(String::as_str).collect::<Vec<_>>()).await;
    // Seven have left, the eighth is on its way, and the others are claimed or wait.
    until(|| scene.provider.begun.load(Ordering::SeqCst) == 8).await;
    let opt_out = OptOut { target: "mail".into(), ..OptOut::default() };
    scene.store.opt_out(opt_out).await.unwrap();
    let settling = scene.begin_to_settle(Unwanted::OptedOut);
    scene.provider.open.add_permits(1_000);
    settled(settling).await;
    assert_eq!(scene.provider.titles().len(), 8, "what was on its way ends, and nothing follows");
    scene.advance(60 * 60_000);
    let mut wanted = vec!["DELIVERED"; 8];
    wanted.resize(200, "OPTED OUT");
    scene.wait_for(&wanted).await;
    assert_eq!(scene.provider.titles().len(), 8, "not later either");
}

#[tokio::test]
async fn what_does_not_end_is_given_up_when_it_is_not_wanted_any_more() {
    let scene = Scene::new(Provider::new(0)).await;
    scene.post(&["a"]).await;
    until(|| scene.provider.begun.load(Ordering::SeqCst) == 1).await;
    scene.store.opt_out(OptOut { target: "mail".into(), ..OptOut::default() }).await.unwrap();
    let settling = scene.begin_to_settle(Unwanted::OptedOut);
    scene.commands.send(Command::GiveUp).unwrap();
    settled(settling).await;
    scene.wait_for(&["OPTED OUT"]).await;
    assert!(scene.provider.titles().is_empty());
}

#[tokio::test]
async fn an_opt_out_of_something_else_leaves_what_is_on_its_way_alone() {
    let scene = Scene::with(Provider::new(0), false).await;
    scene.post(&["a"]).await;
    until(|| scene.provider.begun.load(Ordering::SeqCst) == 1).await;
    let (source, key) = (Some(LOCAL_SOURCE.into()), Some("another thread".into()));
    let scope = Scope { source, key, topic: None };
    scene.store.opt_out(OptOut { scope, ..OptOut::default() }).await.unwrap();
    settled(scene.begin_to_settle(Unwanted::OptedOut)).await;
    scene.commands.send(Command::GiveUp).unwrap();
    scene.provider.open.add_permits(1);
    scene.wait_for(&["DELIVERED"]).await;
    assert_eq!(scene.provider.begun.load(Ordering::SeqCst), 1, "it was not begun twice");
}

#[tokio::test]
async fn nothing_more_goes_to_a_record_that_was_switched_off() {
    let scene = Scene::new(Provider::new(0)).await;
    scene.post(&["a", "b", "c"]).await;
    until(|| scene.provider.begun.load(Ordering::SeqCst) == 1).await;
    scene.store.update_record(scene.record, None, Some(false)).await.unwrap();
    let settling = scene.begin_to_settle(Unwanted::Record(scene.record));
    scene.provider.open.add_permits(100);
    settled(settling).await;
    scene.wait_for(&["DELIVERED", "SUPPRESSED", "SUPPRESSED"]).await;
    assert_eq!(scene.provider.titles(), ["a"], "the others were claimed, and did not leave");
}

#[tokio::test]
async fn nothing_more_goes_to_an_address_that_is_gone() {
    let scene = Scene::new(Provider::new(100)).await;
    scene.provider.answers(|_| Outcome::Gone { why: "550 5.1.1".into() });
    scene.post(&["a", "b", "c"]).await;
    scene.wait_for(&["INACTIVE DEVICE", "SUPPRESSED", "SUPPRESSED"]).await;
    assert_eq!(scene.provider.titles(), ["a"]);
}
