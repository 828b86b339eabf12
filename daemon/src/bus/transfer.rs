//! Export and import: the inbox as JSON lines through a file descriptor that the caller opened.

use std::fs::File;

use tidings_api::{Error, Notification, Result};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, BufWriter};
use zbus::zvariant::OwnedFd;

use crate::bus::failed;
use crate::model::NotificationId;
use crate::store::Store;

/// Rows read or written at once: bounded memory whatever the size of the inbox.
const PAGE: u32 = 500;
/// A line longer than this is not one of ours: it bounds what a wrong file can make the daemon hold.
const LINE_BYTES: usize = 4 * 1024 * 1024;

/// Writes every row that is not deleted, oldest first, one JSON object a line.
pub(super) async fn export(store: &Store, output: OwnedFd) -> Result<u64> {
    let mut output = BufWriter::new(file(output));
    let mut after = NotificationId(0);
    let mut written = 0_u64;
    loop {
        let rows = store.export_page(after, PAGE).await.map_err(failed)?;
        let Some(last) = rows.last() else { break };
        after = NotificationId(last.id);
        for row in &rows {
            let mut line = serde_json::to_vec(row)
                .map_err(|error| Error::Storage(format!("row {}: {error}", row.id)))?;
            line.push(b'\n');
            output.write_all(&line).await.map_err(|error| cannot("write", &error))?;
            written += 1;
        }
    }
    output.flush().await.map_err(|error| cannot("write", &error))?;
    Ok(written)
}

/// Reads what [`export`] wrote; rows that are already there are left alone.
pub(super) async fn import(store: &Store, input: OwnedFd) -> Result<u64> {
    let mut input = BufReader::new(file(input));
    let (mut number, mut inserted) = (0_u64, 0_u64);
    loop {
        let mut rows: Vec<Notification> = Vec::new();
        while rows.len() < PAGE as usize {
            let Some(line) = next_line(&mut input).await? else { break };
            number += 1;
            if line.trim().is_empty() {
                continue;
            }
            let row = serde_json::from_str(&line).map_err(|error| {
                Error::InvalidArgs(format!(
                    "line {number} is not a notification: {error}; {inserted} rows before it are imported"
                ))
            })?;
            rows.push(row);
        }
        if rows.is_empty() {
            return Ok(inserted);
        }
        inserted += store.import(rows).await.map_err(failed)?;
    }
}

async fn next_line(input: &mut BufReader<tokio::fs::File>) -> Result<Option<String>> {
    let mut line = Vec::new();
    loop {
        let buffer = input.fill_buf().await.map_err(|error| cannot("read", &error))?;
        if buffer.is_empty() {
            break;
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let taken = end.map_or(buffer.len(), |end| end + 1);
        line.extend_from_slice(&buffer[..taken]);
        input.consume(taken);
        if line.len() > LINE_BYTES {
            return Err(Error::TooLarge(format!("a line is longer than {LINE_BYTES} bytes")));
        }
        if end.is_some() {
            break;
        }
    }
    if line.is_empty() {
        return Ok(None);
    }
    String::from_utf8(line)
        .map(Some)
        .map_err(|_| Error::InvalidArgs("the input is not UTF-8 text".into()))
}

fn file(descriptor: OwnedFd) -> tokio::fs::File {
    let descriptor: std::os::fd::OwnedFd = descriptor.into();
    tokio::fs::File::from_std(File::from(descriptor))
}

fn cannot(what: &str, error: &std::io::Error) -> Error {
    Error::Unavailable(format!("cannot {what} the file descriptor of the call: {error}"))
}
