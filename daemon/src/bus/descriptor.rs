//! A caller's file descriptor, read or written in a thread of its own.
//!
//! It may be a pipe that nobody reads: the runtime's few blocking threads look up names for the sources, and must
//! never wait for a stranger.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::AsRawFd as _;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use zbus::zvariant::OwnedFd;

/// How long the other end may take to read or write the next piece.
const PATIENCE: Duration = Duration::from_secs(60);
/// Chunks between the thread and its user: what bounds the memory.
const QUEUED: usize = 4;
/// Bytes read at once.
const READ: usize = 64 * 1024;
/// A pipe that can be written to has room for so much (`PIPE_BUF`): such a write does not block.
const WRITTEN: usize = 4 * 1024;

/// Writes chunks to the descriptor.
#[derive(Debug)]
pub(super) struct Sink {
    chunks: mpsc::Sender<Vec<u8>>,
    ended: oneshot::Receiver<io::Result<()>>,
}

impl Sink {
    /// Starts the thread.
    pub(super) fn start(output: OwnedFd) -> io::Result<Self> {
        Self::patient(output, PATIENCE)
    }

    fn patient(output: OwnedFd, patience: Duration) -> io::Result<Self> {
        let (chunks, received) = mpsc::channel(QUEUED);
        let (end, ended) = oneshot::channel();
        let output = file(output);
        // Whoever has stopped waiting needs no answer.
        spawn(move || drop(end.send(write(&output, received, patience))))?;
        Ok(Self { chunks, ended })
    }

    /// Hands over the next chunk; `false` = it failed, and [`Self::finish`] says why.
    pub(super) async fn write(&self, chunk: Vec<u8>) -> bool {
        self.chunks.send(chunk).await.is_ok()
    }

    /// Waits until everything is written.
    pub(super) async fn finish(self) -> io::Result<()> {
        drop(self.chunks);
        self.ended.await.unwrap_or_else(|_| Err(io::Error::other("the writing thread ended")))
    }
}

/// Reads the descriptor in chunks until its end or an error, which is the last item.
pub(super) fn read(input: OwnedFd) -> io::Result<mpsc::Receiver<io::Result<Vec<u8>>>> {
    read_patiently(input, PATIENCE)
}

fn read_patiently(
    input: OwnedFd,
    patience: Duration,
) -> io::Result<mpsc::Receiver<io::Result<Vec<u8>>>> {
    let (chunks, received) = mpsc::channel(QUEUED);
    let input = file(input);
    spawn(move || {
        let mut buffer = vec![0; READ];
        loop {
            let chunk = match await_ready(&input, libc::POLLIN, patience)
                .and_then(|()| (&input).read(&mut buffer))
            {
                Ok(0) => return,
                Ok(length) => Ok(buffer.iter().take(length).copied().collect()),
                Err(error) => Err(error),
            };
            let last = chunk.is_err();
            if chunks.blocking_send(chunk).is_err() || last {
                return;
            }
        }
    })?;
    Ok(received)
}

fn write(
    mut output: &File,
    mut chunks: mpsc::Receiver<Vec<u8>>,
    patience: Duration,
) -> io::Result<()> {
    while let Some(chunk) = chunks.blocking_recv() {
        for piece in chunk.chunks(WRITTEN) {
            await_ready(output, libc::POLLOUT, patience)?;
            output.write_all(piece)?;
        }
    }
    Ok(())
}

/// Waits until reading or writing a piece will not block.
fn await_ready(file: &File, what: libc::c_short, patience: Duration) -> io::Result<()> {
    let mut watched = libc::pollfd { fd: file.as_raw_fd(), events: what, revents: 0 };
    let timeout = libc::c_int::try_from(patience.as_millis()).unwrap_or(libc::c_int::MAX);
    loop {
        // SAFETY: `watched` is one valid pollfd, and the descriptor is open for as long as `file` lives.
        match unsafe { libc::poll(&raw mut watched, 1, timeout) } {
            0 => {
                let words = format!("the other end stood still for {} s", patience.as_secs());
                return Err(io::Error::new(io::ErrorKind::TimedOut, words));
            }
            1.. => return Ok(()),
            _ => {
                let error = io::Error::last_os_error();
                if error.kind() != io::ErrorKind::Interrupted {
                    return Err(error);
                }
            }
        }
    }
}

fn spawn(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    std::thread::Builder::new().name("transfer".to_owned()).spawn(work).map(drop)
}

fn file(descriptor: OwnedFd) -> File {
    File::from(std::os::fd::OwnedFd::from(descriptor))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(50);

    fn descriptor(end: impl Into<std::os::fd::OwnedFd>) -> OwnedFd {
        end.into().into()
    }

    #[tokio::test]
    async fn a_pipe_that_nobody_reads_is_given_up() {
        let (_reader, writer) = io::pipe().unwrap();
        let sink = Sink::patient(descriptor(writer), SHORT).unwrap();
        while sink.write(vec![0; 64 * 1024]).await {}
        assert_eq!(sink.finish().await.unwrap_err().kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_pipe_that_nobody_writes_is_given_up() {
        let (reader, _writer) = io::pipe().unwrap();
        let mut chunks = read_patiently(descriptor(reader), SHORT).unwrap();
        let error = chunks.recv().await.unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(chunks.recv().await.is_none(), "an error is the end");
    }

    #[tokio::test]
    async fn what_is_written_is_what_is_read() {
        let (reader, writer) = io::pipe().unwrap();
        let mut chunks = read(descriptor(reader)).unwrap();
        let sink = Sink::start(descriptor(writer)).unwrap();
        let sent: Vec<u8> = (0..=255_u8).cycle().take(300_000).collect();
        let (_, received) = tokio::join!(
            async {
                assert!(sink.write(sent.clone()).await);
                sink.finish().await.unwrap();
            },
            async {
                let mut received = Vec::new();
                while let Some(chunk) = chunks.recv().await {
                    received.extend(chunk.unwrap());
                }
                received
            }
        );
        assert_eq!(received, sent);
    }
}
