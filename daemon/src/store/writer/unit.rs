use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rusqlite::Connection;
use tidings_api::Millis;

use super::effects::Effects;
use crate::dispatch::opt_out::OptOuts;
use crate::dispatch::outbound::rules::OutboundRules;
use crate::dispatch::rules::PopupRules;
use crate::inbox::Facets;
use crate::model::{Candidate, NotificationId, PopupOrder, Reason, SourceId};
use crate::store::error::StoreError;
use crate::store::table::facets::{self, Held};
use crate::store::table::opt_out;
use crate::store::table::remote_mark;
use crate::store::table::source::{self, Source};

/// A new occurrence that waits for the popup policy.
#[derive(Debug)]
pub(super) struct Fresh {
    pub(super) candidate: Candidate,
    pub(super) occurrence: i64,
    /// How many snoozes of this occurrence have ended.
    pub(super) wake: i64,
    /// It came without identity, and may be an echo.
    pub(super) provisional: bool,
    /// The targets that the poster named, if it named any.
    pub(super) named: Option<Vec<String>>,
    /// When somebody would have been told, by target, that the occurrence before this one is still unread.
    pub(super) escalations: BTreeMap<String, Millis>,
    /// Complete but for the id of its delivery.
    pub(super) popup: PopupOrder,
}

/// How a transaction is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Attempt {
    /// Without savepoints: nearly always nothing fails.
    Fast,
    /// With a savepoint for each step.
    Careful,
}

/// One request at work inside the group's transaction: the connection, the time, and what it will set off.
pub(in crate::store) struct Unit<'a> {
    pub(super) conn: &'a Connection,
    pub(super) now: Millis,
    pub(super) sources: &'a mut HashMap<SourceId, Source>,
    /// What the user does not want where.
    pub(super) opt_outs: &'a mut OptOuts,
    /// What the configuration says about popups at this moment.
    pub(super) rules: Arc<PopupRules>,
    /// What it says about targets and routes.
    pub(super) outbound: Arc<OutboundRules>,
    pub(super) effects: Effects,
    pub(super) fresh: Vec<Fresh>,
    /// Events that could not be stored.
    pub(super) refused_events: u64,
    pub(super) attempt: Attempt,
    /// Something of a failed step is left in the transaction: it must not be committed.
    pub(super) spoilt: bool,
}

impl Unit<'_> {
    /// Runs a step so that, when it fails, nothing of it remains and the rest goes on.
    ///
    /// Savepoints make the full-text index write out what it has gathered at each of them, which costs most of the
    /// throughput. So the first attempt at a transaction goes without; where a step fails after it has changed
    /// something, the transaction is spoilt and tried again with savepoints.
    pub(super) fn isolated(
        &mut self,
        step: impl FnOnce(&mut Self) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let effects = std::mem::take(&mut self.effects);
        let waiting = self.fresh.len();
        let changes = self.conn.total_changes();
        self.savepoint("SAVEPOINT step")?;
        let outcome = step(self);
        let of_step = std::mem::replace(&mut self.effects, effects);
        if outcome.is_ok() {
            self.savepoint("RELEASE step")?;
            self.merge(of_step)?;
            return outcome;
        }
        self.fresh.truncate(waiting);
        match self.attempt {
            Attempt::Fast => self.spoilt |= self.conn.total_changes() != changes,
            Attempt::Careful => {
                self.savepoint("ROLLBACK TO step")?;
                self.savepoint("RELEASE step")?;
                *self.sources = source::all(self.conn)?;
                self.opt_outs.replace(opt_out::all(self.conn)?);
            }
        }
        outcome
    }

    fn savepoint(&self, sql: &str) -> Result<(), StoreError> {
        match self.attempt {
            Attempt::Fast => {}
            Attempt::Careful => drop(self.conn.prepare_cached(sql)?.execute([])?),
        }
        Ok(())
    }

    /// Adds the effects of a step.
    pub(super) fn merge(&mut self, later: Effects) -> Result<(), StoreError> {
        super::admit::suppress(self.conn, self.effects.merge(later))
    }

    /// A source that is registered.
    pub(super) fn source(&self, id: SourceId) -> Result<&Source, StoreError> {
        self.sources
            .get(&id)
            .ok_or_else(|| StoreError::Invalid(format!("source {}: not registered", id.0)))
    }

    /// The state of a row that must be there.
    pub(super) fn held(&self, id: NotificationId) -> Result<Held, StoreError> {
        facets::find(self.conn, id)?
            .ok_or_else(|| StoreError::Invalid(format!("notification {}: does not exist", id.0)))
    }

    /// Stores the new state of a row with all that follows from it but the mark for its server.
    pub(super) fn set_facets(&mut self, row: &Held, after: &Facets) -> Result<(), StoreError> {
        facets::store(self.conn, row.id, &row.facets, after)?;
        self.effects.counts.note(row.source, Some(&row.facets), Some(after));
        if after.settled() && !row.facets.settled() {
            self.effects.close.push((row.id, reason(after)));
        }
        // What was deleted while it was snoozed is due again when it comes back.
        if let Some(until) = after.snoozed_until
            && after.deleted_at.is_none()
        {
            self.effects.due(until);
        }
        match (row.facets.deleted_at, after.deleted_at) {
            (None, Some(_)) => self.effects.removed.push(row.id),
            (Some(_), None) => self.effects.added.push(row.id),
            (None, None) | (Some(_), Some(_)) => self.effects.updated.push(row.id),
        }
        Ok(())
    }

    /// Queues what the server does not know yet of what was done with a row here. The newest mark wins; what the server
    /// never had cancels out.
    pub(super) fn queue_mark(&mut self, row: &Held, read: bool) -> Result<(), StoreError> {
        let source = self.source(row.source)?;
        // After a reset of the server's database this remote id means another notification there.
        let of_past_epoch = row.remote && row.epoch != source.epoch;
        if !source.marking.is_sent() || of_past_epoch {
            return Ok(());
        }
        if !read && !source.marking.is_taken_back() {
            // Nothing can tell the server: what was not sent yet is dropped, and the rest stays as it is there.
            return Ok(remote_mark::remove(self.conn, row.id)?);
        }
        match remote_mark::find(self.conn, row.id)? {
            Some(mark) if mark.read == read => return Ok(()),
            Some(mark) if mark.attempts == 0 && row.remote_read == read => {
                remote_mark::remove(self.conn, row.id)?;
            }
            None if row.remote_read == read => {}
            Some(_) | None => {
                remote_mark::put(self.conn, row.id, row.source, read, self.now)?;
                self.effects.mark(row.source);
            }
        }
        Ok(())
    }
}

/// Why a settled row needs no popup.
const fn reason(settled: &Facets) -> Reason {
    if settled.deleted_at.is_some() || settled.retracted_at.is_some() {
        Reason::Gone
    } else if settled.snoozed_until.is_some() {
        Reason::Snoozed
    } else {
        Reason::Read
    }
}
