//! Sending: what came of a request, told apart by whether it can have been received.

use std::time::Duration;

use http::header::{CONTENT_TYPE, HeaderValue};
use reqwest::Response;
use tidings_api::Millis;
use tokio::time::{Instant, timeout_at};

use crate::config::Security;
use crate::net::dial;
use crate::net::guard::{self, NotPublic, Passage};
use crate::net::http::{BODY_MAX, Http, Reply, Request, head};

/// Most of an answer that is read where its status says all: a person's own server may send anything.
const GUARDED_BODY_MAX: usize = 64 * 1024;
/// And no longer than this: the status is known, and waiting for more could only lose it.
const GUARDED_BODY_WITHIN: Duration = Duration::from_secs(5);

/// Why a request has no answer. The words name host and cause, never the URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// It has certainly not been received: the host was not found, refused the connection, or could not prove by its
    /// certificate who it is.
    #[error("{0}")]
    NotSent(String),
    /// It may have been received: the connection broke or went silent before the answer was complete.
    #[error("{0}")]
    Lost(String),
}

/// Why a request to an address that somebody has typed in has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GuardedError {
    /// It leads where nothing is sent. Says why and what allows it.
    #[error("{0}")]
    Blocked(String),
    /// It leads to a public server, which could not be asked.
    #[error(transparent)]
    Call(#[from] CallError),
}

/// An answer of bounded size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// All of it.
    Whole(Reply),
    /// It is larger than what is taken: how it begins.
    TooLarge(Reply),
}

impl Http {
    /// Sends a request and reads the answer. The error names host and cause, never the URL.
    pub async fn send(&self, request: Request, now: Millis) -> Result<Reply, String> {
        self.call(request, now).await.map_err(|error| error.to_string())
    }

    /// Sends a request and reads the answer to its end; an answer that is too large or breaks off counts as lost.
    pub async fn call(&self, request: Request, now: Millis) -> Result<Reply, CallError> {
        let place = dial::place(&request.url);
        match self.answer(request, BODY_MAX, now).await? {
            Answer::Whole(reply) => Ok(reply),
            Answer::TooLarge(_) => {
                let most = BODY_MAX >> 20;
                Err(CallError::Lost(format!("{place}: the answer is larger than {most} MiB")))
            }
        }
    }

    /// Sends a request and reads so many bytes of the answer at most.
    pub async fn answer(
        &self,
        request: Request,
        most: usize,
        now: Millis,
    ) -> Result<Answer, CallError> {
        let place = dial::place(&request.url);
        let lost = |error| CallError::Lost(format!("{place}: {}", cause(error)));
        let sent = start(&self.client, request, None).await;
        let mut response = sent.map_err(|error| unanswered(&place, error))?;
        let mut reply = head(response.status().as_u16(), response.headers(), now);
        while let Some(chunk) = response.chunk().await.map_err(lost)? {
            if reply.body.len() + chunk.len() > most {
                return Ok(Answer::TooLarge(reply));
            }
            reply.body.extend_from_slice(&chunk);
        }
        Ok(Answer::Whole(reply))
    }

    /// Sends a request to a URL that is not the daemon's owner's: only over `https` to a public address, checked at the
    /// addresses that are really dialled, and past every proxy. A host that `allow_private_hosts` names is excepted, and
    /// called as any other server of the configuration is.
    ///
    /// The status is the answer: of the content only the beginning is read, and it may be missing.
    pub async fn send_guarded(
        &self,
        request: Request,
        security: &Security,
        now: Millis,
    ) -> Result<Reply, GuardedError> {
        let client = match guard::admit(&request.url, security).map_err(GuardedError::Blocked)? {
            Passage::Named => &self.client,
            Passage::Public => &self.public,
        };
        let url = request.url.clone();
        let mut response = start(client, request, None).await.map_err(|error| {
            if is_blocked(&error) {
                GuardedError::Blocked(guard::advice(&url))
            } else {
                unanswered(&dial::place(&url), error).into()
            }
        })?;
        let mut reply = head(response.status().as_u16(), response.headers(), now);
        reply.body = beginning(&mut response).await;
        Ok(reply)
    }
}

/// `within` is a limit of its own for the whole answer.
pub(super) async fn start(
    client: &reqwest::Client,
    request: Request,
    within: Option<Duration>,
) -> Result<Response, reqwest::Error> {
    let Request { method, url, mut headers, body } = request;
    let mut call = client.request(method, url);
    if let Some(within) = within {
        call = call.timeout(within);
    }
    let Some((content_type, body)) = body else { return call.headers(headers).send().await };
    headers.entry(CONTENT_TYPE).or_insert(HeaderValue::from_static(content_type));
    call.headers(headers).body(body).send().await
}

async fn beginning(response: &mut Response) -> Vec<u8> {
    let mut body = Vec::new();
    let enough = Instant::now() + GUARDED_BODY_WITHIN;
    while let Ok(Ok(Some(chunk))) = timeout_at(enough, response.chunk()).await {
        let room = GUARDED_BODY_MAX - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if body.len() == GUARDED_BODY_MAX {
            break;
        }
    }
    body
}

/// A request leaves when the connection stands, TLS included; what fails before is certain.
pub(super) fn unanswered(place: &str, error: reqwest::Error) -> CallError {
    let certain = error.is_connect() || error.is_builder();
    let why = format!("{place}: {}", cause(error));
    if certain { CallError::NotSent(why) } else { CallError::Lost(why) }
}

/// Whether the name had no address that may be dialled.
fn is_blocked(error: &reqwest::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if inner.is::<NotPublic>() {
            return true;
        }
        source = inner.source();
    }
    false
}

/// The innermost cause in words: reqwest's own words are "error sending request".
pub(super) fn cause(error: reqwest::Error) -> String {
    if error.is_timeout() {
        let missing = if error.is_connect() { "connection" } else { "answer" };
        return format!("no {missing} in time");
    }
    let error = error.without_url();
    let mut innermost: &dyn std::error::Error = &error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests;
