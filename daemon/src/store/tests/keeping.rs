use tidings_api::{Filter, Millis, StateChange, View};

use super::fixture::{Fixture, NOW, local, remote, upsert};
use crate::model::{Incoming, Marking, NotificationId};
use crate::store::Retention;

const DAY: Millis = 24 * 60 * 60 * 1_000;

async fn retain(fixture: &Fixture, retention: Retention) {
    while fixture.store.retain(retention).await.expect("retains") {}
}

async fn save(fixture: &Fixture, id: NotificationId) {
    let change = StateChange { saved: Some(true), ..StateChange::default() };
    fixture.store.set_state(vec![id], change).await.expect("saves");
}

#[tokio::test]
async fn age_forgets_all_but_the_saved() {
    let mut fixture = Fixture::new();
    let saved = fixture.post("saved").await;
    save(&fixture, saved).await;
    let old = fixture.post("old").await;
    fixture.clock.advance(3 * DAY);
    let young = Incoming { received_at: NOW + 3 * DAY, ..local("young") };
    fixture.store.post(vec![young]).await.expect("posts");
    fixture.forget_told();
    retain(&fixture, Retention { max_age: Some(DAY), max_count: None }).await;
    assert_eq!(fixture.told().removed, [old]);
    assert_eq!(fixture.titles(View::All).await, ["young", "saved"]);
    assert_eq!(fixture.store.counts().unread, 2);
}

#[tokio::test]
async fn count_forgets_the_oldest_and_replays_do_not_bring_them_back() {
    let fixture = Fixture::new();
    let source = fixture.source("shop").await;
    let rows = |fixture: &Fixture| {
        let events = (0..5).map(|n| upsert(remote(&n.to_string(), &format!("order {n}"))));
        let events = events.collect();
        let store = fixture.store.clone();
        async move {
            store
                .ingest(source, crate::model::Batch { events, ..Default::default() })
                .await
                .expect("ingests");
        }
    };
    rows(&fixture).await;
    retain(&fixture, Retention { max_age: None, max_count: Some(2) }).await;
    rows(&fixture).await;
    assert_eq!(fixture.titles(View::All).await, ["order 4", "order 3"]);
    let search = Filter { text: Some("order".into()), view: View::All, ..Filter::default() };
    assert_eq!(fixture.all(search).await.len(), 2, "forgotten words are not found");
}

#[tokio::test]
async fn what_is_saved_takes_no_room_from_the_rest() {
    let fixture = Fixture::new();
    for n in 0..3 {
        let saved = fixture.post(&format!("saved {n}")).await;
        save(&fixture, saved).await;
    }
    fixture.post("older").await;
    fixture.post("newest").await;
    retain(&fixture, Retention { max_age: None, max_count: Some(1) }).await;
    let left = fixture.titles(View::All).await;
    assert_eq!(left, ["newest", "saved 2", "saved 1", "saved 0"], "one row beside the saved ones");
}

#[tokio::test]
async fn an_absurd_import_does_not_spoil_the_list() {
    let fixture = Fixture::new();
    let row = tidings_api::Notification {
        source: "local".into(),
        key: "k".into(),
        title: "often".into(),
        occurrences: u32::MAX,
        ..tidings_api::Notification::default()
    };
    fixture.store.import(vec![row]).await.expect("imports");
    let again = Incoming { key: "k".into(), ..local("once more") };
    fixture.store.post(vec![again]).await.expect("posts");
    assert_eq!(fixture.titles(View::All).await, ["once more"]);
}

#[tokio::test]
async fn deleted_rows_lose_their_content_after_a_week_and_then_stay_deleted() {
    let fixture = Fixture::new();
    let source = fixture.source("shop").await;
    fixture.ingest(source, vec![upsert(remote("1", "secret words"))]).await;
    let triage = fixture.store.delete(vec![NotificationId(1)]).await.expect("deletes");
    retain(&fixture, Retention::default()).await;
    fixture.clock.advance(8 * DAY);
    retain(&fixture, Retention::default()).await;
    assert_eq!(fixture.store.undo(triage.undo).await, Ok(0), "there is nothing to bring back");
    let known = fixture.store.known(source, vec!["1".into()]).await.expect("answers");
    assert!(known["1"].deleted && known["1"].title.is_empty());
}

#[tokio::test]
async fn a_forgotten_source_leaves_nothing_and_begins_anew() {
    let mut fixture = Fixture::new();
    let source = fixture.source("shop").await;
    let rows = || vec![upsert(remote("1", "order")), upsert(remote("2", "bill"))];
    fixture.ingest(source, rows()).await;
    let other = fixture.post("mine").await;
    save(&fixture, NotificationId(1)).await;
    fixture.store.delete(vec![NotificationId(2)]).await.expect("deletes");
    fixture.forget_told();
    fixture.store.forget_source("shop").await.expect("forgets");
    assert_eq!(fixture.told().removed, [NotificationId(1)], "what was deleted is gone already");
    assert_eq!(fixture.titles(View::All).await, ["mine"]);
    assert_eq!(fixture.store.counts().unread, 1, "of other sources nothing is touched: {other:?}");
    fixture.ingest(source, rows()).await;
    assert_eq!(fixture.titles(View::All).await.len(), 3, "its ids mean new rows now");
    let record =
        fixture.store.register_source("shop", "json", Marking::Read, "").await.expect("registers");
    assert_eq!((record.marker, record.first_connected_at), (None, None));
    assert_eq!(fixture.store.forget_source("nobody").await, Ok(()), "an unknown source has none");
}

#[tokio::test]
async fn retention_works_in_bounded_steps() {
    let fixture = Fixture::new();
    let posts = (0..2_500).map(|n| local(&n.to_string())).collect();
    fixture.store.post(posts).await.expect("posts");
    let nothing = Retention { max_age: None, max_count: Some(0) };
    assert_eq!(fixture.store.retain(nothing).await, Ok(true), "more is left");
    assert_eq!(fixture.store.counts().unread, 500);
    assert_eq!(fixture.store.retain(nothing).await, Ok(false));
    assert_eq!(fixture.store.counts().unread, 0);
}

#[tokio::test]
async fn an_export_comes_back_as_it_was_and_only_once() {
    let fixture = Fixture::new();
    let source = fixture.source("shop").await;
    fixture
        .ingest(source, vec![upsert(Incoming { read: Some(true), ..remote("1", "order") })])
        .await;
    let rich = Incoming {
        topic: "t".into(),
        tags: vec!["a".into(), "b".into()],
        actions: vec![tidings_api::Action {
            id: "x".into(),
            label: "X".into(),
            url: String::new(),
        }],
        progress: Some(40),
        data: "{\"n\":1}".into(),
        ..local("rich")
    };
    let id = fixture.store.post(vec![rich, local("plain"), local("deleted")]).await.expect("posts");
    save(&fixture, id[0]).await;
    fixture.store.delete(vec![id[2]]).await.expect("deletes");
    let exported = fixture.store.export_page(NotificationId(0), 100).await.expect("exports");
    assert_eq!(exported.len(), 3);
    assert_eq!(fixture.store.import(exported.clone()).await, Ok(0), "all are there");

    let other = Fixture::new();
    assert_eq!(other.store.import(exported.clone()).await, Ok(3));
    assert_eq!(other.store.import(exported.clone()).await, Ok(0), "twice is once");
    assert_eq!(other.store.export_page(NotificationId(0), 100).await, Ok(exported));
    assert_eq!(other.store.counts().unread, fixture.store.counts().unread);
    let record = other.source("shop").await;
    other.ingest(record, vec![upsert(remote("1", "order"))]).await;
    assert_eq!(other.titles(View::All).await.len(), 3, "the server's replay finds the import");
}

#[tokio::test]
async fn what_was_snoozed_wakes_unread() {
    let fixture = Fixture::new();
    let mut row = tidings_api::Notification {
        source: "local".into(),
        title: "later".into(),
        occurrences: 1,
        snoozed_until: Some(NOW + 10),
        read_at: Some(NOW - 10),
        ..tidings_api::Notification::default()
    };
    row.read = true;
    fixture.store.import(vec![row]).await.expect("imports");
    assert!(fixture.titles(View::Inbox).await.is_empty());
    let due = fixture.store.claim_due(false).await.expect("claims");
    assert_eq!(due.next_at, Some(NOW + 10));
    fixture.clock.advance(10);
    fixture.store.claim_due(false).await.expect("claims");
    assert_eq!(fixture.titles(View::Unread).await, ["later"]);
    assert_eq!(fixture.store.counts().unread, 1);
}
