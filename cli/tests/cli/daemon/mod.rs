//! A daemon with the contract of the real one, a vector for an inbox, and a record of what it was asked.

mod inbox;
mod post;
mod service;
mod targets;

use std::sync::{Arc, Mutex, MutexGuard};

use tidings_api::{
    Delivery, DeliveryFilter, Dict, DictWriter, Filter, Notification, QuietReason, Record,
    SourceSettings, SourceStatus, TargetSettings, TargetStatus, View, names,
};
use zbus::Connection;
use zbus::object_server::SignalEmitter;

use self::inbox::Inbox;
use self::post::Post;
use self::service::{Control, Quiet, Sources};
use self::targets::Targets;
use crate::bus::Bus;

/// What the daemon holds and what it was asked. Shared, so that a restart keeps it.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) rows: Vec<Notification>,
    pub(crate) sources: Vec<SourceStatus>,
    /// Forms of sources that were added.
    pub(crate) added: Vec<SourceSettings>,
    pub(crate) targets: Vec<TargetStatus>,
    /// Forms of targets that were added.
    pub(crate) added_targets: Vec<TargetSettings>,
    pub(crate) records: Vec<Record>,
    pub(crate) deliveries: Vec<Delivery>,
    pub(crate) delivery_filters: Vec<DeliveryFilter>,
    /// JSON; empty = none.
    pub(crate) routes: String,
    /// No code can be sent.
    pub(crate) mail_is_down: bool,
    /// What is told of every notification.
    pub(crate) decisions: Vec<Dict>,
    pub(crate) stats: Vec<(&'static str, String)>,
    pub(crate) popup_server: bool,
    /// Why it is quiet.
    pub(crate) quiet: Vec<QuietReason>,
    /// Each post as it arrived: title, body, options.
    pub(crate) posts: Vec<(String, String, Dict)>,
    pub(crate) batches: Vec<Vec<Dict>>,
    pub(crate) filters: Vec<Filter>,
    pub(crate) calls: Vec<String>,
    /// Who posted last.
    pub(crate) poster: Option<String>,
    pub(crate) revision: u64,
    /// Answers of this kind come before any success.
    pub(crate) rate_limited: u32,
    /// The person chooses this before the poster has its answer.
    pub(crate) fast_click: Option<&'static str>,
    /// A call that is never answered.
    pub(crate) hangs: bool,
}

impl State {
    fn add(&mut self, mut row: Notification) -> i64 {
        row.id = self.rows.iter().map(|row| row.id).max().unwrap_or(0) + 1;
        row.source = names::LOCAL_SOURCE.into();
        row.occurrences = 1;
        row.received_at = 1_000 + row.id;
        row.first_at = row.received_at;
        row.last_at = row.received_at;
        self.revision += 1;
        let id = row.id;
        self.rows.push(row);
        id
    }

    fn selected(&self, filter: &Filter) -> Vec<Notification> {
        let mut rows: Vec<_> = self
            .rows
            .iter()
            .filter(|row| match filter.view {
                View::Inbox => row.done_at.is_none(),
                View::Unread => row.done_at.is_none() && !row.read,
                View::Unseen => row.done_at.is_none() && row.seen_at.is_none(),
                View::Saved => row.saved_at.is_some(),
                View::Snoozed => row.snoozed_until.is_some(),
                View::Done => row.done_at.is_some(),
                View::All => true,
            })
            .filter(|row| filter.source.as_ref().is_none_or(|source| *source == row.source))
            .filter(|row| filter.until.is_none_or(|until| row.last_at < until))
            .cloned()
            .collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.last_at, row.id)));
        rows
    }
}

/// The daemon on a bus; dropping its connection is its end.
#[derive(Debug)]
pub(crate) struct Daemon {
    connection: Connection,
    state: Arc<Mutex<State>>,
}

impl Daemon {
    pub(crate) async fn start(bus: &Bus) -> Self {
        Self::start_with(bus, Arc::default()).await
    }

    pub(crate) async fn start_with(bus: &Bus, state: Arc<Mutex<State>>) -> Self {
        let connection = zbus::connection::Builder::address(bus.address.as_str())
            .unwrap()
            .serve_at(names::OBJECT_PATH, Post(state.clone()))
            .unwrap()
            .serve_at(names::OBJECT_PATH, Inbox(state.clone()))
            .unwrap()
            .serve_at(names::OBJECT_PATH, Sources(state.clone()))
            .unwrap()
            .serve_at(names::OBJECT_PATH, Targets(state.clone()))
            .unwrap()
            .serve_at(names::OBJECT_PATH, Quiet(state.clone()))
            .unwrap()
            .serve_at(names::OBJECT_PATH, Control(state.clone()))
            .unwrap()
            .name(names::BUS_NAME)
            .unwrap()
            .build()
            .await
            .unwrap();
        Self { connection, state }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Leaves the bus as a daemon that is killed does, and keeps its inbox.
    pub(crate) async fn stop(self) -> Arc<Mutex<State>> {
        let state = self.state.clone();
        self.connection.close().await.unwrap();
        state
    }

    /// Stores a row and tells it.
    pub(crate) async fn receive(&self, row: Notification) -> i64 {
        let (id, revision) = {
            let mut state = self.state();
            (state.add(row), state.revision)
        };
        self.changed(revision, vec![id], vec![]).await;
        id
    }

    pub(crate) async fn changed(&self, revision: u64, added: Vec<i64>, updated: Vec<i64>) {
        let emitter = SignalEmitter::new(&self.connection, names::OBJECT_PATH).unwrap();
        Inbox::changed(&emitter, revision, added, updated, vec![]).await.unwrap();
    }

    /// Tells the poster alone that an action was chosen.
    pub(crate) async fn invoke(&self, id: i64, action: &str, reply: Option<&str>) {
        let mut details = DictWriter::default();
        details.optional("reply", reply);
        Post::invoked(&self.to_poster(), id, action, details.finish()).await.unwrap();
    }

    /// Tells the poster alone that the popup is gone.
    pub(crate) async fn close(&self, id: i64, reason: &str) {
        Post::closed(&self.to_poster(), id, reason).await.unwrap();
    }

    fn to_poster(&self) -> SignalEmitter<'static> {
        let poster = self.state().poster.clone().unwrap();
        SignalEmitter::new(&self.connection, names::OBJECT_PATH)
            .unwrap()
            .set_destination(zbus::names::UniqueName::try_from(poster).unwrap().into())
            .into_owned()
    }
}
