//! An answer that is read line by line, however long it is.

use std::time::Duration;

use reqwest::Response;
use tidings_api::Millis;

use crate::net::dial;
use crate::net::http::call::{CallError, cause, start, unanswered};
use crate::net::http::{Http, Reply, Request, head};

/// Longest line that is taken; what is longer is passed over.
const LINE_MAX: usize = 4 * 1024 * 1024;
/// Longest time for all of it. A server that falls silent in between is given up much sooner.
const TOTAL: Duration = Duration::from_secs(1_800);
/// Most of a refusal that is read.
const REFUSAL_MAX: usize = 64 * 1024;

/// The lines of an answer, as they come.
#[derive(Debug)]
pub struct Lines {
    response: Response,
    place: String,
    buffer: Vec<u8>,
    /// Up to here the buffer holds no line end.
    searched: usize,
    /// The rest of a line that is too long is still to come.
    skipping: bool,
    ended: bool,
}

impl Http {
    /// Sends a request and answers with the lines of its answer, or with the whole answer where that is no success.
    pub async fn lines(
        &self,
        request: Request,
        now: Millis,
    ) -> Result<Result<Lines, Reply>, CallError> {
        let place = dial::place(&request.url);
        let sent = start(&self.client, request, Some(TOTAL)).await;
        let mut response = sent.map_err(|error| unanswered(&place, error))?;
        if response.status().is_success() {
            let (buffer, searched) = (Vec::new(), 0);
            return Ok(Ok(Lines {
                response,
                place,
                buffer,
                searched,
                skipping: false,
                ended: false,
            }));
        }
        let mut reply = head(response.status().as_u16(), response.headers(), now);
        while let Ok(Some(chunk)) = response.chunk().await {
            let room = REFUSAL_MAX - reply.body.len();
            reply.body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if reply.body.len() == REFUSAL_MAX {
                break;
            }
        }
        Ok(Err(reply))
    }
}

impl Lines {
    /// The next line without its end, empty ones left out; `None` = the answer is complete. An answer that breaks off is
    /// an error: what has not come may be anything.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, CallError> {
        loop {
            if let Some(line) = self.buffered() {
                if !line.is_empty() {
                    return Ok(Some(line));
                }
                continue;
            }
            if self.ended {
                let rest = std::mem::take(&mut self.buffer);
                self.searched = 0;
                let line = trimmed(rest);
                return Ok((!line.is_empty() && !self.skipping).then_some(line));
            }
            let lost = |error| CallError::Lost(format!("{}: {}", self.place, cause(error)));
            match self.response.chunk().await.map_err(lost)? {
                Some(chunk) => self.buffer.extend_from_slice(&chunk),
                None => self.ended = true,
            }
        }
    }

    /// A line that is there in full; empty for one that was too long.
    fn buffered(&mut self) -> Option<Vec<u8>> {
        let end = self.buffer[self.searched..].iter().position(|byte| *byte == b'\n');
        let Some(end) = end.map(|end| self.searched + end) else {
            self.searched = self.buffer.len();
            if self.buffer.len() > LINE_MAX {
                tracing::warn!(place = self.place, "a line of more than 4 MiB is left out");
                self.skipping = true;
                self.buffer.clear();
                self.searched = 0;
            }
            return None;
        };
        let rest = self.buffer.split_off(end + 1);
        let line = trimmed(std::mem::replace(&mut self.buffer, rest));
        self.searched = 0;
        Some(if std::mem::take(&mut self.skipping) { Vec::new() } else { line })
    }
}

fn trimmed(mut line: Vec<u8>) -> Vec<u8> {
    while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        line.pop();
    }
    line
}
