//! The server as a client sees it, over real sockets.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use futures_util::StreamExt;
use reqwest::{Response, StatusCode, redirect};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error as SocketError, Message};
use tokio_tungstenite::{WebSocketStream, client_async};

use super::*;

const PATIENCE: Duration = Duration::from_secs(20);

struct Client {
    http: reqwest::Client,
    base: String,
    token: String,
}

type Socket = WebSocketStream<TcpStream>;

impl Client {
    fn of(demo: &Demo) -> Self {
        // The daemon's main does it once; the tests of a process do it as often as they like.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let Some(SecretOrigin::File(path)) = &demo.source.secret else {
            panic!("the demo's token lies in a file");
        };
        let http = reqwest::Client::builder().redirect(redirect::Policy::none());
        Self {
            http: http.build().expect("an HTTP client"),
            base: demo.source.settings["url"].as_str().expect("a url").to_owned(),
            token: std::fs::read_to_string(path).expect("the token file"),
        }
    }

    async fn get(&self, path: &str) -> Response {
        let request = self.http.get(format!("{}{path}", self.base));
        request
            .header("authorization", format!("Token {}", self.token))
            .send()
            .await
            .expect("answer")
    }

    async fn list(&self, page: usize) -> Value {
        let answer = self.get(&format!("/notifications/api/list/?page={page}")).await;
        assert_eq!(answer.status(), StatusCode::OK);
        answer.json().await.expect("JSON")
    }

    async fn mark_read(&self, ids: &[u64]) -> Response {
        self.http
            .post(format!("{}/notifications/api/mark-read/", self.base))
            .header("authorization", format!("Token {}", self.token))
            .json(&json!({ "ids": ids }))
            .send()
            .await
            .expect("answer")
    }

    async fn socket(&self) -> Result<Socket, SocketError> {
        let host = self.base.strip_prefix("http://").expect("http");
        let mut request = format!("ws://{host}/ws/notificaciones/").into_client_request()?;
        let token = format!("Token {}", self.token).parse().expect("a header value");
        request.headers_mut().insert("authorization", token);
        let stream = TcpStream::connect(host).await?;
        client_async(request, stream).await.map(|(socket, _)| socket)
    }
}

fn note(body: &'static str) -> Note {
    Note { body, ..Note::default() }
}

fn scene(frames: Frames, body: &'static str) -> Scene {
    Scene { pause: Duration::ZERO, frames, note: note(body) }
}

fn short_day() -> Day {
    Day {
        earlier: vec![Earlier { age: Duration::from_secs(3600), read: true, note: note("before") }],
        scenes: vec![
            scene(Frames::One, "one"),
            scene(Frames::Lost, "lost"),
            scene(Frames::One, "two 🎉"),
        ],
    }
}

async fn started(day: Day) -> (Demo, Client, tempfile::TempDir) {
    let directory = tempfile::tempdir().expect("a directory");
    let demo =
        start(directory.path(), Clock::steered(1_700_000_000_000), day).await.expect("starts");
    let client = Client::of(&demo);
    (demo, client, directory)
}

async fn next_texts(socket: &mut Socket, count: usize) -> Vec<String> {
    let mut texts = Vec::new();
    while texts.len() < count {
        let message = tokio::time::timeout(PATIENCE, socket.next()).await;
        let message = message.expect("a frame in time").expect("an open socket").expect("a frame");
        if let Message::Text(text) = message {
            let frame: Value = serde_json::from_str(&text).expect("JSON");
            texts.push(frame["message"]["mensaje"].as_str().expect("a message").to_owned());
        }
    }
    texts
}

async fn until_finished(demo: &mut Demo) {
    let finished = tokio::time::timeout(PATIENCE, demo.finished.wait_for(|done| *done)).await;
    finished.expect("the day ends").expect("the player lives");
}

#[tokio::test]
async fn the_day_is_played_to_a_client_that_has_caught_up_and_ends_when_it_looked_again() {
    let (mut demo, client, _directory) = started(short_day()).await;
    assert_eq!(demo.total, 4);
    let mut socket = client.socket().await.expect("connects");

    let before = client.list(1).await;
    assert_eq!(before["notifications"].as_array().expect("rows").len(), 1, "the day has not begun");
    assert_eq!(before["unread_count"], 0);

    let texts = next_texts(&mut socket, 2).await;
    assert_eq!(texts, ["one", "two 🎉"], "one frame is lost");
    assert!(!demo.is_finished(), "nobody has asked the list for the lost one yet");

    let list = client.list(1).await;
    let rows = list["notifications"].as_array().expect("rows");
    let texts: Vec<&str> = rows.iter().filter_map(|row| row["mensaje"].as_str()).collect();
    assert_eq!(texts, ["two 🎉", "lost", "one", "before"]);
    assert_eq!(rows[0]["fecha"], "2023-11-14T22:13:20.000Z");
    assert_eq!(list["unread_count"], 3);
    until_finished(&mut demo).await;
}

#[tokio::test]
async fn marks_reach_the_list() {
    let (_demo, client, _directory) =
        started(Day { scenes: Vec::new(), ..Day::believable() }).await;
    assert_eq!(client.list(1).await["unread_count"], 1);
    assert_eq!(client.mark_read(&[3]).await.status(), StatusCode::OK);
    assert_eq!(client.list(1).await["unread_count"], 0);
}

#[tokio::test]
async fn strangers_are_refused_as_the_imitated_server_does_it() {
    let (_demo, mut client, _directory) = started(short_day()).await;
    let anonymous = client.http.get(format!("{}/notifications/api/list/", client.base));
    let answer = anonymous.send().await.expect("answer");
    assert_eq!(answer.status(), StatusCode::FOUND, "to the login page");

    client.token = "wrong".into();
    assert_eq!(client.get("/notifications/api/list/").await.status(), StatusCode::UNAUTHORIZED);
    match client.socket().await {
        Err(SocketError::Http(response)) => assert_eq!(response.status(), StatusCode::FORBIDDEN),
        other => panic!("a wrong token must be refused before the handshake, not {other:?}"),
    }
}

#[tokio::test]
async fn nonsense_is_answered_and_the_server_lives_on() {
    let (_demo, client, _directory) = started(short_day()).await;
    assert_eq!(client.get("/nowhere/").await.status(), StatusCode::NOT_FOUND);
    assert_eq!(
        client.get("/notifications/api/mark-read/").await.status(),
        StatusCode::METHOD_NOT_ALLOWED
    );
    assert_eq!(client.get("/ws/notificaciones/").await.status(), StatusCode::BAD_REQUEST);
    let many: Vec<u64> = (0..100_000).collect();
    assert_eq!(client.mark_read(&many).await.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(client.list(1).await["unread_count"], 0);
}

#[tokio::test]
async fn the_token_is_for_the_user_alone_and_new_every_time() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("demo.token");
    std::fs::write(&file, "left over").expect("a file from before");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).expect("mode");

    let mut tokens = Vec::new();
    for _ in 0..2 {
        let _demo = start(directory.path(), Clock::System, short_day()).await.expect("starts");
        let mode = std::fs::metadata(&file).expect("the token file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        tokens.push(std::fs::read_to_string(&file).expect("the token"));
    }
    assert_eq!(tokens[0].len(), 40);
    assert_ne!(tokens[0], tokens[1]);
}

#[tokio::test]
async fn dropping_the_demo_closes_its_server() {
    let (demo, client, _directory) = started(Day::default()).await;
    let mut socket = client.socket().await.expect("connects");
    drop(demo);
    let end = tokio::time::timeout(PATIENCE, socket.next()).await.expect("the end in time");
    assert!(!matches!(end, Some(Ok(_))), "the connection ends, not {end:?}");
}
