//! The WebSocket at `/ws/notificaciones/`.

use anyhow::Result;
use futures_util::{SinkExt, StreamExt};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};

use super::{Shared, rest};
use crate::http::{Answer, Request};

/// What every open socket is to do.
#[derive(Clone, Debug)]
pub(super) enum Order {
    Text(String),
    Binary(Vec<u8>),
    Close(u16),
    /// TCP RST instead of a close frame.
    Reset,
    /// Neither reads nor writes again, yet stays open.
    Freeze,
}

/// Channels says 403 to everything that it does not let in, whatever the reason.
pub(super) fn refusal(request: &Request, shared: &Shared) -> Option<Answer> {
    let refused = shared.lock().faults.refuse_handshake
        || request.path() != "/ws/notificaciones/"
        || !rest::authorized(request);
    refused.then(|| Answer { status: 403, ..Answer::default() })
}

/// Upgrades the connection and obeys orders until it ends.
pub(super) async fn serve(mut stream: TcpStream, key: &str, shared: &Shared) -> Result<()> {
    let accept = derive_accept_key(key.as_bytes());
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nServer: daphne\r\nUpgrade: WebSocket\r\n\
         Connection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await?;
    let (orders, mut inbox) = mpsc::unbounded_channel();
    shared.lock().sockets.push(orders);
    let mut socket = WebSocketStream::from_raw_socket(stream, Role::Server, None).await;
    loop {
        tokio::select! {
            order = inbox.recv() => match order {
                None => return Ok(()),
                Some(Order::Text(text)) => socket.send(Message::text(text)).await?,
                Some(Order::Binary(bytes)) => socket.send(Message::binary(bytes)).await?,
                Some(Order::Close(code)) => {
                    let frame = CloseFrame { code: code.into(), reason: "".into() };
                    return Ok(socket.close(Some(frame)).await?);
                }
                Some(Order::Reset) => return Ok(socket.get_ref().set_zero_linger()?),
                Some(Order::Freeze) => freeze(socket, inbox).await,
            },
            // Reading answers pings; what clients say is ignored, as by the real consumer.
            frame = socket.next() => match frame {
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Ok(()),
            },
        }
    }
}

/// Holds the connection without touching it. The socket no longer counts as open.
async fn freeze(socket: WebSocketStream<TcpStream>, inbox: mpsc::UnboundedReceiver<Order>) -> ! {
    drop(inbox);
    let _held = socket;
    std::future::pending().await
}
