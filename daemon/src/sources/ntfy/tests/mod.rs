//! The running source against a scripted server and a real inbox, one trap a test.

mod catching_up;
mod connecting;
mod schedules;
mod server;
mod syncing;
mod wire;

use std::time::Duration;

use serde_json::json;
use tidings_api::{Notification, SourceState};
use tokio::time::Instant;

use super::*;
use crate::sources::live::testing::{DEADLINE, Scene};
use crate::sources::ntfy::tests::server::{Order, Server};

/// Two topics of this server.
pub(super) const TOPICS: &str = "topics = [\"a\", \"b\"]\n";

pub(super) async fn online(server: &Server) -> Scene {
    Scene::online("ntfy", &server.settings(TOPICS)).await
}

/// The texts in the order of the alphabet: what arrives live stands where it arrived, whatever its time.
pub(super) fn bodies(rows: &[Notification]) -> Vec<&str> {
    let mut bodies: Vec<_> = rows.iter().map(|row| row.body.as_str()).collect();
    bodies.sort_unstable();
    bodies
}

/// Drops the connection, dials again and waits until the catch-up behind it is stored.
pub(super) async fn again(scene: &Scene, server: &Server) {
    let (sockets, lists) = counts(server);
    scene.reconnect();
    server
        .until("a new connection with its catch-up", |state| {
            state.count("/ws") > sockets && state.count("/json") > lists
        })
        .await;
    // The list is answered before it is stored: what comes next is asked for after that.
    scene.state(SourceState::Online).await;
}

pub(super) fn counts(server: &Server) -> (usize, usize) {
    let state = server.state();
    (state.count("/ws"), state.count("/json"))
}

/// What popped up, title and text, each at most once. A last message of its own comes after all that is on its way.
pub(super) async fn told(scene: &Scene, server: &Server) -> Vec<String> {
    const LAST: &str = "blast of all";
    let more = json!({"event": "message", "message": "last of all", "priority": 5});
    server.state().add("b", "", &more);
    let end = Instant::now() + DEADLINE;
    loop {
        let popups = scene.popups();
        assert!(popups.values().all(|count| *count == 1), "none pops up twice: {popups:?}");
        let mut told: Vec<_> = popups.into_keys().map(|(_, text)| text).collect();
        if let Some(at) = told.iter().position(|text| text == LAST) {
            told.remove(at);
            told.sort_unstable();
            return told;
        }
        assert!(Instant::now() < end, "the last never popped up: {told:?}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn the_form_sets_what_the_settings_read() {
    let form = form();
    assert_eq!(form.fields[0].key, "url", "the address comes first");
    for field in &form.fields {
        assert!(field.help.ends_with('.'), "{}: {}", field.key, field.help);
        let value = match field.kind {
            FieldKind::List => format!("[\"{}\"]", field.example),
            FieldKind::Flag => "true".to_owned(),
            FieldKind::Text | FieldKind::Url | FieldKind::Choice => {
                format!("\"{}\"", field.example)
            }
        };
        let mut settings: toml::Table =
            "url = \"https://a.example\"\ntopics = [\"a\"]".parse().unwrap();
        settings.extend(format!("{} = {value}", field.key).parse::<toml::Table>().unwrap());
        let problems = (KIND.check)(&settings);
        assert!(problems.is_empty(), "{}: {problems:?}", field.key);
    }
    let required = form.fields.iter().filter(|field| field.required);
    assert_eq!(required.map(|field| field.key.as_str()).collect::<Vec<_>>(), ["url", "topics"]);
}

#[test]
fn the_page_of_this_kind_explains_every_key() {
    let page = include_str!("../../../../../docs/sources-ntfy.md");
    for field in form().fields {
        let row = format!("| `{}` |", field.key);
        assert!(page.contains(&row), "docs/sources-ntfy.md does not explain {}", field.key);
    }
}

#[test]
fn a_field_that_is_left_empty_means_what_its_placeholder_shows() {
    let basis = "url = \"https://a.example\"\ntopics = [\"a\"]\n";
    let read = |more: &str| Spec::read(&format!("{basis}{more}").parse().unwrap()).unwrap();
    for field in form().fields.iter().filter(|field| field.kind == FieldKind::Text) {
        if !field.default.is_empty() {
            let written = format!("{} = \"{}\"", field.key, field.default);
            assert_eq!(read(&written), read(""), "{}", field.key);
        }
    }
}

#[tokio::test]
async fn what_is_published_is_a_row_and_a_popup_at_once() {
    let server = Server::start().await;
    let scene = online(&server).await;
    let more = json!({"event": "message", "title": "Backup", "message": "done", "tags": ["tada"], "priority": 4});
    server.state().add("b", "", &more);
    let rows = scene.rows(|rows| rows.len() == 1).await;
    assert_eq!((rows[0].title.as_str(), rows[0].topic.as_str()), ("🎉 Backup", "b"));
    assert_eq!(told(&scene, &server).await, ["🎉 Backupdone"]);
    assert_eq!(server.state().client_data, 0, "the server drops who sends it anything");
}

#[tokio::test]
async fn an_update_changes_its_row_and_an_end_ends_it() {
    let server = Server::start().await;
    let scene = online(&server).await;
    server.state().publish("a", "disk", "90 %");
    server.state().publish("a", "disk", "95 %");
    server.state().publish("b", "disk", "of another topic");
    let rows =
        scene.rows(|rows| rows.len() == 2 && rows.iter().any(|row| row.body == "95 %")).await;
    assert!(rows.iter().all(|row| !row.read));
    server.state().end("a", "disk", "message_clear");
    scene.rows(|rows| rows.iter().any(|row| row.body == "95 %" && row.read)).await;
    server.state().end("b", "disk", "message_delete");
    let rows = scene.rows(|rows| rows.iter().all(|row| row.read)).await;
    let retracted: Vec<_> = rows.iter().map(|row| row.retracted_at.is_some()).collect();
    assert_eq!(retracted, [true, false], "what was taken back can still be found");
}

#[tokio::test]
async fn what_comes_twice_or_late_is_one_row_of_its_newest_state() {
    let server = Server::start().await;
    let scene = online(&server).await;
    {
        let mut state = server.state();
        state.reversing = true;
        state.publish("a", "disk", "older");
        state.publish("a", "disk", "newer");
        state.release();
        let rows: Vec<_> = state.rows.iter().map(|row| row.message.to_string()).collect();
        for text in rows {
            state.send("a", &Order::Text(text));
        }
        state.publish("b", "", "last");
    }
    let rows = scene.rows(|rows| rows.len() == 2).await;
    assert_eq!(bodies(&rows), ["last", "newer"]);
    assert_eq!(told(&scene, &server).await, ["anewer", "blast"], "title and text");
}

#[tokio::test]
async fn an_end_may_come_before_what_it_ends() {
    let server = Server::start().await;
    let scene = online(&server).await;
    {
        let mut state = server.state();
        state.reversing = true;
        state.publish("a", "disk", "full");
        state.end("a", "disk", "message_clear");
        state.release();
    }
    let rows = scene.rows(|rows| rows.len() == 1).await;
    assert!(rows[0].read);
    assert_eq!(told(&scene, &server).await, [""; 0], "nobody is disturbed by it");
}

#[tokio::test]
async fn poison_is_passed_over_and_what_comes_after_it_arrives() {
    let server = Server::start().await;
    let scene = online(&server).await;
    for poison in [
        "",
        "{",
        "null",
        "[[[[",
        "{\"event\":\"message\"}",
        "{\"event\":\"message_snooze\",\"id\":\"x\",\"topic\":\"a\"}",
        "{\"event\":\"message\",\"id\":\"x\",\"topic\":[],\"time\":\"now\",\"actions\":{\"a\":1},\"tags\":7}",
    ] {
        server.order(&Order::Text(poison.to_owned()));
    }
    server.state().publish("a", "", "after it");
    scene.rows(|rows| rows.iter().any(|row| row.body == "after it")).await;
    assert_eq!(server.state().count("/ws"), 1, "the connection is the same");
}

#[tokio::test]
async fn frames_come_in_pieces_and_several_at_once() {
    let server = Server::start().await;
    let scene = online(&server).await;
    let text = |id: &str| {
        json!({"id": id, "sequence_id": id, "time": server.state().now, "event": "message", "topic": "a", "message": id})
            .to_string()
    };
    let both = [wire::frame(&text("one")), wire::frame(&text("two"))].concat();
    let pieces = wire::frame(&text("three")).chunks(9).map(<[u8]>::to_vec).collect();
    server.order(&Order::Raw(vec![both]));
    server.order(&Order::Raw(pieces));
    let rows = scene.rows(|rows| rows.len() == 3).await;
    assert_eq!(bodies(&rows), ["one", "three", "two"]);
}

#[tokio::test]
async fn a_request_to_poll_is_followed() {
    let server = Server::start().await;
    let scene = online(&server).await;
    {
        let mut state = server.state();
        state.deaf = true;
        state.publish("a", "", "from elsewhere");
    }
    let poll = json!({"id": "x", "time": 1, "event": "poll_request", "topic": "a", "poll_id": "y"});
    server.order(&Order::Text(poll.to_string()));
    scene.rows(|rows| rows.len() == 1).await;
}
