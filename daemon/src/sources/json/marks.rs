//! Marks made here, on their way to the server: explicit ids, verified by the list.

use serde_json::json;

use crate::config::{Security, may_send_credentials};
use crate::net::http::Meaning;
use crate::sources::json::client::Client;
use crate::sources::json::list::Walk;
use crate::sources::json::profile::{MarkRequest, Profile, mark_context};
use crate::sources::json::reconcile::is_covered;
use crate::sources::json::spec::MARK_CHUNK_MAX;
use crate::sources::trouble::Trouble;
use crate::store::PendingMark;

/// Marks that go into one request. Never empty: an empty list means "everything" to some servers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    first: PendingMark,
    rest: Vec<PendingMark>,
}

/// Marks that were sent, and whether the server said that it took them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// The mark.
    pub(super) mark: PendingMark,
    /// `false` = the answer was an error, which some servers give after they have marked.
    pub(super) accepted: bool,
}

/// What the list says about marks that were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Verdict {
    /// The server has them.
    pub(super) confirmed: Vec<PendingMark>,
    /// The server does not have them, or nobody knows.
    pub(super) again: Vec<PendingMark>,
}

impl Chunk {
    /// Cuts marks of one sort into chunks of at most `size`.
    #[must_use]
    pub(super) fn cut(marks: Vec<PendingMark>, size: usize) -> Vec<Self> {
        let size = size.clamp(1, MARK_CHUNK_MAX);
        let mut chunks: Vec<Self> = Vec::new();
        for mark in marks {
            match chunks.last_mut() {
                Some(chunk) if chunk.rest.len() + 1 < size => chunk.rest.push(mark),
                _ => chunks.push(Self { first: mark, rest: Vec::new() }),
            }
        }
        chunks
    }

    /// The marks, at least one.
    pub(super) fn marks(&self) -> impl Iterator<Item = &PendingMark> {
        std::iter::once(&self.first).chain(&self.rest)
    }
}

/// Sends what can be sent. Marks for which the server has no request stay local and are not among the result. A request
/// that the server does not understand is told in `refused`: it must not cost the notifications.
pub(super) async fn send(
    profile: &Profile,
    client: &Client,
    security: &Security,
    marks: Vec<PendingMark>,
    refused: &mut Option<String>,
) -> Result<Vec<Sent>, Trouble> {
    let (read, unread): (Vec<_>, Vec<_>) = marks.into_iter().partition(|mark| mark.read);
    let mut sent = Vec::new();
    for (request, marks) in [(&profile.mark_read, read), (&profile.mark_unread, unread)] {
        let Some(request) = request else { continue };
        let size = if request.spec.one_by_one { 1 } else { profile.spec.mark.chunk };
        for chunk in Chunk::cut(marks, size) {
            let accepted = match send_chunk(client, security, request, &chunk).await {
                Ok(accepted) => accepted,
                Err(Trouble::Rejected(why)) => {
                    *refused = Some(why);
                    false
                }
                Err(trouble) => return Err(trouble),
            };
            sent.extend(chunk.marks().map(|mark| Sent { mark: mark.clone(), accepted }));
        }
    }
    Ok(sent)
}

/// Compares marks that were sent with the list that was read afterwards.
#[must_use]
pub(super) fn verify(sent: Vec<Sent>, walk: &Walk, absent_means_read: bool) -> Verdict {
    let mut verdict = Verdict::default();
    for Sent { mark, accepted } in sent {
        let row = walk.rows.iter().find(|row| row.id == mark.remote_id);
        let there = match row {
            Some(row) => row.read.map_or(accepted, |read| read == mark.read),
            None if absent_means_read && is_covered(&walk.coverage, &mark.remote_id) => mark.read,
            None => accepted,
        };
        if there { verdict.confirmed.push(mark) } else { verdict.again.push(mark) }
    }
    verdict
}

/// `Ok(false)` = the server failed and may have marked all the same. Being refused is trouble.
async fn send_chunk(
    client: &Client,
    security: &Security,
    request: &MarkRequest,
    chunk: &Chunk,
) -> Result<bool, Trouble> {
    let ids: Vec<_> = chunk.marks().map(|mark| json_id(&mark.remote_id)).collect();
    let (url, body) = request.render(&mark_context(&ids)).map_err(Trouble::Rejected)?;
    let url = client.url(&url)?;
    if url.origin() != request.origin {
        let why = "the id of a notification would send its mark to another server".to_owned();
        return Err(Trouble::Rejected(why));
    }
    if client.auth.spec().mode != crate::sources::json::spec::AuthMode::None {
        may_send_credentials(&url, security).map_err(Trouble::Rejected)?;
    }
    let reply = client.signed(request.method.clone(), &url, body).await?;
    match reply.meaning(client.login_path()) {
        Meaning::Content | Meaning::Html => Ok(true),
        Meaning::Redirect if request.spec.accept_redirect => Ok(true),
        Meaning::ServerFault => Ok(false),
        // One row that is gone there must not hold up the others.
        Meaning::Unexpected if request.spec.one_by_one && matches!(reply.status, 404 | 410) => {
            Ok(true)
        }
        Meaning::LoginPage
        | Meaning::Redirect
        | Meaning::Unauthorized
        | Meaning::ForbiddenCsrf
        | Meaning::Forbidden
        | Meaning::Busy
        | Meaning::Unexpected => Err(client.refused(&reply, &url)),
    }
}

/// A number where the id is one, as servers compare it with numbers.
fn json_id(id: &str) -> serde_json::Value {
    match id.parse::<i64>() {
        Ok(number) if number.to_string() == id => json!(number),
        _ => json!(id),
    }
}

#[cfg(test)]
mod tests;
