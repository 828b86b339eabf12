//! What a server says of whole threads, and which rows are marked on it.

use tidings_api::{KeyMode, Millis, StateChange, View};

use super::fixture::{Fixture, NOW, remote, upsert};
use crate::model::{
    Arrival, Event, Incoming, Marking, NotificationId, SentAt, SourceId, ThreadEnd,
};
use crate::store::WantedMarks;

const DONE: StateChange =
    StateChange { seen: None, read: None, done: Some(true), saved: None, snoozed_until: None };
const ROW: NotificationId = NotificationId(1);

fn version(remote_id: &str, title: &str, at: Millis) -> Event {
    let sent = Some(SentAt { at, approximate: false, raw: String::new() });
    upsert(Incoming {
        key: "disk".to_owned(),
        mode: KeyMode::Update,
        arrival: Arrival::Live,
        read: None,
        sent,
        ..remote(remote_id, title)
    })
}

fn end(event_id: &str, how: ThreadEnd, at: Millis) -> Event {
    let (key, event_id) = ("disk".to_owned(), event_id.to_owned());
    Event::EndThread { key, how, event_id, at, arrival: Arrival::Live }
}

async fn with(marking: Marking) -> (Fixture, SourceId) {
    let fixture = Fixture::new();
    let record =
        fixture.store.register_source("home", "ntfy", marking, "").await.expect("registers");
    (fixture, record.id)
}

async fn unread(fixture: &Fixture) -> Vec<String> {
    fixture.titles(View::Unread).await
}

#[tokio::test]
async fn a_clear_reads_the_row_and_takes_its_popup_away_once() {
    let (mut fixture, home) = with(Marking::Nothing).await;
    fixture.ingest(home, vec![version("m1", "full", NOW)]).await;
    fixture.forget_told();
    fixture.ingest(home, vec![end("c1", ThreadEnd::Cleared, NOW + 1_000)]).await;
    assert_eq!(fixture.told().close, [ROW], "it leaves the screen");
    assert!(unread(&fixture).await.is_empty());
    fixture.store.set_state(vec![ROW], StateChange::UNREAD).await.expect("marks");
    fixture.ingest(home, vec![end("c1", ThreadEnd::Cleared, NOW + 1_000)]).await;
    assert_eq!(unread(&fixture).await, ["full"], "the replay of a clear is no clear");
}

#[tokio::test]
async fn what_comes_after_an_end_is_news_and_the_replay_of_the_end_does_not_hide_it() {
    let (fixture, home) = with(Marking::Nothing).await;
    let ended = end("c1", ThreadEnd::Cleared, NOW + 1_000);
    fixture.ingest(home, vec![version("m1", "full", NOW), ended.clone()]).await;
    fixture.ingest(home, vec![version("m2", "full again", NOW + 2_000)]).await;
    fixture.ingest(home, vec![version("m1", "full", NOW), ended]).await;
    assert_eq!(unread(&fixture).await, ["full again"]);
    assert_eq!(fixture.row(ROW).await.expect("is there").occurrences, 2);
}

#[tokio::test]
async fn a_deletion_that_the_server_has_not_heard_of_clears_nothing_that_comes_after_it() {
    for (marking, left) in [(Marking::ReadOrDone, 0), (Marking::Done, 0), (Marking::Read, 1)] {
        let (fixture, home) = with(marking).await;
        fixture.ingest(home, vec![version("m1", "full", NOW)]).await;
        fixture.store.set_state(vec![ROW], StateChange::READ).await.expect("marks");
        fixture.store.delete(vec![ROW]).await.expect("deletes");
        let pending = async || fixture.store.pending_mark_count(home).await.expect("answers");
        assert_eq!(pending().await, 1, "{marking:?}");
        fixture.ingest(home, vec![version("m2", "full again", NOW + 2_000)]).await;
        assert_eq!(unread(&fixture).await, ["full again"], "{marking:?}: it is news");
        assert_eq!(pending().await, left, "{marking:?}: a clear would take the news away, too");
    }
}

#[tokio::test]
async fn an_end_that_comes_first_is_remembered() {
    for (how, retracted) in [(ThreadEnd::Cleared, false), (ThreadEnd::Deleted, true)] {
        let (mut fixture, home) = with(Marking::Nothing).await;
        fixture.ingest(home, vec![end("c1", how, NOW)]).await;
        fixture.forget_told();
        fixture.ingest(home, vec![version("m1", "full", NOW)]).await;
        assert!(fixture.told().popups.is_empty(), "{how:?}: nobody is disturbed by it");
        let row = fixture.row(ROW).await.expect("it is kept all the same");
        assert_eq!((row.read, row.retracted_at.is_some()), (true, retracted), "{how:?}");
    }
}

#[tokio::test]
async fn an_update_that_was_sent_before_the_end_and_comes_after_it_disturbs_nobody() {
    let (mut fixture, home) = with(Marking::Nothing).await;
    fixture.ingest(home, vec![version("m1", "full", NOW)]).await;
    fixture.ingest(home, vec![end("c1", ThreadEnd::Cleared, NOW + 2_000)]).await;
    fixture.forget_told();
    fixture.ingest(home, vec![version("m2", "fuller", NOW + 1_000)]).await;
    assert!(fixture.told().popups.is_empty());
    assert!(unread(&fixture).await.is_empty());
    assert_eq!(fixture.row(ROW).await.expect("is there").title, "fuller", "yet it is the newest");
}

#[tokio::test]
async fn a_deletion_that_is_heard_of_late_still_takes_back_what_was_there_before_it() {
    let (mut fixture, home) = with(Marking::Nothing).await;
    fixture.ingest(home, vec![version("m1", "full", NOW)]).await;
    fixture.ingest(home, vec![end("c1", ThreadEnd::Cleared, NOW + 2_000)]).await;
    let deleted = end("d1", ThreadEnd::Deleted, NOW + 1_000);
    fixture.ingest(home, vec![deleted.clone()]).await;
    let row = fixture.row(ROW).await.expect("is kept");
    assert!(row.read && row.retracted_at.is_some());
    fixture.ingest(home, vec![version("m2", "full again", NOW + 3_000)]).await;
    fixture.forget_told();
    fixture.ingest(home, vec![deleted]).await;
    assert!(fixture.nothing_told(), "what came after it is another matter");
    assert_eq!(unread(&fixture).await, ["full again"]);
}

#[tokio::test]
async fn a_row_is_marked_on_its_server_for_what_the_source_says() {
    let cases = [
        (Marking::Nothing, [false, false, false]),
        (Marking::Read, [true, false, false]),
        (Marking::ReadOrDone, [true, true, true]),
        (Marking::Done, [false, true, true]),
    ];
    for (marking, wanted) in cases {
        for (step, expected) in ["read", "done", "deleted"].into_iter().zip(wanted) {
            let (fixture, home) = with(marking).await;
            fixture.ingest(home, vec![version("m1", "full", NOW)]).await;
            match step {
                "read" => drop(fixture.store.set_state(vec![ROW], StateChange::READ).await),
                "done" => drop(fixture.store.set_state(vec![ROW], DONE).await),
                _ => drop(fixture.store.delete(vec![ROW]).await),
            }
            let marks = fixture.store.pending_marks(home, WantedMarks::ALL, 9).await.expect("asks");
            assert_eq!(!marks.is_empty(), expected, "{marking:?}: {step}");
        }
    }
}

#[tokio::test]
async fn what_the_server_should_still_show_leaves_out_what_was_ended_here_and_there() {
    let (fixture, home) = with(Marking::Done).await;
    let plain = |id: &str| upsert(Incoming { read: None, ..remote(id, id) });
    fixture.ingest(home, ["1", "2", "3", "4"].map(plain).to_vec()).await;
    fixture.ingest(home, vec![Event::Retract { remote_id: "2".to_owned() }]).await;
    let third = NotificationId(3);
    fixture.store.set_state(vec![third], DONE).await.expect("marks");
    let marks = fixture.store.pending_marks(home, WantedMarks::ALL, 9).await.expect("asks");
    fixture.store.marks_confirmed(home, marks).await.expect("confirms");
    fixture.store.delete(vec![NotificationId(4)]).await.expect("deletes");
    let present = fixture.store.present(home, 0).await.expect("asks");
    let ids: Vec<_> = present.into_iter().map(|row| row.remote_id).collect();
    assert_eq!(ids, ["1"]);
}

#[tokio::test]
async fn of_what_nobody_understands_the_newest_is_kept_and_nothing_else_is_held_up() {
    let (fixture, home) = with(Marking::Nothing).await;
    let mut events: Vec<_> =
        (0..60).map(|n| Event::Unknown { text: format!("{{\"event\":\"new-{n}\"}}") }).collect();
    events.push(version("m1", "full", NOW));
    fixture.ingest(home, events).await;
    assert_eq!(unread(&fixture).await, ["full"]);
    let newest = fixture.store.unknown_event(home).await.expect("asks");
    assert_eq!(newest, "{\"event\":\"new-59\"}", "and the newest is told");
    let path = fixture.folder.path().join("inbox.db");
    let conn = rusqlite::Connection::open(path).expect("opens");
    let (count, newest): (i64, String) = conn
        .query_row("SELECT count(*), max(text) FROM unknown_event", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .expect("asks");
    assert_eq!((count, newest.as_str()), (50, "{\"event\":\"new-59\"}"));
}

#[tokio::test]
async fn the_echo_of_our_own_clear_changes_nothing() {
    for answered_first in [true, false] {
        let (mut fixture, home) = with(Marking::ReadOrDone).await;
        fixture.ingest(home, vec![version("m1", "full", NOW)]).await;
        fixture.store.set_state(vec![ROW], DONE).await.expect("marks");
        let echo = vec![end("c1", ThreadEnd::Cleared, NOW + 1_000)];
        let marks = fixture.store.pending_marks(home, WantedMarks::ALL, 9).await.expect("asks");
        if !answered_first {
            fixture.ingest(home, echo.clone()).await;
        }
        fixture.store.marks_confirmed(home, marks).await.expect("confirms");
        let before = fixture.row(ROW).await.expect("is there");
        fixture.forget_told();
        fixture.ingest(home, echo).await;
        let after = fixture.row(ROW).await.expect("is there");
        assert!(!after.read && after.done_at.is_some(), "what was done unread stays so");
        assert_eq!(after, before);
        assert!(fixture.nothing_told(), "nobody hears of it");
    }
}

#[tokio::test]
async fn what_was_cleared_elsewhere_is_still_read_here() {
    let (fixture, home) = with(Marking::ReadOrDone).await;
    fixture.ingest(home, vec![version("m1", "full", NOW)]).await;
    fixture.ingest(home, vec![end("c1", ThreadEnd::Cleared, NOW + 1_000)]).await;
    assert!(unread(&fixture).await.is_empty());
    fixture.ingest(home, vec![version("m2", "full again", NOW + 2_000)]).await;
    fixture.ingest(home, vec![end("c2", ThreadEnd::Cleared, NOW + 3_000)]).await;
    assert!(unread(&fixture).await.is_empty(), "the second time, too");
}

#[tokio::test]
async fn a_server_that_knows_no_way_back_is_told_of_none() {
    for marking in [Marking::ReadOrDone, Marking::Done] {
        let (fixture, home) = with(marking).await;
        fixture.ingest(home, vec![version("m1", "full", NOW)]).await;
        let marks =
            async || fixture.store.pending_marks(home, WantedMarks::ALL, 9).await.expect("asks");
        fixture.store.set_state(vec![ROW], DONE).await.expect("marks");
        fixture.store.marks_confirmed(home, marks().await).await.expect("confirms");
        let undone = StateChange { done: Some(false), ..DONE };
        fixture.store.set_state(vec![ROW], undone).await.expect("takes back");
        assert!(marks().await.is_empty(), "{marking:?}: it would wait for ever");
        fixture.store.set_state(vec![ROW], DONE).await.expect("marks");
        assert!(marks().await.is_empty(), "{marking:?}: the server has it already");
    }
}
