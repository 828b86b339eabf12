//! What the subscription brings while nothing is wrong.

use serde_json::json;
use tidings_api::{Notification, SourceState, StateChange};

use super::server::event;
use super::{KIND, online, shown, start};
use crate::sources::live::testing::Scene;
use crate::sources::live::testing::server::{BROKEN, Wire};

const DONE: StateChange =
    StateChange { seen: None, read: None, done: Some(true), saved: None, snoozed_until: None };

#[tokio::test]
async fn what_is_there_at_first_is_history_without_popups() {
    let server = start().await;
    server.miss("update", "An **update** is there");
    let scene = online(&server, "").await;
    let row = scene.rows(|rows| rows.len() == 1).await.remove(0);
    assert_eq!((row.key.as_str(), row.title.as_str()), ("update", "Home Assistant"));
    assert_eq!(row.body, "An **update** is there");
    assert!(row.remote_id.unwrap_or_default().starts_with("update@"), "with its time");
    assert!(row.sent_at.is_some_and(|sent_at| sent_at < scene.clock.now()));
    assert!(row.data.contains("text/markdown"), "{}", row.data);
    assert!(scene.popups().is_empty());
}

#[tokio::test]
async fn new_notification_pops_up_and_the_next_of_its_kind_takes_its_place() {
    let server = start().await;
    let scene = online(&server, "").await;
    server.create("door", "open");
    scene.rows(|rows| shown(rows) == [("door", "open")]).await;
    server.create("door", "open for an hour");
    let rows = scene.rows(|rows| shown(rows) == [("door", "open for an hour")]).await;
    assert_eq!((rows.len(), rows[0].occurrences), (1, 2));
    scene.popped(2).await; // Both are news.
}

#[tokio::test]
async fn dismissed_there_is_read_and_taken_back_here() {
    let server = start().await;
    let scene = online(&server, "").await;
    server.create("door", "open");
    scene.rows(|rows| rows.len() == 1).await;
    server.dismiss("door");
    let rows = scene.rows(|rows| rows[0].retracted_at.is_some()).await;
    assert!(rows[0].read);
    server.create("door", "open again");
    let rows = scene.rows(|rows| shown(rows) == [("door", "open again")]).await;
    assert!(!rows[0].read, "what comes later is news");
}

#[tokio::test]
async fn what_happened_in_an_absence_is_known_after_it() {
    let server = start().await;
    let scene = online(&server, "").await;
    for key in ["gone", "changed", "same"] {
        server.create(key, "before");
    }
    scene.rows(|rows| rows.len() == 3).await;
    server.wire(Wire::End);
    server.state().script.dismiss("gone");
    server.miss("changed", "after");
    server.miss("new", "after");
    let wanted = [("changed", "after"), ("new", "after"), ("same", "before")];
    let rows = scene.rows(|rows| shown(rows) == wanted).await;
    let gone = rows.iter().find(|row| row.key == "gone").unwrap();
    assert!(gone.read && gone.retracted_at.is_some());
}

#[tokio::test]
async fn what_a_restart_forgets_stays_here_and_what_is_dismissed_after_it_does_not() {
    let server = start().await;
    let scene = online(&server, "").await;
    server.create("alarm", "water");
    scene.rows(|rows| shown(rows) == [("alarm", "water")]).await;
    server.state().script.restart();
    server.wire(Wire::End);
    server.asked("GET /api/websocket", 2).await;
    server.state().script.started();
    server.create("door", "open");
    let rows = scene.rows(|rows| shown(rows) == [("alarm", "water"), ("door", "open")]).await;
    assert!(rows.iter().all(|row| !row.read), "nobody has dealt with it: {rows:#?}");

    server.state().script.dismiss("door");
    server.wire(Wire::End);
    let rows = scene.rows(|rows| shown(rows) == [("alarm", "water")]).await;
    assert!(rows.iter().any(|row| row.key == "door" && row.read), "dismissed there: {rows:#?}");
    let alarm = rows.iter().find(|row| row.key == "alarm").unwrap();
    scene.change(alarm, DONE).await;
    scene.marks_are_gone().await;
}

#[tokio::test]
async fn asking_now_and_then_ends_nothing_that_a_restart_forgot() {
    let server = start().await;
    server.create("alarm", "water");
    let scene = online(&server, "reconcile_every = \"1s\"").await;
    scene.rows(|rows| shown(rows) == [("alarm", "water")]).await;
    server.state().script.restart();
    server.miss("door", "open");
    let both = [("alarm", "water"), ("door", "open")];
    let rows = scene.rows(|rows| shown(rows) == both).await;
    assert!(rows.iter().all(|row| !row.read), "nobody has dealt with it: {rows:#?}");
}

#[tokio::test]
async fn server_that_does_not_say_since_when_it_runs_is_heard_all_the_same() {
    let server = start().await;
    server.state().script.mute = true;
    server.create("alarm", "water");
    let scene = online(&server, "").await;
    scene.rows(|rows| shown(rows) == [("alarm", "water")]).await;
}

#[tokio::test]
async fn event_that_was_lost_is_found_by_asking_now_and_then() {
    let server = start().await;
    server.miss("old", "x");
    let scene = online(&server, "reconcile_every = \"1s\"").await;
    server.state().script.dismiss("old");
    server.miss("lost", "y");
    scene.rows(|rows| shown(rows) == [("lost", "y")]).await;
    server.create("heard", "z");
    scene.rows(|rows| shown(rows) == [("heard", "z"), ("lost", "y")]).await;
}

#[tokio::test]
async fn what_was_made_anew_while_nobody_heard_is_found_and_not_ended_with_the_old_one() {
    let server = start().await;
    server.create("disk", "full");
    let scene = online(&server, "reconcile_every = \"1s\"").await;
    scene.rows(|rows| shown(rows) == [("disk", "full")]).await;
    server.state().script.dismiss("disk");
    server.miss("disk", "full again");
    let rows = scene.rows(|rows| shown(rows) == [("disk", "full again")]).await;
    assert!(!rows[0].read && rows[0].retracted_at.is_none(), "it is news: {rows:#?}");
}

#[tokio::test]
async fn many_messages_at_once_are_all_there() {
    let server = start().await;
    let scene = online(&server, "").await;
    // More than are taken in one step, twice over.
    let told = (0..600).map(|n| server.miss(&format!("sensor {n}"), "x")).collect();
    server.wire(Wire::Together(told));
    server.create("last", "y");
    let last = |rows: &[Notification]| rows.iter().any(|row| row.key == "last");
    assert_eq!(scene.rows(last).await.len(), 601, "none falls between two steps");
}

#[tokio::test]
async fn what_is_done_here_is_dismissed_there() {
    let server = start().await;
    let scene = online(&server, "").await;
    server.create("door", "open");
    server.create("window", "open");
    let rows = scene.rows(|rows| rows.len() == 2).await;
    let door = rows.iter().find(|row| row.key == "door").unwrap();
    scene.change(door, DONE).await;
    server.asked("POST /api/services/persistent_notification/dismiss", 1).await;
    scene.marks_are_gone().await;
    let left: Vec<_> = server.state().script.notes.keys().cloned().collect();
    assert_eq!(left, ["window"]);
}

#[tokio::test]
async fn what_is_to_be_kept_is_not_dismissed() {
    let server = start().await;
    let scene = online(&server, "on_done = \"keep\"").await;
    server.create("door", "open");
    let rows = scene.rows(|rows| rows.len() == 1).await;
    scene.change(&rows[0], DONE).await;
    server.create("window", "open");
    scene.rows(|rows| rows.iter().any(|row| row.key == "window")).await;
    assert_eq!(server.count("POST"), 0);
}

#[tokio::test]
async fn dismissal_that_fails_is_asked_for_again() {
    let server = start().await;
    let scene = online(&server, "").await;
    server.create("door", "open");
    let rows = scene.rows(|rows| rows.len() == 1).await;
    server.state().fault = Some(("POST", 1, BROKEN));
    scene.change(&rows[0], DONE).await;
    scene.says("500").await;
    scene.reconnect();
    server.asked("POST", 2).await;
    scene.marks_are_gone().await;
    assert!(server.state().script.notes.is_empty());
}

#[tokio::test]
async fn messages_that_are_collected_into_one_are_taken_one_by_one() {
    let server = start().await;
    server.state().script.collects = true;
    server.miss("old", "x");
    let scene = online(&server, "").await;
    scene.rows(|rows| shown(rows) == [("old", "x")]).await;
    let added = server.miss("door", "open");
    let updated = server.miss("door", "open for an hour");
    let removed = server.state().script.dismiss("old").unwrap();
    server.say(format!("[{added},{updated},{removed},{{\"type\":\"pong\",\"id\":9}}]"));
    scene.rows(|rows| shown(rows) == [("door", "open for an hour")]).await;
}

#[tokio::test]
async fn one_time_in_three_spellings_is_one_notification() {
    let server = start().await;
    let scene = online(&server, "").await;
    for at in [
        json!("2026-01-02T03:04:05.250000+00:00"),
        json!("2026-01-02T03:04:05.25"),
        json!(1_767_323_045.25),
    ] {
        let note = json!({"notification_id": "a", "message": "x", "created_at": at});
        server.say(event("added", &json!({"a": note})));
    }
    server.create("last", "y");
    let rows = scene.rows(|rows| rows.iter().any(|row| row.key == "last")).await;
    let row = rows.iter().find(|row| row.key == "a").unwrap();
    assert_eq!((rows.len(), row.occurrences), (2, 1), "nothing has happened again");
}

#[tokio::test]
async fn server_that_waits_for_the_token_gets_it() {
    let server = start().await;
    server.state().script.silent = true;
    server.miss("door", "open");
    let scene = online(&server, "").await;
    assert_eq!(shown(&scene.all().await), [("door", "open")]);
}

#[tokio::test]
async fn test_tells_version_and_what_is_there() {
    let server = start().await;
    server.miss("door", "open");
    let scene = online(&server, "").await;
    let report = scene.supervisor.test("home").await.unwrap();
    assert!(report.ok, "{report:?}");
    let wanted =
        ["subscription: Home Assistant 2025.12.1, 1 notifications there", "api: reachable"];
    assert_eq!(report.steps, wanted);
}

#[tokio::test]
async fn without_a_secret_a_person_is_told_what_to_do() {
    let server = start().await;
    let scene = Scene::start(KIND, &server.url(), false).await;
    let status = scene.state(SourceState::NeedsLogin).await;
    assert!(status.last_error.contains("token_file"), "{}", status.last_error);
}
