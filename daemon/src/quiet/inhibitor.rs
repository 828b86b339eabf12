//! A program's wish for quiet lives as long as the descriptor that it holds.

use std::io::{self, PipeReader};
use std::os::fd::OwnedFd;

use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe::Receiver;

/// Our end of a descriptor that was handed out.
#[derive(Debug)]
pub(super) struct Held(Receiver);

/// A descriptor for the program, and our end of it.
pub(super) fn descriptor() -> io::Result<(OwnedFd, Held)> {
    let (ours, theirs): (PipeReader, _) = io::pipe()?;
    Ok((theirs.into(), Held(Receiver::from_owned_fd(ours.into())?)))
}

impl Held {
    /// Waits until the program has closed its end, or is gone. What it may write means nothing.
    pub(super) async fn released(mut self) {
        let mut ignored = [0; 64];
        while self.0.read(&mut ignored).await.is_ok_and(|read| read > 0) {}
    }
}
