//! The faulty server, in good health, answers as the real one does: what is tested against it counts.

use std::time::Duration;

use anyhow::{Context, Result};
use futures_util::StreamExt;
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use tidings_tests::django::{DjangoServer, User};
use tidings_tests::faulty_server::{FaultyServer, TOKEN};
use tidings_tests::wait::DEADLINE;
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

const LIST: &str = "/notifications/api/list/";
const MARK: &str = "/notifications/api/mark-read/";

/// Either server.
enum Server {
    Real(Box<DjangoServer>, User),
    Fake(FaultyServer),
}

impl Server {
    async fn both() -> Result<[Self; 2]> {
        let real = DjangoServer::start().await?;
        let user = real.user("maria").await?;
        Ok([Self::Real(Box::new(real), user), Self::Fake(FaultyServer::start().await?)])
    }

    fn url(&self) -> String {
        match self {
            Self::Real(server, _) => server.url(),
            Self::Fake(server) => server.url(),
        }
    }

    fn token(&self) -> &str {
        match self {
            Self::Real(_, user) => &user.token,
            Self::Fake(_) => TOKEN,
        }
    }

    async fn notify(&self, text: &str) -> Result<()> {
        match self {
            Self::Real(server, user) => server.notify(user, &[text]).await.map(|_| ()),
            Self::Fake(server) => {
                server.notify(text);
                Ok(())
            }
        }
    }

    async fn insert_many(&self, count: usize) -> Result<()> {
        match self {
            Self::Real(server, user) => {
                let texts: Vec<String> = (0..count).map(|n| format!("fila {n}")).collect();
                server.burst(user, &texts).await?;
            }
            Self::Fake(server) => {
                for n in 0..count {
                    server.insert(&format!("fila {n}"));
                }
            }
        }
        Ok(())
    }

    async fn request(&self, method: Method, path: &str, body: Option<Value>) -> Result<Response> {
        let request = client()?
            .request(method, format!("{}{path}", self.url()))
            .header("Authorization", format!("Token {}", self.token()))
            .body(body.unwrap_or_default().to_string());
        Ok(request.send().await?)
    }

    async fn list(&self, page: &str) -> Result<Value> {
        Ok(self.request(Method::GET, &format!("{LIST}{page}"), None).await?.json().await?)
    }

    async fn socket(
        &self,
        token: Option<&str>,
    ) -> Result<WebSocketStream<MaybeTlsStream<TcpStream>>, Error> {
        let url = format!("{}/ws/notificaciones/", self.url()).replace("http", "ws");
        let mut request = url.into_client_request()?;
        if let Some(token) = token {
            let value = HeaderValue::from_str(&format!("Token {token}"))?;
            request.headers_mut().insert("Authorization", value);
        }
        Ok(tokio_tungstenite::connect_async(request).await?.0)
    }
}

fn client() -> Result<Client> {
    // Fails only when another test of this program has installed it already.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    Ok(Client::builder().no_proxy().redirect(Policy::none()).build()?)
}

#[tokio::test]
async fn a_frame_is_its_text_and_nothing_else() -> Result<()> {
    for server in Server::both().await? {
        let mut socket = server.socket(Some(server.token())).await?;
        server.notify("fin \u{1f389}\n").await?;
        let frame = tokio::time::timeout(DEADLINE, socket.next()).await?.context("no frame")??;
        let Message::Text(text) = frame else { anyhow::bail!("not a text: {frame:?}") };
        assert_eq!(serde_json::from_str::<Value>(&text)?, json!({"message": "fin \u{1f389}\n"}));
    }
    Ok(())
}

#[tokio::test]
async fn strangers_are_refused_alike() -> Result<()> {
    for server in Server::both().await? {
        for token in [None, Some("wrong")] {
            let refused = server.socket(token).await.expect_err("a stranger is not let in");
            let Error::Http(answer) = refused else { anyhow::bail!("{refused}") };
            assert_eq!(answer.status(), 403, "whatever the reason");
        }
        let answer = client()?.get(format!("{}{LIST}", server.url())).send().await?;
        assert_eq!(answer.status(), 302, "login_required never says 401");
        let location = answer.headers()["location"].to_str()?;
        assert!(location.starts_with("/accounts/login/"), "{location}");
    }
    Ok(())
}

#[tokio::test]
async fn pages_beyond_the_end_are_the_last_page() -> Result<()> {
    for server in Server::both().await? {
        server.insert_many(25).await?;
        let first = server.list("").await?;
        assert_eq!(first["unread_count"], 25, "of all rows, not of the page");
        let rows = first["notifications"].as_array().context("rows")?;
        assert_eq!(rows.len(), 20);
        let keys: Vec<&String> = rows[0].as_object().context("an object")?.keys().collect();
        assert_eq!(keys, ["id", "mensaje", "leida", "fecha"]);
        assert!(rows[0]["id"].as_i64() > rows[1]["id"].as_i64(), "newest first");
        let second = server.list("?page=2").await?;
        assert_eq!(second["notifications"].as_array().context("rows")?.len(), 5);
        assert_eq!(server.list("?page=999").await?, second, "never an empty page");
    }
    Ok(())
}

#[tokio::test]
async fn marks_hit_what_they_name_and_everything_when_they_name_nothing() -> Result<()> {
    for server in Server::both().await? {
        server.insert_many(3).await?;
        let answer = server.request(Method::POST, MARK, Some(json!({"ids": [1, 77]}))).await?;
        assert_eq!(answer.status(), 200, "unknown ids are no error");
        assert_eq!(server.list("").await?["unread_count"], 2);
        server.request(Method::POST, MARK, Some(json!({"ids": []}))).await?;
        assert_eq!(server.list("").await?["unread_count"], 0, "the trap: none means all");
    }
    Ok(())
}

#[tokio::test]
async fn the_real_server_really_loses_frames() -> Result<()> {
    let server = DjangoServer::start().await?;
    let user = server.user("maria").await?;
    let real = Server::Real(Box::new(server), user.clone());
    let mut socket = real.socket(Some(&user.token)).await?;
    real.insert_many(1_000).await?;
    let mut received = 0;
    while let Ok(frame) = tokio::time::timeout(Duration::from_secs(1), socket.next()).await {
        frame.context("the socket is open")??;
        received += 1;
    }
    assert!(received < 900, "else the test of lost frames would prove nothing: {received} of 1000");
    Ok(())
}

#[tokio::test]
async fn another_process_sends_no_frame() -> Result<()> {
    let server = DjangoServer::start().await?;
    let user = server.user("maria").await?;
    let real = Server::Real(Box::new(server), user.clone());
    let mut socket = real.socket(Some(&user.token)).await?;
    let Server::Real(server, _) = &real else { anyhow::bail!("it is") };
    server.notify_from_another_process(&user, &["de cron"]).await?;
    assert_eq!(server.rows(&user).await?.len(), 1, "the row is there");
    let frame = tokio::time::timeout(Duration::from_secs(1), socket.next()).await;
    assert!(frame.is_err(), "and nobody is told: {frame:?}");
    Ok(())
}
