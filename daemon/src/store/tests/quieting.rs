use std::sync::Arc;

use tidings_api::{Millis, OptOut, QuietKind, Scope, StateChange};

use super::fixture::{Fixture, NOW, local};
use crate::dispatch::rules::PopupRules;
use crate::model::{Incoming, NotificationId};
use crate::quiet::Switched;
use crate::store::{Claimed, DeliveryEnd, QuietRecord, SummaryOf};

fn hush(fixture: &Fixture, quiet: Option<QuietKind>) {
    fixture.rules.send_modify(|rules| {
        *rules = Arc::new(PopupRules { quiet, ..PopupRules::clone(rules) });
    });
}

async fn last(fixture: &Fixture, id: NotificationId) -> (String, String) {
    let told = fixture.store.explain(id).await.expect("answers");
    let word = |key: &str| {
        let word = told.last().and_then(|last| last.get(key));
        word.and_then(|word| <&str>::try_from(word).ok()).unwrap_or_default().to_owned()
    };
    (word("status"), word("reason"))
}

async fn post(fixture: &Fixture, incoming: Incoming) -> NotificationId {
    fixture.store.post(vec![incoming]).await.expect("posts")[0]
}

#[tokio::test]
async fn only_what_is_still_news_is_announced_and_only_once() {
    let fixture = Fixture::new();
    hush(&fixture, Some(QuietKind::Schedule));
    let [news, read, done, muted] = [
        fixture.post("news").await,
        fixture.post("read").await,
        fixture.post("done").await,
        post(&fixture, Incoming { topic: "muted".into(), ..local("muted") }).await,
    ];
    let over = Incoming { expires_at: Some(NOW + 10), ..local("over") };
    let over = post(&fixture, over).await;
    assert_eq!(last(&fixture, news).await, ("SUPPRESSED".into(), "quiet-schedule".into()));

    let store = &fixture.store;
    store.set_state(vec![read], StateChange::READ).await.expect("reads");
    let change = StateChange { done: Some(true), ..StateChange::default() };
    store.set_state(vec![done], change).await.expect("ends");
    let (source, topic) = (Some("local".to_owned()), Some("muted".to_owned()));
    let scope = Scope { source, topic, key: None };
    store.opt_out(OptOut { scope, ..OptOut::default() }).await.expect("opts out");
    fixture.clock.advance(20);

    let order = store.claim_after_quiet(NOW).await.expect("claims").expect("there is news");
    assert_eq!((order.ids, order.count), (vec![news], 1));
    assert_eq!(order.of, SummaryOf::Quiet(vec![("local".into(), 1)]));
    let ends = vec![(Claimed::Summary(order.claim), DeliveryEnd::Delivered)];
    store.record(ends).await.expect("records");
    let told = ("DELIVERED".to_owned(), "quiet-schedule".to_owned());
    assert_eq!(last(&fixture, news).await, told, "it still says what it waited for");
    for silent in [read, done, muted, over] {
        assert_eq!(last(&fixture, silent).await.0, "SUPPRESSED");
    }
    assert_eq!(store.claim_after_quiet(NOW).await.expect("claims"), None, "not twice");
}

#[tokio::test]
async fn an_earlier_quiet_is_history() {
    let fixture = Fixture::new();
    hush(&fixture, Some(QuietKind::Manual));
    fixture.post("of yesterday").await;
    let later: Millis = 86_400_000;
    fixture.clock.advance(later);
    let today = fixture.post("of today").await;
    let order = fixture.store.claim_after_quiet(NOW + later).await.expect("claims");
    assert_eq!(order.expect("there is news").ids, [today]);
}

#[tokio::test]
async fn what_falls_due_while_it_is_quiet_waits_for_its_end() {
    let fixture = Fixture::new();
    let planned = Incoming { deliver_at: Some(NOW + 5), ..local("planned") };
    let planned = post(&fixture, planned).await;
    hush(&fixture, Some(QuietKind::Timer));
    fixture.clock.advance(10);
    assert!(fixture.store.claim_due(false).await.expect("claims").popups.is_empty());
    assert_eq!(last(&fixture, planned).await, ("SUPPRESSED".into(), "quiet-timer".into()));
    hush(&fixture, None);
    let order = fixture.store.claim_after_quiet(NOW).await.expect("claims");
    assert_eq!(order.expect("there is news").ids, [planned]);
}

#[tokio::test]
async fn what_fell_due_while_the_machine_slept_is_announced_after_the_quiet_that_began_meanwhile() {
    let fixture = Fixture::new();
    let planned = Incoming { deliver_at: Some(NOW + 5), ..local("planned") };
    let planned = post(&fixture, planned).await;
    fixture.clock.advance(1_000);
    hush(&fixture, Some(QuietKind::Schedule));
    let quiet_since = fixture.clock.now();
    assert!(fixture.store.claim_due(false).await.expect("claims").popups.is_empty());
    hush(&fixture, None);
    let order = fixture.store.claim_after_quiet(quiet_since).await.expect("claims");
    assert_eq!(order.expect("it is still news").ids, [planned]);
}

#[tokio::test]
async fn an_absent_popup_server_gets_the_summary_later() {
    let fixture = Fixture::new();
    hush(&fixture, Some(QuietKind::Manual));
    let id = fixture.post("news").await;
    hush(&fixture, None);
    let order = fixture.store.claim_after_quiet(NOW).await.expect("claims").expect("news");
    let ends = vec![(Claimed::Summary(order.claim), DeliveryEnd::Retry(NOW + 5))];
    fixture.store.record(ends).await.expect("records");
    fixture.clock.advance(5);
    let due = fixture.store.claim_due(false).await.expect("claims");
    assert_eq!(due.popups.iter().map(|popup| popup.id).collect::<Vec<_>>(), [id]);
}

#[tokio::test]
async fn what_was_switched_is_remembered() {
    let fixture = Fixture::new();
    assert_eq!(fixture.store.quiet().await.expect("answers"), QuietRecord::default());
    let switched = Switched { manual: true, timer_until: None, skipped_until: Some(NOW) };
    let record = QuietRecord { switched, since: Some(NOW - 5) };
    fixture.store.set_quiet(record).await.expect("remembers");
    let fixture = fixture.reopened().await;
    assert_eq!(fixture.store.quiet().await.expect("answers"), record);
}
