//! WebSocket connections, and what a server's refusal means.

use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;
use http::header::{
    AUTHORIZATION, COOKIE, HeaderName, HeaderValue, ORIGIN, SEC_WEBSOCKET_PROTOCOL,
};
use rustls::ClientConfig;
use tidings_api::Millis;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::error::{CapacityError, ProtocolError};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use url::Url;

use crate::net::dial::{self, Duplex};
use crate::net::http::{self as answers, Meaning};

pub use tokio_tungstenite::tungstenite::Message;

/// Largest message that is taken.
pub const MESSAGE_MAX: usize = 4 * 1024 * 1024;
/// 128 KiB each by default, which a notification never needs.
const READ_BUFFER: usize = 8 * 1024;
const WRITE_BUFFER: usize = 4 * 1024;
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(20);

/// An open connection.
pub type Socket = WebSocketStream<Box<dyn Duplex>>;

/// How to open a connection.
pub struct Opening {
    /// `ws` or `wss`; may hold a token.
    pub url: Url,
    /// Value of `Origin`; `None` = no such header.
    pub origin: Option<String>,
    /// Offered in this order; may hold a token.
    pub subprotocols: Vec<String>,
    /// Further headers; may hold credentials.
    pub headers: HeaderMap,
}

/// Why there is no connection, classed by what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// No answer at all.
    Unreachable(String),
    /// 401.
    Unauthorized,
    /// 403: credentials, or the origin, or a consumer that closed before it accepted. They look alike.
    Forbidden,
    /// A redirect to a login page.
    LoginPage,
    /// 404, 426 or an answer that is no WebSocket: wrong address, or a proxy that does not pass them.
    NoWebSocket(String),
    /// 429, 503 or another 5xx.
    Later {
        /// Status code.
        status: u16,
        /// The server's wish.
        retry_after: Option<Duration>,
    },
    /// Something we cannot send: a header with a newline.
    Invalid(String),
}

/// Opens a connection. Errors never show the URL or a header.
pub async fn open(
    opening: Opening,
    tls: &Arc<ClientConfig>,
    now: Millis,
) -> Result<Socket, Refusal> {
    let place = dial::place(&opening.url);
    let stream = dial::dial(&opening.url, tls).await.map_err(Refusal::Unreachable)?;
    let request = request(opening)?;
    let handshake = tokio_tungstenite::client_async_with_config(request, stream, Some(config()));
    match tokio::time::timeout(HANDSHAKE_TIMEOUT, handshake).await {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(error)) => Err(refusal(error, &place, now)),
        Err(_) => Err(Refusal::Unreachable(format!("{place}: no handshake in time"))),
    }
}

/// The origin of the server itself, which is what its own pages would send.
#[must_use]
pub fn own_origin(url: &Url) -> Option<String> {
    let scheme = if matches!(url.scheme(), "wss" | "https") { "https" } else { "http" };
    let host = url.host_str()?;
    Some(
        url.port().map_or_else(
            || format!("{scheme}://{host}"),
            |port| format!("{scheme}://{host}:{port}"),
        ),
    )
}

/// Why an open connection ended, in words.
#[must_use]
pub fn ending(error: &Error) -> String {
    if let Error::Capacity(CapacityError::MessageTooLong { size, max_size }) = error {
        return format!("a message of {size} bytes is larger than the {max_size} that are taken");
    }
    if matches!(error, Error::ConnectionClosed | Error::AlreadyClosed) {
        return "the connection was closed".to_owned();
    }
    error.to_string()
}

fn config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_message_size(Some(MESSAGE_MAX))
        .max_frame_size(Some(MESSAGE_MAX))
}

fn request(opening: Opening) -> Result<http::Request<()>, Refusal> {
    let invalid = |what: &str| Refusal::Invalid(format!("the {what} cannot be sent in a header"));
    let mut request =
        opening.url.as_str().into_client_request().map_err(|_| invalid("WebSocket URL"))?;
    let headers = request.headers_mut();
    for (name, value) in &opening.headers {
        headers.insert(name.clone(), value.clone());
    }
    if let Some(origin) = opening.origin {
        headers.insert(ORIGIN, HeaderValue::try_from(origin).map_err(|_| invalid("origin"))?);
    }
    if !opening.subprotocols.is_empty() {
        let offered = opening.subprotocols.join(", ");
        let mut value = HeaderValue::try_from(offered).map_err(|_| invalid("subprotocol"))?;
        value.set_sensitive(true);
        headers.insert(SEC_WEBSOCKET_PROTOCOL, value);
    }
    for name in [AUTHORIZATION, COOKIE] as [HeaderName; 2] {
        if let Some(value) = headers.get_mut(&name) {
            value.set_sensitive(true);
        }
    }
    Ok(request)
}

fn refusal(error: Error, place: &str, now: Millis) -> Refusal {
    // It went away in the middle: a server that is just starting, behind something that was there before it.
    if matches!(error, Error::Protocol(ProtocolError::HandshakeIncomplete)) {
        return Refusal::Unreachable(format!("{place}: {}", ending(&error)));
    }
    if let Error::Protocol(error) = error {
        return Refusal::NoWebSocket(format!("{place}: {error}"));
    }
    let Error::Http(response) = error else {
        return Refusal::Unreachable(format!("{place}: {}", ending(&error)));
    };
    let reply = answers::head(response.status().as_u16(), response.headers(), now);
    let status = reply.status;
    match reply.meaning(None) {
        Meaning::LoginPage => Refusal::LoginPage,
        Meaning::Unauthorized => Refusal::Unauthorized,
        Meaning::Forbidden | Meaning::ForbiddenCsrf => Refusal::Forbidden,
        Meaning::Busy | Meaning::ServerFault => {
            Refusal::Later { status, retry_after: reply.retry_after }
        }
        Meaning::Content | Meaning::Html | Meaning::Redirect | Meaning::Unexpected => {
            Refusal::NoWebSocket(format!("{place}: answered {status} instead of a WebSocket"))
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    /// Answers one handshake with fixed bytes and returns what was asked.
    async fn answer(reply: &'static str) -> (Result<Socket, Refusal>, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut asked = Vec::new();
            while !asked.ends_with(b"\r\n\r\n") {
                let byte = stream.read_u8().await.unwrap();
                asked.push(byte);
            }
            stream.write_all(reply.as_bytes()).await.unwrap();
            stream.shutdown().await.unwrap();
            String::from_utf8(asked).unwrap()
        };
        let url = Url::parse(&format!("ws://{address}/ws/?token=SECRET")).unwrap();
        let opening = Opening {
            origin: own_origin(&url),
            url,
            subprotocols: vec!["jwt".to_owned(), "SECRET".to_owned()],
            headers: HeaderMap::from_iter([(
                AUTHORIZATION,
                HeaderValue::from_static("Token SECRET"),
            )]),
        };
        let tls = crate::net::tls::client_config().unwrap();
        tokio::join!(open(opening, &tls, 0), server)
    }

    #[tokio::test]
    async fn refusals_are_told_apart() {
        let cases = [
            ("HTTP/1.1 401 Unauthorized\r\n\r\n", Refusal::Unauthorized),
            ("HTTP/1.1 403 Forbidden\r\nServer: daphne\r\n\r\n", Refusal::Forbidden),
            ("HTTP/1.1 302 Found\r\nLocation: /accounts/login/\r\n\r\n", Refusal::LoginPage),
            (
                "HTTP/1.1 429 Too Many\r\nRetry-After: 7\r\n\r\n",
                Refusal::Later { status: 429, retry_after: Some(Duration::from_secs(7)) },
            ),
            ("HTTP/1.1 502 Bad Gateway\r\n\r\n", Refusal::Later { status: 502, retry_after: None }),
        ];
        for (reply, expected) in cases {
            assert_eq!(answer(reply).await.0.err(), Some(expected), "{reply}");
        }
        let away = answer("").await.0.err();
        let Some(Refusal::Unreachable(_)) = away else { panic!("it went away: {away:?}") };
        for reply in [
            "HTTP/1.1 404 Not Found\r\n\r\n",
            "HTTP/1.1 426 Upgrade\r\n\r\n",
            "HTTP/1.1 200 OK\r\n\r\n",
        ] {
            let refusal = answer(reply).await.0.err();
            assert!(matches!(refusal, Some(Refusal::NoWebSocket(_))), "{reply}: {refusal:?}");
        }
    }

    #[tokio::test]
    async fn handshake_carries_origin_and_credentials_and_errors_do_not() {
        let (result, asked) = answer("HTTP/1.1 404 Not Found\r\n\r\n").await;
        let asked = asked.to_lowercase();
        assert!(
            asked.contains("origin: http://127.0.0.1:"),
            "a validator refuses a missing origin: {asked}"
        );
        assert!(asked.contains("authorization: token secret"), "{asked}");
        assert!(asked.contains("sec-websocket-protocol: jwt, secret"), "{asked}");
        let shown = format!("{:?}", result.err());
        assert!(!shown.contains("SECRET"), "{shown}");
    }
}
