//! From a plain connection to the moment at which TLS begins (RFC 3207).
//!
//! The mail library would keep what it has read beyond the answer to STARTTLS and take it for answers of the secured server:
//! somebody on the way could so put words into its mouth. So this part of the conversation is ours.

use std::time::Duration;

use lettre::transport::smtp::commands::{Ehlo, Starttls};
use lettre::transport::smtp::extension::{ClientId, Extension, ServerInfo};
use lettre::transport::smtp::response::Response;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::verdict::{self, Step, Trouble};
use crate::targets::Outcome;

/// Longest line of a reply, in bytes; twice what RFC 5321 section 4.5.3.1.5 allows.
const LINE: u64 = 1024;
/// Most lines of a reply.
const LINES: usize = 100;

/// Asks the server to begin with TLS. What comes next on the stream is the handshake.
pub(super) async fn ask(
    tcp: &mut TcpStream,
    server: &str,
    hello: &ClientId,
    limit: Duration,
) -> Result<(), Outcome> {
    let mut prologue = Prologue { stream: BufReader::new(tcp), server, limit };
    prologue.reply("at the greeting").await?;
    prologue.say(&Ehlo::new(hello.clone()).to_string()).await?;
    let offer = prologue.reply("at EHLO").await?;
    let offer = ServerInfo::from_response(&offer).unwrap_or_default();
    if !offer.supports_feature(Extension::StartTls) {
        return Err(Outcome::Misconfigured {
            why: format!(
                "{server} offers no STARTTLS, and without TLS nothing is sent; perhaps it speaks TLS \
                 from the start: server = \"smtps://…\""
            ),
        });
    }
    prologue.say(&Starttls.to_string()).await?;
    prologue.reply("at STARTTLS").await?;
    if !prologue.stream.buffer().is_empty() {
        let why =
            format!("{server} said more before TLS began; does somebody on the way interfere?");
        return Err(Outcome::Retry { why, after: None });
    }
    Ok(())
}

struct Prologue<'a> {
    stream: BufReader<&'a mut TcpStream>,
    server: &'a str,
    limit: Duration,
}

impl Prologue<'_> {
    async fn say(&mut self, command: &str) -> Result<(), Outcome> {
        let server = self.server;
        let failed =
            |error| Trouble::lost(format!("{server}: the connection failed: {error}")).outcome;
        self.stream.get_mut().write_all(command.as_bytes()).await.map_err(failed)
    }

    /// The next reply, if it is a yes.
    async fn reply(&mut self, place: &str) -> Result<Response, Outcome> {
        let server = self.server;
        let reply = match timeout(self.limit, self.read()).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(why)) => return Err(Trouble::lost(format!("{server}: {why} {place}")).outcome),
            Err(_) => {
                return Err(Trouble::lost(verdict::silence(server, place, self.limit)).outcome);
            }
        };
        if reply.is_positive() {
            return Ok(reply);
        }
        let words: Vec<&str> = reply.message().collect();
        let code = u16::from(reply.code());
        Err(Trouble::reply(server, Step::Greeting, code, &words.join(" ")).outcome)
    }

    async fn read(&mut self) -> Result<Response, String> {
        let mut text = String::new();
        for _ in 0..LINES {
            let mut line = Vec::new();
            let read = (&mut self.stream).take(LINE).read_until(b'\n', &mut line).await;
            read.map_err(|error| format!("the connection failed ({error})"))?;
            if line.last() != Some(&b'\n') {
                return Err("the server closed the connection".to_owned());
            }
            text.push_str(&String::from_utf8_lossy(&line));
            if line.get(3) != Some(&b'-') {
                return text.parse().map_err(|_| "the server does not speak SMTP".to_owned());
            }
        }
        Err("the server answers without end".to_owned())
    }
}
