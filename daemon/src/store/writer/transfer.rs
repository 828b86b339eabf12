//! Taking in an export. What is there already is left alone.

use rusqlite::{OptionalExtension, params};
use tidings_api::Notification;

use super::unit::Unit;
use crate::inbox::Facets;
use crate::model::SourceId;
use crate::store::error::StoreError;
use crate::store::table::encode::{actions_json, clean, tags_json, urgency_rank};
use crate::store::table::{notification, source};

/// More than this nobody counted; what comes on top must still be readable.
const MOST_OCCURRENCES: u32 = 1_000_000_000;

impl Unit<'_> {
    /// Inserts exported rows that are not there yet. Answers how many.
    pub(in crate::store) fn import(&mut self, rows: &[Notification]) -> Result<u64, StoreError> {
        let mut inserted = 0;
        for row in rows {
            let source = source::find_or_import(self.conn, &clean(&row.source))?;
            if !self.sources.contains_key(&source) {
                *self.sources = source::all(self.conn)?;
            }
            if !self.is_there(source, row)? {
                self.insert_exported(source, row)?;
                inserted += 1;
            }
        }
        Ok(inserted)
    }

    fn is_there(&self, source: SourceId, row: &Notification) -> Result<bool, StoreError> {
        if let Some(remote_id) = row.remote_id.as_deref().map(clean) {
            let epoch = self.source(source)?.epoch;
            let found = notification::find_remote(self.conn, source, 0, &remote_id)?
                .or(notification::find_remote(self.conn, source, epoch, &remote_id)?);
            return Ok(found.is_some());
        }
        let found = self
            .conn
            .prepare_cached(
                "SELECT 1 FROM notification INDEXED BY notification_without_remote_id
                 WHERE remote_id IS NULL AND source_id = ?1 AND received_at = ?2
                     AND title = ?3 AND body = ?4",
            )?
            .query_row(
                params![source.0, row.received_at, clean(&row.title), clean(&row.body)],
                |_| Ok(()),
            )
            .optional()?;
        Ok(found.is_some())
    }

    fn insert_exported(&mut self, source: SourceId, row: &Notification) -> Result<(), StoreError> {
        let facets = facets(row);
        self.conn
            .prepare_cached(
                "INSERT INTO notification (source_id, epoch, remote_id, confirmation, arrival,
                     remote_read, seen_at, read_at, done_at, saved_at, snoozed_until, acted_at,
                     retracted_at, expires_at, occurrences, first_at, last_at, received_at, sent_at,
                     sent_at_approximate, sent_at_raw, urgency, progress, transient, key, topic, app,
                     title, icon, actor, verb, action_object, activity_target, posted_by, poster,
                     url, tags, actions, body, data)
                 VALUES (?1, 0, ?2, ?3, 'backfill', ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13,
                     ?14, ?15, ?16, ?17, ?18, '', ?19, ?20, 0, ?21, ?22, ?23, ?24, ?25, ?26, ?27,
                     ?28, ?29, ?30, '', ?31, ?32, ?33, ?34, ?35)",
            )?
            .execute(params![
                source.0,
                row.remote_id.as_deref().map(clean),
                row.confirmation.as_str(),
                facets.read_at.is_some(),
                facets.seen_at,
                facets.read_at,
                facets.done_at,
                facets.saved_at,
                facets.snoozed_until,
                facets.acted_at,
                facets.retracted_at,
                row.expires_at,
                row.occurrences.clamp(1, MOST_OCCURRENCES),
                row.first_at,
                row.last_at,
                row.received_at,
                row.sent_at,
                row.sent_at_approximate,
                urgency_rank(row.urgency),
                row.progress.map(|progress| progress.min(100)),
                clean(&row.key),
                clean(&row.topic),
                clean(&row.app),
                clean(&row.title),
                clean(&row.icon),
                clean(&row.actor),
                clean(&row.verb),
                clean(&row.action_object),
                clean(&row.activity_target),
                clean(&row.posted_by),
                clean(&row.url),
                tags_json(&row.tags),
                actions_json(&row.actions),
                clean(&row.body),
                clean(&row.data),
            ])?;
        let id = crate::model::NotificationId(self.conn.last_insert_rowid());
        self.effects.counts.note(source, None, Some(&facets));
        self.effects.added.push(id);
        self.effects.topic(source, &clean(&row.topic), row.last_at);
        if let Some(at) = facets.snoozed_until {
            self.effects.due(at);
        }
        Ok(())
    }
}

fn facets(row: &Notification) -> Facets {
    Facets {
        // An export of another program may know read without seen.
        seen_at: row.seen_at.or(row.read_at),
        read_at: row.read_at,
        done_at: row.done_at,
        saved_at: row.saved_at,
        snoozed_until: row.snoozed_until,
        acted_at: row.acted_at,
        retracted_at: row.retracted_at,
        deleted_at: None,
    }
}
