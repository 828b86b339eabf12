//! A WebSocket that looks after itself: it asks a silent server for a sign of life, and ends when there is none.

use std::time::Duration;

use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Error as SocketError;

use crate::clock::Clock;
use crate::net::liveness::{Death, Liveness, Moment, Policy, Verdict};
use crate::net::websocket::{self, Message, Socket};

/// How long a message of ours may take to leave.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// What a connection gives: a message, a sign of life without one, or its end.
pub type Received = Result<Option<Vec<u8>>, Ending>;

/// Why a connection is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Closed, broken or silent: what happened, for a person.
    Lost(String),
    /// The machine slept, and the server has long given it up: dial again at once.
    Slept,
}

/// An open WebSocket with its liveness.
pub struct Link {
    /// `None` = there is no connection, see [`Link::absent`].
    socket: Option<Socket>,
    liveness: Liveness,
    clock: Clock,
    started: Instant,
}

impl Link {
    /// Takes over a connection that was opened now.
    #[must_use]
    pub fn new(socket: Socket, policy: Policy, clock: Clock) -> Self {
        let started = Instant::now();
        let now = Moment { monotonic: Duration::ZERO, wall: clock.now() };
        Self { socket: Some(socket), liveness: Liveness::new(policy, now), clock, started }
    }

    /// In the place of a connection where the server, or a proxy before it, has none to give: it brings nothing and never
    /// ends, and the server is asked instead.
    #[must_use]
    pub fn absent(clock: Clock) -> Self {
        let policy = Policy { ping_after: Duration::MAX, ping_timeout: Duration::MAX };
        let now = Moment { monotonic: Duration::ZERO, wall: clock.now() };
        let liveness = Liveness::new(policy, now);
        Self { socket: None, liveness, clock, started: Instant::now() }
    }

    /// Whether there is a connection.
    #[must_use]
    pub const fn is_present(&self) -> bool {
        self.socket.is_some()
    }

    /// The next text or binary message; `None` = only a sign of life. Pings are answered and asked on the way; a caller that
    /// drops the future loses nothing.
    pub async fn next(&mut self) -> Received {
        loop {
            let wait = match self.liveness.check(self.moment()) {
                Verdict::Alive(wait) => wait,
                Verdict::Ping(wait) => {
                    self.send(Message::Ping(Vec::new().into())).await?;
                    wait
                }
                Verdict::Dead(Death::Slept) => return Err(Ending::Slept),
                Verdict::Dead(Death::Unanswered) => return Err(unanswered()),
            };
            let Some(socket) = &mut self.socket else { return std::future::pending().await };
            if let Ok(received) = tokio::time::timeout(wait, socket.next()).await {
                return self.taken(received);
            }
        }
    }

    /// The next message if it is there already.
    pub fn ready(&mut self) -> Option<Received> {
        let received = self.socket.as_mut()?.next().now_or_never()?;
        Some(self.taken(received))
    }

    /// Sends a text.
    pub async fn say(&mut self, text: String) -> Result<(), Ending> {
        self.send(Message::text(text)).await
    }

    /// Asks for a sign of life now: something outside suggests that the connection is gone.
    pub fn doubt(&mut self) {
        self.liveness.doubt();
    }

    async fn send(&mut self, message: Message) -> Result<(), Ending> {
        let Some(socket) = &mut self.socket else { return Ok(()) };
        match tokio::time::timeout(SEND_TIMEOUT, socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Ending::Lost(websocket::ending(&error))),
            Err(_) => Err(Ending::Lost("the connection takes nothing any more".to_owned())),
        }
    }

    fn taken(&mut self, received: Option<Result<Message, SocketError>>) -> Received {
        let Some(received) = received else { return Err(closed("")) };
        let message = received.map_err(|error| Ending::Lost(websocket::ending(&error)))?;
        self.liveness.heard(self.started.elapsed());
        match message {
            Message::Text(text) => Ok(Some(text.as_bytes().to_vec())),
            Message::Binary(bytes) => Ok(Some(bytes.to_vec())),
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => Ok(None),
            Message::Close(None) => Err(closed("")),
            Message::Close(Some(frame)) => {
                Err(closed(&format!(" (code {})", u16::from(frame.code))))
            }
        }
    }

    fn moment(&self) -> Moment {
        Moment { monotonic: self.started.elapsed(), wall: self.clock.now() }
    }
}

fn closed(code: &str) -> Ending {
    Ending::Lost(format!("the server closed the connection{code}"))
}

fn unanswered() -> Ending {
    Ending::Lost("the server does not answer any more; the connection was dropped".to_owned())
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("liveness", &self.liveness).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
