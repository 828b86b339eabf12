//! Reading from the socket, and judging whether it still lives.

use std::time::Duration;

use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Error as SocketError;

use crate::net::liveness::{Death, Liveness, Moment, Verdict};
use crate::net::websocket::{self, Message, Socket};
use crate::sources::Exit;
use crate::sources::trouble::Trouble;

/// How long a ping may take to leave us.
const SEND_TIMEOUT: Duration = Duration::from_secs(10);

/// What a socket gives: a message, an error, or its end.
pub(super) type Received = Option<Result<Message, SocketError>>;

/// Acts on the state of the connection; the time until it is to be judged again.
pub(super) async fn check(
    liveness: &mut Liveness,
    socket: &mut Socket,
    now: Moment,
) -> Result<Duration, Exit> {
    match liveness.check(now) {
        Verdict::Alive(wait) => Ok(wait),
        Verdict::Ping(wait) => {
            let ping = socket.send(Message::Ping(Vec::new().into()));
            match tokio::time::timeout(SEND_TIMEOUT, ping).await {
                Ok(Ok(())) => Ok(wait),
                Ok(Err(error)) => Err(Trouble::transient(websocket::ending(&error)).into()),
                Err(_) => Err(Trouble::transient("the connection takes nothing any more").into()),
            }
        }
        Verdict::Dead(Death::Unanswered) => Err(Trouble::transient(
            "the server does not answer any more; the connection was dropped",
        )
        .into()),
        // The server has long given the connection up; dialling again at once is what a woken machine needs.
        Verdict::Dead(Death::Slept) => Err(Exit::Recycle),
    }
}

pub(super) async fn next(socket: &mut Option<Socket>) -> Received {
    match socket {
        Some(socket) => socket.next().await,
        None => std::future::pending().await,
    }
}

/// The next message if it is there already.
pub(super) fn ready(socket: &mut Option<Socket>) -> Option<Received> {
    socket.as_mut()?.next().now_or_never()
}
