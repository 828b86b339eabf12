//! One server that speaks as ntfy, as Gotify or as Home Assistant does, in good health: what is published is there, at once
//! and later. The faults of these servers are tested where the kinds are.

mod speech;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Map, Value};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::http::{Answer, read, write};
use crate::session::Session;
use crate::wait::{DEADLINE, until};

pub use speech::Speech;

/// The only token that is let in. Who shows none is let in, too, where the protocol has a way in without.
pub const TOKEN: &str = "live-token-of-ana";

/// The server. It stops when this value is dropped.
#[derive(Debug)]
pub struct LiveServer {
    port: u16,
    speech: Speech,
    shared: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

/// What the server holds.
#[derive(Debug, Default)]
struct State {
    messages: Vec<Stored>,
    requests: Vec<String>,
    sockets: Vec<mpsc::UnboundedSender<String>>,
}

/// A message as the server keeps it.
#[derive(Clone, Debug)]
struct Stored {
    number: u64,
    text: String,
    /// Unix seconds.
    time: i64,
    /// What else is in it.
    more: Map<String, Value>,
}

impl LiveServer {
    /// Starts on a free port of loopback.
    pub async fn start(speech: Speech) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let shared = Arc::default();
        let task = tokio::spawn(serve(listener, speech, Arc::clone(&shared)));
        Ok(Self { port, speech, shared, task })
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Its WebSocket, for a client that knows no protocol.
    #[must_use]
    pub fn socket_url(&self) -> String {
        format!("ws://127.0.0.1:{}{}", self.port, self.speech.socket_path())
    }

    /// Its port on loopback.
    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The lines of a `[[source]]` of this kind, after its name.
    #[must_use]
    pub fn source(&self) -> String {
        self.source_at(&self.url())
    }

    /// The same for a server that is reached by another address, as behind a proxy.
    #[must_use]
    pub fn source_at(&self, url: &str) -> String {
        format!("kind = \"{}\"\nurl = \"{url}\"\n{}", self.speech.kind(), self.speech.keys())
    }

    /// The `[[source]]` of this name in a session, with the token in a file.
    pub fn configuration(&self, session: &Session, name: &str) -> Result<String> {
        let token = session.secret_file("token", TOKEN)?;
        let (file, source) = (token.display(), self.source());
        Ok(format!("[[source]]\nname = \"{name}\"\ntoken_file = \"{file}\"\n{source}"))
    }

    /// Publishes a text: every socket hears it, and it stays.
    pub fn publish(&self, text: &str) {
        self.publish_with(text, Map::new());
    }

    /// The same with more in the message than its text, in the words of the protocol.
    pub fn publish_with(&self, text: &str, more: Map<String, Value>) {
        let mut state = lock(&self.shared);
        let stored = state.store(text, more);
        let frame = self.speech.frame(&stored);
        state.sockets.retain(|socket| socket.send(frame.clone()).is_ok());
    }

    /// Keeps a text that no socket hears, as if nobody had been there.
    pub fn keep(&self, text: &str) {
        lock(&self.shared).store(text, Map::new());
    }

    /// Method and path of every request so far.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        lock(&self.shared).requests.clone()
    }

    /// Waits until so many sockets are open.
    pub async fn wait_for_sockets(&self, count: usize) -> Result<()> {
        until("open sockets", DEADLINE, async || {
            let mut state = lock(&self.shared);
            state.sockets.retain(|socket| !socket.is_closed());
            (state.sockets.len() >= count).then_some(())
        })
        .await
    }
}

impl Drop for LiveServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl State {
    fn store(&mut self, text: &str, more: Map<String, Value>) -> Stored {
        let number = self.messages.len() as u64 + 1;
        let time = chrono::Utc::now().timestamp();
        let stored = Stored { number, text: text.to_owned(), time, more };
        self.messages.push(stored.clone());
        stored
    }
}

fn lock(shared: &Mutex<State>) -> MutexGuard<'_, State> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, speech: Speech, shared: Arc<Mutex<State>>) {
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(connection(stream, speech, Arc::clone(&shared)));
        while connections.try_join_next().is_some() {}
    }
}

async fn connection(stream: TcpStream, speech: Speech, shared: Arc<Mutex<State>>) -> Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream).await? {
        lock(&shared).requests.push(format!("{} {}", request.method, request.target));
        if speech.refuses(&request) {
            write(&mut stream, &Answer { status: 401, ..Answer::default() }).await?;
            continue;
        }
        if let Some(key) = request.header("sec-websocket-key") {
            return socket(stream.into_inner(), key, speech, &shared).await;
        }
        let answer = speech.answer(&request, &lock(&shared).messages);
        write(&mut stream, &answer).await?;
    }
    Ok(())
}

async fn socket(
    mut stream: TcpStream,
    key: &str,
    speech: Speech,
    shared: &Mutex<State>,
) -> Result<()> {
    let accept = derive_accept_key(key.as_bytes());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    if let Some(greeting) = speech.greeting() {
        socket.send(Message::text(greeting)).await?;
    }
    let (orders, mut texts) = mpsc::unbounded_channel();
    if !speech.subscribes() {
        lock(shared).sockets.push(orders.clone());
    }
    loop {
        tokio::select! {
            text = texts.recv() => match text {
                Some(text) => socket.send(Message::text(text)).await?,
                None => return Ok(()),
            },
            frame = socket.next() => match frame {
                Some(Ok(Message::Text(said))) => {
                    let messages = lock(shared).messages.clone();
                    let reply = speech.reply(said.as_str(), &messages);
                    for text in reply.texts {
                        socket.send(Message::text(text)).await?;
                    }
                    if reply.subscribed {
                        lock(shared).sockets.push(orders.clone());
                    }
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Ok(()),
            },
        }
    }
}
