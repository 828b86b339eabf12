//! A small server with the paths of the `django-channels` preset, and faults on command.

use std::sync::{Arc, Mutex, MutexGuard};

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast;
use tokio_tungstenite::tungstenite::Message;

const PAGE: usize = 20;

#[derive(Clone)]
pub(crate) struct Server {
    address: std::net::SocketAddr,
    state: Arc<Mutex<State>>,
    frames: broadcast::Sender<String>,
}

#[derive(Default)]
pub(crate) struct State {
    /// Id, text, read.
    pub(crate) rows: Vec<(u64, String, bool)>,
    /// When rows were sent, by id, in milliseconds; the others have no time.
    pub(crate) sent: std::collections::BTreeMap<u64, i64>,
    /// Method and path of each request, with its query.
    pub(crate) requests: Vec<String>,
    /// Bodies of mark requests.
    pub(crate) marks: Vec<serde_json::Value>,
    /// Answers instead of the list, as status line with headers and body.
    pub(crate) list_answer: Option<&'static str>,
    /// Answers instead of the page that proves an identity.
    pub(crate) identity_answer: Option<&'static str>,
    /// Answers instead of a handshake.
    pub(crate) handshake_answer: Option<&'static str>,
    /// Answers instead of marking.
    pub(crate) mark_answer: Option<&'static str>,
    /// Marks are made and answered with 500.
    pub(crate) mark_fails: bool,
    /// Requests without the current session cookie are sent to the login page.
    pub(crate) session: Option<u32>,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = Self { address, state: Arc::default(), frames: broadcast::channel(1024).0 };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let serving = serving.clone();
                tokio::spawn(async move { serving.serve(stream).await });
            }
        });
        server
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn insert(&self, text: &str) -> u64 {
        let mut state = self.state();
        let id = state.rows.last().map_or(1, |row| row.0 + 1);
        state.rows.push((id, text.to_owned(), false));
        id
    }

    /// Inserts a row that was sent so many milliseconds ago.
    pub(crate) fn insert_at(&self, text: &str, age: i64) {
        let id = self.insert(text);
        let at = crate::clock::Clock::System.now() - age;
        self.state().sent.insert(id, at);
    }

    pub(crate) fn frame(&self, frame: &str) {
        // Without a socket a frame is lost, as it is with Channels.
        let _lost = self.frames.send(frame.to_owned());
    }

    pub(crate) fn notify(&self, text: &str) {
        self.insert(text);
        self.frame(&json!({ "message": text }).to_string());
    }

    pub(crate) fn count(&self, start: &str) -> usize {
        self.state().requests.iter().filter(|request| request.starts_with(start)).count()
    }

    async fn serve(&self, mut stream: TcpStream) {
        let mut start = [0; 8];
        if stream.peek(&mut start).await.is_ok() && start.starts_with(b"GET /ws/") {
            return self.socket(stream).await;
        }
        let mut request = Vec::new();
        let mut chunk = [0; 4096];
        loop {
            let Ok(read @ 1..) = stream.read(&mut chunk).await else { return };
            request.extend_from_slice(&chunk[..read]);
            if let Some(answer) = self.answer(&String::from_utf8_lossy(&request)) {
                stream.write_all(answer.as_bytes()).await.ok();
                stream.shutdown().await.ok();
                return;
            }
        }
    }

    async fn socket(&self, mut stream: TcpStream) {
        let refusal = {
            let mut state = self.state();
            state.requests.push("GET /ws/notificaciones/".to_owned());
            state.handshake_answer
        };
        if let Some(refusal) = refusal {
            let mut request = [0; 4096];
            let _size = stream.read(&mut request).await.unwrap_or(0);
            stream.write_all(refusal.as_bytes()).await.ok();
            return;
        }
        let mut frames = self.frames.subscribe();
        let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else { return };
        loop {
            tokio::select! {
                frame = frames.recv() => match frame.as_deref() {
                    Ok("close") => { socket.close(None).await.ok(); return }
                    Ok(frame) => { socket.send(Message::text(frame.to_owned())).await.ok(); }
                    Err(_) => return,
                },
                message = socket.next() => if !matches!(message, Some(Ok(_))) { return },
            }
        }
    }

    /// `None` = the request is not complete.
    fn answer(&self, request: &str) -> Option<String> {
        let (head, body) = request.split_once("\r\n\r\n")?;
        let lower = head.to_lowercase();
        let length = lower.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
        if body.len() < length.map_or(0, |length| length.parse().unwrap_or(0)) {
            return None;
        }
        let mut words = head.split(' ');
        let (method, target) = (words.next()?, words.next()?);
        let mut state = self.state();
        state.requests.push(format!("{method} {target}"));
        if target.starts_with("/accounts/login/") {
            return Some(state.log_in(method, body, &lower));
        }
        let wanted = state.session.map(|number| format!("sessionid=session-{number}"));
        if wanted.is_some_and(|cookie| !lower.contains(&cookie)) {
            return Some("HTTP/1.1 302 Found\r\nLocation: /accounts/login/?next=/\r\nContent-Length: 0\r\n\r\n".to_owned());
        }
        Some(if method == "POST" { state.mark(body, &lower) } else { state.list(target) })
    }
}

impl State {
    fn log_in(&mut self, method: &str, body: &str, head: &str) -> String {
        let form = "<form><input type=hidden name=\"csrfmiddlewaretoken\" value=\"hidden\"></form>";
        let page = |cookies: &str| {
            format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{cookies}Content-Length: {}\r\n\r\n{form}",
                form.len()
            )
        };
        if method == "GET" {
            return page("Set-Cookie: csrftoken=before; Path=/\r\n");
        }
        let complete =
            body.contains("csrfmiddlewaretoken=hidden") && head.contains("csrftoken=before");
        if !complete || !body.contains(&format!("password={}", super::SECRET)) {
            return page("");
        }
        let number = self.session.unwrap_or_default();
        format!(
            "HTTP/1.1 302 Found\r\nLocation: /\r\nSet-Cookie: sessionid=session-{number}; HttpOnly\r\nSet-Cookie: csrftoken=after\r\nContent-Length: 0\r\n\r\n"
        )
    }

    fn mark(&mut self, body: &str, head: &str) -> String {
        if self.session.is_some() && !head.contains("x-csrftoken: after") {
            return "HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 11\r\n\r\nCSRF failed".to_owned();
        }
        if let Some(answer) = self.mark_answer {
            return answer.to_owned();
        }
        let body: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
        let ids: Vec<u64> = body["ids"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(serde_json::Value::as_u64)
            .collect();
        for row in &mut self.rows {
            // As the original: an empty list means everything.
            row.2 |= ids.is_empty() || ids.contains(&row.0);
        }
        self.marks.push(body);
        let status = if self.mark_fails { "500 Oops" } else { "200 OK" };
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
        )
    }

    /// Like `get_page`: beyond the end comes the last page again.
    fn list(&self, target: &str) -> String {
        let answer = if target == "/whoami/" { self.identity_answer } else { self.list_answer };
        if let Some(answer) = answer {
            return answer.to_owned();
        }
        let wanted: usize =
            target.split("page=").nth(1).and_then(|page| page.parse().ok()).unwrap_or(1);
        let pages = self.rows.len().div_ceil(PAGE).max(1);
        let skip = (wanted.clamp(1, pages) - 1) * PAGE;
        let page: Vec<_> = self
            .rows
            .iter()
            .rev()
            .skip(skip)
            .take(PAGE)
            .map(|(id, text, read)| json!({"id": id, "mensaje": text, "leida": read, "fecha": self.sent.get(id)}))
            .collect();
        let unread = self.rows.iter().filter(|row| !row.2).count();
        let body = json!({"notifications": page, "unread_count": unread}).to_string();
        format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }
}
