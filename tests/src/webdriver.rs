//! `WebKitWebDriver`: starts a program with a WebKit view and steers the page in it.

use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, Result, anyhow};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tokio::process::{Child, Command};

use crate::wait::{LONG, until};

/// A driver; it ends when this value is dropped, and the program that it started with it.
#[derive(Debug)]
pub struct WebDriver {
    process: Child,
    port: u16,
}

impl WebDriver {
    /// Starts the driver by this command, which carries the environment of the program under test.
    pub async fn start(mut command: Command, log: &Path) -> Result<Self> {
        let log = std::fs::File::options().create(true).append(true).open(log)?;
        let port = free_port()?;
        let process = command
            .arg(format!("--port={port}"))
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .context("starting WebKitWebDriver; is the package \"webkit2gtk-driver\" installed?")?;
        until("WebKitWebDriver to listen", LONG, async || {
            tokio::net::TcpStream::connect(("127.0.0.1", port)).await.ok()
        })
        .await?;
        Ok(Self { process, port })
    }

    /// Starts the program and waits for its first page.
    pub async fn open(&self, program: &Path, arguments: &[&str]) -> Result<Client> {
        // No browserName: the driver would look for a browser of that name.
        let options = json!({ "binary": program, "args": arguments });
        let capabilities = [("webkitgtk:browserOptions".to_owned(), options)];
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities.into_iter().collect());
        let address = format!("http://127.0.0.1:{}", self.port);
        tokio::time::timeout(LONG, builder.connect(&address))
            .await
            .map_err(|_| anyhow!("{} does not open a page", program.display()))?
            .with_context(|| format!("opening {}", program.display()))
    }

    /// Its process id.
    pub fn pid(&self) -> Result<u32> {
        self.process.id().context("the driver has ended")
    }
}

/// A port that was free a moment ago; the driver takes no port 0.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
