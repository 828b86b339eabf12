//! A caller that costs next to nothing: its calls are written down before the clock starts, and of an answer it reads
//! only how long it is and whether it is an error. So a figure is about the bus and the daemon, not about the caller.

use std::collections::HashMap;

use anyhow::{Context, Result, bail, ensure};
use tidings_api::names;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::UnixStream;
use zbus::message::Message;
use zbus::zvariant::Value;

/// Of a message's fixed header (D-Bus specification, "Message Format").
const HEADER: usize = 16;
const METHOD_RETURN: u8 = 2;
const ERROR: u8 = 3;

/// A connection to a bus without a library around it.
pub(crate) struct Wire {
    stream: BufReader<UnixStream>,
}

impl Wire {
    /// Connects to the bus at a `unix:path=` address and says hello.
    pub(crate) async fn connect(address: &str) -> Result<Self> {
        let path = address
            .split([',', ':'])
            .find_map(|part| part.strip_prefix("path="))
            .with_context(|| format!("{address} has no path"))?;
        let stream = UnixStream::connect(path).await.with_context(|| path.to_owned())?;
        let mut wire = Self { stream: BufReader::with_capacity(64 * 1024, stream) };
        // An empty identity lets the bus take it from the socket.
        wire.stream.write_all(b"\0AUTH EXTERNAL\r\nDATA\r\nBEGIN\r\n").await?;
        for expected in ["DATA", "OK"] {
            let mut line = String::new();
            wire.stream.read_line(&mut line).await?;
            ensure!(line.starts_with(expected), "the bus answers {line:?}");
        }
        let hello = Message::method_call("/org/freedesktop/DBus", "Hello")?
            .destination("org.freedesktop.DBus")?
            .interface("org.freedesktop.DBus")?
            .build(&())?;
        wire.stream.write_all(hello.data()).await?;
        while !wire.answered().await? {}
        Ok(wire)
    }

    /// Makes the calls, `in_flight` of them under way at any time, until the last one is answered.
    pub(crate) async fn call(&mut self, calls: &[Vec<u8>], in_flight: usize) -> Result<()> {
        let (mut sent, mut answered) = (0, 0);
        let mut batch = Vec::new();
        while answered < calls.len() {
            batch.clear();
            for call in calls.iter().take(answered + in_flight).skip(sent) {
                batch.extend_from_slice(call);
                sent += 1;
            }
            self.stream.write_all(&batch).await?;
            // Waits for one answer and takes those that came with it.
            let before = answered;
            while answered == before || self.stream.buffer().len() >= HEADER {
                answered += usize::from(self.answered().await?);
            }
        }
        Ok(())
    }

    /// Reads one message; `true` = it was the answer to a call, `false` = a signal.
    async fn answered(&mut self) -> Result<bool> {
        let mut header = [0; HEADER];
        self.stream.read_exact(&mut header).await?;
        let number = |at: usize| -> Result<usize> {
            let bytes: [u8; 4] = header[at..at + 4].try_into()?;
            Ok(usize::try_from(u32::from_ne_bytes(bytes))?)
        };
        let rest = number(12)?.next_multiple_of(8) + number(4)?;
        let mut body = vec![0; rest];
        self.stream.read_exact(&mut body).await?;
        match header[1] {
            METHOD_RETURN => Ok(true),
            ERROR => bail!("refused: {}", String::from_utf8_lossy(&body)),
            _ => Ok(false),
        }
    }
}

/// A call of `Post`, as it goes over the wire.
pub(crate) fn post(title: &str, body: &str) -> Result<Vec<u8>> {
    let options = HashMap::<&str, Value<'_>>::new();
    let call = Message::method_call(names::OBJECT_PATH, "Post")?
        .destination(names::BUS_NAME)?
        .interface(names::POST)?
        .build(&(title, body, options))?;
    Ok(call.data().to_vec())
}
