//! Everything that goes wrong between the server and here.

use serde_json::json;
use tidings_api::SourceState;

use super::{KIND, connected, ids, online, start};
use crate::sources::live::testing::Scene;
use crate::sources::live::testing::server::{
    self, BROKEN, BUSY, FORBIDDEN, PAGE, UNAUTHORIZED, Wire,
};

#[tokio::test]
async fn connection_that_went_deaf_is_noticed_and_dialled_again() {
    let server = start().await;
    let scene = online(&server, "ping_after = \"1s\"\nping_timeout = \"1s\"").await;
    server.wire(Wire::Deaf);
    server.post("while it was deaf");
    connected(&server, &scene, 2).await;
    scene.rows(|rows| ids(rows) == [1]).await;
    server.post("after it");
    scene.rows(|rows| ids(rows) == [2, 1]).await;
}

#[tokio::test]
async fn connection_that_ends_in_any_way_is_dialled_again() {
    for end in [Wire::Close, Wire::Reset, Wire::End, Wire::Garbage] {
        let server = start().await;
        let scene = online(&server, "").await;
        server.wire(end.clone());
        server.miss("meanwhile");
        server.asked("GET /stream", 2).await;
        let rows = scene.rows(|rows| !rows.is_empty()).await;
        assert_eq!(ids(&rows), [1], "after {end:?}");
    }
}

#[tokio::test]
async fn poison_is_kept_aside_and_ends_nothing() {
    let server = start().await;
    let scene = online(&server, "").await;
    for poison in
        ["", "null", "[]", "{", "7", "{\"id\":{},\"message\":\"x\"}", "{\"message\":\"x\"}"]
    {
        server.say(poison);
    }
    server.post("after all");
    scene.rows(|rows| rows.len() == 1).await;
    assert_eq!(server.count("GET /stream"), 1, "the connection lives on");
}

#[tokio::test]
async fn message_larger_than_what_is_taken_comes_by_the_list() {
    let server = start().await;
    let scene = online(&server, "").await;
    server.post(&"x".repeat(5 << 20));
    let rows = scene.rows(|rows| rows.len() == 1).await;
    assert!(rows[0].body.len() <= 64 * 1024, "cut as every text is");
    connected(&server, &scene, 2).await;
    server.post("after it");
    scene.rows(|rows| ids(rows) == [2, 1]).await;
}

#[tokio::test]
async fn refused_token_waits_for_a_person() {
    for (answer, words) in [(UNAUTHORIZED, "401"), (FORBIDDEN, "403")] {
        let server = start().await;
        server.state().handshake = Some(answer);
        let scene = Scene::start(KIND, &server.url(), true).await;
        scene.state(SourceState::NeedsLogin).await;
        scene.says(words).await;
    }
}

#[tokio::test]
async fn token_that_is_revoked_meanwhile_waits_for_a_person() {
    let server = start().await;
    let scene = online(&server, "reconcile_every = \"1s\"").await;
    server.state().fault = Some(("GET /message", usize::MAX, UNAUTHORIZED));
    scene.state(SourceState::NeedsLogin).await;
}

#[tokio::test]
async fn server_that_wants_to_be_left_alone_is_left_alone() {
    let server = start().await;
    server.state().fault = Some(("GET /message", 1, BUSY));
    let asked_at = tokio::time::Instant::now();
    let scene = Scene::start(KIND, &server.url(), true).await;
    scene.says("429").await;
    server.post("meanwhile");
    scene.rows(|rows| rows.len() == 1).await;
    server.asked("GET /message", 2).await;
    assert!(asked_at.elapsed().as_millis() >= 1_000, "Retry-After holds, whatever comes meanwhile");
}

#[tokio::test]
async fn list_that_fails_costs_neither_the_connection_nor_a_message() {
    for answer in [BROKEN, PAGE] {
        let server = start().await;
        server.miss("before");
        server.state().fault = Some(("GET /message", 1, answer));
        let scene = Scene::start(KIND, &server.url(), true).await;
        server.asked("GET /message", 1).await;
        server.post("live");
        scene.rows(|rows| ids(rows) == [2, 1]).await;
        assert_eq!(server.count("GET /stream"), 1, "after {answer}");
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
async fn server_that_answers_slowly_is_waited_for() {
    let server = start().await;
    server.miss("before");
    server.state().delay = std::time::Duration::from_millis(300);
    let scene = online(&server, "").await;
    server.post("live");
    scene.rows(|rows| ids(rows) == [2, 1]).await;
}

#[tokio::test]
async fn list_that_goes_in_circles_ends() {
    let server = start().await;
    for n in 0..200 {
        server.miss(&format!("message {n}"));
    }
    let mut newest_first = server.state().script.messages.clone();
    newest_first.reverse();
    let page = json!({"messages": newest_first, "paging": {"next": "again"}});
    let answer = server::json("200 OK", &page).leak();
    server.state().fault = Some(("GET /message", usize::MAX, answer));
    let scene = online(&server, "").await;
    assert_eq!(scene.all().await.len(), 200);
    assert!(server.count("GET /message") < 10, "a page that goes no lower is the last");
}

#[tokio::test]
async fn page_that_is_too_large_comes_in_parts_and_what_is_too_large_alone_is_passed_over() {
    let server = start().await;
    server.miss("first");
    for _ in 0..3 {
        server.miss(&"x".repeat(3 << 20));
    }
    let scene = online(&server, "").await;
    assert_eq!(
        ids(&scene.all().await),
        [4, 3, 2, 1],
        "three are too much together, and each is taken"
    );
    server.miss(&"x".repeat(9 << 20));
    server.miss("last");
    server.delete(1);
    scene.reconnect();
    scene.rows(|rows| ids(rows) == [6, 4, 3, 2]).await;
}
