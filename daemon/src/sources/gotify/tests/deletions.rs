//! What is deleted elsewhere, what is deleted here, and databases that begin anew.

use std::time::Duration;

use serde_json::json;
use tidings_api::{SourceState, StateChange};

use super::{connected, gone, ids, online, start};
use crate::model::NotificationId;
use crate::sources::Nudge;
use crate::sources::live::testing::server::{BROKEN, PAGE};

const FORBIDDEN: &str = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
const OFTEN: &str = "reconcile_every = \"1s\"";
const DONE: StateChange =
    StateChange { seen: None, read: None, done: Some(true), saved: None, snoozed_until: None };

#[tokio::test]
async fn message_deleted_elsewhere_is_taken_back_and_read() {
    let server = start().await;
    let scene = online(&server, OFTEN).await;
    for text in ["one", "two", "three"] {
        server.post(text);
    }
    scene.rows(|rows| rows.len() == 3).await;
    server.delete(2);
    let rows = scene.rows(|rows| gone(rows) == [2]).await;
    assert!(rows.iter().all(|row| row.read == (row.remote_id.as_deref() == Some("2"))));
}

#[tokio::test]
async fn all_messages_deleted_are_no_new_database() {
    let server = start().await;
    let scene = online(&server, OFTEN).await;
    for text in ["one", "two", "three"] {
        server.post(text);
    }
    scene.rows(|rows| rows.len() == 3).await;
    server.state().script.messages.clear();
    scene.rows(|rows| gone(rows) == [3, 2, 1]).await;
    server.post("four");
    let rows = scene.rows(|rows| rows.len() == 4).await;
    assert_eq!(ids(&rows), [4], "the newest id fell and grew again, and nothing came twice");
}

#[tokio::test]
async fn deletion_far_down_is_found_by_the_first_look_after_a_start() {
    let server = start().await;
    for n in 0..900 {
        server.miss(&format!("message {n}"));
    }
    let scene = online(&server, "").await;
    scene.rows(|rows| rows.len() == 900).await;
    server.delete(7);
    let scene = scene.restarted().await;
    scene.rows(|rows| gone(rows) == [7]).await;
}

#[tokio::test]
async fn answer_that_is_no_list_deletes_nothing() {
    let server = start().await;
    server.miss("one");
    server.miss("two");
    let scene = online(&server, OFTEN).await;
    for answer in [
        PAGE,
        BROKEN,
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 22\r\n\r\n{\"messages\":[{\"x\":1}]}",
    ] {
        let asked = server.count("GET /message");
        server.state().fault = Some(("GET /message", 1, answer));
        scene.reconnect();
        server.asked("GET /message", asked + 2).await;
        assert_eq!(ids(&scene.all().await), [2, 1], "after {answer}");
    }
}

#[tokio::test]
async fn walk_that_fails_in_the_middle_deletes_nothing() {
    let server = start().await;
    for n in 0..300 {
        server.miss(&format!("message {n}"));
    }
    let scene = online(&server, "").await;
    scene.rows(|rows| rows.len() == 300).await;
    server.delete(250);
    server.state().fault = Some(("GET /message?limit=200&since", usize::MAX, BROKEN));
    let scene = scene.restarted().await;
    scene.says("500").await;
    assert!(gone(&scene.all().await).is_empty(), "half a list proves nothing");
    server.state().fault = None;
    scene.reconnect();
    scene.rows(|rows| gone(rows) == [250]).await;
}

#[tokio::test]
async fn new_database_begins_a_new_count_and_old_rows_stay() {
    let server = start().await;
    for text in ["one", "two", "three"] {
        server.miss(text);
    }
    let scene = online(&server, "").await;
    scene.rows(|rows| rows.len() == 3).await;
    server.state().script.begin_anew();
    server.miss("new one");
    scene.reconnect();
    let rows = scene.rows(|rows| rows.len() == 4).await;
    assert_eq!(ids(&rows), [1, 3, 2, 1], "the same id, yet another message");
    assert_eq!(rows[0].body, "new one");
    scene.popped(1).await; // Which is news.
}

#[tokio::test]
async fn what_was_done_here_while_the_server_was_away_deletes_no_message_of_a_new_database() {
    let server = start().await;
    server.miss("one");
    let scene = online(&server, "on_done = \"delete\"").await;
    let rows = scene.rows(|rows| rows.len() == 1).await;
    server.state().handshake = Some(BROKEN);
    scene.reconnect();
    scene.state(SourceState::Waiting).await;
    scene.change(&rows[0], DONE).await;
    server.state().script.begin_anew();
    server.miss("new one");
    server.state().handshake = None;
    scene.reconnect();
    scene.rows(|rows| rows.len() == 2).await;
    scene.marks_are_gone().await;
    assert_eq!(server.state().script.ids(), [1], "that one is another message");
    assert_eq!(server.count("DELETE"), 0);
}

#[tokio::test]
async fn what_a_proxy_answers_settles_no_deletion() {
    for answer in [
        PAGE,
        "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 18\r\n\r\n404 page not found",
        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 404 Not Found\r\nContent-Type: application/json\r\nContent-Length: 22\r\n\r\n{\"message\":\"no route\"}",
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nstarting",
    ] {
        let server = start().await;
        server.miss("one");
        let scene = online(&server, "on_done = \"delete\"").await;
        let rows = scene.rows(|rows| rows.len() == 1).await;
        server.state().fault = Some(("DELETE", usize::MAX, answer));
        scene.change(&rows[0], DONE).await;
        scene.says("could not be told there").await;
        assert_eq!(scene.status().await.pending_marks, 1, "it is tried again after {answer}");
    }
}

#[tokio::test]
async fn what_is_deleted_there_already_is_settled() {
    let server = start().await;
    server.miss("one");
    let scene = online(&server, "on_done = \"delete\"").await;
    let rows = scene.rows(|rows| rows.len() == 1).await;
    server.delete(1);
    scene.change(&rows[0], DONE).await;
    scene.marks_are_gone().await;
    assert_eq!(server.count("DELETE /message/1"), 1);
}

#[tokio::test]
async fn what_was_missed_does_not_wait_for_all_deletions() {
    const MANY: usize = 100;
    let server = start().await;
    for n in 0..MANY {
        server.miss(&format!("message {n}"));
    }
    let scene = online(&server, &format!("on_done = \"delete\"\n{OFTEN}")).await;
    let rows = scene.rows(|rows| rows.len() == MANY).await;
    server.state().delay = Duration::from_millis(30);
    let ids = rows.iter().map(|row| NotificationId(row.id)).collect();
    scene.store.set_state(ids, DONE).await.unwrap();
    scene.supervisor.nudge(scene.id().await, Nudge::Marks);
    scene.marks_are_gone().await;
    let requests = server.state().requests.clone();
    let deletions = requests.iter().skip_while(|request| !request.starts_with("DELETE"));
    let deletions: Vec<_> = deletions.collect();
    let last = deletions.iter().rposition(|request| request.starts_with("DELETE")).unwrap();
    let between = deletions[..last].iter().any(|request| request.starts_with("GET /message"));
    assert!(between, "the list is asked every second, whatever is on its way out: {requests:#?}");
}

#[tokio::test]
async fn a_server_that_lets_nobody_delete_still_brings_what_is_new() {
    let server = start().await;
    server.miss("one");
    let scene = online(&server, "on_done = \"delete\"").await;
    let rows = scene.rows(|rows| rows.len() == 1).await;
    server.state().fault = Some(("DELETE", 1, FORBIDDEN));
    scene.change(&rows[0], DONE).await;
    scene.says("403").await;
    server.post("two");
    scene.rows(|rows| rows.len() == 2).await;
    assert_eq!(scene.status().await.state, SourceState::Online);
    assert_eq!(server.count("GET /stream"), 1, "the connection lives on");
}

#[tokio::test]
async fn message_of_a_new_database_overwrites_no_old_one() {
    let server = start().await;
    server.miss("one");
    let scene = online(&server, "").await;
    scene.rows(|rows| rows.len() == 1).await;
    server.state().script.begin_anew();
    server.post("new one");
    let rows = scene.rows(|rows| rows.len() == 2).await;
    let bodies: Vec<_> = rows.iter().map(|row| row.body.as_str()).collect();
    assert_eq!(bodies, ["new one", "one"]);
}

#[tokio::test]
async fn database_that_was_brought_back_repeats_nothing() {
    let server = start().await;
    for n in 1..=10 {
        server.miss(&format!("message {n}"));
    }
    let scene = online(&server, "").await;
    scene.rows(|rows| rows.len() == 10).await;
    server.state().script.bring_back(8);
    server.miss("nine, another one");
    scene.reconnect();
    let rows = scene.rows(|rows| rows.len() == 11).await;
    assert_eq!(rows[0].body, "nine, another one");
    scene.reconnect();
    connected(&server, &scene, 3).await;
    assert_eq!(scene.all().await.len(), 11, "one to eight are known");
    scene.popped(1).await;
}

#[tokio::test]
async fn what_is_done_here_is_deleted_there_where_that_is_wanted() {
    let server = start().await;
    let scene = online(&server, "on_done = \"delete\"").await;
    server.post("one");
    server.post("two");
    let rows = scene.rows(|rows| rows.len() == 2).await;
    scene.change(&rows[1], DONE).await;
    server.asked("DELETE /message/1", 1).await;
    scene.marks_are_gone().await;
    assert_eq!(server.state().script.ids(), [2]);
}

#[tokio::test]
async fn what_is_done_here_stays_there_by_default() {
    let server = start().await;
    let scene = online(&server, OFTEN).await;
    server.post("one");
    let rows = scene.rows(|rows| rows.len() == 1).await;
    scene.change(&rows[0], DONE).await;
    let asked = server.count("GET /message");
    server.asked("GET /message", asked + 2).await;
    assert_eq!(server.count("DELETE"), 0);
}

#[tokio::test]
async fn deletion_of_what_is_gone_there_counts_as_done() {
    let server = start().await;
    let scene = online(&server, "on_done = \"delete\"").await;
    server.post("one");
    let rows = scene.rows(|rows| rows.len() == 1).await;
    server.delete(1);
    scene.change(&rows[0], DONE).await;
    server.asked("DELETE /message/1", 1).await;
    scene.marks_are_gone().await;
}

#[tokio::test]
async fn deletion_that_the_server_cannot_do_now_is_asked_for_again() {
    let server = start().await;
    let scene = online(&server, "on_done = \"delete\"").await;
    server.post("one");
    let rows = scene.rows(|rows| rows.len() == 1).await;
    server.state().fault = Some(("DELETE", 1, BROKEN));
    scene.change(&rows[0], DONE).await;
    scene.says("500").await;
    assert_eq!(scene.status().await.pending_marks, 1, "nothing is forgotten");
    scene.reconnect();
    scene.marks_are_gone().await;
    assert!(server.state().script.ids().is_empty());
}

#[tokio::test]
async fn entry_that_cannot_be_read_hides_no_other_and_deletes_none() {
    let server = start().await;
    server.miss("one");
    server.miss("two");
    let scene = online(&server, OFTEN).await;
    scene.rows(|rows| rows.len() == 2).await;
    server.state().script.messages[0] = json!({"identity": 1, "text": "from the future"});
    server.miss("three");
    let rows = scene.rows(|rows| rows.len() == 3).await;
    assert_eq!(ids(&rows), [3, 2, 1]);
}
