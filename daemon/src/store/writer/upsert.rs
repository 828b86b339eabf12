//! A notification comes in: as a new row, as an update of a known one, or as a replay that changes nothing.

use std::collections::BTreeMap;

use tidings_api::names::DESKTOP_TARGET;
use tidings_api::{Action, KeyMode, Millis, RemoteAction, StateChange};

use super::server_time;
use super::thread::Same;
use super::unit::{Fresh, Unit};
use crate::inbox::Facets;
use crate::model::{
    Arrival, Candidate, Incoming, Marking, NotificationId, PopupOrder, Reason, SourceId, ThreadEnd,
};
use crate::store::error::StoreError;
use crate::store::table::delivery::{self, Start};
use crate::store::table::encode::clean;
use crate::store::table::facets::{self, Held};
use crate::store::table::notification::{self, Birth};
use crate::store::table::{outbound, remote_mark, retraction, superseded};

impl Unit<'_> {
    /// Stores a notification. Answers its row.
    pub(super) fn upsert(
        &mut self,
        source: SourceId,
        incoming: &Incoming,
    ) -> Result<NotificationId, StoreError> {
        let epoch = self.source(source)?.epoch;
        if let Some(remote_id) = incoming.remote_id.as_deref().map(clean) {
            if let Some(row) = notification::find_remote(self.conn, source, epoch, &remote_id)? {
                return self.replay(&row, incoming);
            }
            if let Some(id) = superseded::find(self.conn, source, epoch, &remote_id)? {
                return Ok(id);
            }
        }
        if incoming.mode != KeyMode::New
            && !incoming.key.is_empty()
            && let Some(row) = notification::find_key(self.conn, source, &clean(&incoming.key))?
        {
            return self.update(&row, epoch, incoming);
        }
        self.insert(source, epoch, incoming)
    }

    /// What the server is known to show about a row's read state.
    pub(super) fn read_on_server(&mut self, row: &Held, read: bool) -> Result<(), StoreError> {
        if row.facets.deleted_at.is_some() || remote_mark::find(self.conn, row.id)?.is_some() {
            return Ok(());
        }
        let marking = self.source(row.source)?.marking;
        let syncs = marking.is_sent();
        let read_here = row.facets.read_at.is_some();
        let mut after = row.facets;
        // Where one "cleared" stands for read and for done, that of a row which is done here may be our own.
        let told_again = row.remote_read && marking == Marking::ReadOrDone;
        if read && !read_here && !told_again && (syncs || !row.remote_read) {
            after.apply(StateChange::READ, self.now);
        }
        // A local read that the server never had wins; one that it had was taken back there.
        if !read && read_here && syncs && row.remote_read {
            after.apply(StateChange::UNREAD, self.now);
        }
        if after != row.facets {
            self.set_facets(row, &after)?;
        }
        if row.remote_read != read {
            facets::set_remote_read(self.conn, row.id, read)?;
        }
        Ok(())
    }

    /// The same remote notification again: content follows the server silently, what was deleted stays so.
    fn replay(&mut self, row: &Held, incoming: &Incoming) -> Result<NotificationId, StoreError> {
        if row.facets.deleted_at.is_some() {
            return Ok(row.id);
        }
        if notification::set_content(self.conn, row.id, incoming)? {
            self.effects.updated.push(row.id);
        }
        // A frame says nothing reliable about being unread; only the server's list does.
        match incoming.read {
            Some(true) => self.read_on_server(row, true)?,
            Some(false) if incoming.arrival != Arrival::Live => self.read_on_server(row, false)?,
            Some(false) | None => {}
        }
        Ok(row.id)
    }

    /// The same key again, from a sender that knows what it means.
    fn update(
        &mut self,
        row: &Held,
        epoch: i64,
        incoming: &Incoming,
    ) -> Result<NotificationId, StoreError> {
        let overtaken = self.take_over_identity(row, epoch, incoming)?;
        if overtaken {
            return Ok(row.id);
        }
        let changed = notification::set_content(self.conn, row.id, incoming)?;
        if incoming.mode == KeyMode::Silent {
            if changed {
                self.effects.updated.push(row.id);
            }
            return Ok(row.id);
        }
        let occurrence = notification::add_occurrence(self.conn, row.id, incoming)?;
        remote_mark::remove(self.conn, row.id)?;
        let is_unread = row.facets.read_at.is_none();
        // A fault that is reported again and again must not put off the moment at which somebody is told of it.
        let escalations = if is_unread && !self.outbound.targets.is_empty() {
            outbound::escalations(self.conn, row.id)?
        } else {
            BTreeMap::new()
        };
        delivery::overtake(self.conn, row.id)?;
        let mut after = row.facets;
        if self.thread_is_muted(row.source, &incoming.key)? {
            after.occur_muted();
        } else {
            after.occur();
        }
        let ended = self.thread_had_ended(row.source, epoch, incoming, Same::Continues)?;
        if incoming.read == Some(true) || ended.is_some() {
            after.apply(StateChange::READ, self.now);
        }
        if ended == Some(ThreadEnd::Deleted) {
            after.retract(self.now);
        }
        self.set_facets(row, &after)?;
        let source = row.source;
        self.await_admission(source, row.id, occurrence, incoming, after.read_at, escalations)?;
        Ok(row.id)
    }

    /// Gives the row the newest remote id and remembers the one before. `true` = the row is newer than this version.
    fn take_over_identity(
        &mut self,
        row: &Held,
        epoch: i64,
        incoming: &Incoming,
    ) -> Result<bool, StoreError> {
        let Some(remote_id) = incoming.remote_id.as_deref().map(clean) else { return Ok(false) };
        let known = notification::identity(self.conn, row.id)?;
        let overtaken = incoming.sent.as_ref().is_some_and(|sent| {
            server_time::sent_at(&known, sent.at, self.now)
                .is_some_and(|known| server_time::is_before(sent.at, known, incoming.arrival))
        });
        if overtaken {
            superseded::insert(self.conn, row.source, epoch, &remote_id, row.id)?;
            return Ok(true);
        }
        if let Some(remote_id) = known.remote_id {
            superseded::insert(self.conn, row.source, known.epoch, &remote_id, row.id)?;
        }
        notification::set_identity(self.conn, row.id, epoch, incoming)?;
        Ok(false)
    }

    fn insert(
        &mut self,
        source: SourceId,
        epoch: i64,
        incoming: &Incoming,
    ) -> Result<NotificationId, StoreError> {
        let taken_back = match incoming.remote_id.as_deref().map(clean) {
            Some(remote_id) => retraction::take(self.conn, source, epoch, &remote_id)?,
            None => None,
        };
        if !incoming.key.is_empty() && self.source(source)?.marking.is_for_threads() {
            // A thread that goes on is not dealt with, though an earlier row of it was: it has been deleted here.
            remote_mark::drop_of_thread(self.conn, source, &clean(&incoming.key))?;
        }
        let ended = self.thread_had_ended(source, epoch, incoming, Same::Ended)?;
        let deleted_at = (ended == Some(ThreadEnd::Deleted)).then_some(self.now);
        let retracted_at = taken_back.or(deleted_at);
        let read_at = (incoming.read == Some(true) || ended.is_some()).then_some(self.now);
        let birth = Birth { source, epoch, read_at, retracted_at };
        let id = notification::insert(self.conn, birth, incoming)?;
        let facets = Facets { seen_at: read_at, read_at, retracted_at, ..Facets::default() };
        self.effects.counts.note(source, None, Some(&facets));
        self.effects.added.push(id);
        if retracted_at.is_some() {
            delivery::insert(self.conn, id, 1, 0, Start::Suppressed(Reason::Gone), self.now)?;
        } else {
            self.await_admission(source, id, 1, incoming, read_at, BTreeMap::new())?;
        }
        Ok(id)
    }

    fn await_admission(
        &mut self,
        source: SourceId,
        id: NotificationId,
        occurrence: i64,
        incoming: &Incoming,
        read_at: Option<Millis>,
        escalations: BTreeMap<String, Millis>,
    ) -> Result<(), StoreError> {
        let name = self.source(source)?.name.clone();
        let limited = incoming.targets.as_ref();
        let sent_at = incoming.sent.as_ref().map_or(incoming.received_at, |sent| sent.at);
        self.effects.topic(source, &clean(&incoming.topic), sent_at);
        self.fresh.push(Fresh {
            candidate: Candidate {
                source: name.clone(),
                urgency: incoming.urgency,
                arrival: incoming.arrival,
                sent_at,
                read: read_at.is_some(),
                deliver_at: incoming.deliver_at,
                expires_at: incoming.expires_at,
                desktop_excluded: limited
                    .is_some_and(|targets| !targets.iter().any(|name| name == DESKTOP_TARGET)),
            },
            occurrence,
            wake: 0,
            provisional: incoming.provisional,
            named: incoming.targets.clone(),
            escalations,
            popup: popup(name, id, incoming),
        });
        Ok(())
    }
}

/// The buttons of a popup: all but those that can do nothing on this machine.
fn offered(incoming: &Incoming) -> Vec<Action> {
    let works = |action: &&Action| {
        let remote = || RemoteAction::find(&incoming.data, &action.id);
        !action.url.is_empty() || !matches!(remote(), Some(RemoteAction::Unsupported { .. }))
    };
    incoming.actions.iter().filter(works).cloned().collect()
}

fn popup(source: String, id: NotificationId, incoming: &Incoming) -> PopupOrder {
    let text = |text: &str| clean(text).into_owned();
    PopupOrder {
        delivery_id: 0,
        id,
        source,
        topic: text(&incoming.topic),
        key: text(&incoming.key),
        app: text(&incoming.app),
        title: text(&incoming.title),
        body: text(&incoming.body),
        urgency: incoming.urgency,
        url: text(&incoming.url),
        icon: text(&incoming.icon),
        actions: offered(incoming),
        progress: incoming.progress.map(|progress| progress.min(100)),
        transient: incoming.transient,
        received_at: incoming.received_at,
        arrived: incoming.arrived,
        opt_outs: 0,
    }
}
