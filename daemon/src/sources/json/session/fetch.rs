//! Everything that is asked of the server in one go: marks out, then the list in.

use std::sync::Arc;

use tidings_api::Millis;

use crate::config::Security;
use crate::model::SourceId;
use crate::sources::json::client::Client;
use crate::sources::json::list::{self, Walk, Wanted};
use crate::sources::json::marks::{self, Sent};
use crate::sources::json::profile::Profile;
use crate::sources::json::reconcile;
use crate::sources::trouble::Trouble;
use crate::store::Store;

/// Marks that are taken out of the queue in one go.
const MARKS: u32 = 500;

/// What to ask.
pub(super) struct Job {
    pub(super) profile: Arc<Profile>,
    pub(super) client: Arc<Client>,
    pub(super) security: Security,
    pub(super) store: Store,
    pub(super) source: SourceId,
    pub(super) now: Millis,
    pub(super) retry_marks: bool,
    pub(super) wanted: Wanted,
}

/// What came back.
pub(super) struct Fetched {
    pub(super) walk: Walk,
    pub(super) unread_before: Vec<String>,
    pub(super) sent: Vec<Sent>,
    pub(super) more_marks: bool,
    /// The server does not understand the mark request, in words.
    pub(super) marks_refused: Option<String>,
    pub(super) deep: bool,
}

/// Sends marks, walks the list, and makes sure that the answer was meant for us.
pub(super) async fn run(mut job: Job) -> Result<Fetched, Trouble> {
    let mut marks_refused = None;
    let (sent, more_marks) = job.send_marks(&mut marks_refused).await?;
    job.wanted.look_for = sent.iter().map(|sent| sent.mark.remote_id.clone()).collect();
    // Asked before the list: what arrives while it is being read is not missing in it.
    let unread_before = job.store.unread_remote_ids(job.source).await?;
    let mut walk = job.walk().await?;
    if job.was_a_stranger(&walk, &unread_before).await? {
        walk = job.walk().await?;
    }
    if walk.unreadable > 0 {
        tracing::warn!(rows = walk.unreadable, "rows of the list could not be read");
    }
    let deep = job.wanted.deep;
    Ok(Fetched { walk, unread_before, sent, more_marks, marks_refused, deep })
}

impl Job {
    async fn send_marks(&self, refused: &mut Option<String>) -> Result<(Vec<Sent>, bool), Trouble> {
        if self.profile.mark_read.is_none() {
            return Ok((Vec::new(), false));
        }
        // New marks wait neither for old ones that the server refuses nor for those that it has no request for.
        let wanted = self.profile.sendable_marks(self.retry_marks);
        let waiting = self.store.pending_marks(self.source, wanted, MARKS).await?;
        let more = waiting.len() >= MARKS as usize;
        let sent =
            marks::send(&self.profile, &self.client, &self.security, waiting, refused).await?;
        Ok((sent, more))
    }

    async fn walk(&self) -> Result<Walk, Trouble> {
        list::walk(&self.profile, &self.client, &self.store, self.source, &self.wanted, self.now)
            .await
    }

    /// Some servers answer strangers with an empty list. Before that is believed, a page must show that we are known.
    /// `true` = we were not, and have signed in again: the list is to be read once more.
    async fn was_a_stranger(&self, walk: &Walk, unread_before: &[String]) -> Result<bool, Trouble> {
        let spec = &self.profile.spec;
        if spec.identity.url.is_empty() {
            return Ok(false);
        }
        let absent = spec.list.absent_means_read;
        let suspicious =
            walk.rows.is_empty() || reconcile::absent(walk, absent, unread_before).next().is_some();
        if !suspicious {
            return Ok(false);
        }
        let url = self.client.url(&spec.identity.url)?;
        let was_ready = self.client.auth.cookie(&spec.auth.session_cookie);
        self.client.proves_identity(&url).await?;
        let is_ready = self.client.auth.cookie(&spec.auth.session_cookie);
        Ok(!same(was_ready.as_ref(), is_ready.as_ref()))
    }
}

fn same(one: Option<&secrecy::SecretString>, other: Option<&secrecy::SecretString>) -> bool {
    use secrecy::ExposeSecret;
    one.map(ExposeSecret::expose_secret) == other.map(ExposeSecret::expose_secret)
}
