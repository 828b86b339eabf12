//! What becomes of threads whose server's clock goes wrong, or is set right.

use tidings_api::{KeyMode, Millis, View};

use super::fixture::{Fixture, NOW, remote, upsert};
use crate::model::{
    Arrival, Event, Incoming, Marking, NotificationId, SentAt, SourceId, ThreadEnd,
};

const ROW: NotificationId = NotificationId(1);
const MINUTE: Millis = 60_000;

fn version(remote_id: &str, title: &str, at: Millis, arrival: Arrival, now: Millis) -> Event {
    upsert(Incoming {
        key: "disk".to_owned(),
        mode: KeyMode::Update,
        arrival,
        read: None,
        sent: Some(SentAt { at, approximate: false, raw: String::new() }),
        received_at: now,
        ..remote(remote_id, title)
    })
}

fn live(remote_id: &str, title: &str, at: Millis) -> Event {
    version(remote_id, title, at, Arrival::Live, NOW)
}

fn end(event_id: &str, at: Millis) -> Event {
    let (key, event_id) = ("disk".to_owned(), event_id.to_owned());
    Event::EndThread { key, how: ThreadEnd::Cleared, event_id, at, arrival: Arrival::Live }
}

fn replayed(event_id: &str, at: Millis) -> Event {
    let (key, event_id) = ("disk".to_owned(), event_id.to_owned());
    Event::EndThread { key, how: ThreadEnd::Cleared, event_id, at, arrival: Arrival::CatchUp }
}

async fn home() -> (Fixture, SourceId) {
    let fixture = Fixture::new();
    let registered = fixture.store.register_source("home", "ntfy", Marking::Nothing, "").await;
    let id = registered.expect("registers").id;
    (fixture, id)
}

async fn title(fixture: &Fixture) -> String {
    fixture.row(ROW).await.expect("is there").title
}

#[tokio::test]
async fn live_update_of_a_server_whose_clock_was_set_back_is_news() {
    let (mut fixture, home) = home().await;
    fixture.ingest(home, vec![live("m1", "full", NOW), end("c1", NOW + 1_000)]).await;
    fixture.forget_told();
    fixture.ingest(home, vec![live("m2", "full again", NOW - 43 * MINUTE)]).await;
    assert_eq!(fixture.titles(View::Unread).await, ["full again"], "what comes live is the newest");
    assert_eq!(fixture.told().popups.len(), 1, "and somebody is told");
}

#[tokio::test]
async fn update_that_was_overtaken_on_its_way_or_is_found_late_changes_nothing() {
    for (late, arrival) in [(MINUTE / 2, Arrival::Live), (43 * MINUTE, Arrival::CatchUp)] {
        let (mut fixture, home) = home().await;
        fixture.ingest(home, vec![live("m2", "newer", NOW)]).await;
        fixture.forget_told();
        fixture.ingest(home, vec![version("m1", "older", NOW - late, arrival, NOW)]).await;
        assert_eq!(title(&fixture).await, "newer", "{arrival:?}");
        assert!(fixture.nothing_told(), "{arrival:?}");
    }
}

#[tokio::test]
async fn thread_of_a_clock_that_ran_ahead_goes_on_once_it_is_right() {
    let (fixture, home) = home().await;
    let ahead = NOW + 60 * MINUTE;
    fixture.ingest(home, vec![live("m1", "full", ahead), live("m2", "fuller", ahead + 1)]).await;
    fixture.ingest(home, vec![version("m0", "older", ahead - 1, Arrival::CatchUp, NOW)]).await;
    assert_eq!(title(&fixture).await, "fuller", "among its own times the order is as ever");
    fixture.clock.advance(10 * MINUTE);
    let found = NOW + 10 * MINUTE;
    let sent = found - 5 * MINUTE;
    fixture.ingest(home, vec![version("m3", "right", sent, Arrival::CatchUp, found)]).await;
    assert_eq!(title(&fixture).await, "right", "nobody waits for an hour");
}

#[tokio::test]
async fn end_of_a_time_to_come_does_not_read_what_is_sent_until_then() {
    let (fixture, home) = home().await;
    let ahead = NOW + 60 * MINUTE;
    fixture.ingest(home, vec![live("m1", "full", ahead - 1), end("c1", ahead)]).await;
    assert!(fixture.titles(View::Unread).await.is_empty(), "the same clock stamped both");
    fixture.clock.advance(10 * MINUTE);
    let (sent, received) = (NOW + 5 * MINUTE, NOW + 10 * MINUTE);
    let found = version("m2", "full again", sent, Arrival::CatchUp, received);
    fixture.ingest(home, vec![found]).await;
    assert_eq!(fixture.titles(View::Unread).await, ["full again"]);
    fixture.ingest(home, vec![end("c2", received)]).await;
    assert!(fixture.titles(View::Unread).await.is_empty(), "it ends like any other");
}

#[tokio::test]
async fn end_of_a_time_to_come_that_is_told_again_takes_no_later_news() {
    let (fixture, home) = home().await;
    let ahead = NOW + 60 * MINUTE;
    let first = vec![live("m1", "full", ahead - 1), replayed("c1", ahead)];
    fixture.ingest(home, first).await;
    assert!(fixture.titles(View::Unread).await.is_empty(), "the same clock stamped both");
    fixture.clock.advance(20 * MINUTE);
    fixture.ingest(home, vec![end("c2", NOW + 10 * MINUTE)]).await;
    fixture.ingest(home, vec![live("m3", "full again", NOW + 15 * MINUTE)]).await;
    for _ in 0..2 {
        fixture.ingest(home, vec![replayed("c1", ahead)]).await;
        assert_eq!(
            fixture.titles(View::Unread).await,
            ["full again"],
            "it was of what came before"
        );
    }
    fixture.ingest(home, vec![end("c4", NOW + 20 * MINUTE)]).await;
    assert!(fixture.titles(View::Unread).await.is_empty(), "the clock that is right ends it");
}

#[tokio::test]
async fn live_end_of_a_server_whose_clock_was_set_back_ends_what_is_there() {
    for update in [None, Some(live("m2", "full again", NOW - 43 * MINUTE))] {
        let (fixture, home) = home().await;
        fixture.ingest(home, vec![live("m0", "full", NOW - MINUTE), end("c0", NOW)]).await;
        fixture.ingest(home, vec![live("m1", "full", NOW + 1_000)]).await;
        fixture.ingest(home, update.into_iter().collect()).await;
        assert_eq!(fixture.titles(View::Unread).await.len(), 1, "there is news");
        fixture.ingest(home, vec![end("c2", NOW - 40 * MINUTE)]).await;
        assert!(fixture.titles(View::Unread).await.is_empty(), "it was dealt with just now");
    }
}

#[tokio::test]
async fn end_that_was_overtaken_on_its_way_or_is_found_late_ends_nothing_newer() {
    for (late, arrival) in [(MINUTE / 2, Arrival::Live), (43 * MINUTE, Arrival::CatchUp)] {
        let (fixture, home) = home().await;
        fixture.ingest(home, vec![live("m2", "newer", NOW)]).await;
        let (key, event_id) = ("disk".to_owned(), "c1".to_owned());
        let how = ThreadEnd::Cleared;
        let end = Event::EndThread { key, how, event_id, at: NOW - late, arrival };
        fixture.ingest(home, vec![end]).await;
        assert_eq!(fixture.titles(View::Unread).await, ["newer"], "{arrival:?}");
    }
}
