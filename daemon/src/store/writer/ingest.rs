//! What a source says, event by event, with its resume marker.

use tidings_api::StateChange;

use super::unit::Unit;
use crate::model::{
    Batch, Event, Incoming, Marking, NotificationId, Reason, SourceId, SourceRecord,
};
use crate::store::error::StoreError;
use crate::store::table::encode::clean;
use crate::store::table::facets::{self, Held};
use crate::store::table::thread_end::ThreadEnded;
use crate::store::table::{
    notification, remote_mark, retraction, source, superseded, unknown_event,
};

impl Unit<'_> {
    /// Applies a batch. One bad event fails alone; the others and the marker are stored.
    pub(in crate::store) fn ingest(
        &mut self,
        id: SourceId,
        batch: &Batch,
    ) -> Result<(), StoreError> {
        let name = self.source(id)?.name.clone();
        for event in &batch.events {
            let outcome = self.isolated(|unit| unit.event(id, event));
            if self.spoilt || self.conn.is_autocommit() {
                // Tried again with savepoints; or the transaction is gone, as when the disk is full.
                return outcome.and(Err(StoreError::Closed));
            }
            if let Err(error) = outcome {
                tracing::warn!(source = %name, %error, "an event could not be stored and is left out");
                self.refused_events += 1;
            }
        }
        if let Some(marker) = &batch.marker {
            source::set_marker(self.conn, id, &clean(marker))?;
        }
        if batch.caught_up {
            source::set_first_connected(self.conn, id, self.now)?;
        }
        Ok(())
    }

    /// Finds or creates a source. Where it is another one now than it was, what waits for the old one is dropped.
    pub(in crate::store) fn register_source(
        &mut self,
        name: &str,
        kind: &str,
        marking: Marking,
        server: &str,
    ) -> Result<SourceRecord, StoreError> {
        let name = clean(name);
        if let Some(before) = source::find(self.conn, &name)? {
            if before.is_another(kind) {
                self.new_epoch(before.id)?;
                source::begin_anew(self.conn, before.id)?;
            }
            if before.is_another(kind) || before.loses_marks(marking, server) {
                remote_mark::drop_all(self.conn, before.id)?;
            }
        }
        let record = source::register(self.conn, &name, kind, marking, server)?;
        *self.sources = source::all(self.conn)?;
        Ok(record)
    }

    fn event(&mut self, source: SourceId, event: &Event) -> Result<(), StoreError> {
        match event {
            Event::Upsert(incoming) => self.upsert(source, incoming).map(drop),
            Event::Confirm { id, incoming } => self.confirm(source, *id, incoming),
            Event::Unconfirm(ids) => self.unconfirm(ids),
            Event::DropEcho(id) => self.drop_echo(source, *id),
            Event::ReadElsewhere { remote_id, read } => match self.remote(source, remote_id)? {
                Some(row) => self.read_on_server(&row, *read),
                None => Ok(()),
            },
            Event::Retract { remote_id } => self.retract_remote(source, remote_id),
            Event::EndThread { key, how, event_id, at, arrival } => {
                let end = ThreadEnded { key, how: *how, event_id, at: *at, arrival: *arrival };
                self.end_thread(source, &end)
            }
            Event::Unknown { text } => {
                unknown_event::insert(self.conn, source, self.now, &clean(text))?;
                Ok(())
            }
            Event::NewEpoch => self.new_epoch(source),
        }
    }

    /// A provisional row turns out to be a notification of the server's list.
    fn confirm(
        &mut self,
        source: SourceId,
        id: NotificationId,
        incoming: &Incoming,
    ) -> Result<(), StoreError> {
        let epoch = self.source(source)?.epoch;
        let Some(remote_id) = incoming.remote_id.as_deref().map(clean) else {
            return Err(StoreError::Invalid(format!(
                "notification {}: confirmed without a remote id",
                id.0
            )));
        };
        let provisional = self.provisional(source, id)?;
        if let Some(listed) = notification::find_remote(self.conn, source, epoch, &remote_id)? {
            return match provisional {
                Some(echo) if echo.id != listed.id => self.drop_for(&echo, &listed),
                Some(_) | None => Ok(()),
            };
        }
        let Some(row) = provisional else {
            // The user's retention or another reconcile was faster: the list's version still counts.
            return self.upsert(source, incoming).map(drop);
        };
        notification::set_identity(self.conn, id, epoch, incoming)?;
        if row.facets.deleted_at.is_none() {
            notification::set_content(self.conn, id, incoming)?;
            self.effects.updated.push(id);
        }
        self.release(id)?;
        if remote_mark::find(self.conn, id)?.is_some() {
            self.effects.mark(source);
        }
        if incoming.read == Some(true) {
            self.read_on_server(&row, true)?;
        }
        match retraction::take(self.conn, source, epoch, &remote_id)? {
            Some(_) => self.retract(id),
            None => Ok(()),
        }
    }

    /// The echo of a frame goes; what the user did with it counts for the row that stays.
    fn drop_for(&mut self, echo: &Held, listed: &Held) -> Result<(), StoreError> {
        let mut after = listed.facets;
        if echo.facets.read_at.is_some() && after.apply(StateChange::READ, self.now) {
            self.set_facets(listed, &after)?;
            self.queue_changed_mark(listed, &after)?;
        }
        self.remove(echo)
    }

    fn unconfirm(&mut self, ids: &[NotificationId]) -> Result<(), StoreError> {
        for id in ids {
            if notification::unconfirm(self.conn, *id)? {
                self.effects.updated.push(*id);
            }
            // It stays in the inbox, so it goes where its routes lead.
            self.release(*id)?;
        }
        Ok(())
    }

    fn drop_echo(&mut self, source: SourceId, id: NotificationId) -> Result<(), StoreError> {
        match self.provisional(source, id)? {
            Some(row) => self.remove(&row),
            None => Ok(()),
        }
    }

    fn retract_remote(&mut self, source: SourceId, remote_id: &str) -> Result<(), StoreError> {
        if let Some(row) = self.remote(source, remote_id)? {
            return self.retract(row.id);
        }
        let epoch = self.source(source)?.epoch;
        retraction::insert(self.conn, source, epoch, &clean(remote_id), self.now)?;
        Ok(())
    }

    /// Takes a row back: it stays listed, its popup goes.
    pub(super) fn retract(&mut self, id: NotificationId) -> Result<(), StoreError> {
        let row = self.held(id)?;
        let mut after = row.facets;
        if after.deleted_at.is_none() && after.retract(self.now) {
            self.set_facets(&row, &after)?;
        }
        Ok(())
    }

    pub(super) fn new_epoch(&mut self, id: SourceId) -> Result<(), StoreError> {
        source::next_epoch(self.conn, id)?;
        remote_mark::drop_of_past_epoch(self.conn, id)?;
        if let Some(source) = self.sources.get_mut(&id) {
            source.epoch += 1;
        }
        Ok(())
    }

    /// Removes a row for good, with its popup.
    pub(super) fn remove(&mut self, row: &Held) -> Result<(), StoreError> {
        notification::remove(self.conn, row.id)?;
        self.effects.counts.note(row.source, Some(&row.facets), None);
        self.effects.removed.push(row.id);
        self.effects.close.push((row.id, Reason::Gone));
        Ok(())
    }

    /// The row of a remote id, or of the newest version of what it was.
    fn remote(&self, source: SourceId, remote_id: &str) -> Result<Option<Held>, StoreError> {
        let epoch = self.source(source)?.epoch;
        let remote_id = clean(remote_id);
        if let Some(row) = notification::find_remote(self.conn, source, epoch, &remote_id)? {
            return Ok(Some(row));
        }
        Ok(match superseded::find(self.conn, source, epoch, &remote_id)? {
            Some(id) => facets::find(self.conn, id)?,
            None => None,
        })
    }

    /// The row, if it is this source's and has no remote identity yet.
    fn provisional(
        &self,
        source: SourceId,
        id: NotificationId,
    ) -> Result<Option<Held>, StoreError> {
        let row = facets::find(self.conn, id)?;
        Ok(row.filter(|row| row.source == source && !row.remote))
    }
}
