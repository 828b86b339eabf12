use std::sync::Arc;

use tidings_api::{Millis, StateChange};

use super::fixture::{Fixture, NOW, local, remote, upsert};
use crate::dispatch::rules::PopupRules;
use crate::model::{Incoming, NotificationId};
use crate::store::{Claimed, DeliveryEnd, SummaryOf};

const LATER: Millis = 60_000;

/// Status and reason of each delivery, in order.
async fn deliveries(fixture: &Fixture, id: NotificationId) -> Vec<(String, String)> {
    let explained = fixture.store.explain(id).await.expect("answers");
    let word = |dict: &tidings_api::Dict, key: &str| {
        dict.get(key).and_then(|value| <&str>::try_from(value).ok()).unwrap_or("").to_owned()
    };
    explained.iter().skip(1).map(|dict| (word(dict, "status"), word(dict, "reason"))).collect()
}

fn words(status: &str, reason: &str) -> (String, String) {
    (status.to_owned(), reason.to_owned())
}

/// A popup that the server did not take, to be tried again later.
async fn waiting(fixture: &mut Fixture) -> NotificationId {
    let id = fixture.post("waits for the popup server").await;
    let delivery = fixture.told().popups[0].delivery_id;
    let retry = DeliveryEnd::Retry(NOW + LATER);
    fixture.store.record(vec![(Claimed::Popup(delivery), retry)]).await.expect("records");
    assert_eq!(fixture.told().due_at, Some(NOW + LATER));
    id
}

#[tokio::test]
async fn a_popup_is_claimed_with_its_row_and_its_end_is_recorded() {
    let mut fixture = Fixture::new();
    let id = fixture.post("a").await;
    assert_eq!(deliveries(&fixture, id).await, [words("SENDING", "")]);
    let delivery = fixture.told().popups[0].delivery_id;
    let ends = vec![(Claimed::Popup(delivery), DeliveryEnd::Delivered)];
    fixture.store.record(ends).await.expect("records");
    assert_eq!(deliveries(&fixture, id).await, [words("DELIVERED", "")]);
    let late = vec![(Claimed::Popup(delivery), DeliveryEnd::Failed("too late".into()))];
    fixture.store.record(late).await.expect("records");
    assert_eq!(deliveries(&fixture, id).await, [words("DELIVERED", "")], "an end is an end");
}

#[tokio::test]
async fn a_retry_falls_due_once() {
    let mut fixture = Fixture::new();
    let id = waiting(&mut fixture).await;
    let due = fixture.store.claim_due(false).await.expect("claims");
    assert_eq!((due.popups.len(), due.next_at), (0, Some(NOW + LATER)), "not before its time");
    fixture.clock.advance(LATER);
    let due = fixture.store.claim_due(false).await.expect("claims");
    assert_eq!(due.popups.iter().map(|popup| popup.id).collect::<Vec<_>>(), [id]);
    assert_eq!(due.popups[0].title, "waits for the popup server");
    assert_eq!(due.next_at, None);
    let again = fixture.store.claim_due(false).await.expect("claims");
    assert!(again.popups.is_empty(), "one claim, one send");
    let ends = vec![(Claimed::Popup(due.popups[0].delivery_id), DeliveryEnd::Failed("no".into()))];
    fixture.store.record(ends).await.expect("records");
    assert_eq!(deliveries(&fixture, id).await, [words("DELIVERY FAILURE", "no")]);
}

#[tokio::test]
async fn what_lost_its_point_is_suppressed_with_its_reason() {
    let mut fixture = Fixture::new();
    let read = waiting(&mut fixture).await;
    let deleted = waiting(&mut fixture).await;
    let overtaken = fixture
        .store
        .post(vec![Incoming { expires_at: Some(NOW + 10), ..local("soon over") }])
        .await
        .expect("posts")[0];
    let delivery = fixture.told().popups[0].delivery_id;
    let retry = vec![(Claimed::Popup(delivery), DeliveryEnd::Retry(NOW + LATER))];
    fixture.store.record(retry).await.expect("records");
    fixture.store.set_state(vec![read], StateChange::READ).await.expect("marks");
    fixture.store.delete(vec![deleted]).await.expect("deletes");
    fixture.clock.advance(LATER);
    assert!(fixture.store.claim_due(false).await.expect("claims").popups.is_empty());
    for (id, reason) in [(read, "read"), (deleted, "gone"), (overtaken, "expired")] {
        assert_eq!(deliveries(&fixture, id).await, [words("SUPPRESSED", reason)]);
    }
}

#[tokio::test]
async fn a_new_occurrence_overtakes_what_waited() {
    let mut fixture = Fixture::new();
    let keyed = Incoming { key: "k".into(), ..local("again") };
    let id = fixture.store.post(vec![keyed.clone()]).await.expect("posts")[0];
    let delivery = fixture.told().popups[0].delivery_id;
    let retry = vec![(Claimed::Popup(delivery), DeliveryEnd::Retry(NOW))];
    fixture.store.record(retry).await.expect("records");
    fixture.store.post(vec![keyed]).await.expect("posts");
    assert_eq!(deliveries(&fixture, id).await, [words("SUPPRESSED", "gone"), words("SENDING", "")]);
    assert!(fixture.store.claim_due(false).await.expect("claims").popups.is_empty());
}

#[tokio::test]
async fn a_claim_that_a_restart_left_in_doubt_is_not_repeated() {
    let mut fixture = Fixture::new();
    let id = fixture.post("a").await;
    fixture.forget_told();
    let mut fixture = fixture.reopened().await;
    assert_eq!(deliveries(&fixture, id).await, [words("SUPPRESSED", "in-doubt")]);
    assert!(fixture.store.claim_due(false).await.expect("claims").popups.is_empty());
    assert!(fixture.nothing_told());
}

#[tokio::test]
async fn due_deliveries_of_a_summary_are_one_order_for_each_source() {
    let fixture = Fixture::new();
    let (shop, wiki) = (fixture.source("shop").await, fixture.source("wiki").await);
    for n in 0..5 {
        fixture.ingest(shop, vec![upsert(remote(&n.to_string(), &format!("order {n}")))]).await;
    }
    fixture.ingest(wiki, vec![upsert(remote("1", "page"))]).await;
    let path = fixture.folder.path().join("inbox.db");
    // The policy that plans summaries is another module's; here only what falls due matters.
    let other = rusqlite::Connection::open(path).expect("opens");
    other
        .execute(
            "UPDATE delivery SET status = 'SCHEDULED', grouping = 'summary', lease_until = NULL,
                 claim = NULL, attempted_delivery = NULL",
            [],
        )
        .expect("plans");
    let due = fixture.store.claim_due(false).await.expect("claims");
    let alone: Vec<_> = due.popups.iter().map(|popup| popup.title.as_str()).collect();
    assert_eq!(alone, ["page"], "a summary of one is that one");
    let told: Vec<_> = due.summaries.iter().map(|order| (order.of.clone(), order.count)).collect();
    assert_eq!(told, [(SummaryOf::Source("shop".into()), 5)]);
    let named: Vec<_> = due.summaries[0].newest.iter().map(|row| row.title.as_str()).collect();
    assert_eq!(named, ["order 4", "order 3", "order 2"]);
    let ends = vec![(Claimed::Summary(due.summaries[0].claim), DeliveryEnd::Delivered)];
    fixture.store.record(ends).await.expect("records");
    let status = |sql: &str| other.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("answers");
    assert_eq!(status("SELECT count(*) FROM delivery WHERE status = 'DELIVERED'"), 5);
    assert_eq!(status("SELECT count(*) FROM delivery WHERE status = 'SENDING'"), 1);
}

/// Posts that are to pop up then.
async fn scheduled(fixture: &Fixture, at: Millis, count: usize) -> Vec<NotificationId> {
    let post = Incoming { deliver_at: Some(at), transient: true, ..local("scheduled") };
    fixture.store.post(vec![post; count]).await.expect("posts")
}

#[tokio::test]
async fn nothing_planned_pops_up_after_popups_were_switched_off() {
    let fixture = Fixture::new();
    let planned = scheduled(&fixture, NOW + LATER, 1).await[0];
    fixture.rules.send_replace(Arc::new(PopupRules { popups: false, ..PopupRules::default() }));
    fixture.clock.advance(LATER);
    let due = fixture.store.claim_due(false).await.expect("claims");
    assert!(due.popups.is_empty(), "it was switched off before this one fell due");
    assert_eq!(deliveries(&fixture, planned).await, [words("SUPPRESSED", "popups-off")]);
}

#[tokio::test]
async fn a_crowd_that_falls_due_together_is_one_summary() {
    let fixture = Fixture::new();
    let crowd = scheduled(&fixture, NOW + LATER, 6).await;
    fixture.clock.advance(LATER);
    let due = fixture.store.claim_due(false).await.expect("claims");
    assert!(due.popups.is_empty(), "six at once would bury the desktop");
    assert_eq!(due.summaries.len(), 1);
    assert_eq!(due.summaries[0].ids, crowd);

    let few = scheduled(&fixture, NOW + 2 * LATER, 5).await;
    fixture.clock.advance(LATER);
    let due = fixture.store.claim_due(false).await.expect("claims");
    assert_eq!(due.popups.iter().map(|popup| popup.id).collect::<Vec<_>>(), few);
    assert!(due.popups.iter().all(|popup| popup.transient), "shown as it was posted");
}

#[tokio::test]
async fn a_popup_server_has_an_hour_from_the_first_try_to_come() {
    const TEN_MINUTES: Millis = 10 * 60 * 1_000;
    let fixture = Fixture::new();
    let id = scheduled(&fixture, NOW + 12 * TEN_MINUTES, 1).await[0];
    fixture.clock.advance(12 * TEN_MINUTES);
    for attempt in 0..=6 {
        let due = fixture.store.claim_due(false).await.expect("claims");
        assert_eq!(due.popups.len(), 1, "try {attempt}: it was posted two hours before its time");
        let retry = DeliveryEnd::Retry(fixture.clock.now() + TEN_MINUTES);
        let ends = vec![(Claimed::Popup(due.popups[0].delivery_id), retry)];
        fixture.store.record(ends).await.expect("records");
        fixture.clock.advance(TEN_MINUTES);
    }
    let gave_up = words("DELIVERY FAILURE", "no popup server took it within an hour");
    assert_eq!(deliveries(&fixture, id).await, [gave_up]);
}

#[tokio::test]
async fn a_popup_that_is_read_in_the_very_same_transaction_is_not_shown() {
    let mut fixture = Fixture::new();
    // Both requests are queued before the writer looks: it is kept busy by a long one.
    let busy = fixture.store.post((0..2_000).map(|n| local(&n.to_string())).collect());
    let (_, post, mark) = tokio::join!(
        busy,
        fixture.store.post(vec![local("short-lived")]),
        fixture.store.set_state(vec![NotificationId(2_001)], StateChange::READ),
    );
    let id = post.expect("posts")[0];
    assert_eq!(mark.expect("marks").changed, [id]);
    let mut popups = 0;
    let mut closed = false;
    while let Ok(told) = fixture.committed.try_recv() {
        popups += told.popups.iter().filter(|popup| popup.id == id).count();
        closed |= told.close.contains(&id);
    }
    let shown = deliveries(&fixture, id).await;
    let suppressed = shown == [words("SUPPRESSED", "read")];
    assert!(closed && (popups == 0) == suppressed, "shown or suppressed, never both: {shown:?}");
}
