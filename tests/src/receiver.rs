//! A web server that takes what targets send, remembers it, and answers as it is told.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use tokio::io::BufReader;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::http::{Answer, Request, read, write};
use crate::wait::{LONG, until};

/// The server. It stops when this value is dropped.
#[derive(Debug)]
pub struct Receiver {
    port: u16,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

/// One request as it came.
#[derive(Clone, Debug)]
pub struct Received {
    /// Path with query.
    pub path: String,
    /// `Idempotency-Key`, if there was one.
    pub identity: String,
    /// `Authorization`, if there was one.
    pub authorization: String,
    /// The content.
    pub body: serde_json::Value,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// While it is `false` no request is answered.
    open: watch::Sender<bool>,
}

#[derive(Debug)]
struct State {
    received: Vec<Received>,
    status: u16,
    retry_after: Option<u64>,
}

impl Receiver {
    /// Starts it on loopback; it answers 200.
    pub async fn start() -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let state = State { received: Vec::new(), status: 200, retry_after: None };
        let shared = Arc::new(Shared { state: Mutex::new(state), open: watch::Sender::new(true) });
        let task = tokio::spawn(serve(listener, Arc::clone(&shared)));
        Ok(Self { port, shared, task })
    }

    /// Where something is sent to.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// Answers with this status from now on.
    pub fn answers(&self, status: u16, retry_after: Option<u64>) {
        let mut state = self.shared.lock();
        (state.status, state.retry_after) = (status, retry_after);
    }

    /// Leaves every request without an answer, or answers all that wait.
    pub fn open(&self, open: bool) {
        self.shared.open.send_replace(open);
    }

    /// Everything that came, in order; also what is not answered yet.
    #[must_use]
    pub fn received(&self) -> Vec<Received> {
        self.shared.lock().received.clone()
    }

    /// Waits until so many requests have come.
    pub async fn wait_for(&self, count: usize) -> Result<Vec<Received>> {
        let what = format!("{count} requests at the receiver");
        until(&what, LONG, async || {
            let received = self.received();
            (received.len() >= count).then_some(received)
        })
        .await
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn serve(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(connection(stream, Arc::clone(&shared)));
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, shared: Arc<Shared>) -> Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream).await? {
        shared.lock().received.push(received(&request));
        shared.open.subscribe().wait_for(|open| *open).await?;
        let answer = {
            let state = shared.lock();
            let retry_after = state.retry_after.map(|seconds| ("Retry-After", seconds.to_string()));
            Answer {
                status: state.status,
                headers: retry_after.into_iter().collect(),
                ..Answer::default()
            }
        };
        write(&mut stream, &answer).await?;
    }
    Ok(())
}

fn received(request: &Request) -> Received {
    let header = |name: &str| request.header(name).unwrap_or_default().to_owned();
    Received {
        path: request.target.clone(),
        identity: header("idempotency-key"),
        authorization: header("authorization"),
        body: serde_json::from_slice(&request.body).unwrap_or_default(),
    }
}
