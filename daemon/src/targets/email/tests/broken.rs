//! A connection that breaks at one exact byte, which no real network can be asked for.

use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::extension::ClientId;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::super::letter::{self, Letter};
use super::super::session::Session;
use super::super::settings;
use super::super::wire::Wire;
use super::*;

/// Takes in so little at once that the server has read nearly all of what was written.
const BUFFER: usize = 16;

async fn session(near: DuplexStream) -> Session {
    let wire = Wire::new(Box::new(near), ([127, 0, 0, 1], 25).into(), b"");
    let progress = wire.progress();
    let hello = ClientId::Domain("desk.example.org".into());
    let connection = AsyncSmtpConnection::connect_with_transport(Box::new(wire), &hello);
    Session {
        connection: connection.await.unwrap(),
        progress,
        server: "h:25".into(),
        limits: Limits::DEFAULT,
        pipelining: false,
        asked: 0,
        half_open: false,
    }
}

fn letter() -> Letter {
    let keys = "server = \"smtp://h.example\"\nfrom = \"tidings@desk.example.org\"";
    letter::compose(&settings::read(&keys.parse().unwrap()).unwrap(), &message("m-1")).unwrap()
}

/// A server that takes everything up to the message, and of the message as much as `enough` says.
async fn serve(mut far: DuplexStream, enough: impl Fn(&[u8]) -> bool) {
    let mut heard = Vec::new();
    for words in ["220 h\r\n", "250 h\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n"] {
        far.write_all(words.as_bytes()).await.unwrap();
        heard.clear();
        while !enough(&heard) && (words.starts_with("354") || !heard.ends_with(b"\r\n")) {
            heard.push(far.read_u8().await.unwrap());
        }
    }
}

async fn delivered_until(enough: impl Fn(&[u8]) -> bool + Send + 'static) -> Outcome {
    let (near, far) = duplex(BUFFER);
    let server = tokio::spawn(serve(far, enough));
    let mut session = session(near).await;
    session.sender(&letter()).await.unwrap();
    session.recipient(&letter()).await.unwrap();
    let trouble = session.content(&letter()).await.unwrap_err();
    server.await.unwrap();
    assert!(trouble.lost);
    trouble.outcome
}

#[tokio::test]
async fn what_broke_before_the_final_dot_was_certainly_not_delivered() {
    let (kind, why) = told(delivered_until(|heard| heard.len() == 200).await);
    assert_eq!(kind, "retry", "{why}");
}

#[tokio::test]
async fn what_broke_after_the_final_dot_may_have_been_delivered() {
    let (kind, why) = told(delivered_until(|heard| heard.ends_with(b"\r\n.\r\n")).await);
    assert_eq!(kind, "unknown", "{why}");
}
