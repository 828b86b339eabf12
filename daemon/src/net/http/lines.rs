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
/// Lines after which others have their turn.
const TURN: u32 = 256;
/// Most of a refusal that is read.
const REFUSAL_MAX: usize = 64 * 1024;

/// The lines of an answer, as they come.
#[derive(Debug)]
pub struct Lines {
    response: Response,
    place: String,
    buffer: Vec<u8>,
    /// Where in the buffer the next line begins.
    start: usize,
    /// Up to here it holds no line end.
    searched: usize,
    /// Lines that were taken since others had their turn.
    taken: u32,
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
            return Ok(Ok(Lines {
                response,
                place,
                buffer: Vec::new(),
                start: 0,
                searched: 0,
                taken: 0,
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
                self.taken += 1;
                // All of a large answer may be there at once, and everything else waits meanwhile.
                if self.taken.is_multiple_of(TURN) {
                    tokio::task::yield_now().await;
                }
                if !line.is_empty() {
                    return Ok(Some(line));
                }
                continue;
            }
            if self.ended {
                let line = trimmed(self.buffer.split_off(self.start));
                self.buffer.clear();
                (self.start, self.searched) = (0, 0);
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
            // What was taken goes once a chunk, and not once a line.
            self.buffer.drain(..self.start);
            self.start = 0;
            if self.buffer.len() > LINE_MAX {
                tracing::warn!(place = self.place, "a line of more than 4 MiB is left out");
                self.skipping = true;
                self.buffer.clear();
            }
            self.searched = self.buffer.len();
            return None;
        };
        let line = trimmed(self.buffer[self.start..=end].to_vec());
        (self.start, self.searched) = (end + 1, end + 1);
        Some(if std::mem::take(&mut self.skipping) { Vec::new() } else { line })
    }
}

fn trimmed(mut line: Vec<u8>) -> Vec<u8> {
    while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        line.pop();
    }
    line
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Method};
    use wiremock::{Mock, MockServer, ResponseTemplate, matchers};

    use super::*;

    async fn lines_of(body: String) -> Vec<String> {
        let server = MockServer::start().await;
        let answer = ResponseTemplate::new(200).set_body_string(body);
        Mock::given(matchers::any()).respond_with(answer).mount(&server).await;
        let url = server.uri().parse().unwrap();
        let request = Request { method: Method::GET, url, headers: HeaderMap::new(), body: None };
        let http = Http::new().unwrap();
        let mut lines = http.lines(request, 0).await.unwrap().expect("a success");
        let mut all = Vec::new();
        while let Some(line) = lines.next().await.unwrap() {
            all.push(String::from_utf8(line).unwrap());
        }
        all
    }

    #[tokio::test]
    async fn lines_come_whole_wherever_the_network_cuts_them() {
        let wanted: Vec<String> = (0..20_000).map(|n| format!("line {n}")).collect();
        assert_eq!(lines_of(wanted.join("\r\n")).await, wanted, "the last one needs no end");
        assert_eq!(lines_of(wanted.join("\n\n") + "\n").await, wanted, "empty ones are left out");
        assert!(lines_of("\n".repeat(300_000)).await.is_empty());
        assert!(lines_of(String::new()).await.is_empty());
    }

    #[tokio::test]
    async fn a_line_without_an_end_hides_no_other() {
        let endless = "x".repeat(2 * LINE_MAX);
        let lines = lines_of(format!("before\n{endless}\nafter")).await;
        assert_eq!(lines, ["before", "after"]);
    }
}
