//! The one writer: a thread that owns the connection and commits whatever is queued as one transaction.

mod admit;
mod deliveries;
mod effects;
mod forget;
mod ingest;
mod marks;
mod opt_outs;
mod outbound;
mod post;
mod quiet;
mod records;
mod request;
mod retention;
mod route;
mod server_time;
mod thread;
mod transfer;
mod triage;
mod unit;
mod upsert;
mod wake;

use std::collections::HashMap;
use std::fs::File;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};

use self::effects::Effects;
pub(super) use self::outbound::Wanted;
pub(super) use self::request::{Call, Durability, Request};
pub(super) use self::triage::{Bulk, STEP, Triaged};
use self::unit::Attempt;
pub(super) use self::unit::Unit;
use super::answer::Counts;
use super::counters::Counters;
use super::error::StoreError;
use super::table::source::{self, Source};
use super::table::{inbox, opt_out, topic};
use crate::clock::Clock;
use crate::dispatch::admission::Admission;
use crate::dispatch::opt_out::OptOuts;
use crate::model::{Committed, SourceId};

/// Requests of one transaction at most: bounds how long the first of them waits for the last.
const GROUP: usize = 512;

/// What the writer is asked for.
pub(super) enum Message {
    /// To be done in a transaction.
    Request(Box<dyn Request>),
    /// Finish, close the file, then answer.
    Close(oneshot::Sender<()>),
}

/// The writer's state.
pub(super) struct Writer {
    conn: Connection,
    clock: Clock,
    admission: Admission,
    sources: HashMap<SourceId, Source>,
    opt_outs: OptOuts,
    counters: Counters,
    durability: Durability,
    committed: mpsc::UnboundedSender<Committed>,
    counts: watch::Sender<Counts>,
    opt_outs_told: watch::Sender<Arc<OptOuts>>,
    refused_events: Arc<AtomicU64>,
    // Declared last, so that the lock outlives the connection.
    _lock: File,
}

impl Writer {
    /// Loads what it keeps in memory. Answers the writer and where its counters can be read.
    pub(super) fn new(
        conn: Connection,
        lock: File,
        clock: Clock,
        admission: Admission,
        committed: mpsc::UnboundedSender<Committed>,
    ) -> rusqlite::Result<(Self, watch::Receiver<Counts>)> {
        let sources = source::all(&conn)?;
        let opt_outs = OptOuts::new(opt_out::all(&conn)?);
        let counters = Counters::load(&conn)?;
        let (counts, receiver) =
            watch::channel(counters.publish(&sources, inbox::revision(&conn)?));
        let writer = Self {
            conn,
            clock,
            admission,
            sources,
            opt_outs_told: watch::Sender::new(Arc::new(opt_outs.clone())),
            opt_outs,
            counters,
            durability: Durability::Full,
            committed,
            counts,
            refused_events: Arc::default(),
            _lock: lock,
        };
        Ok((writer, receiver))
    }

    /// How many events of sources could not be stored.
    pub(super) fn refused_events(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.refused_events)
    }

    /// Tells of every change of the opt-outs.
    pub(super) fn follow_opt_outs(&self) -> watch::Receiver<Arc<OptOuts>> {
        self.opt_outs_told.subscribe()
    }

    /// Works until it is told to close, or nobody can ask any more.
    pub(super) fn run(mut self, mut messages: mpsc::Receiver<Message>) {
        let mut closing = None;
        while closing.is_none() {
            let Some(first) = messages.blocking_recv() else { break };
            let mut group = Vec::new();
            let mut next = Some(first);
            while let Some(message) = next {
                match message {
                    Message::Request(request) => group.push(request),
                    Message::Close(answer) => {
                        closing = Some(answer);
                        break;
                    }
                }
                next = if group.len() < GROUP { messages.try_recv().ok() } else { None };
            }
            if !group.is_empty() {
                self.transact(group);
            }
        }
        drop(messages);
        self.close();
        if let Some(answer) = closing {
            // Whoever asked may have stopped waiting.
            let _ = answer.send(());
        }
    }

    /// One transaction for the whole group; its effects are told before its callers are answered.
    fn transact(&mut self, mut group: Vec<Box<dyn Request>>) {
        let outcome = self.commit(&mut group);
        let refused = outcome.as_ref().err().cloned();
        match outcome {
            Ok((effects, revision)) => self.publish(effects, revision),
            Err(error) => self.recover(&error),
        }
        for request in group {
            request.answer(refused.clone());
        }
    }

    fn commit(&mut self, group: &mut [Box<dyn Request>]) -> Result<(Effects, u64), StoreError> {
        let durability = group.iter().map(|request| request.durability()).max();
        self.set_durability(durability.unwrap_or_default())?;
        let remembered = self.admission.clone();
        if let Some(done) = self.attempt(group, Attempt::Fast)? {
            return Ok(done);
        }
        // What is rolled back has raised no popup.
        self.admission = remembered;
        self.conn.execute_batch("ROLLBACK")?;
        self.remember()?;
        match self.attempt(group, Attempt::Careful)? {
            Some(done) => Ok(done),
            None => Err(StoreError::Database("the transaction could not be mended".into())),
        }
    }

    /// Runs the group in one transaction. `None` = it is spoilt and must be rolled back.
    fn attempt(
        &mut self,
        group: &mut [Box<dyn Request>],
        attempt: Attempt,
    ) -> Result<Option<(Effects, u64)>, StoreError> {
        self.conn.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let mut unit = Unit {
            conn: &self.conn,
            now: self.clock.now(),
            sources: &mut self.sources,
            opt_outs: &mut self.opt_outs,
            rules: self.admission.rules(),
            outbound: self.admission.outbound_rules(),
            effects: Effects::default(),
            fresh: Vec::new(),
            refused_events: 0,
            attempt,
            spoilt: false,
        };
        for request in group {
            let refused = unit.isolated(|unit| {
                request.run(unit)?;
                unit.admit(&mut self.admission)
            });
            if self.conn.is_autocommit() {
                // Disk full and the like end the whole transaction, not only the statement.
                return Err(refused.err().unwrap_or(StoreError::Closed));
            }
            if unit.spoilt {
                return Ok(None);
            }
            if let Err(error) = refused {
                request.refuse(error);
            }
        }
        let Unit { effects, refused_events, .. } = unit;
        for ((source, name), at) in &effects.topics {
            topic::used(&self.conn, *source, name, *at)?;
        }
        let revision = if effects.visible() {
            inbox::next_revision(&self.conn)?
        } else {
            self.counts.borrow().revision
        };
        self.conn.prepare_cached("COMMIT")?.execute([])?;
        self.refused_events.fetch_add(refused_events, Ordering::Relaxed);
        Ok(Some((effects, revision)))
    }

    fn publish(&mut self, effects: Effects, revision: u64) {
        self.counters.apply(&effects.counts);
        let counts = self.counters.publish(&self.sources, revision);
        self.counts.send_if_modified(|current| {
            let differs = *current != counts;
            *current = counts;
            differs
        });
        // Before the callers are answered: nothing that was checked against older ones is shown from here on.
        if self.opt_outs_told.borrow().revision() != self.opt_outs.revision() {
            self.opt_outs_told.send_replace(Arc::new(self.opt_outs.clone()));
        }
        if let Some(committed) = effects.committed(revision) {
            // Nobody listens while the daemon shuts down.
            let _ = self.committed.send(committed);
        }
    }

    /// After a transaction that failed as a whole: what is kept in memory follows the database again.
    fn recover(&mut self, error: &StoreError) {
        tracing::error!(%error, "a transaction of the inbox failed and was rolled back");
        if !self.conn.is_autocommit()
            && let Err(error) = self.conn.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "the inbox could not roll back");
        }
        if let Err(error) = self.remember() {
            tracing::error!(%error, "the sources and opt-outs could not be read again");
        }
    }

    /// Reads again what a rolled back transaction may have left in memory.
    fn remember(&mut self) -> rusqlite::Result<()> {
        self.sources = source::all(&self.conn)?;
        self.opt_outs.replace(opt_out::all(&self.conn)?);
        Ok(())
    }

    fn set_durability(&mut self, wanted: Durability) -> Result<(), StoreError> {
        if self.durability != wanted {
            self.conn.execute_batch(wanted.pragma())?;
            self.durability = wanted;
        }
        Ok(())
    }

    fn close(self) {
        let finish = || -> rusqlite::Result<()> {
            self.conn.execute_batch("PRAGMA synchronous = FULL; PRAGMA optimize;")?;
            inbox::set_closed_cleanly(&self.conn, true)?;
            self.conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        };
        if let Err(error) = finish() {
            tracing::warn!(%error, "the inbox could not be tidied up at its close");
        }
    }
}
