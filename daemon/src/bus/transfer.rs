//! Export and import: the inbox as JSON lines through a file descriptor that the caller opened.

use std::io;

use tidings_api::{Error, Notification, Result};
use tokio::sync::{Semaphore, SemaphorePermit, mpsc};
use zbus::zvariant::OwnedFd;

use crate::bus::descriptor::{self, Sink};
use crate::bus::failed;
use crate::model::NotificationId;
use crate::store::Store;

/// Rows read or written at once: bounded memory whatever the size of the inbox.
const PAGE: u32 = 500;
/// Bytes of lines that are gathered before their rows are stored.
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// A line longer than this is not one of ours: it bounds what a wrong file can make the daemon hold.
const LINE_BYTES: usize = 4 * 1024 * 1024;
/// Transfers at the same time; each has a thread.
const AT_ONCE: usize = 4;

static TRANSFERS: Semaphore = Semaphore::const_new(AT_ONCE);

/// Writes every row that is not deleted, oldest first, one JSON object a line.
pub(super) async fn export(store: &Store, output: OwnedFd) -> Result<u64> {
    let _permit = permit()?;
    let sink = Sink::start(output).map_err(|error| cannot("write", &error))?;
    let mut after = NotificationId(0);
    let mut written = 0_u64;
    loop {
        let rows = store.export_page(after, PAGE).await.map_err(failed)?;
        let Some(last) = rows.last() else { break };
        after = NotificationId(last.id);
        let mut lines = Vec::new();
        for row in &rows {
            serde_json::to_writer(&mut lines, row)
                .map_err(|error| Error::Storage(format!("row {}: {error}", row.id)))?;
            lines.push(b'\n');
            written += 1;
        }
        if !sink.write(lines).await {
            break;
        }
    }
    sink.finish().await.map_err(|error| cannot("write", &error))?;
    Ok(written)
}

/// Reads what [`export`] wrote; rows that are already there are left alone.
pub(super) async fn import(store: &Store, input: OwnedFd) -> Result<u64> {
    let _permit = permit()?;
    let chunks = descriptor::read(input).map_err(|error| cannot("read", &error))?;
    let mut lines = Lines { chunks, rest: Vec::new(), taken: 0, number: 0 };
    let mut inserted = 0_u64;
    loop {
        let rows = lines.batch(inserted).await?;
        if rows.is_empty() {
            return Ok(inserted);
        }
        inserted += store.import(rows).await.map_err(failed)?;
    }
}

/// The lines of the input.
struct Lines {
    chunks: mpsc::Receiver<io::Result<Vec<u8>>>,
    /// What was read, and how much of it was taken.
    rest: Vec<u8>,
    taken: usize,
    number: u64,
}

impl Lines {
    /// The next rows; none at the end.
    async fn batch(&mut self, inserted: u64) -> Result<Vec<Notification>> {
        let mut rows = Vec::new();
        let mut bytes = 0;
        while rows.len() < PAGE as usize && bytes < BATCH_BYTES {
            let Some(line) = self.next().await? else { break };
            bytes += line.len();
            if line.trim_ascii().is_empty() {
                continue;
            }
            rows.push(serde_json::from_slice(&line).map_err(|error| {
                Error::InvalidArgs(format!(
                    "line {} is not a notification: {error}; {inserted} rows before it are imported",
                    self.number
                ))
            })?);
        }
        Ok(rows)
    }

    async fn next(&mut self) -> Result<Option<Vec<u8>>> {
        let mut looked_at = 0;
        loop {
            let unseen = &self.rest[self.taken + looked_at..];
            if let Some(end) = unseen.iter().position(|byte| *byte == b'\n') {
                return Ok(Some(self.take(looked_at + end + 1)));
            }
            looked_at += unseen.len();
            if looked_at > LINE_BYTES {
                return Err(Error::TooLarge(format!(
                    "line {} is longer than {LINE_BYTES} bytes",
                    self.number + 1
                )));
            }
            match self.chunks.recv().await {
                Some(Ok(chunk)) => {
                    self.rest.drain(..std::mem::take(&mut self.taken));
                    self.rest.extend(chunk);
                }
                Some(Err(error)) => return Err(cannot("read", &error)),
                None if looked_at == 0 => return Ok(None),
                None => return Ok(Some(self.take(looked_at))),
            }
        }
    }

    fn take(&mut self, length: usize) -> Vec<u8> {
        let from = self.taken;
        self.taken += length;
        self.number += 1;
        self.rest[from..self.taken].to_vec()
    }
}

fn permit() -> Result<SemaphorePermit<'static>> {
    TRANSFERS.try_acquire().map_err(|_| {
        Error::Unavailable(format!(
            "{AT_ONCE} exports and imports are running already; try again when one has ended"
        ))
    })
}

fn cannot(what: &str, error: &io::Error) -> Error {
    Error::Unavailable(format!("cannot {what} the file descriptor of the call: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(chunks: &[&[u8]]) -> Lines {
        let (sender, receiver) = mpsc::channel(chunks.len().max(1));
        for chunk in chunks {
            sender.try_send(Ok(chunk.to_vec())).unwrap();
        }
        Lines { chunks: receiver, rest: Vec::new(), taken: 0, number: 0 }
    }

    #[tokio::test]
    async fn lines_are_found_however_the_bytes_arrive() {
        let mut lines = lines(&[b"on", b"e\ntwo\n\nfo", b"ur"]);
        let mut found = Vec::new();
        while let Some(line) = lines.next().await.unwrap() {
            found.push(String::from_utf8(line).unwrap());
        }
        assert_eq!(found, ["one\n", "two\n", "\n", "four"]);
    }

    #[tokio::test]
    async fn a_batch_ends_before_it_fills_the_memory() {
        let row = Notification { body: "x".repeat(BATCH_BYTES / 2), ..Notification::default() };
        let long = serde_json::to_string(&row).unwrap() + "\n";
        let chunks: Vec<&[u8]> = std::iter::repeat_n(long.as_bytes(), 6).collect();
        let mut lines = lines(&chunks);
        let rows = lines.batch(0).await.unwrap();
        assert!(rows.len() <= 2, "{} rows of 2 MiB", rows.len());
    }

    #[tokio::test]
    async fn a_line_without_end_is_refused() {
        let long = vec![b'x'; LINE_BYTES + 1];
        let refused = lines(&[&long]).next().await;
        assert!(matches!(refused, Err(Error::TooLarge(_))), "it would fill the memory");
    }
}
