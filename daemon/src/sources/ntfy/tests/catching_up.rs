//! What came while there was no connection.

use super::*;
use crate::sources::ntfy::marker::Marker;

/// Publishes without telling the sockets.
fn missed(server: &Server, topic: &str, sequence: &str, text: &str) {
    let mut state = server.state();
    state.deaf = true;
    state.publish(topic, sequence, text);
    state.deaf = false;
}

#[tokio::test]
async fn the_first_connection_brings_history_without_a_popup() {
    let server = Server::start().await;
    server.state().publish("a", "", "old");
    server.state().publish("b", "", "older");
    let scene = online(&server).await;
    let rows = scene.rows(|rows| rows.len() == 2).await;
    assert!(rows.iter().all(|row| !row.read));
    assert_eq!(server.state().count("since=all"), 1);
    assert_eq!(told(&scene, &server).await, [""; 0], "nobody was away");
}

#[tokio::test]
async fn what_was_missed_arrives_once_and_pops_up_once() {
    let server = Server::start().await;
    let scene = online(&server).await;
    server.state().publish("a", "", "live");
    scene.rows(|rows| rows.len() == 1).await;
    missed(&server, "a", "", "missed");
    again(&scene, &server).await;
    scene.rows(|rows| bodies(rows) == ["live", "missed"]).await;
    again(&scene, &server).await;
    again(&scene, &server).await;
    assert_eq!(bodies(&scene.all().await), ["live", "missed"], "replays change nothing");
    assert_eq!(told(&scene, &server).await, ["alive", "amissed"], "title and text");
}

#[tokio::test]
async fn a_restart_resumes_where_the_last_catch_up_ended() {
    let server = Server::start().await;
    server.state().publish("a", "", "before");
    let newest = server.state().now;
    let scene = online(&server).await;
    missed(&server, "b", "", "meanwhile");
    let scene = scene.restarted().await;
    scene.rows(|rows| rows.len() == 2).await;
    // Everything is looked through after a start; from then on only what is newer, with the overlap.
    again(&scene, &server).await;
    let since = format!("since={}", newest + 1 - 600);
    let state = server.state();
    assert_eq!(state.count(&since), 1, "{:?}", state.requests);
}

#[tokio::test]
async fn what_was_scheduled_before_the_marker_and_sent_after_it_arrives() {
    let server = Server::start().await;
    server.state().schedule("a", "scheduled");
    server.state().publish("a", "", "newer row");
    let scene = online(&server).await;
    scene.rows(|rows| rows.len() == 1).await;
    again(&scene, &server).await;
    {
        let mut state = server.state();
        state.deaf = true;
        state.deliver();
        state.deaf = false;
    }
    again(&scene, &server).await;
    scene.rows(|rows| bodies(rows) == ["newer row", "scheduled"]).await;
}

#[tokio::test]
async fn what_was_written_down_late_arrives_though_newer_ones_are_known() {
    let server = Server::start().await;
    let scene = online(&server).await;
    {
        let mut state = server.state();
        (state.batching, state.deaf) = (true, true);
        state.publish("a", "", "waits in a batch");
        (state.batching, state.deaf) = (false, false);
    }
    again(&scene, &server).await;
    server.state().publish("a", "", "newer");
    scene.rows(|rows| rows.len() == 1).await;
    again(&scene, &server).await;
    server.state().write_down();
    again(&scene, &server).await;
    scene.rows(|rows| bodies(rows) == ["newer", "waits in a batch"]).await;
}

#[tokio::test]
async fn live_messages_move_the_marker_past_nothing() {
    let server = Server::start().await;
    server.state().publish("a", "", "first");
    let scene = online(&server).await;
    let before = marker(&scene).await;
    server.state().publish("a", "", "live");
    scene.rows(|rows| rows.len() == 2).await;
    assert_eq!(marker(&scene).await, before, "only a catch-up knows what is complete");
    again(&scene, &server).await;
    let moved = Marker::read(Some(&moved(&scene, &before).await)).unwrap();
    assert_eq!(
        Marker::since(Some(&moved), &["a".into()], Duration::ZERO),
        server.state().now.to_string()
    );
}

async fn marker(scene: &Scene) -> String {
    let marking = crate::model::Marking::Nothing;
    let record = scene.store.register_source("home", "ntfy", marking, "").await.unwrap();
    record.marker.unwrap_or_default()
}

/// The marker when it is another one.
async fn moved(scene: &Scene, before: &str) -> String {
    let end = Instant::now() + DEADLINE;
    loop {
        let now = marker(scene).await;
        if now != before {
            return now;
        }
        assert!(Instant::now() < end, "it never moved from {before}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn an_answer_that_breaks_off_is_stored_and_asked_for_again() {
    let server = Server::start().await;
    for number in 0..6 {
        server.state().publish("a", "", &number.to_string());
    }
    server.state().break_after = Some(3);
    let scene = Scene::start("ntfy", &server.settings(TOPICS), true).await;
    scene.rows(|rows| rows.len() == 3).await;
    assert_eq!(marker(&scene).await, "", "what has not come may be anything");
    scene.rows(|rows| rows.len() == 6).await;
    assert_eq!(server.state().count("/ws"), 1, "the connection did nothing wrong");
    assert_eq!(told(&scene, &server).await, [""; 0], "it was still the first connection");
}

#[tokio::test]
async fn a_list_that_wants_peace_gets_it_and_the_connection_goes_on() {
    let server = Server::start().await;
    server.state().list_answer = Some(
        "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 600\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    );
    let scene = Scene::start("ntfy", &server.settings(TOPICS), true).await;
    scene.says("answered 429").await;
    server.state().publish("a", "", "live");
    scene.rows(|rows| rows.len() == 1).await;
    assert_eq!(server.state().count("/json"), 1);
}

#[tokio::test]
async fn an_endless_answer_holds_up_nothing_that_is_live() {
    let server = Server::start().await;
    server.state().drip = true;
    let scene = Scene::start("ntfy", &server.settings(TOPICS), true).await;
    server.connections(1).await;
    server.until("the list is asked", |state| state.count("/json") == 1).await;
    server.state().publish("a", "", "live");
    scene.rows(|rows| rows.len() == 1).await;
    assert_eq!(told(&scene, &server).await, ["alive"]);
}

#[tokio::test]
async fn a_marker_that_nobody_can_read_asks_for_everything() {
    let server = Server::start().await;
    server.state().publish("a", "", "one");
    let scene = online(&server).await;
    let batch =
        crate::model::Batch { marker: Some("m00000000001".to_owned()), ..Default::default() };
    scene.store.ingest(scene.id().await, batch).await.unwrap();
    again(&scene, &server).await;
    server.until("all is asked for again", |state| state.count("since=all") == 2).await;
    assert_eq!(scene.all().await.len(), 1, "and known all the same");
}

#[tokio::test]
async fn a_server_that_lost_its_cache_is_followed_on() {
    let server = Server::start().await;
    server.state().publish("a", "", "kept here");
    let scene = online(&server).await;
    server.state().rows.clear();
    again(&scene, &server).await;
    missed(&server, "a", "", "after the loss");
    again(&scene, &server).await;
    scene.rows(|rows| bodies(rows) == ["after the loss", "kept here"]).await;
}

#[tokio::test]
async fn what_a_new_topic_has_already_is_history() {
    let server = Server::start().await;
    let scene = Scene::online("ntfy", &server.settings("topics = [\"a\"]")).await;
    server.state().publish("b", "", "long there");
    let scene = scene.with_settings("ntfy", &server.settings(TOPICS)).await;
    missed(&server, "a", "", "missed");
    scene.rows(|rows| rows.iter().any(|row| row.body == "long there")).await;
    again(&scene, &server).await;
    scene.rows(|rows| rows.len() == 2).await;
    assert_eq!(told(&scene, &server).await, ["amissed"], "the one that was missed");
}

/// Two threads that go on after more others than one step holds, so many seconds ago; what pops up of all.
async fn told_of_threads(age: i64) -> Vec<String> {
    let server = Server::start().await;
    let scene = online(&server).await;
    {
        let mut state = server.state();
        (state.deaf, state.now) = (true, scene.clock.now() / 1_000 - age);
        state.publish("a", "disk", "90 %");
        state.publish("a", "door", "open");
        state.tick = 0;
        for number in 0..2_000 {
            state.publish("b", "noise", &number.to_string());
        }
        state.tick = 1;
        state.publish("a", "disk", "95 %");
        state.end("a", "door", "message_clear");
        state.deaf = false;
    }
    again(&scene, &server).await;
    let rows = scene.rows(|rows| rows.len() == 3).await;
    assert_eq!(bodies(&rows), ["1999", "95 %", "open"]);
    assert!(rows.iter().all(|row| row.read == (row.body == "open")), "{rows:?}");
    told(&scene, &server).await
}

#[tokio::test]
async fn a_thread_in_a_replay_pops_up_as_it_is_and_one_that_ended_does_not() {
    assert_eq!(told_of_threads(300).await, ["a95 %", "b1999"], "title and text");
}

#[tokio::test]
async fn a_thread_that_a_long_replay_divides_pops_up_in_none_of_its_states() {
    assert_eq!(told_of_threads(3_600).await, [""; 0], "what is that old is told in a summary");
}

#[tokio::test]
async fn ten_thousand_missed_messages_arrive_in_steps() {
    let server = Server::start().await;
    let scene = online(&server).await;
    {
        let mut state = server.state();
        state.deaf = true;
        state.now -= 20_000;
        for number in 0..10_000 {
            state.publish("a", "", &number.to_string());
        }
        state.publish("a", "m00000000001", "the first again");
        state.deaf = false;
    }
    again(&scene, &server).await;
    let rows = scene.rows(|rows| rows.len() == 10_000 && rows[0].body == "the first again").await;
    assert_eq!(rows[1].body, "9999");
    assert_eq!(rows[9_999].body, "1");
    assert_eq!(told(&scene, &server).await, [""; 0], "so many old ones are one summary");
}
