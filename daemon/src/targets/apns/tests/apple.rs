use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, Method, Request, Response, Version};
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;

/// What the server says.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    status: u16,
    content: String,
    retry_after: Option<u32>,
}

impl Answer {
    pub(super) fn taken() -> Self {
        Self { status: 200, content: String::new(), retry_after: None }
    }

    pub(super) fn refused(status: u16, reason: &str) -> Self {
        Self { status, content: json!({ "reason": reason }).to_string(), retry_after: None }
    }

    pub(super) fn other(status: u16, content: &str) -> Self {
        Self { status, content: content.to_owned(), retry_after: None }
    }

    pub(super) fn retry_after(self, seconds: u32) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    fn response(&self) -> Response<Full<Bytes>> {
        let mut response = Response::builder().status(self.status);
        if let Some(seconds) = self.retry_after {
            response = response.header("retry-after", seconds);
        }
        response.body(Full::from(self.content.clone())).unwrap()
    }
}

/// A request as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) version: Version,
    pub(super) method: Method,
    pub(super) path: String,
    pub(super) body: Bytes,
    /// Which connection it came on, from 1.
    pub(super) connection: usize,
    headers: HeaderMap,
}

impl Seen {
    pub(super) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    pub(super) fn content(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// A server that speaks HTTP/2 without TLS and gives its answers in order; the last one again and again.
pub(super) struct Apple {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    open: watch::Receiver<usize>,
}

impl Apple {
    pub(super) async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers: Arc<[Answer]> = answers.into_iter().collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let (opened, open) = watch::channel(0);
        let all = Arc::clone(&seen);
        tokio::spawn(async move {
            for connection in 1.. {
                let Ok((stream, _)) = listener.accept().await else { return };
                opened.send_modify(|open| *open += 1);
                let (all, answers, opened) =
                    (Arc::clone(&all), Arc::clone(&answers), opened.clone());
                tokio::spawn(async move {
                    let service = service_fn(move |request| {
                        take(request, connection, Arc::clone(&all), Arc::clone(&answers))
                    });
                    let served = http2::Builder::new(TokioExecutor::new())
                        .serve_connection(TokioIo::new(stream), service);
                    // However it ended, it is over.
                    let _ended = served.await;
                    opened.send_modify(|open| *open -= 1);
                });
            }
        });
        Self { address, seen, open }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn requests(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub(super) fn only_request(&self) -> Seen {
        let mut requests = self.requests();
        assert_eq!(requests.len(), 1, "one message is one request");
        requests.remove(0)
    }

    /// Returns when no connection is open any more.
    pub(super) async fn all_closed(&self) {
        let mut open = self.open.clone();
        let closed =
            tokio::time::timeout(Duration::from_secs(10), open.wait_for(|open| *open == 0));
        closed.await.expect("the connection must be closed").unwrap();
    }
}

async fn take(
    request: Request<Incoming>,
    connection: usize,
    all: Arc<Mutex<Vec<Seen>>>,
    answers: Arc<[Answer]>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    let mut all = all.lock().unwrap();
    all.push(Seen {
        version: parts.version,
        method: parts.method,
        path: parts.uri.path().to_owned(),
        headers: parts.headers,
        body,
        connection,
    });
    let answer = answers.get(all.len() - 1).or(answers.last()).unwrap();
    Ok(answer.response())
}
