use tidings_api::{StateChange, View};

use super::fixture::{Fixture, remote, upsert};
use crate::model::{Batch, Event, Incoming, Marking, NotificationId, SourceId, SourceRecord};
use crate::store::{PendingMark, WantedMarks};

const ROW: NotificationId = NotificationId(1);

async fn with_one_row() -> (Fixture, SourceId) {
    let mut fixture = Fixture::new();
    let source = fixture.source("shop").await;
    fixture.ingest(source, vec![upsert(remote("7", "order"))]).await;
    fixture.forget_told();
    (fixture, source)
}

async fn mark(fixture: &Fixture, change: StateChange) {
    let triage = fixture.store.set_state(vec![ROW], change).await.expect("marks");
    assert_eq!(triage.changed, [ROW]);
}

async fn pending(fixture: &Fixture, source: SourceId) -> Vec<PendingMark> {
    fixture.store.pending_marks(source, WantedMarks::ALL, 9).await.expect("answers")
}

async fn elsewhere(fixture: &Fixture, source: SourceId, read: bool) -> bool {
    let event = Event::ReadElsewhere { remote_id: "7".into(), read };
    fixture.ingest(source, vec![event]).await;
    fixture.row(ROW).await.expect("is there").read
}

#[tokio::test]
async fn read_then_unread_cancels_out_before_it_is_sent() {
    let (mut fixture, source) = with_one_row().await;
    mark(&fixture, StateChange::READ).await;
    assert_eq!(fixture.told().marked, [source]);
    assert_eq!(pending(&fixture, source).await.len(), 1);
    mark(&fixture, StateChange::UNREAD).await;
    assert!(pending(&fixture, source).await.is_empty(), "the server never had it");
}

#[tokio::test]
async fn a_mark_that_may_have_arrived_is_taken_back_with_another() {
    let (fixture, source) = with_one_row().await;
    mark(&fixture, StateChange::READ).await;
    let marks = pending(&fixture, source).await;
    fixture.store.marks_attempted(source, marks).await.expect("notes");
    assert_eq!(pending(&fixture, source).await[0].attempts, 1);
    mark(&fixture, StateChange::UNREAD).await;
    let marks = pending(&fixture, source).await;
    assert_eq!((marks.len(), marks[0].read, marks[0].attempts), (1, false, 0), "the newest wins");
}

#[tokio::test]
async fn a_mark_undone_while_it_was_on_its_way_is_undone_on_the_server_too() {
    let (fixture, source) = with_one_row().await;
    mark(&fixture, StateChange::READ).await;
    let in_flight = pending(&fixture, source).await;
    mark(&fixture, StateChange::UNREAD).await;
    fixture.store.marks_confirmed(source, in_flight).await.expect("confirms");
    let marks = pending(&fixture, source).await;
    assert_eq!((marks.len(), marks[0].read), (1, false));
}

#[tokio::test]
async fn a_confirmed_mark_leaves_the_queue_and_survives_a_restart_until_then() {
    let (fixture, source) = with_one_row().await;
    mark(&fixture, StateChange::READ).await;
    let fixture = fixture.reopened().await;
    let marks = pending(&fixture, source).await;
    assert_eq!(marks.len(), 1, "durable");
    fixture.store.marks_confirmed(source, marks).await.expect("confirms");
    assert_eq!(fixture.store.pending_mark_count(source).await, Ok(0));
}

#[tokio::test]
async fn the_server_is_not_believed_while_a_mark_is_on_its_way() {
    let (fixture, source) = with_one_row().await;
    mark(&fixture, StateChange::READ).await;
    assert!(elsewhere(&fixture, source, false).await, "local read wins until it is confirmed");
    let marks = pending(&fixture, source).await;
    fixture.store.marks_confirmed(source, marks).await.expect("confirms");
    assert!(!elsewhere(&fixture, source, false).await, "then the server wins");
    assert!(elsewhere(&fixture, source, true).await);
    assert!(pending(&fixture, source).await.is_empty(), "what came from there is not sent there");
}

#[tokio::test]
async fn the_list_makes_rows_read_and_a_late_frame_does_not_unread_them() {
    let (mut fixture, source) = with_one_row().await;
    let read = Incoming { read: Some(true), ..remote("7", "order") };
    fixture.ingest(source, vec![upsert(read)]).await;
    assert_eq!(fixture.told().close, [ROW], "its popup goes");
    let frame = Incoming { arrival: crate::model::Arrival::Live, ..remote("7", "order") };
    fixture.ingest(source, vec![upsert(frame)]).await;
    assert!(fixture.row(ROW).await.expect("is there").read);
    fixture.ingest(source, vec![upsert(remote("7", "order"))]).await;
    assert!(!fixture.row(ROW).await.expect("is there").read, "the list says unread");
}

#[tokio::test]
async fn a_source_that_syncs_nothing_gets_no_marks_and_keeps_local_reads() {
    let fixture = Fixture::new();
    let source = fixture
        .store
        .register_source("feed", "ntfy", Marking::Nothing, "")
        .await
        .expect("registers")
        .id;
    fixture.ingest(source, vec![upsert(remote("7", "order"))]).await;
    mark(&fixture, StateChange::READ).await;
    assert_eq!(fixture.store.pending_mark_count(source).await, Ok(0));
    fixture.ingest(source, vec![upsert(remote("7", "order"))]).await;
    assert!(fixture.row(ROW).await.expect("is there").read);
}

/// Registers the source anew, as an edit of the configuration does.
async fn registered(fixture: &Fixture, kind: &str, marking: Marking, server: &str) -> SourceRecord {
    fixture.store.register_source("shop", kind, marking, server).await.expect("registers")
}

#[tokio::test]
async fn marks_that_are_not_wanted_any_more_are_dropped() {
    let (fixture, source) = with_one_row().await;
    mark(&fixture, StateChange::READ).await;
    registered(&fixture, "json", Marking::Read, "").await;
    assert_eq!(pending(&fixture, source).await.len(), 1, "nothing has changed");
    registered(&fixture, "json", Marking::Nothing, "").await;
    registered(&fixture, "json", Marking::Read, "").await;
    assert!(pending(&fixture, source).await.is_empty(), "it was taken back by the setting");
}

#[tokio::test]
async fn a_mark_is_for_the_server_that_the_row_came_from() {
    let (fixture, source) = with_one_row().await;
    registered(&fixture, "json", Marking::Read, "old.example:443").await;
    mark(&fixture, StateChange::READ).await;
    registered(&fixture, "json", Marking::Read, "old.example:443").await;
    assert_eq!(pending(&fixture, source).await.len(), 1, "it is the same server");
    registered(&fixture, "json", Marking::Read, "new.example:443").await;
    assert!(pending(&fixture, source).await.is_empty(), "7 is another notification there");
}

#[tokio::test]
async fn a_source_of_another_kind_begins_anew() {
    let (fixture, source) = with_one_row().await;
    let batch = Batch { marker: Some("7".into()), caught_up: true, ..Batch::default() };
    fixture.store.ingest(source, batch).await.expect("ingests");
    mark(&fixture, StateChange::READ).await;
    let record = registered(&fixture, "gotify", Marking::Read, "").await;
    assert_eq!((record.marker, record.first_connected_at), (None, None), "the words are others");
    assert!(pending(&fixture, source).await.is_empty());
    fixture.ingest(source, vec![upsert(remote("7", "another 7"))]).await;
    assert_eq!(fixture.titles(View::All).await, ["another 7", "order"], "and so are the ids");
}

#[tokio::test]
async fn after_a_reset_no_mark_names_an_old_id() {
    let (fixture, source) = with_one_row().await;
    mark(&fixture, StateChange::READ).await;
    fixture.ingest(source, vec![Event::NewEpoch]).await;
    assert!(pending(&fixture, source).await.is_empty(), "id 7 is another notification now");
    mark(&fixture, StateChange::UNREAD).await;
    assert!(pending(&fixture, source).await.is_empty());
}

#[tokio::test]
async fn undo_takes_the_mark_back() {
    let (fixture, source) = with_one_row().await;
    let triage = fixture.store.set_state(vec![ROW], StateChange::READ).await.expect("marks");
    let marks = pending(&fixture, source).await;
    fixture.store.marks_confirmed(source, marks).await.expect("confirms");
    assert_eq!(fixture.store.undo(triage.undo).await, Ok(1));
    let marks = pending(&fixture, source).await;
    assert_eq!((marks.len(), marks[0].read), (1, false), "the server has to hear of it");
}

#[tokio::test]
async fn marks_that_cannot_be_sent_hold_up_no_other() {
    let fixture = Fixture::new();
    let source = fixture.source("shop").await;
    let rows = ["1", "2", "3"].map(|id| upsert(remote(id, "order")));
    fixture.ingest(source, rows.to_vec()).await;
    let ids = [NotificationId(1), NotificationId(2), NotificationId(3)];
    for (id, change) in ids.iter().zip([StateChange::READ; 3]) {
        fixture.store.set_state(vec![*id], change).await.expect("answers");
    }
    let marks = fixture.store.pending_marks(source, WantedMarks::ALL, 1).await.expect("answers");
    fixture.store.marks_confirmed(source, marks.clone()).await.expect("answers");
    fixture.store.set_state(vec![ids[0]], StateChange::UNREAD).await.expect("answers");
    let mut marks =
        fixture.store.pending_marks(source, WantedMarks::ALL, 9).await.expect("answers");
    marks.retain(|mark| mark.id == ids[1]);
    fixture.store.marks_attempted(source, marks).await.expect("answers");

    let wanted = WantedMarks { unread: false, refused: false };
    let marks = fixture.store.pending_marks(source, wanted, 1).await.expect("answers");
    assert_eq!(marks.iter().map(|mark| mark.id).collect::<Vec<_>>(), [ids[2]]);
    let wanted = WantedMarks { unread: false, refused: true };
    let marks = fixture.store.pending_marks(source, wanted, 9).await.expect("answers");
    let order: Vec<_> = marks.iter().map(|mark| mark.id).collect();
    assert_eq!(order, [ids[2], ids[1]], "what was refused before keeps nothing else waiting");
}
