//! Why a notification did or did not pop up.

use rusqlite::{OptionalExtension, Row};
use tidings_api::{Dict, DictWriter, OptOut};

use super::error::StoreError;
use super::reader::Reader;
use crate::model::{Arrival, NotificationId, Reason};

impl Reader {
    /// Arrival first, then every delivery in the order it was decided.
    pub(super) fn explain(&self, id: NotificationId) -> Result<Vec<Dict>, StoreError> {
        let arrived = self
            .conn
            .prepare_cached("SELECT arrival, received_at FROM notification WHERE id = ?1")?
            .query_row([id.0], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))
            .optional()?;
        let Some((arrival, received_at)) = arrived else { return Ok(Vec::new()) };
        let mut first = DictWriter::default();
        first.put("event", "arrival");
        first.put("arrival", arrival.as_str());
        first.put("at", received_at);
        if arrival == Arrival::Backfill.as_str() {
            first.put("status", "SUPPRESSED");
            first.put("reason", Reason::Backfill.as_str());
        }
        let mut told = vec![first.finish()];
        let mut statement = self.conn.prepare_cached(
            "SELECT d.target, d.occurrence, d.grouping, d.status, d.reason, d.scheduled_delivery,
                 d.attempted_delivery, d.retry_attempts, d.opt_out, d.wake, d.id, d.route, d.answer,
                 d.confirmed_at, d.max_retries, d.while_unread, r.address
             FROM delivery d LEFT JOIN record r ON r.id = d.record_id
             WHERE d.notification_id = ?1 ORDER BY d.id",
        )?;
        for delivery in statement.query_map([id.0], delivery_dict)? {
            told.push(delivery?);
        }
        Ok(told)
    }
}

fn delivery_dict(row: &Row<'_>) -> rusqlite::Result<Dict> {
    let mut dict = DictWriter::default();
    dict.put("event", "delivery");
    dict.put("target", row.get::<_, String>(0)?);
    dict.put("occurrence", row.get::<_, u32>(1)?);
    dict.put("grouping", row.get::<_, String>(2)?);
    dict.put("status", row.get::<_, String>(3)?);
    dict.optional("reason", row.get::<_, Option<String>>(4)?);
    dict.put("scheduled_delivery", row.get::<_, i64>(5)?);
    dict.optional("attempted_delivery", row.get::<_, Option<i64>>(6)?);
    dict.put("retry_attempts", row.get::<_, u32>(7)?);
    dict.optional("wake", Some(row.get::<_, u32>(9)?).filter(|wake| *wake > 0));
    dict.put("delivery", row.get::<_, i64>(10)?);
    let text = |index| -> rusqlite::Result<Option<String>> {
        Ok(row.get::<_, Option<String>>(index)?.filter(|text| !text.is_empty()))
    };
    dict.optional("route", text(11)?);
    dict.optional("answer", text(12)?);
    dict.optional("confirmed_at", row.get::<_, Option<i64>>(13)?);
    dict.optional("max_retries", row.get::<_, Option<u32>>(14)?);
    dict.optional("while_unread", Some(row.get::<_, bool>(15)?).filter(|given| *given));
    dict.optional("address", text(16)?);
    let opt_out: Option<String> = row.get(8)?;
    if let Some(OptOut { scope, until, .. }) =
        opt_out.and_then(|text| serde_json::from_str(&text).ok())
    {
        // What it was about: nothing given means everything.
        dict.optional("scope_source", scope.source);
        dict.optional("scope_topic", scope.topic);
        dict.optional("scope_key", scope.key);
        dict.optional("scope_until", until);
    }
    Ok(dict.finish())
}
