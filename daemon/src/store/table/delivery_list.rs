//! Deliveries as people see them: pages, figures, and what they change by hand.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Result, Row, params, params_from_iter};
use tidings_api::{Delivery, DeliveryFilter, DeliveryStatus, Millis};

use crate::model::Reason;
use crate::store::answer::TargetFigures;

/// Characters of a title or a body that a row of the list shows.
const TITLE: usize = 120;

/// Deliveries below an id, the newest first.
pub(in crate::store) fn page(
    conn: &Connection,
    filter: &DeliveryFilter,
    below: i64,
    limit: u32,
) -> Result<Vec<Delivery>> {
    let mut conditions = vec!["d.id < ?".to_owned()];
    let mut values = vec![Value::Integer(below)];
    let mut given = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            conditions.push(condition.to_owned());
            values.push(value);
        }
    };
    given("d.target = ?", filter.target.clone().map(Value::Text));
    given("d.status = ?", filter.status.map(|status| Value::Text(status.as_str().to_owned())));
    given("d.record_id = ?", filter.record.map(Value::Integer));
    given("d.notification_id = ?", filter.notification.map(Value::Integer));
    values.push(Value::Integer(limit.into()));
    conn.prepare_cached(&format!(
        "SELECT d.id, d.notification_id, substr(coalesce(nullif(n.title, ''), n.body), 1, {TITLE}), s.name, d.target,
             coalesce(d.record_id, 0), coalesce(r.address, ''), d.status, coalesce(d.reason, ''),
             coalesce(d.answer, ''), coalesce(d.route, ''), d.grouping, d.scheduled_delivery, d.attempted_delivery,
             d.confirmed_at, d.retry_attempts, d.max_retries, d.retry_time_interval
         FROM delivery d JOIN notification n ON n.id = d.notification_id
         JOIN source s ON s.id = n.source_id LEFT JOIN record r ON r.id = d.record_id
         WHERE {} ORDER BY d.id DESC LIMIT ?",
        conditions.join(" AND ")
    ))?
    .query_map(params_from_iter(values), delivery)?
    .collect()
}

fn delivery(row: &Row<'_>) -> Result<Delivery> {
    Ok(Delivery {
        id: row.get(0)?,
        notification: row.get(1)?,
        title: row.get(2)?,
        source: row.get(3)?,
        target: row.get(4)?,
        record: row.get(5)?,
        address: row.get(6)?,
        status: DeliveryStatus::from_word(row.get_ref(7)?.as_str()?),
        reason: row.get(8)?,
        answer: row.get(9)?,
        route: row.get(10)?,
        grouping: row.get(11)?,
        scheduled_delivery: row.get(12)?,
        attempted_delivery: row.get(13)?,
        confirmed_at: row.get(14)?,
        retry_attempts: row.get(15)?,
        max_retries: row.get(16)?,
        retry_time_interval: row.get(17)?,
    })
}

/// What is counted of a target.
pub(in crate::store) fn figures(conn: &Connection, target: &str) -> Result<TargetFigures> {
    let one = |sql: &str| -> Result<Option<i64>> {
        conn.prepare_cached(sql)?.query_row([target], |row| row.get(0))
    };
    let count = |value: Option<i64>| u32::try_from(value.unwrap_or_default()).unwrap_or(u32::MAX);
    Ok(TargetFigures {
        records: count(one(
            "SELECT count(*) FROM record WHERE target = ?1 AND active = 1 AND verified = 1",
        )?),
        waiting: count(one(
            "SELECT (SELECT count(*) FROM delivery INDEXED BY delivery_due
                 WHERE target = ?1 AND status IN ('SCHEDULED', 'RETRY') AND record_id IS NULL)
             + (SELECT count(*) FROM delivery INDEXED BY delivery_outbound
                 WHERE target = ?1 AND status IN ('SCHEDULED', 'RETRY') AND record_id IS NOT NULL)",
        )?),
        last_delivered_at: conn
            .prepare_cached(
                "SELECT attempted_delivery FROM delivery INDEXED BY delivery_delivered
                 WHERE target = ?1 AND status = 'DELIVERED' ORDER BY id DESC LIMIT 1",
            )?
            .query_row([target], |row| row.get(0))
            .optional()?
            .flatten(),
    })
}

/// Tries one again: what waits at once, what ended badly with its attempts given back. Answers its target if it could be.
/// What was delivered, or is on its way, is not sent again; the popup of a row that pops up no more stays away. Out of a
/// summary it is a message of its own from then on, and known by another name than the rest of it.
pub(in crate::store) fn retry(conn: &Connection, id: i64, now: Millis) -> Result<Option<String>> {
    let target = conn.prepare_cached(
        "UPDATE delivery SET
             status = iif(attempted_delivery IS NULL, 'SCHEDULED', 'RETRY'),
             scheduled_delivery = ?2, while_unread = 0, grouping = 'single', opt_out = NULL, reason = NULL,
             identity = iif(grouping = 'single', identity, NULL),
             retry_attempts = iif(status IN ('SCHEDULED', 'RETRY'), retry_attempts, 0)
         WHERE id = ?1 AND status IN ('SCHEDULED', 'RETRY', 'DELIVERY FAILURE', 'INACTIVE DEVICE', 'SUPPRESSED',
                 'OPTED OUT')
             AND (record_id IS NOT NULL OR target = 'desktop')
         RETURNING target",
    )?
    .query_row(params![id, now], |row| row.get(0))
    .optional()?;
    // Where an opt-out stands, a trigger has ended it at once.
    let waits = "SELECT 1 FROM delivery WHERE id = ?1 AND status IN ('SCHEDULED', 'RETRY')";
    let waits = conn.prepare_cached(waits)?.exists([id])?;
    Ok(target.filter(|_| waits))
}

/// Gives up one that waits. Answers its target if it did. What was to be sent later has ended now.
pub(in crate::store) fn cancel(conn: &Connection, id: i64, now: Millis) -> Result<Option<String>> {
    conn.prepare_cached(
        "UPDATE delivery SET status = 'SUPPRESSED', reason = ?2,
             scheduled_delivery = min(scheduled_delivery, ?3)
         WHERE id = ?1 AND status IN ('SCHEDULED', 'RETRY') RETURNING target",
    )?
    .query_row(params![id, Reason::Cancelled.as_str(), now], |row| row.get(0))
    .optional()
}

/// Ends what waits for a record that is switched off: switching it on again brings nothing back.
pub(in crate::store) fn end_waiting_of(
    conn: &Connection,
    record: i64,
    now: Millis,
) -> Result<usize> {
    conn.prepare_cached(
        "UPDATE delivery INDEXED BY delivery_record SET status = 'SUPPRESSED', reason = ?2,
             scheduled_delivery = min(scheduled_delivery, ?3)
         WHERE record_id = ?1 AND status IN ('SCHEDULED', 'RETRY')",
    )?
    .execute(params![record, Reason::RecordInactive.as_str(), now])
}

/// Ends what waits for a record of a target that is not among these: put back weeks later it would be no news.
pub(in crate::store) fn end_waiting_elsewhere(
    conn: &Connection,
    targets: &[String],
    now: Millis,
) -> Result<usize> {
    let known = serde_json::Value::from(targets).to_string();
    conn.prepare_cached(
        "UPDATE delivery SET status = 'SUPPRESSED', reason = ?2,
             scheduled_delivery = min(scheduled_delivery, ?3)
         WHERE status IN ('SCHEDULED', 'RETRY') AND record_id IS NOT NULL
             AND target NOT IN (SELECT value FROM json_each(?1))",
    )?
    .execute(params![known, Reason::TargetRemoved.as_str(), now])
}

/// What waits for a later time.
pub(in crate::store) fn waiting_until_later(conn: &Connection, now: Millis) -> Result<Vec<i64>> {
    conn.prepare_cached(
        "SELECT id FROM delivery INDEXED BY delivery_due
             WHERE status IN ('SCHEDULED', 'RETRY') AND record_id IS NULL AND scheduled_delivery > ?1
         UNION ALL
         SELECT id FROM delivery INDEXED BY delivery_outbound
             WHERE status IN ('SCHEDULED', 'RETRY') AND record_id IS NOT NULL AND scheduled_delivery > ?1",
    )?
    .query_map([now], |row| row.get(0))?
    .collect()
}

/// Those of them that an opt-out has ended were not sent at a time to come: they have ended now.
pub(in crate::store) fn opted_out_now(
    conn: &Connection,
    ids: &[i64],
    now: Millis,
) -> Result<usize> {
    let ids = serde_json::Value::from(ids).to_string();
    conn.prepare_cached(
        "UPDATE delivery SET scheduled_delivery = ?2
         WHERE id IN (SELECT value FROM json_each(?1)) AND status = 'OPTED OUT'",
    )?
    .execute(params![ids, now])
}
