//! Marks made here, on their way to the other devices.

use tidings_api::StateChange;

use super::*;

const SYNC: &str = "topics = [\"a\", \"b\"]\nsync_read = true\n";
const DONE: StateChange =
    StateChange { seen: None, read: None, done: Some(true), saved: None, snoozed_until: None };

async fn with_row(server: &Server, settings: &str) -> (Scene, Notification) {
    let scene = Scene::online("ntfy", &server.settings(settings)).await;
    server.state().publish("a", "disk", "full");
    let row = scene.rows(|rows| rows.len() == 1).await.remove(0);
    (scene, row)
}

#[tokio::test]
async fn what_is_read_or_done_here_is_cleared_there_once_and_its_echo_changes_nothing() {
    for change in [StateChange::READ, DONE] {
        let server = Server::start().await;
        let (scene, row) = with_row(&server, SYNC).await;
        scene.change(&row, change).await;
        server.until("the thread is cleared", |state| state.count("PUT /a/disk/clear") == 1).await;
        scene.marks_are_gone().await;
        server.state().publish("b", "", "after the echo");
        scene.rows(|rows| rows.len() == 2).await;
        again(&scene, &server).await;
        let rows = scene.all().await;
        let row = rows.iter().find(|row| row.body == "full").unwrap();
        assert_eq!(
            (row.read, row.done_at.is_some()),
            (change == StateChange::READ, change == DONE)
        );
        assert_eq!(server.state().count("PUT"), 1);
    }
}

#[tokio::test]
async fn nothing_is_told_to_the_server_unless_it_is_wanted() {
    let server = Server::start().await;
    let (scene, row) = with_row(&server, TOPICS).await;
    scene.change(&row, StateChange::READ).await;
    again(&scene, &server).await;
    assert_eq!(server.state().count("PUT"), 0);
    assert_eq!(scene.status().await.pending_marks, 0);
}

#[tokio::test]
async fn who_may_not_write_is_told_and_goes_on_reading() {
    let server = Server::start().await;
    server.state().read_only.insert("a".to_owned(), 403);
    let (scene, row) = with_row(&server, SYNC).await;
    scene.change(&row, StateChange::READ).await;
    let status = scene.says("no write access to topic \"a\"").await;
    assert_eq!(status.state, SourceState::Online);
    server.state().publish("b", "", "live");
    scene.rows(|rows| rows.len() == 2).await;
    assert_eq!(server.state().count("/ws"), 1);
}

#[tokio::test]
async fn a_server_that_is_too_old_is_told_of() {
    let server = Server::start().await;
    server.state().clear_answer =
        Some("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let (scene, row) = with_row(&server, SYNC).await;
    scene.change(&row, StateChange::READ).await;
    scene.says("that needs ntfy 2.16").await;
    assert_eq!(scene.status().await.pending_marks, 1, "it may be updated");
}

#[tokio::test]
async fn a_clear_that_is_put_off_waits_as_long_as_the_server_says() {
    let server = Server::start().await;
    server.state().clear_answer = Some(
        "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let (scene, row) = with_row(&server, SYNC).await;
    scene.change(&row, StateChange::READ).await;
    scene.says("answered 429").await;
    assert_eq!(scene.status().await.pending_marks, 1);
    assert_eq!(server.state().count("PUT"), 1, "and is not lost");
}

#[tokio::test]
async fn a_mark_made_while_there_is_no_connection_is_sent_with_the_next() {
    let server = Server::start().await;
    let (scene, row) = with_row(&server, SYNC).await;
    server.state().handshake_answer =
        Some("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n");
    server.order(&Order::Reset);
    scene.until(|status| status.state != SourceState::Online).await;
    scene.change(&row, DONE).await;
    server.state().handshake_answer = None;
    scene.reconnect();
    server.until("the thread is cleared", |state| state.count("PUT /a/disk/clear") == 1).await;
    scene.marks_are_gone().await;
}

#[tokio::test]
async fn what_was_cleared_on_another_device_while_away_is_read_here() {
    let server = Server::start().await;
    let (scene, _) = with_row(&server, TOPICS).await;
    {
        let mut state = server.state();
        state.deaf = true;
        state.end("a", "disk", "message_clear");
        state.deaf = false;
    }
    again(&scene, &server).await;
    scene.rows(|rows| rows[0].read).await;
}
