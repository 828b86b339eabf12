//! The least a program can do between a WebSocket frame and a popup: no store, no policy, no memory.
//!
//! `make bench` measures the daemon against it. Arguments: the WebSocket URL and the token.

use std::collections::HashMap;

use anyhow::{Context, Result};
use futures_util::{SinkExt, StreamExt};
use serde_json::Value as Json;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use zbus::Connection;
use zbus::zvariant::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let usage = "usage: bare-relay ws://… TOKEN";
    let url = std::env::args().nth(1).context(usage)?;
    let token = std::env::args().nth(2).context(usage)?;
    let bus = Connection::session().await?;
    let address = url.strip_prefix("ws://").and_then(|rest| rest.split('/').next());
    let stream = tokio::net::TcpStream::connect(address.context("not a ws:// URL")?).await?;
    stream.set_nodelay(true)?;
    let mut request = url.as_str().into_client_request()?;
    request.headers_mut().insert("Authorization", format!("Token {token}").parse()?);
    let (mut socket, _) = tokio_tungstenite::client_async(request, stream).await?;
    while let Some(frame) = socket.next().await {
        let frame = frame?;
        if !frame.is_text() {
            continue;
        }
        let json: Json = serde_json::from_str(frame.to_text()?)?;
        if json["type"] == "auth_required" {
            let subscribe = r#"{"id":1,"type":"persistent_notification/subscribe"}"#;
            let auth = serde_json::json!({"type": "auth", "access_token": token});
            socket.send(Message::text(auth.to_string())).await?;
            socket.send(Message::text(subscribe)).await?;
        }
        let Some(text) = text(&json) else { continue };
        let hints: HashMap<&str, Value<'_>> = HashMap::from([("urgency", Value::U8(1))]);
        let actions: &[&str] = &[];
        let arguments = ("relay", 0_u32, "", text, "", actions, hints, -1_i32);
        bus.call_method(
            Some("org.freedesktop.Notifications"),
            "/org/freedesktop/Notifications",
            Some("org.freedesktop.Notifications"),
            "Notify",
            &arguments,
        )
        .await?;
    }
    Ok(())
}

/// The text of a message, whichever of the servers sent it.
fn text(json: &Json) -> Option<&str> {
    let nested = json["event"]["notifications"].as_object();
    let first = nested.and_then(|listed| listed.values().next());
    first.unwrap_or(json)["message"].as_str()
}
