//! The SQLite inbox: one writer thread with group commit, separate readers, every effect after its commit.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tidings_api::{Dict, Filter, Millis, Notification, StateChange};
use tokio::sync::mpsc;

use crate::clock::Clock;
use crate::dispatch::admission::Admission;
use crate::model::{
    Batch, Committed, Incoming, NotificationId, PopupOrder, SourceId, SourceRecord,
};

/// Why the database could not be opened. The file is never touched in these cases.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Written by a newer Tidings.
    #[error(
        "{path}: written by a newer Tidings (schema {found}, this program knows {known}); the file is left as it is. Run the newer version, or move the file away to start afresh"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: usize,
        /// Ours.
        known: usize,
    },
    /// Not a database, or damaged.
    #[error(
        "{path}: damaged or not a Tidings database ({detail}); the file is left as it is. Restore a backup, or move the file away to start afresh"
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// SQLite's words.
        detail: String,
    },
    /// Another daemon has it.
    #[error("{path}: in use by another tidingsd; end that one first")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// Anything else.
    #[error("{path}: {detail}")]
    Other {
        /// The file.
        path: PathBuf,
        /// What happened.
        detail: String,
    },
}

/// Why a call to the store failed; nothing of it was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// SQLite's words: disk full, I/O error.
    #[error("the inbox could not be written or read: {0}")]
    Database(String),
    /// The cursor, token or id is not one of ours.
    #[error("{0}")]
    Invalid(String),
    /// The daemon is shutting down.
    #[error("the inbox is closed: the daemon is shutting down")]
    Closed,
}

/// Absolute counters, kept by the writer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Unread in the inbox.
    pub unread: u32,
    /// Unseen in the inbox.
    pub unseen: u32,
    /// Unread by source name; absent = 0.
    pub unread_by_source: BTreeMap<String, u32>,
    /// Grows with every commit.
    pub revision: u64,
}

/// One page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Newest first.
    pub rows: Vec<Notification>,
    /// Where the next page starts; empty = the end.
    pub next: String,
    /// The revision the page belongs to.
    pub revision: u64,
}

/// The result of a triage call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Triage {
    /// The rows that really changed.
    pub changed: Vec<NotificationId>,
    /// How many (the only figure for bulk calls, where `changed` stays empty).
    pub count: u32,
    /// Takes it back; 0 = nothing to take back.
    pub undo: u64,
}

/// A known row, for a source that compares it with its server's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownRow {
    /// Our row.
    pub id: NotificationId,
    /// Read here.
    pub read: bool,
    /// Deleted here.
    pub deleted: bool,
    /// A mark of ours is on its way to the server.
    pub mark_pending: bool,
    /// Content, to notice that a server's database was reset.
    pub title: String,
    /// Content.
    pub body: String,
}

/// A row that came without identity and waits for the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provisional {
    /// Our row.
    pub id: NotificationId,
    /// Content to match by.
    pub title: String,
    /// Content to match by.
    pub body: String,
    /// When its frame came.
    pub received_at: Millis,
}

/// A mark made here that the server has not confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingMark {
    /// Our row.
    pub id: NotificationId,
    /// The server's identity.
    pub remote_id: String,
    /// Read, or unread again.
    pub read: bool,
    /// How often it was sent in vain.
    pub attempts: u32,
}

/// What a summary popup tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryOrder {
    /// The claimed deliveries; their outcome is recorded under this token.
    pub claim: i64,
    /// Name of the source.
    pub source: String,
    /// How many notifications.
    pub count: u32,
    /// The newest ones, newest first, at most three.
    pub newest: Vec<Notification>,
}

/// Deliveries that fell due and are claimed now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// One popup each.
    pub popups: Vec<PopupOrder>,
    /// One popup a source.
    pub summaries: Vec<SummaryOrder>,
    /// When the next delivery falls due.
    pub next_at: Option<Millis>,
}

/// How a claimed delivery ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryEnd {
    /// The popup server took it.
    Delivered,
    /// Not now; again then. For a popup server that is absent.
    Retry(Millis),
    /// Never.
    Failed(String),
}

/// What is claimed: one popup's delivery, or all deliveries of a summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// [`PopupOrder::delivery_id`].
    Popup(i64),
    /// [`SummaryOrder::claim`].
    Summary(i64),
}

/// Retention by age and by count; `None` = unlimited. Saved rows are exempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Milliseconds.
    pub max_age: Option<Millis>,
    /// Rows.
    pub max_count: Option<u64>,
}

/// The inbox. Cheap to clone; every call returns after its commit.
#[derive(Clone, Debug)]
pub struct Store {}

#[expect(
    unused_variables,
    clippy::unimplemented,
    clippy::unused_async,
    missing_docs,
    reason = "skeleton"
)]
impl Store {
    /// Opens or creates the database. The receiver gets every committed transaction, in order; it must be drained.
    pub fn open(
        path: &Path,
        clock: Clock,
        admission: Admission,
    ) -> Result<(Self, mpsc::UnboundedReceiver<Committed>), OpenError> {
        unimplemented!()
    }
    /// Finds or creates the source's row.
    pub async fn register_source(
        &self,
        name: &str,
        kind: &str,
        syncs_read_state: bool,
    ) -> Result<SourceRecord, StoreError> {
        unimplemented!()
    }
    /// Commits a batch of a remote source (`synchronous = NORMAL`: what is lost to a power cut is replayed from the marker).
    pub async fn ingest(&self, source: SourceId, batch: Batch) -> Result<(), StoreError> {
        unimplemented!()
    }
    /// Commits local posts durably (`synchronous = FULL`), all or none.
    pub async fn post(&self, posts: Vec<Incoming>) -> Result<Vec<NotificationId>, StoreError> {
        unimplemented!()
    }
    /// Retracts what was posted locally under the key. Returns how many rows.
    pub async fn withdraw(&self, key: &str) -> Result<u32, StoreError> {
        unimplemented!()
    }
    pub async fn set_state(
        &self,
        ids: Vec<NotificationId>,
        change: StateChange,
    ) -> Result<Triage, StoreError> {
        unimplemented!()
    }
    pub async fn set_state_where(
        &self,
        filter: Filter,
        up_to: NotificationId,
        change: StateChange,
    ) -> Result<Triage, StoreError> {
        unimplemented!()
    }
    pub async fn delete(&self, ids: Vec<NotificationId>) -> Result<Triage, StoreError> {
        unimplemented!()
    }
    pub async fn delete_where(
        &self,
        filter: Filter,
        up_to: NotificationId,
    ) -> Result<Triage, StoreError> {
        unimplemented!()
    }
    pub async fn undo(&self, token: u64) -> Result<u32, StoreError> {
        unimplemented!()
    }
    /// Sets `acted_at`, `read_at` and `seen_at`.
    pub async fn acted(&self, id: NotificationId) -> Result<(), StoreError> {
        unimplemented!()
    }

    pub async fn list(
        &self,
        filter: Filter,
        cursor: String,
        limit: u32,
    ) -> Result<Page, StoreError> {
        unimplemented!()
    }
    pub async fn get(&self, ids: Vec<NotificationId>) -> Result<Vec<Notification>, StoreError> {
        unimplemented!()
    }
    pub async fn count(&self, filter: Filter) -> Result<u32, StoreError> {
        unimplemented!()
    }
    /// Arrival and every delivery of a row, as `Explain` answers it.
    pub async fn explain(&self, id: NotificationId) -> Result<Vec<Dict>, StoreError> {
        unimplemented!()
    }
    /// The unique bus name that posted a row, if it was posted locally.
    pub async fn poster(&self, id: NotificationId) -> Result<Option<String>, StoreError> {
        unimplemented!()
    }
    /// Counters without a query.
    #[must_use]
    pub fn counts(&self) -> Counts {
        unimplemented!()
    }

    pub async fn known(
        &self,
        source: SourceId,
        remote_ids: Vec<String>,
    ) -> Result<BTreeMap<String, KnownRow>, StoreError> {
        unimplemented!()
    }
    /// Provisional rows, oldest first.
    pub async fn provisionals(&self, source: SourceId) -> Result<Vec<Provisional>, StoreError> {
        unimplemented!()
    }
    /// Remote ids of this epoch that are unread here (and not deleted), oldest first.
    pub async fn unread_remote_ids(&self, source: SourceId) -> Result<Vec<String>, StoreError> {
        unimplemented!()
    }
    /// The newest remote id of this epoch by insertion, with its content.
    pub async fn pending_marks(
        &self,
        source: SourceId,
        limit: u32,
    ) -> Result<Vec<PendingMark>, StoreError> {
        unimplemented!()
    }
    /// How many marks wait, those of provisional rows included.
    pub async fn pending_mark_count(&self, source: SourceId) -> Result<u32, StoreError> {
        unimplemented!()
    }
    /// The server has them: they leave the queue, unless the user has changed their mind meanwhile.
    pub async fn marks_confirmed(
        &self,
        source: SourceId,
        marks: Vec<PendingMark>,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }
    /// Sent, yet the server does not show it: one attempt more.
    pub async fn marks_attempted(
        &self,
        source: SourceId,
        marks: Vec<PendingMark>,
    ) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// Claims what is due on the desktop. Rows that were read, deleted or expired meanwhile are suppressed instead.
    /// With `waiting_for_server` also those that wait only because no popup server was running.
    pub async fn claim_due(&self, waiting_for_server: bool) -> Result<Due, StoreError> {
        unimplemented!()
    }
    /// Records how claimed deliveries ended.
    pub async fn record(&self, ends: Vec<(Claimed, DeliveryEnd)>) -> Result<(), StoreError> {
        unimplemented!()
    }

    /// One bounded step of retention; `true` = there is more to do.
    pub async fn retain(&self, retention: Retention) -> Result<bool, StoreError> {
        unimplemented!()
    }
    /// Rows after `after` in order of id, for an export.
    pub async fn export_page(
        &self,
        after: NotificationId,
        limit: u32,
    ) -> Result<Vec<Notification>, StoreError> {
        unimplemented!()
    }
    /// Inserts exported rows that are not there yet; returns how many were.
    pub async fn import(&self, rows: Vec<Notification>) -> Result<u64, StoreError> {
        unimplemented!()
    }
    /// Size of the file and the like, for `Stats`.
    pub async fn facts(&self) -> Result<Dict, StoreError> {
        unimplemented!()
    }
    /// Finishes what is queued, checkpoints and closes.
    pub async fn close(self) {
        unimplemented!()
    }
}
