//! The SQLite inbox: one writer thread with group commit, separate readers, every effect after its commit.

mod answer;
mod counters;
mod cursor;
mod error;
mod open;
mod query;
mod reader;
mod search;
mod table;
#[cfg(test)]
mod tests;
mod writer;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc as std_mpsc};

use tidings_api::{Dict, Filter, Notification, StateChange, View, names::LOCAL_SOURCE};
use tokio::sync::{mpsc, oneshot, watch};

pub use self::answer::{
    Claimed, Counts, DeliveryEnd, Due, KnownRow, Page, PendingMark, Provisional, Retention,
    SummaryOrder, Triage, WantedMarks,
};
use self::cursor::Cursor;
pub use self::error::{OpenError, StoreError};
use self::reader::{Question, Reader};
use self::writer::{Bulk, Call, Durability, Message, STEP, Triaged, Unit, Writer};
use crate::clock::Clock;
use crate::dispatch::admission::Admission;
use crate::model::{Batch, Committed, Incoming, NotificationId, SourceId, SourceRecord};

/// Requests that wait for the writer; beyond them callers wait too.
const QUEUE: usize = 1_024;
/// Imported rows of one transaction.
const IMPORT_STEP: usize = 1_000;

/// The inbox. Cheap to clone; every call returns after its commit.
#[derive(Clone, Debug)]
pub struct Store {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    writer: mpsc::Sender<Message>,
    reader: std_mpsc::Sender<Option<Question>>,
    counts: watch::Receiver<Counts>,
    local: SourceId,
    refused_events: Arc<AtomicU64>,
}

impl Store {
    /// Opens or creates the database. The receiver gets every transaction with something to tell, and must be drained.
    pub fn open(
        path: &Path,
        clock: Clock,
        admission: Admission,
    ) -> Result<(Self, mpsc::UnboundedReceiver<Committed>), OpenError> {
        let failed = |detail: String| OpenError::Other { path: path.to_owned(), detail };
        let opened = open::open(path)?;
        let local = table::source::register(&opened.writer, LOCAL_SOURCE, LOCAL_SOURCE, false)
            .map_err(|error| failed(error.to_string()))?
            .id;
        let (committed, receiver) = mpsc::unbounded_channel();
        let (writer, counts) = Writer::new(opened.writer, opened.lock, clock, admission, committed)
            .map_err(|error| failed(error.to_string()))?;
        let refused_events = writer.refused_events();
        let reader = Reader::new(opened.reader, path.to_owned());
        let (to_writer, messages) = mpsc::channel(QUEUE);
        let (to_reader, questions) = std_mpsc::channel();
        let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
        thread("inbox-writer")
            .spawn(move || writer.run(messages))
            .map_err(|error| failed(error.to_string()))?;
        thread("inbox-reader")
            .spawn(move || reader.run(&questions))
            .map_err(|error| failed(error.to_string()))?;
        let shared = Shared { writer: to_writer, reader: to_reader, counts, local, refused_events };
        Ok((Self { shared: Arc::new(shared) }, receiver))
    }

    /// Finds or creates the source's row.
    pub async fn register_source(
        &self,
        name: &str,
        kind: &str,
        syncs_read_state: bool,
    ) -> Result<SourceRecord, StoreError> {
        let (name, kind) = (name.to_owned(), kind.to_owned());
        self.write(Durability::Normal, move |unit| {
            unit.register_source(&name, &kind, syncs_read_state)
        })
        .await
    }

    /// Commits a batch of a remote source (`synchronous = NORMAL`: a power cut's loss is replayed from the marker).
    pub async fn ingest(&self, source: SourceId, batch: Batch) -> Result<(), StoreError> {
        self.write(Durability::Normal, move |unit| unit.ingest(source, &batch)).await
    }

    /// Commits local posts durably (`synchronous = FULL`), all or none.
    pub async fn post(&self, posts: Vec<Incoming>) -> Result<Vec<NotificationId>, StoreError> {
        let local = self.shared.local;
        self.write(Durability::Full, move |unit| unit.post(local, &posts)).await
    }

    /// Retracts what was posted locally under the key. Returns how many rows.
    pub async fn withdraw(&self, key: &str) -> Result<u32, StoreError> {
        let (local, key) = (self.shared.local, key.to_owned());
        self.write(Durability::Full, move |unit| unit.withdraw(local, &key)).await
    }

    /// Changes the state of these rows; what is unknown or deleted is left out.
    pub async fn set_state(
        &self,
        ids: Vec<NotificationId>,
        change: StateChange,
    ) -> Result<Triage, StoreError> {
        self.triage(ids, Triaged::Change(change)).await
    }

    /// Changes all rows of the filter up to the newest id that the caller has seen, in steps under one undo token.
    pub async fn set_state_where(
        &self,
        filter: Filter,
        up_to: NotificationId,
        change: StateChange,
    ) -> Result<Triage, StoreError> {
        self.triage_where(filter, up_to, Triaged::Change(change)).await
    }

    /// Deletes these rows. A tombstone stays, so that a replay does not resurrect them.
    pub async fn delete(&self, ids: Vec<NotificationId>) -> Result<Triage, StoreError> {
        self.triage(ids, Triaged::Delete).await
    }

    /// Deletes all rows of the filter up to the newest id that the caller has seen.
    pub async fn delete_where(
        &self,
        filter: Filter,
        up_to: NotificationId,
    ) -> Result<Triage, StoreError> {
        self.triage_where(filter, up_to, Triaged::Delete).await
    }

    /// Takes back one triage call, once. Returns how many rows were restored.
    pub async fn undo(&self, token: u64) -> Result<u32, StoreError> {
        let token = i64::try_from(token)
            .map_err(|_| StoreError::Invalid(format!("undo: token {token} is unknown")))?;
        let mut restored = 0;
        loop {
            let (step, more) = self.write(Durability::Full, move |unit| unit.undo(token)).await?;
            restored += step;
            if !more {
                return Ok(restored);
            }
        }
    }

    /// Sets `seen_at` for a dismissed popup; nobody takes that back, so it costs no undo token.
    pub async fn noticed(&self, ids: Vec<NotificationId>) -> Result<(), StoreError> {
        self.write(Durability::Full, move |unit| unit.noticed(&ids)).await
    }

    /// Sets `acted_at`, `read_at` and `seen_at`.
    pub async fn acted(&self, id: NotificationId) -> Result<(), StoreError> {
        self.write(Durability::Full, move |unit| unit.acted(id)).await
    }

    /// One page, newest first. With a text, newest means by id.
    pub async fn list(
        &self,
        filter: Filter,
        cursor: String,
        limit: u32,
    ) -> Result<Page, StoreError> {
        self.read(move |reader| reader.list(&filter, &cursor, limit)).await
    }

    /// The rows with these ids; unknown and deleted ones are left out.
    pub async fn get(&self, ids: Vec<NotificationId>) -> Result<Vec<Notification>, StoreError> {
        self.read(move |reader| reader.get(&ids)).await
    }

    /// How many rows the filter has.
    pub async fn count(&self, filter: Filter) -> Result<u32, StoreError> {
        match self.counted(&filter) {
            Some(count) => Ok(count),
            None => self.read(move |reader| reader.count(&filter)).await,
        }
    }

    /// Arrival and every delivery of a row, as `Explain` answers it.
    pub async fn explain(&self, id: NotificationId) -> Result<Vec<Dict>, StoreError> {
        self.read(move |reader| reader.explain(id)).await
    }

    /// The unique bus name that posted a row, if it was posted locally.
    pub async fn poster(&self, id: NotificationId) -> Result<Option<String>, StoreError> {
        self.read(move |reader| reader.poster(id)).await
    }

    /// Counters without a query.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.counts.borrow().clone()
    }

    /// The rows that these remote ids name in the source's present epoch.
    pub async fn known(
        &self,
        source: SourceId,
        remote_ids: Vec<String>,
    ) -> Result<BTreeMap<String, KnownRow>, StoreError> {
        self.read(move |reader| reader.known(source, remote_ids)).await
    }

    /// Provisional rows, oldest first.
    pub async fn provisionals(&self, source: SourceId) -> Result<Vec<Provisional>, StoreError> {
        self.read(move |reader| reader.provisionals(source)).await
    }

    /// Remote ids of this epoch that are unread here (and not deleted), oldest first.
    pub async fn unread_remote_ids(&self, source: SourceId) -> Result<Vec<String>, StoreError> {
        self.read(move |reader| reader.unread_remote_ids(source)).await
    }

    /// Marks that can be sent, oldest first.
    pub async fn pending_marks(
        &self,
        source: SourceId,
        wanted: WantedMarks,
        limit: u32,
    ) -> Result<Vec<PendingMark>, StoreError> {
        self.read(move |reader| reader.pending_marks(source, wanted, limit)).await
    }

    /// How many marks wait, those of provisional rows included.
    pub async fn pending_mark_count(&self, source: SourceId) -> Result<u32, StoreError> {
        self.read(move |reader| reader.pending_mark_count(source)).await
    }

    /// The server has them: they leave the queue, unless the user has changed their mind meanwhile.
    pub async fn marks_confirmed(
        &self,
        source: SourceId,
        marks: Vec<PendingMark>,
    ) -> Result<(), StoreError> {
        self.write(Durability::Normal, move |unit| unit.marks_confirmed(source, &marks)).await
    }

    /// Sent, yet the server does not show it: one attempt more.
    pub async fn marks_attempted(
        &self,
        source: SourceId,
        marks: Vec<PendingMark>,
    ) -> Result<(), StoreError> {
        self.write(Durability::Normal, move |unit| unit.marks_attempted(source, &marks)).await
    }

    /// Claims what is due on the desktop, and with `waiting_for_server` what waits only for a popup server. Rows that
    /// were read, deleted or expired meanwhile, or may not pop up any more, are suppressed instead.
    pub async fn claim_due(&self, waiting_for_server: bool) -> Result<Due, StoreError> {
        self.write(Durability::Normal, move |unit| unit.claim_due(waiting_for_server)).await
    }

    /// Records how claimed deliveries ended.
    pub async fn record(&self, ends: Vec<(Claimed, DeliveryEnd)>) -> Result<(), StoreError> {
        self.write(Durability::Normal, move |unit| unit.record(&ends)).await
    }

    /// One bounded step of retention; `true` = there is more to do.
    pub async fn retain(&self, retention: Retention) -> Result<bool, StoreError> {
        self.write(Durability::Normal, move |unit| unit.retain(retention)).await
    }

    /// Rows after `after` in order of id, for an export.
    pub async fn export_page(
        &self,
        after: NotificationId,
        limit: u32,
    ) -> Result<Vec<Notification>, StoreError> {
        self.read(move |reader| reader.export_page(after, limit)).await
    }

    /// Inserts exported rows that are not there yet; returns how many were.
    pub async fn import(&self, mut rows: Vec<Notification>) -> Result<u64, StoreError> {
        let mut inserted = 0;
        while !rows.is_empty() {
            let rest = rows.split_off(rows.len().min(IMPORT_STEP));
            let step = std::mem::replace(&mut rows, rest);
            inserted += self.write(Durability::Full, move |unit| unit.import(&step)).await?;
        }
        Ok(inserted)
    }

    /// Size of the file and the like, for `Stats`.
    pub async fn facts(&self) -> Result<Dict, StoreError> {
        let refused = self.shared.refused_events.load(Ordering::Relaxed);
        self.read(move |reader| reader.facts(refused)).await
    }

    /// Finishes what is queued, checkpoints and closes.
    pub async fn close(self) {
        // The reader first: the checkpoint wants the file for itself.
        let (done, reader_done) = oneshot::channel::<()>();
        let last: Question = Box::new(move |_| drop(done));
        if self.shared.reader.send(Some(last)).is_ok() {
            let _ = (self.shared.reader.send(None), reader_done.await);
        }
        let (done, writer_done) = oneshot::channel();
        if self.shared.writer.send(Message::Close(done)).await.is_ok() {
            let _ = writer_done.await;
        }
    }

    /// Filters that the writer's counters answer.
    fn counted(&self, filter: &Filter) -> Option<u32> {
        let Filter { view, source, .. } = filter;
        let plain = Filter { view: *view, source: source.clone(), ..Filter::default() };
        if *filter != plain {
            return None;
        }
        let counts = self.shared.counts.borrow();
        match (view, source) {
            (View::Unread, None) => Some(counts.unread),
            (View::Unread, Some(source)) => {
                Some(counts.unread_by_source.get(source).copied().unwrap_or_default())
            }
            (View::Unseen, None) => Some(counts.unseen),
            (View::Inbox | View::Unseen | View::Saved | View::Done | View::All, _) => None,
        }
    }

    async fn triage(
        &self,
        mut ids: Vec<NotificationId>,
        what: Triaged,
    ) -> Result<Triage, StoreError> {
        let mut bulk = Bulk::new(what);
        while !ids.is_empty() {
            let rest = ids.split_off(ids.len().min(STEP as usize));
            let step = std::mem::replace(&mut ids, rest);
            bulk =
                self.write(Durability::Full, move |unit| unit.triage(bulk.clone(), &step)).await?;
        }
        Ok(bulk.answer())
    }

    async fn triage_where(
        &self,
        filter: Filter,
        up_to: NotificationId,
        what: Triaged,
    ) -> Result<Triage, StoreError> {
        let mut bulk = Bulk::new(what);
        let mut cursor = Some(Cursor::Start);
        let mut count = 0;
        while let Some(from) = cursor {
            let filter = filter.clone();
            (bulk, cursor) = self
                .write(Durability::Full, move |unit| {
                    unit.triage_where(bulk.clone(), &filter, up_to, from)
                })
                .await?;
            count += std::mem::take(&mut bulk.changed).len();
        }
        Ok(Triage { count: u32::try_from(count).unwrap_or(u32::MAX), ..bulk.answer() })
    }

    async fn write<T, F>(&self, durability: Durability, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&mut Unit<'_>) -> Result<T, StoreError> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        let call = Call::new(durability, caller, work);
        self.shared
            .writer
            .send(Message::Request(Box::new(call)))
            .await
            .map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }

    async fn read<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&mut Reader) -> Result<T, StoreError> + Send + 'static,
    {
        let (caller, answer) = oneshot::channel();
        // A caller that has gone away needs no answer.
        let question: Question = Box::new(move |reader| drop(caller.send(work(reader))));
        self.shared.reader.send(Some(question)).map_err(|_| StoreError::Closed)?;
        answer.await.unwrap_or(Err(StoreError::Closed))
    }
}
