//! The real server: Django, Channels and daphne from PyPI, running `fixtures/django`.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::OnceLock;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::listening;
use crate::programs::{self, workspace};

/// A running server with a database of its own; it is killed when this value is dropped.
#[derive(Debug)]
pub struct DjangoServer {
    folder: TempDir,
    settings: Vec<(&'static str, &'static str)>,
    port: u16,
    process: Option<Child>,
    client: reqwest::Client,
}

/// An account of the server.
#[derive(Clone, Debug)]
pub struct User {
    /// Log-in name.
    pub name: String,
    /// For `Authorization: Token`.
    pub token: String,
}

/// The password of every account.
pub const PASSWORD: &str = "correct horse";

/// A row of the server's database.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize)]
pub struct Row {
    /// Primary key.
    pub id: i64,
    /// Text.
    pub mensaje: String,
    /// Read.
    pub leida: bool,
}

impl DjangoServer {
    /// Starts a server with an empty database.
    pub async fn start() -> Result<Self> {
        Self::start_with(&[]).await
    }

    /// Starts a server with these settings from the environment, e.g. `SHOP_ORIGIN_VALIDATOR`.
    pub async fn start_with(settings: &[(&'static str, &'static str)]) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("tidings-django").tempdir()?;
        std::fs::copy(empty_database()?, folder.path().join("db.sqlite3"))?;
        // Fails only when another test of this program has installed it already.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client = reqwest::Client::builder()
            .no_proxy()
            .pool_max_idle_per_host(0)
            .timeout(Duration::from_secs(60))
            .build()?;
        let settings = settings.to_vec();
        let mut server = Self { folder, settings, port: 0, process: None, client };
        server.resume().await?;
        Ok(server)
    }

    /// Where a source connects to.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Stops the server as `systemctl stop` does; sockets drop without a close frame.
    pub async fn stop(&mut self) -> Result<()> {
        match self.process.take() {
            Some(process) => programs::terminate(process).await,
            None => Ok(()),
        }
    }

    /// Starts it (again) on the same port with the same database.
    pub async fn resume(&mut self) -> Result<()> {
        let listener = listening::on(self.port).await?;
        self.port = listener.local_addr()?.port();
        self.process = Some(self.spawn(&listener)?);
        drop(listener);
        // Until daphne accepts, the request waits in the socket's queue.
        if let Err(error) = self.control("requests", json!({})).await {
            bail!("{error:#}; its log:\n{}", self.log());
        }
        Ok(())
    }

    /// Creates an account.
    pub async fn user(&self, name: &str) -> Result<User> {
        let arguments = json!({"username": name, "password": PASSWORD});
        let answer = self.control("user", arguments).await?;
        let token = answer["token"].as_str().context("no token")?.to_owned();
        Ok(User { name: name.to_owned(), token })
    }

    /// Notifies one after the other, each with its row and its frame.
    pub async fn notify(&self, user: &User, texts: &[&str]) -> Result<Vec<i64>> {
        ids(&self.control("notificar", json!({"username": user.name, "mensajes": texts})).await?)
    }

    /// Notifies all at once: every row is there, most frames are dropped by the channel layer.
    pub async fn burst(&self, user: &User, texts: &[String]) -> Result<Vec<i64>> {
        ids(&self.control("burst", json!({"username": user.name, "mensajes": texts})).await?)
    }

    /// Notifies from another process, as cron does: rows and no frame.
    pub async fn notify_from_another_process(&self, user: &User, texts: &[&str]) -> Result<()> {
        let mut command = self.python(&["manage.py", "notificar", &user.name])?;
        let output = command.args(texts).output().await?;
        ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// Every row of the user in the database, whatever the API shows.
    pub async fn rows(&self, user: &User) -> Result<Vec<Row>> {
        let mut answer = self.control("rows", json!({"username": user.name})).await?;
        Ok(serde_json::from_value(answer["rows"].take())?)
    }

    /// Marks rows as read on the server, as another client of the user would.
    pub async fn read_elsewhere(&self, ids: &[i64]) -> Result<()> {
        self.control("leer", json!({"ids": ids})).await?;
        Ok(())
    }

    /// The bodies of all requests to mark rows as read so far.
    pub async fn mark_requests(&self) -> Result<Vec<Value>> {
        let requests = self.requests().await?.into_iter();
        Ok(requests
            .filter(|request| request["method"] == "POST")
            .filter(|request| request["path"].as_str().is_some_and(|path| path.contains("mark")))
            .map(|mut request| request["body"].take())
            .collect())
    }

    /// Every request of clients so far: `method`, `path`, `body`, `user`.
    pub async fn requests(&self) -> Result<Vec<Value>> {
        let mut answer = self.control("requests", json!({})).await?;
        Ok(serde_json::from_value(answer["requests"].take())?)
    }

    /// Ends the user's sessions and revokes the token; open sockets stay open.
    pub async fn logout(&self, user: &User) -> Result<()> {
        self.control("logout", json!({"username": user.name})).await?;
        Ok(())
    }

    /// How many WebSockets of the user are open.
    pub async fn open_sockets(&self, user: &User) -> Result<u64> {
        let answer = self.control("sockets", json!({"username": user.name})).await?;
        answer["open"].as_u64().context("no count")
    }

    /// Gives an order to the server's process; see `fixtures/django/control/views.py`.
    pub async fn control(&self, order: &str, arguments: Value) -> Result<Value> {
        let url = format!("{}/control/{order}/", self.url());
        let body = arguments.to_string();
        let answer = self.client.post(&url).body(body).send().await.with_context(|| url.clone())?;
        let status = answer.status();
        ensure!(status.is_success(), "{url} answered {status}; its log:\n{}", self.log());
        Ok(answer.json().await?)
    }

    fn spawn(&self, listener: &TcpListener) -> Result<Child> {
        let log = std::fs::File::options()
            .create(true)
            .append(true)
            .open(self.folder.path().join("log"))?;
        let mut command =
            self.python(&["-m", "daphne", "--fd", &listening::INHERITED.to_string()])?;
        command.arg("shop.asgi:application").stdout(log.try_clone()?).stderr(log);
        listening::inherit(&mut command, listener);
        command.spawn().context("starting daphne")
    }

    fn python(&self, arguments: &[&str]) -> Result<Command> {
        let mut command = Command::new(python()?);
        command
            .args(arguments)
            .current_dir(fixture())
            .env("DJANGO_SETTINGS_MODULE", "shop.settings")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .env("SHOP_DATABASE", self.folder.path().join("db.sqlite3"))
            .envs(self.settings.iter().copied())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        Ok(command)
    }

    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

/// The python of the virtual environment, installed on first use.
pub fn python() -> Result<PathBuf> {
    static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    programs::install_once(&PYTHON, &fixture())
}

fn fixture() -> PathBuf {
    workspace().join("tests/fixtures/django")
}

/// A database with all tables and no rows; the installation makes it.
fn empty_database() -> Result<PathBuf> {
    let python = python()?;
    let environment = python.ancestors().nth(2).context("python is not in an environment")?;
    Ok(environment.join("empty.sqlite3"))
}

fn ids(answer: &Value) -> Result<Vec<i64>> {
    Ok(serde_json::from_value(answer["ids"].clone())?)
}
