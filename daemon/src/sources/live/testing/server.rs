//! A server on loopback for the tests of the kinds: HTTP and WebSocket on one port, with faults on command. What it says is
//! the script of a kind.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio::time::Instant;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use crate::sources::live::testing::DEADLINE;

/// A page for people, as proxies and captive portals answer.
pub(crate) const PAGE: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>";
pub(crate) const UNAUTHORIZED: &str =
    "HTTP/1.1 401 Unauthorized\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
pub(crate) const FORBIDDEN: &str = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
pub(crate) const BROKEN: &str = "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n";
pub(crate) const BUSY: &str =
    "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";

/// What a kind's server says.
pub(crate) trait Script: Send + 'static {
    /// Whether a WebSocket is opened; else the answer.
    fn admit(&mut self, request: &Request) -> Result<(), String>;

    /// Answers a request.
    fn answer(&mut self, request: &Request) -> String;

    /// What is told on all WebSockets because of the last request.
    fn announce(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// What is said first on a new WebSocket.
    fn greet(&mut self) -> Vec<String> {
        Vec::new()
    }

    /// What is said to a message of the client's.
    fn reply(&mut self, _message: &str) -> Vec<String> {
        Vec::new()
    }
}

/// A request, read to its end.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// Everything before the content.
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Request {
    /// `None` = it is not complete.
    fn read(bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text.split_once("\r\n\r\n")?;
        let mut words = head.split(' ');
        let request = Self {
            method: words.next()?.to_owned(),
            target: words.next()?.to_owned(),
            head: head.to_owned(),
            body: body.to_owned(),
        };
        let length = request.header("content-length").and_then(|length| length.parse().ok());
        (request.body.len() >= length.unwrap_or(0)).then_some(request)
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.head.lines().skip(1).filter_map(|line| line.split_once(": "));
        headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    /// A parameter of the query.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        let (_, query) = self.target.split_once('?')?;
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }
}

/// An answer in JSON.
pub(crate) fn json(status: &str, body: &serde_json::Value) -> String {
    let body = body.to_string();
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
}

/// What happens on the open WebSockets.
#[derive(Clone, Debug)]
pub(crate) enum Wire {
    /// One message.
    Text(String),
    /// Messages that arrive in one piece.
    Together(Vec<String>),
    /// A message that arrives byte by byte in its head, and in two frames.
    Split(String),
    /// Bytes that are no frame.
    Garbage,
    /// A proper farewell.
    Close,
    /// The connection is reset.
    Reset,
    /// The connection ends without a farewell.
    End,
    /// Nothing is read or written any more, and nobody is told.
    Deaf,
}

pub(crate) struct State<S> {
    pub(crate) script: S,
    /// Method and target of each request, those of handshakes included.
    pub(crate) requests: Vec<String>,
    /// Answers instead of a handshake.
    pub(crate) handshake: Option<&'static str>,
    /// Answers instead of the script to what begins so, as often as it is said.
    pub(crate) fault: Option<(&'static str, usize, &'static str)>,
    /// How long an answer takes.
    pub(crate) delay: Duration,
}

pub(crate) struct Server<S> {
    address: SocketAddr,
    state: Arc<Mutex<State<S>>>,
    wire: broadcast::Sender<Wire>,
}

impl<S> Clone for Server<S> {
    fn clone(&self) -> Self {
        Self { address: self.address, state: Arc::clone(&self.state), wire: self.wire.clone() }
    }
}

impl<S: Script> Server<S> {
    pub(crate) async fn start(script: S) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = State {
            script,
            requests: Vec::new(),
            handshake: None,
            fault: None,
            delay: Duration::ZERO,
        };
        let server =
            Self { address, state: Arc::new(Mutex::new(state)), wire: broadcast::channel(1_024).0 };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serving = serving.clone();
                tokio::spawn(async move { serving.serve(stream).await });
            }
        });
        server
    }

    /// The line of the configuration that leads here.
    pub(crate) fn url(&self) -> String {
        format!("url = \"http://{}\"", self.address)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap()
    }

    /// Without a connection it is lost, as it is with real servers.
    pub(crate) fn wire(&self, what: Wire) {
        let _lost = self.wire.send(what);
    }

    pub(crate) fn say(&self, text: impl Into<String>) {
        self.wire(Wire::Text(text.into()));
    }

    /// Requests that begin so.
    pub(crate) fn count(&self, start: &str) -> usize {
        self.state().requests.iter().filter(|request| request.starts_with(start)).count()
    }

    /// Waits until so many requests that begin so have come.
    pub(crate) async fn asked(&self, start: &str, times: usize) {
        let end = Instant::now() + DEADLINE;
        while self.count(start) < times {
            let asked = self.state().requests.clone();
            assert!(Instant::now() < end, "{start} was asked for too seldom: {asked:#?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    async fn serve(&self, mut stream: TcpStream) {
        let mut bytes = vec![0; 16 * 1024];
        // A handshake is read by the library, so it is only looked at here.
        let Ok(size @ 1..) = stream.peek(&mut bytes).await else { return };
        if let Some(request) = Request::read(&bytes[..size])
            && request.header("upgrade").is_some()
        {
            return self.socket(stream, &request).await;
        }
        let mut request = Vec::new();
        loop {
            let Ok(read @ 1..) = stream.read(&mut bytes).await else { return };
            request.extend_from_slice(&bytes[..read]);
            let Some(request) = Request::read(&request) else { continue };
            let (answer, delay) = self.answer(&request);
            tokio::time::sleep(delay).await;
            stream.write_all(answer.as_bytes()).await.ok();
            stream.shutdown().await.ok();
            return;
        }
    }

    fn answer(&self, request: &Request) -> (String, Duration) {
        let mut state = self.state();
        let asked = format!("{} {}", request.method, request.target);
        let fault = match &mut state.fault {
            Some((start, times @ 1.., answer)) if asked.starts_with(*start) => {
                *times -= 1;
                Some((*answer).to_owned())
            }
            Some(_) | None => None,
        };
        state.requests.push(asked);
        let answer = fault.unwrap_or_else(|| state.script.answer(request));
        let told = state.script.announce();
        let delay = state.delay;
        drop(state);
        told.into_iter().for_each(|text| self.say(text));
        (answer, delay)
    }

    async fn socket(&self, mut stream: TcpStream, request: &Request) {
        let mut wire = self.wire.subscribe();
        let refusal = {
            let mut state = self.state();
            state.requests.push(format!("{} {}", request.method, request.target));
            let refusal = state.handshake.map(str::to_owned);
            refusal.or_else(|| state.script.admit(request).err())
        };
        if let Some(refusal) = refusal {
            let mut handshake = vec![0; 16 * 1024];
            let _size = stream.read(&mut handshake).await.unwrap_or(0);
            stream.write_all(refusal.as_bytes()).await.ok();
            return;
        }
        let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
        let greeting = self.state().script.greet();
        say_all(&mut socket, greeting).await;
        loop {
            tokio::select! {
                what = wire.recv() => match what {
                    Ok(what) => if !act(&mut socket, what).await { return },
                    Err(_) => return,
                },
                message = socket.next() => match message {
                    Some(Ok(Message::Text(text))) => {
                        let replies = self.state().script.reply(&text);
                        say_all(&mut socket, replies).await;
                    }
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return,
                },
            }
        }
    }
}

async fn say_all(socket: &mut WebSocketStream<TcpStream>, texts: Vec<String>) {
    for text in texts {
        socket.send(Message::text(text)).await.ok();
    }
}

/// `false` = the connection is over.
async fn act(socket: &mut WebSocketStream<TcpStream>, what: Wire) -> bool {
    match what {
        Wire::Text(text) => socket.send(Message::text(text)).await.is_ok(),
        Wire::Together(texts) => {
            let frames: Vec<u8> = texts.iter().flat_map(|text| frame(0x81, text)).collect();
            socket.get_mut().write_all(&frames).await.is_ok()
        }
        Wire::Split(text) => {
            let middle = text.floor_char_boundary(text.len() / 2);
            let (first, second) = text.split_at(middle);
            let frames = [frame(0x01, first), frame(0x80, second)].concat();
            let stream = socket.get_mut();
            stream.set_nodelay(true).ok();
            for byte in &frames[..8.min(frames.len())] {
                stream.write_all(&[*byte]).await.ok();
                tokio::task::yield_now().await;
            }
            stream.write_all(&frames[8.min(frames.len())..]).await.is_ok()
        }
        Wire::Garbage => socket.get_mut().write_all(&[0xFF; 64]).await.is_ok(),
        Wire::Close => {
            socket.close(None).await.ok();
            false
        }
        Wire::Reset => {
            socket.get_mut().set_zero_linger().ok();
            false
        }
        Wire::End => false,
        Wire::Deaf => std::future::pending().await,
    }
}

/// A frame as a server sends it: not masked.
fn frame(head: u8, text: &str) -> Vec<u8> {
    let length = text.len();
    let mut frame = vec![head];
    match length {
        0..=125 => frame.push(u8::try_from(length).unwrap()),
        126..=65_535 => {
            frame.push(126);
            frame.extend_from_slice(&u16::try_from(length).unwrap().to_be_bytes());
        }
        _ => {
            frame.push(127);
            frame.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    frame.extend_from_slice(text.as_bytes());
    frame
}
