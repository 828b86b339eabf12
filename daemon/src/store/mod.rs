//! The SQLite inbox: one writer thread with group commit, separate readers, every effect after its commit.

mod answer;
mod call;
mod counters;
mod cursor;
mod deliveries;
mod error;
mod explain;
mod open;
mod query;
mod reader;
mod search;
mod statistics;
mod table;
#[cfg(test)]
mod tests;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, mpsc as std_mpsc};

use tidings_api::names::LOCAL_SOURCE;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

pub use self::answer::{
    Claimed, Counts, DeliveryEnd, DeliveryPage, Due, Grouping, KnownRow, NAMED_OUTBOUND, Outbound,
    OutboundEnd, OutboundOrder, Page, Pause, PendingMark, Present, Provisional, QuietRecord,
    Retention, SummaryOf, SummaryOrder, TargetFigures, Triage, Unconfirmed, WantedMarks,
};
pub use self::call::OutboundWish;
pub use self::error::{OpenError, StoreError};
use self::reader::{Question, Reader};
use self::writer::{Call, Durability, Message, Unit, Writer};
use crate::clock::Clock;
use crate::dispatch::admission::Admission;
use crate::dispatch::opt_out::OptOuts;
use crate::model::{Batch, Committed, Incoming, Marking, NotificationId, SourceId, SourceRecord};

/// Requests that wait for the writer; beyond them callers wait too.
const QUEUE: usize = 1_024;

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
    opt_outs: watch::Receiver<Arc<OptOuts>>,
    local: SourceId,
    refused_events: Arc<AtomicU64>,
    path: PathBuf,
    /// Figures are counted one call after the other, so that name lookups have a thread left.
    counting: Arc<Semaphore>,
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
        let local = table::source::register(
            &opened.writer,
            LOCAL_SOURCE,
            LOCAL_SOURCE,
            Marking::Nothing,
            "",
        )
        .map_err(|error| failed(error.to_string()))?
        .id;
        let (committed, receiver) = mpsc::unbounded_channel();
        let (writer, counts) = Writer::new(opened.writer, opened.lock, clock, admission, committed)
            .map_err(|error| failed(error.to_string()))?;
        let refused_events = writer.refused_events();
        let opt_outs = writer.follow_opt_outs();
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
        let path = path.to_owned();
        let shared = Shared {
            writer: to_writer,
            reader: to_reader,
            counts,
            opt_outs,
            local,
            refused_events,
            path,
            counting: Arc::new(Semaphore::new(1)),
        };
        Ok((Self { shared: Arc::new(shared) }, receiver))
    }

    /// Finds or creates the source's row. `server` is the host and port that it comes from, empty where there is none. Marks
    /// that wait are dropped where they were meant for another server, or are not wanted any more; another kind begins anew.
    pub async fn register_source(
        &self,
        name: &str,
        kind: &str,
        marking: Marking,
        server: &str,
    ) -> Result<SourceRecord, StoreError> {
        let (name, kind, server) = (name.to_owned(), kind.to_owned(), server.to_owned());
        let register =
            move |unit: &mut Unit<'_>| unit.register_source(&name, &kind, marking, &server);
        self.write(Durability::Normal, register).await
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
