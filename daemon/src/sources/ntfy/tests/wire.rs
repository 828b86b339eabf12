//! The fake server's side of the wire: one request a connection, or a WebSocket.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

use crate::sources::live::testing::SECRET;
use crate::sources::ntfy::tests::server::{Order, Server, State};

const TOO_MANY: &str =
    "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n";

/// A text frame as a server sends it.
pub(crate) fn frame(text: &str) -> Vec<u8> {
    let mut frame = vec![0x81];
    match text.len() {
        short @ 0..126 => frame.push(u8::try_from(short).unwrap()),
        long => {
            frame.push(127);
            frame.extend((long as u64).to_be_bytes());
        }
    }
    frame.extend(text.as_bytes());
    frame
}

fn answer(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn refusal(status: u16) -> String {
    let words = if status == 401 { "401 Unauthorized" } else { "403 Forbidden" };
    answer(
        words,
        &json!({"code": u32::from(status) * 100 + 1, "http": status, "error": "forbidden"})
            .to_string(),
    )
}

impl Server {
    pub(super) async fn serve(&self, mut stream: TcpStream) {
        let mut head = [0; 8 * 1024];
        let read = stream.peek(&mut head).await.unwrap_or(0);
        let head = String::from_utf8_lossy(&head[..read]).into_owned();
        let mut words = head.split(' ');
        let (Some(method), Some(target)) = (words.next(), words.next()) else { return };
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
        let topics: Vec<String> = parts[0].split(',').map(str::to_owned).collect();
        let refused = self.state().admit(method, target, &topics, &head);
        if method == "GET" && parts.get(1) == Some(&"ws") {
            let refused = self.state().handshake_answer.map(str::to_owned).or(refused);
            return match refused {
                Some(answer) => reply(&mut stream, &answer).await,
                None => self.socket(stream, topics).await,
            };
        }
        let answer = match (refused, method, &parts[..]) {
            (Some(refused), ..) => refused,
            (None, "GET", ["v1", "health"]) => answer("200 OK", "{\"healthy\":true}"),
            (None, "GET", [_, "auth"]) => answer("200 OK", "{\"success\":true}"),
            (None, "GET", [_, "json"]) => return self.list(stream, &topics, query).await,
            (None, "PUT", [topic, sequence, "clear"]) => self.state().clear(topic, sequence),
            _ => answer("404 Not Found", "{\"code\":40401,\"error\":\"page not found\"}"),
        };
        reply(&mut stream, &answer).await;
    }

    async fn list(&self, mut stream: TcpStream, topics: &[String], query: &str) {
        let since = query.split('&').find_map(|pair| pair.strip_prefix("since=")).unwrap_or("all");
        let (lines, answer, broken, drip) = {
            let mut state = self.state();
            let lines = state.list(topics, since);
            (lines, state.list_answer.take(), state.break_after.take(), state.drip)
        };
        if let Some(answer) = answer {
            return reply(&mut stream, answer).await;
        }
        read_head(&mut stream).await;
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n";
        stream.write_all(head.as_bytes()).await.ok();
        while drip && stream.write_all(b"1\r\n \r\n").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        for line in &lines[..lines.len().min(broken.unwrap_or(usize::MAX))] {
            let chunk = format!("{:x}\r\n{line}\n\r\n", line.len() + 1);
            if stream.write_all(chunk.as_bytes()).await.is_err() {
                return;
            }
        }
        if broken.is_some() {
            stream.write_all(b"14\r\n{\"id\":\"m00\r\n").await.ok();
            return;
        }
        stream.write_all(b"0\r\n\r\n").await.ok();
        stream.shutdown().await.ok();
    }

    async fn socket(&self, stream: TcpStream, topics: Vec<String>) {
        let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
        let (sender, mut orders) = mpsc::unbounded_channel();
        let open =
            json!({"id": "open00000000", "time": 1, "event": "open", "topic": topics.join(",")});
        if socket.send(Message::text(open.to_string())).await.is_err() {
            return;
        }
        let ping_every = {
            let mut state = self.state();
            state.sockets.push((topics, sender));
            state.ping_every
        };
        let mut unanswered = 0;
        loop {
            tokio::select! {
                order = orders.recv() => {
                    let Some(order) = order else { return };
                    if !obey(&mut socket, order).await { return }
                }
                message = socket.next() => match message {
                    Some(Ok(Message::Pong(_))) => {
                        unanswered = 0;
                        self.state().pongs += 1;
                    }
                    Some(Ok(Message::Text(_) | Message::Binary(_))) => self.state().client_data += 1,
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return,
                },
                () = tokio::time::sleep(ping_every.unwrap_or(Duration::from_secs(45))) => {
                    unanswered += 1;
                    if unanswered > 3 || socket.send(Message::Ping(b"ntfy".as_slice().into())).await.is_err() { return }
                }
            }
        }
    }
}

/// `false` = the socket is gone.
async fn obey(socket: &mut WebSocketStream<TcpStream>, order: Order) -> bool {
    match order {
        Order::Text(text) => socket.send(Message::text(text)).await.is_ok(),
        Order::Raw(pieces) => {
            for piece in pieces {
                if socket.get_mut().write_all(&piece).await.is_err() {
                    return false;
                }
                // Each piece is a packet of its own.
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
            true
        }
        Order::Close => {
            let frame = CloseFrame { code: CloseCode::Normal, reason: "".into() };
            socket.close(Some(frame)).await.ok();
            false
        }
        Order::End => {
            socket.get_mut().shutdown().await.ok();
            false
        }
        Order::Reset => {
            // What is closed with nothing left to say to it is reset.
            socket.get_mut().set_zero_linger().ok();
            false
        }
        Order::Freeze => std::future::pending().await,
    }
}

async fn read_head(stream: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let Ok(byte) = stream.read_u8().await else { return };
        head.push(byte);
    }
}

async fn reply(stream: &mut TcpStream, answer: &str) {
    read_head(stream).await;
    stream.write_all(answer.as_bytes()).await.ok();
    stream.shutdown().await.ok();
}

impl State {
    /// Notes a request. Answers a refusal: of the credentials, or for any one of the topics.
    fn admit(
        &mut self,
        method: &str,
        target: &str,
        topics: &[String],
        head: &str,
    ) -> Option<String> {
        self.requests.push(format!("{method} {target}"));
        self.spent += 1;
        if self.burst.is_some_and(|burst| self.spent > burst) {
            self.spent = 0;
            return Some(TOO_MANY.to_owned());
        }
        if !head.contains(&format!("Bearer {SECRET}")) {
            return Some(refusal(401));
        }
        let closed = if method == "PUT" { &self.read_only } else { &self.refused };
        topics.iter().find_map(|topic| closed.get(topic)).map(|status| refusal(*status))
    }

    fn clear(&mut self, topic: &str, sequence: &str) -> String {
        if let Some(answer) = self.clear_answer.take() {
            return answer.to_owned();
        }
        let id = self.end(topic, sequence, "message_clear");
        answer("200 OK", &json!({"id": id, "event": "message_clear"}).to_string())
    }
}
