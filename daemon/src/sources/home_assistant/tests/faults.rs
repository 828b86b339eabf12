//! Everything that goes wrong between the server and here.

use serde_json::json;
use tidings_api::SourceState;

use super::server::event;
use super::{KIND, online, shown, start};
use crate::sources::live::testing::Scene;
use crate::sources::live::testing::server::{BROKEN, BUSY, FORBIDDEN, PAGE, UNAUTHORIZED, Wire};

const SOCKET: &str = "GET /api/websocket";

#[tokio::test]
async fn refused_token_waits_for_a_person() {
    let server = start().await;
    server.state().script.revoked = true;
    let scene = Scene::start(KIND, &server.url(), true).await;
    let status = scene.state(SourceState::NeedsLogin).await;
    assert!(status.last_error.contains("Invalid access token"), "{}", status.last_error);
    scene.says("make a new one").await;
}

#[tokio::test]
async fn banned_address_and_refused_handshake_wait_for_a_person() {
    for answer in [UNAUTHORIZED, FORBIDDEN] {
        let server = start().await;
        server.state().handshake = Some(answer);
        let scene = Scene::start(KIND, &server.url(), true).await;
        scene.state(SourceState::NeedsLogin).await;
    }
}

#[tokio::test]
async fn server_that_knows_no_subscription_is_told_in_words() {
    let server = start().await;
    server.state().script.old = true;
    let scene = Scene::start(KIND, &server.url(), true).await;
    scene.says("2023.6 or newer").await;
}

#[tokio::test]
async fn server_that_cannot_now_is_dialled_again_when_it_wants() {
    for answer in [BROKEN, BUSY] {
        let server = start().await;
        server.state().handshake = Some(answer);
        let scene = Scene::start(KIND, &server.url(), true).await;
        scene.state(SourceState::Waiting).await;
        server.state().handshake = None;
        scene.state(SourceState::Online).await;
    }
}

#[tokio::test]
async fn address_of_something_else_is_told_in_words() {
    let server = start().await;
    server.state().handshake = Some(PAGE);
    let scene = Scene::start(KIND, &server.url(), true).await;
    scene.says("is `url` the address of the server").await;
}

#[tokio::test]
async fn connection_that_went_deaf_is_noticed_and_dialled_again() {
    let server = start().await;
    let scene = online(&server, "ping_after = \"1s\"\nping_timeout = \"1s\"").await;
    server.wire(Wire::Deaf);
    server.create("door", "open");
    scene.rows(|rows| shown(rows) == [("door", "open")]).await;
    assert!(server.count(SOCKET) >= 2);
}

#[tokio::test]
async fn connection_that_ends_in_any_way_is_dialled_again() {
    for end in [Wire::Close, Wire::Reset, Wire::End, Wire::Garbage] {
        let server = start().await;
        let scene = online(&server, "").await;
        server.wire(end.clone());
        server.miss("door", "open");
        let rows = scene.rows(|rows| !rows.is_empty()).await;
        assert_eq!(shown(&rows), [("door", "open")], "after {end:?}");
    }
}

#[tokio::test]
async fn poison_is_kept_aside_and_ends_nothing() {
    let server = start().await;
    let scene = online(&server, "").await;
    server.create("door", "open");
    scene.rows(|rows| rows.len() == 1).await;
    for poison in ["", "null", "[[]]", "{", "7", "{\"type\":\"event\"}", "{\"type\":\"news\"}"] {
        server.say(poison);
    }
    server.say(event("current", &json!(null)));
    server.say(event("current", &json!({"broken": 7})));
    server.say(event("removed", &json!({"broken": 7})));
    server.create("window", "open");
    let rows = scene.rows(|rows| rows.len() == 2).await;
    assert_eq!(shown(&rows), [("door", "open"), ("window", "open")], "half a list ends nothing");
    assert_eq!(server.count(SOCKET), 1, "the connection lives on");
}

#[tokio::test]
async fn message_larger_than_what_is_taken_ends_the_connection_and_no_more() {
    let server = start().await;
    let scene = online(&server, "").await;
    server.say("x".repeat(5 << 20));
    server.asked(SOCKET, 2).await;
    server.miss("door", "open");
    scene.reconnect();
    scene.rows(|rows| shown(rows) == [("door", "open")]).await;
}

#[tokio::test]
async fn server_that_tells_without_end_before_its_list_is_left_with_words() {
    let server = start().await;
    let large = event("added", &json!({"loop": {"message": "x".repeat(3 << 20)}}));
    server.state().script.before_list = vec![large; 3];
    let scene = Scene::start(KIND, &server.url(), true).await;
    scene.says("before it is done with the list").await;
    server.state().script.before_list.truncate(2);
    scene.reconnect();
    scene.state(SourceState::Online).await;
}

#[tokio::test]
async fn doubled_and_reordered_messages_leave_the_newest() {
    let server = start().await;
    let scene = online(&server, "").await;
    let (first, second) = (server.miss("door", "one"), server.miss("door", "two"));
    server.wire(Wire::Together(vec![second.clone(), first.clone(), second, first]));
    server.create("last", "x");
    let rows = scene.rows(|rows| rows.len() == 2).await;
    assert_eq!(shown(&rows), [("door", "two"), ("last", "x")]);
    assert!(scene.popups().values().all(|times| *times == 1), "{:?}", scene.popups());
}

#[tokio::test]
async fn end_that_comes_after_the_next_beginning_ends_only_what_it_is_about() {
    let server = start().await;
    let scene = online(&server, "").await;
    server.create("door", "one");
    let removed = server.state().script.dismiss("door").unwrap();
    server.create("door", "two");
    server.say(removed);
    server.create("last", "x");
    let rows = scene.rows(|rows| rows.len() == 2).await;
    assert_eq!(shown(&rows), [("door", "two"), ("last", "x")]);
}

#[tokio::test]
async fn message_in_pieces_is_one_message() {
    let server = start().await;
    let scene = online(&server, "").await;
    let added = server.miss("door", &"in two frames, byte by byte ".repeat(20));
    server.wire(Wire::Split(added));
    scene.rows(|rows| rows.len() == 1).await;
    assert_eq!(server.count(SOCKET), 1);
}

#[tokio::test]
async fn token_that_is_revoked_meanwhile_waits_for_a_person() {
    let server = start().await;
    let scene = online(&server, "").await;
    server.state().script.revoked = true;
    server.wire(Wire::End);
    scene.state(SourceState::NeedsLogin).await;
}

#[tokio::test]
async fn question_that_fails_beside_the_connection_does_not_cost_it() {
    let server = start().await;
    let scene = online(&server, "reconcile_every = \"1s\"").await;
    server.state().handshake = Some(PAGE);
    scene.says("instead of a WebSocket").await;
    server.create("door", "open");
    scene.rows(|rows| shown(rows) == [("door", "open")]).await;
    server.state().handshake = None;
    scene.until(|status| status.last_error.is_empty()).await;
}
