//! A store in a folder of its own, with a clock that stands still.

use std::sync::Arc;

use tempfile::TempDir;
use tidings_api::{Filter, Millis, Notification, View};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::dispatch::admission::Admission;
use crate::dispatch::outbound::rules::OutboundRules;
use crate::dispatch::rules::PopupRules;
use crate::model::{Arrival, Batch, Committed, Event, Incoming, Marking, NotificationId, SourceId};
use crate::store::Store;

pub(super) const NOW: Millis = 1_800_000_000_000;

pub(super) struct Fixture {
    pub(super) store: Store,
    pub(super) committed: UnboundedReceiver<Committed>,
    pub(super) clock: Clock,
    /// What the configuration says about popups.
    pub(super) rules: watch::Sender<Arc<PopupRules>>,
    /// What it says about targets and routes.
    pub(super) outbound: watch::Sender<Arc<OutboundRules>>,
    pub(super) folder: TempDir,
}

impl Fixture {
    pub(super) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        Self::of(folder)
    }

    /// A database that is there already.
    pub(super) fn of(folder: TempDir) -> Self {
        Self::open(folder, Clock::steered(NOW))
    }

    fn open(folder: TempDir, clock: Clock) -> Self {
        let path = folder.path().join("inbox.db");
        // Everything pops up: how many may at once is tested with the policy.
        let rules = PopupRules { burst: 1_000_000, ..PopupRules::default() };
        let (rules, followed) = watch::channel(Arc::new(rules));
        let (outbound, routed) = watch::channel(Arc::default());
        let admission = Admission::new(followed).with_outbound(routed);
        let (store, committed) = Store::open(&path, clock.clone(), admission).expect("opens");
        Self { store, committed, clock, rules, outbound, folder }
    }

    /// Closes and opens again.
    pub(super) async fn reopened(self) -> Self {
        self.store.close().await;
        Self::open(self.folder, self.clock)
    }

    /// A remote source that syncs its read state.
    pub(super) async fn source(&self, name: &str) -> SourceId {
        self.store.register_source(name, "json", Marking::Read, "").await.expect("registers").id
    }

    pub(super) async fn ingest(&self, source: SourceId, events: Vec<Event>) {
        let batch = Batch { events, ..Batch::default() };
        self.store.ingest(source, batch).await.expect("ingests");
    }

    pub(super) async fn post(&self, title: &str) -> NotificationId {
        self.store.post(vec![local(title)]).await.expect("posts")[0]
    }

    pub(super) async fn row(&self, id: NotificationId) -> Option<Notification> {
        self.store.get(vec![id]).await.expect("answers").pop()
    }

    /// All rows of a view, page by page.
    pub(super) async fn all(&self, filter: Filter) -> Vec<Notification> {
        let mut rows = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = self.store.list(filter.clone(), cursor, 7).await.expect("lists");
            rows.extend(page.rows);
            cursor = page.next;
            if cursor.is_empty() {
                return rows;
            }
        }
    }

    pub(super) async fn titles(&self, view: View) -> Vec<String> {
        let rows = self.all(Filter { view, ..Filter::default() }).await;
        rows.into_iter().map(|row| row.title).collect()
    }

    /// The next transaction that was told.
    pub(super) fn told(&mut self) -> Committed {
        self.committed.try_recv().expect("a transaction with effects was committed")
    }

    pub(super) fn nothing_told(&mut self) -> bool {
        self.committed.try_recv().is_err()
    }

    pub(super) fn forget_told(&mut self) {
        while self.committed.try_recv().is_ok() {}
    }
}

pub(super) fn local(title: &str) -> Incoming {
    Incoming { title: title.to_owned(), received_at: NOW, ..Incoming::default() }
}

pub(super) fn remote(remote_id: &str, title: &str) -> Incoming {
    let remote_id = Some(remote_id.to_owned());
    Incoming { remote_id, arrival: Arrival::CatchUp, read: Some(false), ..local(title) }
}

pub(super) fn upsert(incoming: Incoming) -> Event {
    Event::Upsert(Box::new(incoming))
}
