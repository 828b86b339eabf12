//! What the stream and the list bring while nothing is wrong.

use serde_json::json;
use tidings_api::{SourceState, Urgency};

use super::server::IMAGE;
use super::{KIND, connected, ids, online, start};
use crate::sources::live::testing::Scene;
use crate::sources::live::testing::server::{BROKEN, Wire};

#[tokio::test]
async fn message_is_in_the_inbox_with_all_that_it_carries() {
    let server = start().await;
    let scene = online(&server, "").await;
    let mut message = server.miss("**42** files");
    message["priority"] = json!(8);
    message["extras"] = json!({
        "client::display": {"contentType": "text/markdown"},
        "client::notification": {
            "click": {"url": "https://backup.example/42"},
            "bigImageUrl": "https://backup.example/42.png"
        },
        "android::action": {"onReceive": {"intentUrl": "evil://intent"}},
    });
    server.say(message.to_string());
    let row = scene.rows(|rows| rows.len() == 1).await.remove(0);
    assert_eq!((row.topic.as_str(), row.title.as_str()), ("Backup", "Title"));
    assert_eq!((row.body.as_str(), row.urgency), ("**42** files", Urgency::High));
    assert_eq!(
        (row.url.as_str(), row.remote_id.as_deref()),
        ("https://backup.example/42", Some("1"))
    );
    assert_eq!(row.actions.len(), 1, "the image is a button and nothing that is fetched");
    assert_eq!(row.actions[0].url, "https://backup.example/42.png");
    assert!(row.data.contains("\"content_type\":\"text/markdown\""), "{}", row.data);
    assert!(row.sent_at.is_some_and(|sent_at| sent_at < row.received_at));
    scene.popped(1).await;
}

#[tokio::test]
async fn history_is_taken_up_to_its_bound_without_popups_and_never_later() {
    let server = start().await;
    for n in 0..450 {
        server.miss(&format!("old {n}"));
    }
    let scene = online(&server, "backfill = 250\nreconcile_every = \"1s\"").await;
    let rows = scene.rows(|rows| rows.len() >= 250).await;
    assert_eq!(ids(&rows), (201..=450).rev().collect::<Vec<_>>());
    server.asked("GET /message", 4).await;
    assert_eq!(scene.all().await.len(), 250, "what was left on the server stays there");
    assert!(scene.popups().is_empty(), "history is no news");
}

#[tokio::test]
async fn without_history_the_first_message_is_the_first_that_comes() {
    let server = start().await;
    server.miss("old");
    let scene = online(&server, "backfill = 0\nreconcile_every = \"1s\"").await;
    server.post("new");
    server.asked("GET /message", 3).await;
    assert_eq!(ids(&scene.rows(|rows| !rows.is_empty()).await), [2]);
}

#[tokio::test]
async fn long_absence_loses_nothing_and_comes_in_its_order() {
    let server = start().await;
    server.miss("before");
    let scene = online(&server, "").await;
    for n in 0..2_950 {
        server.miss(&format!("missed {n}"));
    }
    scene.reconnect();
    let rows = scene.rows(|rows| rows.len() == 2_951).await;
    assert_eq!(ids(&rows), (1..=2_951).rev().collect::<Vec<_>>(), "each once, the newest first");
    let mut by_arrival = rows;
    by_arrival.sort_by_key(|row| row.id);
    assert_eq!(ids(&by_arrival), (1..=2_951).collect::<Vec<_>>(), "the oldest was stored first");
}

#[tokio::test]
async fn what_was_missed_while_the_program_was_closed_comes_after_its_start() {
    let server = start().await;
    server.miss("before");
    let scene = online(&server, "").await;
    server.wire(Wire::End);
    for n in 0..3 {
        server.miss(&format!("missed {n}"));
    }
    let scene = scene.restarted().await;
    assert_eq!(ids(&scene.rows(|rows| rows.len() == 4).await), [4, 3, 2, 1]);
}

#[tokio::test]
async fn message_whose_id_is_lower_than_one_that_came_before_it_is_not_lost() {
    let server = start().await;
    server.miss("first");
    let late = server.miss("late");
    server.miss("last");
    server.delete(2);
    let scene = online(&server, "").await;
    assert_eq!(ids(&scene.all().await), [3, 1]);
    server.state().script.messages.insert(1, late);
    scene.reconnect();
    assert_eq!(ids(&scene.rows(|rows| rows.len() == 3).await), [3, 2, 1]);
}

#[tokio::test]
async fn repeated_and_reordered_messages_are_there_once() {
    let server = start().await;
    let scene = online(&server, "").await;
    let (one, two, three) = (server.miss("one"), server.miss("two"), server.miss("three"));
    server.together(&[three.clone(), one.clone(), one, two, three]);
    let rows = scene.rows(|rows| rows.len() == 3).await;
    assert_eq!(ids(&rows), [2, 1, 3], "news stand in the order in which they came");
    scene.reconnect();
    connected(&server, &scene, 2).await;
    assert_eq!(scene.all().await.len(), 3);
    let popups = scene.popped(3).await;
    assert!(popups.values().all(|times| *times == 1), "{popups:?}");
}

#[tokio::test]
async fn message_in_pieces_is_one_message() {
    let server = start().await;
    let scene = online(&server, "").await;
    let message = server.miss(&"in two frames, byte by byte ".repeat(20));
    server.wire(Wire::Split(message.to_string()));
    scene.rows(|rows| rows.len() == 1).await;
    assert_eq!(server.count("GET /stream"), 1, "and the connection stands");
}

#[tokio::test]
async fn application_that_is_new_gets_its_name_a_moment_later() {
    let server = start().await;
    let scene = online(&server, "").await;
    let mut message = server.miss("hello");
    message["appid"] = json!(9);
    *server.state().script.messages.last_mut().unwrap() = message.clone();
    server.state().script.applications = json!([{"id": 9, "name": "Garden"}]);
    server.say(message.to_string());
    let rows = scene.rows(|rows| rows.iter().any(|row| row.topic == "Garden")).await;
    assert_eq!(rows.len(), 1);
    scene.popped(1).await; // A name is no news.
}

#[tokio::test]
async fn names_that_cannot_be_had_stop_no_notification() {
    let server = start().await;
    server.state().fault = Some(("GET /application", usize::MAX, BROKEN));
    let scene = online(&server, "reconcile_every = \"1s\"").await;
    server.post("hello");
    let rows = scene.rows(|rows| rows.len() == 1).await;
    assert_eq!(rows[0].topic, "application 1");
    let asked = server.count("GET /message");
    server.asked("GET /message", asked + 2).await;
    assert_eq!(server.count("GET /application"), 2, "and nobody asks again and again");
}

#[tokio::test]
async fn image_of_an_application_is_the_icon_of_what_it_sends() {
    let server = start().await;
    server.state().script.image = Some("/image/b4ckup.gif");
    server.state().script.applications = json!([
        {"id": 1, "name": "Backup", "image": "image/b4ckup.gif"},
        {"id": 2, "name": "Door", "image": "https://elsewhere.example/image/door.gif"},
        {"id": 3, "name": "Garden", "image": "image/gone.gif"},
    ]);
    let scene = online(&server, "").await;
    for application in 1..=3 {
        let mut message = server.miss("hello");
        message["appid"] = json!(application);
        server.say(message.to_string());
    }
    let rows = scene.rows(|rows| rows.len() == 3).await;
    let icon = |topic: &str| rows.iter().find(|row| row.topic == topic).unwrap().icon.as_str();
    assert_eq!(std::fs::read_to_string(icon("Backup")).unwrap(), IMAGE);
    assert_eq!(icon("Door"), "", "nobody else is asked");
    assert_eq!(icon("Garden"), "", "what is not there is left out, and its messages come");
    scene.reconnect();
    connected(&server, &scene, 2).await;
    assert_eq!(server.count("GET /image/b4ckup.gif"), 1, "what is kept is not fetched again");
}

#[tokio::test]
async fn image_that_is_none_is_fetched_once() {
    let server = start().await;
    server.state().script.image = Some("/image/page.gif");
    server.state().script.picture = "<html>".to_owned();
    server.state().script.applications =
        json!([{"id": 1, "name": "Backup", "image": "image/page.gif"}]);
    let scene = online(&server, "").await;
    scene.reconnect();
    connected(&server, &scene, 2).await;
    server.asked("GET /application", 2).await;
    server.post("hello");
    assert_eq!(scene.rows(|rows| rows.len() == 1).await[0].icon, "");
    assert_eq!(server.count("GET /image/page.gif"), 1, "it would be refused each time");
}

#[tokio::test]
async fn images_that_are_not_wanted_are_not_fetched() {
    let server = start().await;
    server.state().script.applications =
        json!([{"id": 1, "name": "Backup", "image": "image/a.gif"}]);
    let scene = online(&server, "images = false").await;
    server.post("hello");
    assert_eq!(scene.rows(|rows| rows.len() == 1).await[0].icon, "");
    assert_eq!(server.count("GET /image/a.gif"), 0);
}

#[tokio::test]
async fn user_and_password_sign_in_as_well() {
    let server = start().await;
    server.state().script.user = Some("ana");
    let scene = online(&server, "username = \"ana\"").await;
    server.post("hello");
    scene.rows(|rows| rows.len() == 1).await;
}

#[tokio::test]
async fn test_tells_version_applications_and_stream() {
    let server = start().await;
    let scene = online(&server, "").await;
    let report = scene.supervisor.test("home").await.unwrap();
    assert!(report.ok, "{report:?}");
    let wanted = ["server: Gotify 3.0.0", "applications: 5 found", "stream: connected"];
    assert_eq!(report.steps, wanted);
}

#[tokio::test]
async fn without_a_secret_a_person_is_told_what_to_do() {
    let server = start().await;
    let scene = Scene::start(KIND, &server.url(), false).await;
    let status = scene.state(SourceState::NeedsLogin).await;
    assert!(status.last_error.contains("token_file"), "{}", status.last_error);
}
