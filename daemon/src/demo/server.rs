use std::convert::Infallible;
use std::sync::Arc;

use futures_util::{SinkExt, StreamExt};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION, WWW_AUTHENTICATE};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Deserialize;
use serde_json::{Value, json};
use tidings_api::Millis;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{broadcast, watch};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response;
use tokio_tungstenite::tungstenite::protocol::{Message, Role};
use tokio_util::sync::CancellationToken;

use super::board::Board;
use super::day::{Day, Note};
use crate::clock::Clock;

const SOCKET_PATH: &str = "/ws/notificaciones/";
const LIST_PATH: &str = "/notifications/api/list/";
const MARK_READ_PATH: &str = "/notifications/api/mark-read/";

/// More than the ids of every row of a day.
const LARGEST_BODY: usize = 64 * 1024;
/// Frames that wait for a slow reader; beyond, they are lost to it, as in the server that is imitated.
const FRAMES_IN_FLIGHT: usize = 100;
/// An accept that failed (too many open files) would fail again at once.
const PAUSE_AFTER_FAILED_ACCEPT: std::time::Duration = std::time::Duration::from_millis(100);

type Answer = Response<Full<Bytes>>;

/// What the connections and the player have in common.
#[derive(Clone, Debug)]
pub(super) struct Shared {
    token: Arc<str>,
    clock: Clock,
    board: watch::Sender<Board>,
    frames: broadcast::Sender<String>,
}

impl Shared {
    pub(super) fn new(token: String, clock: Clock, day: &Day) -> Self {
        let mut board = Board::default();
        for earlier in &day.earlier {
            let age = Millis::try_from(earlier.age.as_millis()).unwrap_or(Millis::MAX);
            board.add(earlier.note.clone(), earlier.read, clock.now().saturating_sub(age));
        }
        let (frames, _) = broadcast::channel(FRAMES_IN_FLIGHT);
        Self { token: token.into(), clock, board: watch::Sender::new(board), frames }
    }

    /// Inserts a row, dated now, and answers its id.
    pub(super) fn add(&self, note: Note) -> u64 {
        let (now, mut id) = (self.clock.now(), 0);
        self.board.send_modify(|board| id = board.add(note, false, now));
        id
    }

    pub(super) fn len(&self) -> usize {
        self.board.borrow().len()
    }

    pub(super) fn broadcast(&self, frame: &Value) {
        // Without a listener the frame is lost, as it is on a real server.
        let _ = self.frames.send(frame.to_string());
    }

    pub(super) async fn wait_until(&self, condition: impl FnMut(&Board) -> bool) {
        // The sender is ours, so the channel cannot close while we wait.
        let _ = self.board.subscribe().wait_for(condition).await.map(|_| ());
    }

    fn signed_in(&self, request: &Request<Incoming>) -> bool {
        request
            .headers()
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Token ").or(value.strip_prefix("Bearer ")))
            .is_some_and(|token| token == &*self.token)
    }
}

/// Accepts connections until the future is dropped.
pub(super) async fn serve(listener: TcpListener, shared: Shared, cancel: CancellationToken) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(cancel.clone().run_until_cancelled_owned(connection(
                    stream,
                    shared.clone(),
                    cancel.clone(),
                )));
            }
            Err(error) => {
                tracing::warn!(%error, "the demo's server could not accept a connection");
                tokio::time::sleep(PAUSE_AFTER_FAILED_ACCEPT).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, shared: Shared, cancel: CancellationToken) {
    let service = service_fn(|request| {
        let (shared, cancel) = (shared.clone(), cancel.clone());
        async move { Ok::<_, Infallible>(route(request, shared, cancel).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades()
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection to the demo's server ended");
    }
}

async fn route(request: Request<Incoming>, shared: Shared, cancel: CancellationToken) -> Answer {
    let signed_in = shared.signed_in(&request);
    match (request.method(), request.uri().path()) {
        (_, path) if !signed_in => refuse(path, &request),
        (&Method::GET, SOCKET_PATH) => upgrade(request, shared, cancel),
        (&Method::GET, LIST_PATH) => list(request.uri().query(), &shared),
        (&Method::POST, MARK_READ_PATH) => mark_read(request, &shared).await,
        (_, SOCKET_PATH | LIST_PATH | MARK_READ_PATH) => status(StatusCode::METHOD_NOT_ALLOWED),
        _ => status(StatusCode::NOT_FOUND),
    }
}

fn list(query: Option<&str>, shared: &Shared) -> Answer {
    let page = query.and_then(|query| {
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == "page")
            .map(|(_, value)| value.into_owned())
    });
    let mut answer = Value::Null;
    shared.board.send_modify(|board| answer = board.page(page.as_deref()));
    json_answer(&answer)
}

#[derive(Deserialize)]
struct MarkRead {
    #[serde(default)]
    ids: Vec<u64>,
}

async fn mark_read(request: Request<Incoming>, shared: &Shared) -> Answer {
    let Ok(body) = Limited::new(request.into_body(), LARGEST_BODY).collect().await else {
        return status(StatusCode::PAYLOAD_TOO_LARGE);
    };
    let Ok(marks) = serde_json::from_slice::<MarkRead>(&body.to_bytes()) else {
        return status(StatusCode::BAD_REQUEST);
    };
    shared.board.send_modify(|board| board.mark_read(&marks.ids));
    json_answer(&json!({ "status": "success" }))
}

fn upgrade(mut request: Request<Incoming>, shared: Shared, cancel: CancellationToken) -> Answer {
    let upgraded = hyper::upgrade::on(&mut request);
    let (head, _) = request.into_parts();
    let Ok(response) = create_response(&Request::from_parts(head, ())) else {
        return status(StatusCode::BAD_REQUEST);
    };
    // Subscribed before the client learns that it is connected: no frame falls between.
    let frames = shared.frames.subscribe();
    tokio::spawn(cancel.run_until_cancelled_owned(async move {
        match upgraded.await {
            Ok(stream) => {
                let socket =
                    WebSocketStream::from_raw_socket(TokioIo::new(stream), Role::Server, None);
                push(socket.await, frames, &shared).await;
            }
            Err(error) => tracing::debug!(%error, "a WebSocket of the demo was not completed"),
        }
    }));
    response.map(|()| Full::default())
}

async fn push(
    mut socket: WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>,
    mut frames: broadcast::Receiver<String>,
    shared: &Shared,
) {
    shared.board.send_modify(Board::socket_opened);
    loop {
        let alive = tokio::select! {
            frame = frames.recv() => match frame {
                Ok(frame) => socket.send(Message::text(frame)).await.is_ok(),
                Err(broadcast::error::RecvError::Lagged(_)) => true,
                Err(broadcast::error::RecvError::Closed) => false,
            },
            // Reading answers pings and notices the end; what clients say is ignored, as in the original.
            message = socket.next() => matches!(message, Some(Ok(_))),
        };
        if !alive {
            break;
        }
    }
    shared.board.send_modify(Board::socket_closed);
}

fn json_answer(value: &Value) -> Answer {
    let mut answer = Response::new(Full::from(value.to_string()));
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    answer
}

/// As the imitated server refuses: Channels before it accepts, the list with 401 for a wrong token and with
/// the way to the login page for none.
fn refuse(path: &str, request: &Request<Incoming>) -> Answer {
    if path == SOCKET_PATH {
        return status(StatusCode::FORBIDDEN);
    }
    let (code, header, value) = if request.headers().contains_key(AUTHORIZATION) {
        (StatusCode::UNAUTHORIZED, WWW_AUTHENTICATE, "Token")
    } else {
        (StatusCode::FOUND, LOCATION, "/accounts/login/")
    };
    let mut answer = status(code);
    answer.headers_mut().insert(header, HeaderValue::from_static(value));
    answer
}

fn status(code: StatusCode) -> Answer {
    let mut answer = Answer::default();
    *answer.status_mut() = code;
    answer
}
