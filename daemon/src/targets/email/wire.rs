//! The byte stream of a connection as the mail library drives it.

use std::fmt::Debug;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use lettre::transport::smtp::client::AsyncTokioStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// What ends a message (RFC 5321 section 4.1.1.4).
const END: [u8; 5] = *b"\r\n.\r\n";

/// TCP, or TLS over it.
pub(super) trait Stream: AsyncRead + AsyncWrite + Debug + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Debug + Send + Sync + Unpin> Stream for T {}

/// Whether the end of a message has left: from then on the server may have taken it.
#[derive(Clone, Debug, Default)]
pub(super) struct Progress(Arc<AtomicBool>);

impl Progress {
    /// Before the next message.
    pub(super) fn begin(&self) {
        self.0.store(false, Ordering::Relaxed);
    }

    pub(super) fn is_complete(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Longest greeting that is listened to.
const GREETING_MAX: usize = 8 * 1024;

/// What the server says while it greets. The mail library forgets the extensions that it does not use itself.
#[derive(Clone, Debug)]
pub(super) struct Greeting(Arc<Mutex<Option<Vec<u8>>>>);

impl Default for Greeting {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Some(Vec::new()))))
    }
}

impl Greeting {
    /// The greeting is over. Answers whether this extension was offered (RFC 5321 section 4.1.1.1).
    pub(super) fn ended_with(&self, extension: &str) -> bool {
        let said = self.said().take().unwrap_or_default();
        String::from_utf8_lossy(&said).lines().any(|line| {
            let keyword = line.strip_prefix("250-").or_else(|| line.strip_prefix("250 "));
            keyword.is_some_and(|keyword| keyword.trim().eq_ignore_ascii_case(extension))
        })
    }

    fn listen(&self, bytes: &[u8]) {
        if let Some(said) = self.said().as_mut() {
            let room = GREETING_MAX.saturating_sub(said.len());
            said.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
    }

    fn said(&self) -> std::sync::MutexGuard<'_, Option<Vec<u8>>> {
        // What is under this lock is a text that only grows: a panic leaves nothing half-done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A stream that notices the end of a message, and reads as if it began with a given text.
#[derive(Debug)]
pub(super) struct Wire {
    stream: Box<dyn Stream>,
    peer: SocketAddr,
    first: &'static [u8],
    /// What was written last.
    tail: [u8; END.len()],
    progress: Progress,
    greeting: Greeting,
}

impl Wire {
    pub(super) fn new(stream: Box<dyn Stream>, peer: SocketAddr, first: &'static [u8]) -> Self {
        let (tail, progress, greeting) = ([0; END.len()], Progress::default(), Greeting::default());
        Self { stream, peer, first, tail, progress, greeting }
    }

    /// Listens to what is read until somebody has heard enough.
    pub(super) fn greeting(&self) -> Greeting {
        self.greeting.clone()
    }

    /// Follows what is written.
    pub(super) fn progress(&self) -> Progress {
        self.progress.clone()
    }

    fn written(&mut self, bytes: &[u8]) {
        let last = &bytes[bytes.len().saturating_sub(END.len())..];
        self.tail.rotate_left(last.len());
        self.tail[END.len() - last.len()..].copy_from_slice(last);
        if self.tail == END {
            self.progress.0.store(true, Ordering::Relaxed);
        }
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.first.is_empty() {
            let (now, later) = self.first.split_at(self.first.len().min(buffer.remaining()));
            buffer.put_slice(now);
            self.first = later;
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        // Replies are ASCII. One in another alphabet is still a reply, and its number must not get lost with it.
        for byte in &mut buffer.filled_mut()[before..] {
            if !byte.is_ascii() {
                *byte = b'?';
            }
        }
        self.greeting.listen(&buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        self.written(&bytes[..count]);
        Poll::Ready(Ok(count))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    fn wire(first: &'static [u8]) -> (Wire, tokio::io::DuplexStream) {
        let (near, far) = tokio::io::duplex(1024);
        (Wire::new(Box::new(near), SocketAddr::from(([127, 0, 0, 1], 25)), first), far)
    }

    #[tokio::test]
    async fn the_end_of_a_message_is_noticed_however_it_is_cut() {
        for cut in 0..=8 {
            let (mut wire, _far) = wire(b"");
            let progress = wire.progress();
            let (head, tail) = b"x\r\n\r\n.\r\n".split_at(cut);
            wire.write_all(head).await.unwrap();
            assert_eq!(progress.is_complete(), cut == 8, "cut at {cut}");
            wire.write_all(tail).await.unwrap();
            assert!(progress.is_complete(), "cut at {cut}");
            progress.begin();
            wire.write_all(b"MAIL FROM:<ana@example.org>\r\n").await.unwrap();
            assert!(!progress.is_complete(), "the next message has not been sent");
        }
    }

    #[tokio::test]
    async fn a_dot_inside_a_message_is_not_its_end() {
        let (mut wire, _far) = wire(b"");
        let progress = wire.progress();
        wire.write_all(b"one\r\n..\r\n.\r").await.unwrap();
        assert!(!progress.is_complete());
    }

    #[tokio::test]
    async fn an_extension_is_offered_by_a_line_of_its_own_while_the_server_greets() {
        for (said, offered) in [
            ("220 hi\r\n250-mail.example.org\r\n250-PIPELINING\r\n250 HELP\r\n", true),
            ("220 hi\r\n250-mail.example.org\r\n250 pipelining\r\n", true),
            ("220 hi\r\n250-mail.example.org\r\n250-PIPELINED\r\n250 SIZE\r\n", false),
            ("220 PIPELINING\r\n250-no PIPELINING\r\n550-PIPELINING\r\n250 OK\r\n", false),
            ("", false),
        ] {
            let (mut wire, mut far) = wire(b"");
            let greeting = wire.greeting();
            far.write_all(said.as_bytes()).await.unwrap();
            drop(far);
            wire.read_to_end(&mut Vec::new()).await.unwrap();
            assert_eq!(greeting.ended_with("PIPELINING"), offered, "{said:?}");
            assert!(!greeting.ended_with("PIPELINING"), "what was heard is forgotten");
        }
    }

    #[tokio::test]
    async fn it_begins_with_what_it_is_told_to_and_goes_on_in_ascii() {
        let (mut wire, mut far) = wire(b"220 \r\n");
        far.write_all("550 5.1.1 Não existe\r\n".as_bytes()).await.unwrap();
        drop(far);
        let mut read = String::new();
        wire.read_to_string(&mut read).await.unwrap();
        assert_eq!(read, "220 \r\n550 5.1.1 N??o existe\r\n");
    }
}
