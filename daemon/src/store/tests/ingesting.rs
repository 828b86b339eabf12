use std::sync::Arc;

use tidings_api::{Confirmation, KeyMode, StateChange, View};

use super::fixture::{Fixture, NOW, local, remote, upsert};
use crate::dispatch::rules::PopupRules;
use crate::model::{Arrival, Batch, Event, Incoming, Marking, NotificationId, SentAt, SourceId};
use crate::store::WantedMarks;

fn frame(title: &str) -> Event {
    upsert(Incoming { provisional: true, ..local(title) })
}

async fn provisional(fixture: &Fixture, source: SourceId) -> NotificationId {
    fixture.store.provisionals(source).await.expect("answers")[0].id
}

#[tokio::test]
async fn a_replay_changes_nothing() {
    let mut fixture = Fixture::new();
    let source = fixture.source("shop").await;
    fixture.ingest(source, vec![upsert(remote("5", "order"))]).await;
    let told = fixture.told();
    assert_eq!((told.added.len(), told.popups.len()), (1, 1));
    let before = fixture.row(told.added[0]).await;
    fixture.clock.advance(1_000);
    for _ in 0..3 {
        fixture.ingest(source, vec![upsert(remote("5", "order"))]).await;
    }
    assert!(fixture.nothing_told(), "no update and no popup");
    assert_eq!(fixture.row(told.added[0]).await, before);
}

#[tokio::test]
async fn changed_content_is_edited_in_place_without_a_popup() {
    let mut fixture = Fixture::new();
    let source = fixture.source("shop").await;
    fixture.ingest(source, vec![upsert(remote("5", "order"))]).await;
    let id = fixture.told().added[0];
    fixture.ingest(source, vec![upsert(remote("5", "order, paid"))]).await;
    let told = fixture.told();
    assert_eq!((told.updated, told.popups.len()), (vec![id], 0));
    assert_eq!(fixture.titles(View::Inbox).await, ["order, paid"]);
}

#[tokio::test]
async fn a_tombstone_is_not_resurrected() {
    let fixture = Fixture::new();
    let source = fixture.source("shop").await;
    fixture.ingest(source, vec![upsert(remote("5", "order"))]).await;
    fixture.store.delete(vec![NotificationId(1)]).await.expect("deletes");
    fixture.ingest(source, vec![upsert(remote("5", "order again"))]).await;
    assert!(fixture.titles(View::All).await.is_empty());
    let known = fixture.store.known(source, vec!["5".into(), "6".into()]).await.expect("answers");
    assert_eq!(known.len(), 1);
    assert!(known["5"].deleted, "the source can see that it is known");
}

#[tokio::test]
async fn ids_are_unique_within_a_source_and_an_epoch_only() {
    let fixture = Fixture::new();
    let (shop, wiki) = (fixture.source("shop").await, fixture.source("wiki").await);
    fixture.ingest(shop, vec![upsert(remote("5", "order"))]).await;
    fixture.ingest(wiki, vec![upsert(remote("5", "page"))]).await;
    fixture.ingest(shop, vec![Event::NewEpoch, upsert(remote("5", "order of the new shop"))]).await;
    assert_eq!(fixture.titles(View::All).await.len(), 3);
    let record =
        fixture.store.register_source("shop", "json", Marking::Read, "").await.expect("registers");
    assert_eq!(record.epoch, 1);
    assert_eq!(fixture.store.unread_remote_ids(shop).await.expect("answers"), ["5"]);
}

#[tokio::test]
async fn one_bad_event_fails_alone_and_the_marker_is_stored() {
    let mut fixture = Fixture::new();
    let source = fixture.source("shop").await;
    let bad = Event::Confirm { id: NotificationId(1), incoming: Box::new(local("no remote id")) };
    let batch = Batch {
        events: vec![upsert(remote("1", "a")), bad, upsert(remote("2", "b"))],
        marker: Some("2".into()),
        caught_up: true,
    };
    fixture.store.ingest(source, batch).await.expect("ingests");
    assert_eq!(fixture.told().added.len(), 2);
    assert_eq!(fixture.titles(View::Inbox).await, ["b", "a"]);
    let record =
        fixture.store.register_source("shop", "json", Marking::Read, "").await.expect("registers");
    assert_eq!((record.marker.as_deref(), record.first_connected_at), (Some("2"), Some(NOW)));
    let facts = fixture.store.facts().await.expect("answers");
    assert_eq!(u64::try_from(&facts["dropped_events"]), Ok(1), "it is counted");
}

/// Lets every row with the title "bad" fail. FAIL keeps what the statement has done so far: the row is there when the
/// error comes.
fn refuse_bad(fixture: &Fixture) {
    let path = fixture.folder.path().join("inbox.db");
    let other = rusqlite::Connection::open(path).expect("opens");
    other
        .execute_batch(
            "CREATE TRIGGER refuse AFTER INSERT ON notification WHEN new.title = 'bad' BEGIN
                 SELECT raise(FAIL, 'refused');
             END;",
        )
        .expect("prepares");
}

#[tokio::test]
async fn a_bad_neighbour_costs_nobody_a_popup() {
    let mut fixture = Fixture::new();
    let source = fixture.source("shop").await;
    refuse_bad(&fixture);
    fixture.rules.send_replace(Arc::new(PopupRules { burst: 3, ..PopupRules::default() }));
    let events = (0..3).map(|n| upsert(remote(&n.to_string(), "order"))).collect();
    // The first request keeps the writer busy, so that the other two share a transaction, which is tried twice.
    let (_, good, bad) = tokio::join!(
        fixture.store.post((0..2_000).map(|n| local(&n.to_string())).collect()),
        fixture.store.ingest(source, Batch { events, ..Batch::default() }),
        fixture.store.post(vec![local("bad")]),
    );
    assert!(good.is_ok() && bad.is_err());
    let mut shown = 0;
    while let Ok(told) = fixture.committed.try_recv() {
        shown += told.popups.iter().filter(|popup| popup.source == "shop").count();
    }
    assert_eq!(shown, 3, "the try that was rolled back has shown none of them");
}

#[tokio::test]
async fn an_event_that_fails_half_way_leaves_nothing_behind() {
    let mut fixture = Fixture::new();
    let source = fixture.source("shop").await;
    refuse_bad(&fixture);
    let events =
        vec![upsert(remote("1", "a")), upsert(remote("2", "bad")), upsert(remote("3", "b"))];
    let batch = Batch { events, marker: Some("3".into()), caught_up: false };
    fixture.store.ingest(source, batch).await.expect("ingests");
    let told = fixture.told();
    assert_eq!((told.added.len(), told.popups.len()), (2, 2));
    assert_eq!(fixture.titles(View::All).await, ["b", "a"]);
    assert_eq!(fixture.store.counts().unread, 2, "what was rolled back is not counted");
    let post = |title: &str| fixture.store.post(vec![local("first"), local(title)]);
    let (good, bad) = tokio::join!(post("fine"), post("bad"));
    assert_eq!((good.map(|ids| ids.len()), bad.is_err()), (Ok(2), true), "all or none, each alone");
    assert_eq!(fixture.titles(View::All).await, ["fine", "first", "b", "a"]);
}

#[tokio::test]
async fn one_bad_request_fails_alone_in_its_group() {
    let fixture = Fixture::new();
    let source = fixture.source("shop").await;
    let events = vec![upsert(remote("1", "a"))];
    let (good, bad, post) = tokio::join!(
        fixture.store.ingest(source, Batch { events: events.clone(), ..Batch::default() }),
        fixture.store.ingest(SourceId(99), Batch { events, ..Batch::default() }),
        fixture.store.post(vec![local("b")]),
    );
    assert!(good.is_ok() && post.is_ok(), "the others are stored");
    assert!(bad.is_err(), "an unknown source is told so");
    assert_eq!(fixture.titles(View::Inbox).await.len(), 2);
}

#[tokio::test]
async fn confirming_attaches_the_identity_and_keeps_what_the_user_did() {
    let mut fixture = Fixture::new();
    let source = fixture.source("shop").await;
    fixture.ingest(source, vec![frame("order")]).await;
    let id = provisional(&fixture, source).await;
    assert_eq!(fixture.told().popups.len(), 1, "a frame pops up at once");
    fixture.store.set_state(vec![id], StateChange::READ).await.expect("marks");
    assert!(
        fixture.store.pending_marks(source, WantedMarks::ALL, 9).await.expect("answers").is_empty()
    );
    assert_eq!(fixture.store.pending_mark_count(source).await, Ok(1), "it waits for the identity");
    fixture.forget_told();

    let sent = SentAt { at: NOW - 5_000, approximate: true, raw: "2027-01-15 07:59:55".into() };
    let incoming = Box::new(Incoming { sent: Some(sent), ..remote("7", "order") });
    fixture.ingest(source, vec![Event::Confirm { id, incoming }]).await;
    let told = fixture.told();
    assert!(told.popups.is_empty(), "no second popup");
    assert_eq!(told.marked, [source], "its mark can be sent now");
    let row = fixture.row(id).await.expect("stays");
    assert_eq!(row.remote_id.as_deref(), Some("7"));
    assert_eq!((row.confirmation, row.sent_at), (Confirmation::Confirmed, Some(NOW - 5_000)));
    assert!(row.read && row.sent_at_approximate);
    let marks = fixture.store.pending_marks(source, WantedMarks::ALL, 9).await.expect("answers");
    assert_eq!((marks[0].remote_id.as_str(), marks[0].read), ("7", true));
    fixture.ingest(source, vec![upsert(remote("7", "order"))]).await;
    assert_eq!(fixture.titles(View::All).await.len(), 1, "the list's row is this row");
}

#[tokio::test]
async fn a_frame_whose_row_is_there_already_is_an_echo() {
    let mut fixture = Fixture::new();
    let source = fixture.source("shop").await;
    fixture.ingest(source, vec![upsert(remote("7", "order")), frame("order")]).await;
    let id = provisional(&fixture, source).await;
    fixture.store.set_state(vec![id], StateChange::READ).await.expect("marks");
    fixture.forget_told();
    let incoming = Box::new(remote("7", "order"));
    fixture.ingest(source, vec![Event::Confirm { id, incoming }]).await;
    let told = fixture.told();
    assert_eq!(told.removed, [id]);
    assert!(told.close.contains(&id), "its popup goes");
    assert_eq!(fixture.titles(View::All).await, ["order"]);
    assert_eq!(fixture.store.counts().unread, 0, "who read the echo has read it");
    let marks = fixture.store.pending_marks(source, WantedMarks::ALL, 9).await.expect("answers");
    assert_eq!(marks.len(), 1, "and the server hears of it");
}

#[tokio::test]
async fn an_echo_and_a_rolled_back_row_go_their_ways() {
    let mut fixture = Fixture::new();
    let source = fixture.source("shop").await;
    fixture.ingest(source, vec![frame("twice"), frame("rolled back")]).await;
    let ids = fixture.told().added;
    fixture.ingest(source, vec![Event::DropEcho(ids[0]), Event::Unconfirm(vec![ids[1]])]).await;
    let told = fixture.told();
    assert_eq!((told.removed, told.close), (vec![ids[0]], vec![ids[0]]));
    assert_eq!(told.updated, [ids[1]]);
    let row = fixture.row(ids[1]).await.expect("stays");
    assert_eq!(row.confirmation, Confirmation::Unconfirmed);
    assert!(fixture.store.provisionals(source).await.expect("answers").is_empty());
}

#[tokio::test]
async fn a_row_that_comes_and_goes_within_one_batch_pops_up_nowhere() {
    let mut fixture = Fixture::new();
    let source = fixture.source("shop").await;
    let retract = Event::Retract { remote_id: "2".into() };
    let events =
        vec![frame("echo"), Event::DropEcho(NotificationId(1)), upsert(remote("2", "b")), retract];
    fixture.ingest(source, events).await;
    let told = fixture.told();
    assert!(told.popups.is_empty(), "nothing is left to show");
    assert_eq!(
        (told.added.len(), told.removed.len()),
        (1, 0),
        "what was never told is not taken back"
    );
}

#[tokio::test]
async fn a_retraction_closes_the_popup_even_when_it_comes_first() {
    let mut fixture = Fixture::new();
    let source = fixture.source("shop").await;
    fixture.ingest(source, vec![upsert(remote("1", "a"))]).await;
    let id = fixture.told().added[0];
    fixture.ingest(source, vec![Event::Retract { remote_id: "1".into() }]).await;
    assert_eq!(fixture.told().close, [id]);
    fixture.ingest(source, vec![Event::Retract { remote_id: "2".into() }]).await;
    assert!(fixture.nothing_told());
    fixture.ingest(source, vec![upsert(remote("2", "b"))]).await;
    let told = fixture.told();
    assert!(told.popups.is_empty(), "taken back before it came");
    let row = fixture.row(told.added[0]).await.expect("is listed all the same");
    assert_eq!(row.retracted_at, Some(NOW));
}

#[tokio::test]
async fn an_update_by_key_takes_the_new_identity_and_ignores_old_versions() {
    let mut fixture = Fixture::new();
    let source = fixture.source("phone").await;
    let version = |id: &str, title: &str, at| {
        upsert(Incoming {
            key: "download".into(),
            mode: KeyMode::Update,
            sent: Some(SentAt { at: NOW - 1_000 + at, approximate: false, raw: String::new() }),
            ..remote(id, title)
        })
    };
    fixture.ingest(source, vec![version("a", "10 %", 10)]).await;
    fixture.ingest(source, vec![version("b", "50 %", 50)]).await;
    let told = [fixture.told(), fixture.told()];
    assert_eq!(told.map(|told| told.popups.len()), [1, 1], "one popup an occurrence");
    for event in [version("a", "10 %", 10), version("b", "50 %", 50), version("late", "30 %", 30)] {
        fixture.ingest(source, vec![event]).await;
    }
    assert!(fixture.nothing_told(), "replays and latecomers change nothing");
    let rows = fixture.all(tidings_api::Filter::default()).await;
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].title.as_str(), rows[0].occurrences), ("50 %", 2));
    assert_eq!(rows[0].remote_id.as_deref(), Some("b"));
}

#[tokio::test]
async fn history_takes_its_place_by_the_time_it_was_sent() {
    let fixture = Fixture::new();
    let source = fixture.source("shop").await;
    let sent = |at| Some(SentAt { at, approximate: false, raw: String::new() });
    let old = Incoming { sent: sent(NOW - 100), ..remote("1", "old") };
    let future = Incoming { sent: sent(NOW + 100), ..remote("2", "clock ahead") };
    let live = Incoming { sent: sent(NOW - 50), arrival: Arrival::Live, ..remote("3", "live") };
    fixture.ingest(source, vec![upsert(live), upsert(future), upsert(old)]).await;
    assert_eq!(fixture.titles(View::Inbox).await, ["clock ahead", "live", "old"]);
}

#[tokio::test]
async fn what_is_read_on_the_server_arrives_read() {
    let fixture = Fixture::new();
    let source = fixture.source("shop").await;
    fixture.ingest(source, vec![upsert(Incoming { read: Some(true), ..remote("1", "a") })]).await;
    let row = fixture.row(NotificationId(1)).await.expect("is there");
    assert!(row.read && row.seen_at.is_some());
    assert_eq!((fixture.store.counts().unread, fixture.store.counts().unseen), (0, 0));
}
