//! The real server: Home Assistant from PyPI, started by `fixtures/home_assistant`.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::OnceLock;

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;

use crate::listening;
use crate::programs::{self, workspace};
use crate::wait::{LONG, until};

/// A running Home Assistant of its own; it is killed when this value is dropped.
#[derive(Debug)]
pub struct HomeAssistant {
    folder: TempDir,
    port: u16,
    process: Option<Child>,
}

/// A notification that it shows.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Shown {
    /// Its name there.
    pub notification_id: String,
    /// Its text.
    pub message: String,
}

impl HomeAssistant {
    /// Starts one that shows no notification.
    pub async fn start() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("tidings-home").tempdir()?;
        let mut server = Self { folder, port: 0, process: None };
        server.resume().await?;
        Ok(server)
    }

    /// Where a source connects to.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The long-lived access token of a user without any rights of an administrator.
    pub fn token(&self) -> Result<String> {
        self.token_of("user")
    }

    /// Stops it as `systemctl stop` does.
    pub async fn stop(&mut self) -> Result<()> {
        match self.process.take() {
            Some(process) => programs::terminate(process).await,
            None => Ok(()),
        }
    }

    /// Starts it (again) on the same port with the same users, and waits until it is in full swing.
    pub async fn resume(&mut self) -> Result<()> {
        let listener = listening::on(self.port).await?;
        self.port = listener.local_addr()?.port();
        self.process = Some(self.spawn(&listener)?);
        drop(listener);
        let started = until("Home Assistant to have started", LONG, async || {
            let answers = self.ask(&[json!({"type": "get_config"})]).await.ok()?;
            (answers[0]["state"] == "RUNNING").then_some(())
        });
        match started.await {
            Ok(()) => Ok(()),
            Err(error) => bail!("{error:#}; its log:\n{}", self.log()),
        }
    }

    /// Shows a notification, as an automation does.
    pub async fn create(&self, id: &str, title: &str, message: &str) -> Result<()> {
        let data = json!({"notification_id": id, "title": title, "message": message});
        self.ask(&[service("create", &data)]).await?;
        Ok(())
    }

    /// Shows a notification for each text, as fast as it can.
    pub async fn create_all(&self, texts: &[String]) -> Result<()> {
        let commands: Vec<Value> =
            texts.iter().map(|text| service("create", &json!({"message": text}))).collect();
        self.ask(&commands).await?;
        Ok(())
    }

    /// Takes one from its sidebar, as a person does there.
    pub async fn dismiss(&self, id: &str) -> Result<()> {
        self.ask(&[service("dismiss", &json!({"notification_id": id}))]).await?;
        Ok(())
    }

    /// What its sidebar shows.
    pub async fn shown(&self) -> Result<Vec<Shown>> {
        let mut answers = self.ask(&[json!({"type": "persistent_notification/get"})]).await?;
        Ok(serde_json::from_value(answers[0].take())?)
    }

    /// Takes back the token of the user, as its owner does in the profile; open connections are dropped.
    pub async fn revoke_token(&self) -> Result<()> {
        let token = self.token()?;
        let listed = self.ask_as(&token, &[json!({"type": "auth/refresh_tokens"})]).await?;
        let id = &listed[0][0]["id"];
        let command = json!({"type": "auth/delete_refresh_token", "refresh_token_id": id});
        // With the token goes the connection that has asked for it, at times before the answer.
        let _ = self.ask_as(&token, &[command]).await;
        Ok(())
    }

    /// Gives orders over one connection, as the administrator, and returns the results.
    async fn ask(&self, commands: &[Value]) -> Result<Vec<Value>> {
        self.ask_as(&self.token_of("administrator")?, commands).await
    }

    async fn ask_as(&self, token: &str, commands: &[Value]) -> Result<Vec<Value>> {
        let url = format!("ws://127.0.0.1:{}/api/websocket", self.port);
        let (mut socket, _) = connect_async(&url).await.with_context(|| url.clone())?;
        let mut outgoing = vec![json!({"type": "auth", "access_token": token})];
        for (number, command) in commands.iter().enumerate() {
            let mut command = command.clone();
            command["id"] = json!(number + 1);
            outgoing.push(command);
        }
        for message in outgoing {
            socket.feed(Message::text(message.to_string())).await?;
        }
        socket.flush().await?;
        let mut results = vec![None; commands.len()];
        while results.iter().any(Option::is_none) {
            let message = socket.next().await.context("it has hung up")??;
            let Ok(text) = message.to_text() else { continue };
            let mut answer: Value = serde_json::from_str(text).unwrap_or_default();
            ensure!(answer["type"] != "auth_invalid", "the token is refused");
            if answer["type"] != "result" {
                continue;
            }
            ensure!(answer["success"] == true, "it refuses: {answer}");
            let number = answer["id"].as_u64().context("no number")?;
            let slot = results.get_mut(usize::try_from(number)? - 1).context("not asked")?;
            *slot = Some(answer["result"].take());
        }
        Ok(results.into_iter().flatten().collect())
    }

    fn token_of(&self, user: &str) -> Result<String> {
        let path = self.folder.path().join(format!("token.{user}"));
        std::fs::read_to_string(&path).with_context(|| path.display().to_string())
    }

    fn spawn(&self, listener: &TcpListener) -> Result<Child> {
        let log = self.folder.path().join("log");
        let log = std::fs::File::options().create(true).append(true).open(log)?;
        let mut command = Command::new(python()?);
        command
            .arg(fixture().join("server.py"))
            .arg(self.folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true);
        listening::inherit(&mut command, listener);
        command.spawn().context("starting Home Assistant")
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

fn service(name: &str, data: &Value) -> Value {
    json!({"type": "call_service", "domain": "persistent_notification", "service": name, "service_data": data})
}

fn python() -> Result<PathBuf> {
    static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    programs::install_once(&PYTHON, &fixture())
}

fn fixture() -> PathBuf {
    workspace().join("tests/fixtures/home_assistant")
}
