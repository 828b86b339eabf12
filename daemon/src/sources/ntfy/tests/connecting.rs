//! Coming in, being refused, and losing the connection.

use super::*;
use crate::sources::live::testing::SECRET;

const SHORT: &str = "topics = [\"a\", \"b\"]\nping_after = \"1s\"\nping_timeout = \"1s\"\n";

#[tokio::test]
async fn one_connection_brings_all_topics_and_asks_for_no_past() {
    let server = Server::start().await;
    let scene = online(&server).await;
    assert_eq!(server.state().count("GET /a,b/ws"), 1);
    assert_eq!(server.state().count("/ws?"), 0, "the catch-up asks for the past");
    assert_eq!(scene.status().await.last_error, "");
}

#[tokio::test]
async fn a_refused_topic_is_told_and_the_others_arrive() {
    let server = Server::start().await;
    server.state().refused.insert("a".to_owned(), 403);
    let scene = online(&server).await;
    let status = scene.says("topic \"a\" is refused (403)").await;
    assert!(status.last_error.contains("give this account read access"), "{}", status.last_error);
    server.state().publish("b", "", "live");
    scene.rows(|rows| rows.len() == 1).await;
    assert_eq!(server.state().count("GET /b/json"), 1, "the catch-up asks for what is allowed");
    server.state().refused.clear();
    server.state().publish("a", "", "while it was refused");
    again(&scene, &server).await;
    scene.rows(|rows| rows.len() == 2).await;
    assert_eq!(scene.until(|status| status.last_error.is_empty()).await.last_error, "");
}

/// Eighty topics, with these of them refused, on a server that answers so many requests at a time.
async fn many_topics(refused: &[usize], burst: usize) -> (Server, Scene) {
    let server = Server::start().await;
    {
        let mut state = server.state();
        state.burst = Some(burst);
        state.refused = refused.iter().map(|number| (format!("t{number}"), 403)).collect();
    }
    let topics: Vec<String> = (0..80).map(|number| format!("t{number}")).collect();
    let settings = server.settings(&format!("topics = {topics:?}"));
    (server.clone(), Scene::start("ntfy", &settings, true).await)
}

#[tokio::test]
async fn one_refused_topic_among_many_is_found_within_the_limit_of_requests() {
    let (server, scene) = many_topics(&[57], 60).await;
    let status = scene.says("topic \"t57\" is refused (403)").await;
    assert_eq!(status.state, SourceState::Online);
    let asked = server.state().count("/auth");
    assert!(asked <= 14, "{asked} questions are more than halving takes");
    server.state().publish("t79", "", "live");
    scene.rows(|rows| rows.len() == 1).await;
}

#[tokio::test]
async fn a_search_that_a_limit_interrupts_goes_on_where_it_was() {
    let refused = [3, 20, 41, 42, 66];
    let (server, scene) = many_topics(&refused, 16).await;
    let status = scene.says("is refused (403)").await;
    for number in refused {
        assert!(status.last_error.contains(&format!("\"t{number}\"")), "{}", status.last_error);
    }
    assert_eq!(status.last_error.matches("is refused").count(), refused.len());
    let waited = server.state().count("/ws");
    assert!(waited > 2, "the limit has interrupted it, or this test shows nothing");
}

#[tokio::test]
async fn what_is_refused_is_asked_anew_with_the_next_connection() {
    let (server, scene) = many_topics(&[3, 20], 60).await;
    scene.says("topic \"t20\" is refused").await;
    server.state().refused.remove("t20");
    server.state().spent = 0;
    scene.reconnect();
    scene.until(|status| !status.last_error.contains("t20")).await;
    assert!(scene.status().await.last_error.contains("t3"));
}

#[tokio::test]
async fn a_topic_that_is_refused_alone_needs_a_login() {
    let server = Server::start().await;
    server.state().refused.insert("a".to_owned(), 403);
    let scene = Scene::start("ntfy", &server.settings("topics = \"a\""), true).await;
    scene.state(SourceState::NeedsLogin).await;
    scene.says("topic \"a\" is refused (403)").await;
}

#[tokio::test]
async fn wrong_credentials_are_asked_about_once() {
    let server = Server::start().await;
    let scene = Scene::start("ntfy", &server.settings(TOPICS), true).await;
    scene.state(SourceState::Online).await;
    server.state().refused = [("a".to_owned(), 401), ("b".to_owned(), 401)].into();
    scene.reconnect();
    scene.state(SourceState::NeedsLogin).await;
    scene.says("the credentials are refused (401)").await;
    assert_eq!(server.state().count("/auth"), 1, "a server bans who is refused too often");
}

#[tokio::test]
async fn a_secret_that_was_an_old_one_is_read_again_and_tried_at_once() {
    let server = Server::start().await;
    server.state().handshake_answer =
        Some("HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n");
    let scene = Scene::start("ntfy", &server.settings(TOPICS), true).await;
    scene.state(SourceState::NeedsLogin).await;
    let (sockets, _) = counts(&server);
    assert_eq!(sockets, 2, "the topics may be read after all, so the WebSocket is tried again");
    server.state().handshake_answer = None;
    scene.reconnect();
    scene.state(SourceState::Online).await;
}

#[tokio::test]
async fn without_a_secret_anybody_may_read_what_is_open() {
    let server = Server::start().await;
    let scene = Scene::start("ntfy", &server.settings("topics = \"a\""), false).await;
    scene.state(SourceState::NeedsLogin).await;
    // This server lets nobody in without a token: it is asked without one, and says so.
    let status = scene.says("topic \"a\" is refused (401)").await;
    assert!(status.last_error.contains("tidings secret set home"), "{}", status.last_error);
}

#[tokio::test]
async fn the_test_of_a_server_without_websockets_says_that_asking_works() {
    let server = Server::start().await;
    server.state().handshake_answer = Some("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    let scene = online(&server).await;
    let report = scene.supervisor.test("home").await.unwrap();
    assert!(report.ok, "its messages arrive: {report:?}");
    assert!(report.steps.concat().contains("asking for messages works"), "{report:?}");
    server.state().list_answer = Some("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
    let report = scene.supervisor.test("home").await.unwrap();
    assert!(!report.ok, "nothing would arrive: {report:?}");
}

#[tokio::test]
async fn a_server_that_wants_peace_gets_it() {
    let server = Server::start().await;
    server.state().handshake_answer =
        Some("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 600\r\nContent-Length: 0\r\n\r\n");
    let scene = Scene::start("ntfy", &server.settings(TOPICS), true).await;
    let status = scene.says("answered 429").await;
    assert_eq!(status.state, SourceState::Waiting);
    let wait = status.retry_at.unwrap() - scene.clock.now();
    assert!(wait > 500_000, "{wait} ms are less than the server asked for");
}

#[tokio::test]
async fn peace_that_is_asked_for_beside_a_connection_outlives_it() {
    let server = Server::start().await;
    server.state().list_answer =
        Some("HTTP/1.1 429 Too Many Requests\r\nRetry-After: 600\r\nContent-Length: 0\r\n\r\n");
    let scene = Scene::start("ntfy", &server.settings(TOPICS), true).await;
    let status = scene.says("answered 429").await;
    assert_eq!(status.state, SourceState::Online, "the connection itself stands");
    let requests = server.state().requests.len();
    server.order(&Order::Reset);
    let status = scene.says("wants to be left alone").await;
    assert_eq!(status.state, SourceState::Waiting);
    let wait = status.retry_at.unwrap() - scene.clock.now();
    assert!(wait > 500_000, "{wait} ms are less than the server asked for");
    assert_eq!(server.state().requests.len(), requests, "nothing was asked, nor dialled");
    server.state().list_answer = None;
    assert!(scene.supervisor.reconnect("home"), "it exists");
    scene.state(SourceState::Online).await;
}

#[tokio::test]
async fn without_websockets_the_server_is_asked_instead() {
    for answer in [
        "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n",
    ] {
        let server = Server::start().await;
        server.state().handshake_answer = Some(answer);
        server.state().publish("a", "", "history");
        server.state().refused.insert("b".to_owned(), 403);
        let scene = online(&server).await;
        scene.rows(|rows| rows.len() == 1).await;
        let status = scene.says("it is asked every minute").await;
        assert!(status.last_error.contains("topic \"b\" is refused (403)"));
        server.state().publish("a", "", "later");
        // As when the network has changed.
        scene.supervisor.nudge(scene.id().await, crate::sources::Nudge::Doubt);
        scene.rows(|rows| rows.len() == 2).await;
    }
}

#[tokio::test]
async fn a_server_without_websockets_that_fails_is_not_online() {
    let server = Server::start().await;
    server.state().handshake_answer = Some("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n");
    let scene = online(&server).await;
    scene.says("it is asked every minute").await;
    server.state().list_answer =
        Some("HTTP/1.1 502 Bad Gateway\r\nRetry-After: 600\r\nContent-Length: 0\r\n\r\n");
    scene.supervisor.nudge(scene.id().await, crate::sources::Nudge::Doubt);
    let status = scene.says("answered 502").await;
    assert_eq!(status.state, SourceState::Waiting, "nothing arrives, and everybody can see it");
    assert!(status.retry_at.unwrap() - scene.clock.now() > 500_000, "the next try is known");
}

#[tokio::test]
async fn an_address_that_is_no_ntfy_is_told() {
    let server = Server::start().await;
    let settings = server.settings(TOPICS).replacen("\"\n", "/elsewhere\"\n", 1);
    let scene = Scene::start("ntfy", &settings, true).await;
    scene.state(SourceState::Rejected).await;
    scene.says("is `url` the address of the server?").await;
}

#[tokio::test]
async fn a_connection_that_fell_silent_is_given_up() {
    let server = Server::start().await;
    let scene = Scene::online("ntfy", &server.settings(SHORT)).await;
    server.order(&Order::Freeze);
    server.state().sockets.clear();
    server.state().publish("a", "", "into the void");
    server.connections(2).await;
    scene.rows(|rows| rows.len() == 1).await;
}

#[tokio::test]
async fn every_way_to_end_a_connection_is_followed_by_another() {
    for order in [Order::Close, Order::End, Order::Reset] {
        let server = Server::start().await;
        let scene = online(&server).await;
        server.order(&order);
        scene.until(|status| !status.last_error.is_empty()).await;
        server.state().publish("a", "", "meanwhile");
        scene.reconnect();
        scene.rows(|rows| rows.len() == 1).await;
    }
}

#[tokio::test]
async fn pings_are_answered() {
    let server = Server::start().await;
    server.state().ping_every = Some(Duration::from_millis(50));
    let scene = online(&server).await;
    server.until("six answers", |state| state.pongs >= 6).await;
    assert_eq!(server.state().count("/ws"), 1, "who does not answer is dropped");
    assert_eq!(scene.status().await.state, SourceState::Online);
}

#[tokio::test]
async fn a_frame_that_no_memory_should_hold_ends_the_connection_alone() {
    let server = Server::start().await;
    let scene = online(&server).await;
    server.order(&Order::Text("x".repeat(5 * 1024 * 1024)));
    scene.says("larger than").await;
    scene.reconnect();
    server.connections(2).await;
    scene.state(SourceState::Online).await;
    server.state().publish("a", "", "after it");
    scene.rows(|rows| rows.len() == 1).await;
}

#[tokio::test]
async fn the_test_tells_of_each_topic() {
    let server = Server::start().await;
    server.state().refused.insert("b".to_owned(), 403);
    let scene = online(&server).await;
    let report = scene.supervisor.test("home").await.unwrap();
    let steps = report.steps.join("\n");
    assert!(!report.ok, "not everything would arrive: {steps}");
    for words in [
        "is healthy",
        "topic \"a\" may be read",
        "topic \"b\" is refused (403)",
        "WebSocket is connected",
    ] {
        assert!(steps.contains(words), "{words}: {steps}");
    }
    assert!(!steps.contains(SECRET), "{steps}");
    server.state().refused.clear();
    let report = scene.supervisor.test("home").await.unwrap();
    assert!(report.ok, "{report:?}");
}
