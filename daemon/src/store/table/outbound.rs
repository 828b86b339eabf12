//! Deliveries to records: planned, claimed, and ended. Those to the desktop are in `delivery`.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, Result, Row, params};
use tidings_api::Millis;

use crate::model::{NotificationId, Reason};
use crate::store::table::opt_out::standing_opt_out;

/// What is told of an attempt whose outcome nobody has recorded.
const CUT_SHORT: &str = "the daemon ended in the middle of it";

/// A delivery that is planned.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Planned<'a> {
    pub(in crate::store) notification: NotificationId,
    pub(in crate::store) occurrence: i64,
    pub(in crate::store) wake: i64,
    pub(in crate::store) target: &'a str,
    pub(in crate::store) record: Option<i64>,
    pub(in crate::store) grouping: &'static str,
    pub(in crate::store) route: &'a str,
    pub(in crate::store) at: Millis,
    pub(in crate::store) while_unread: bool,
    pub(in crate::store) max_retries: u32,
    /// In seconds.
    pub(in crate::store) interval: u64,
    /// Why it is not sent at all.
    pub(in crate::store) suppressed: Option<Reason>,
}

/// Writes it down. Where an opt-out stands at its time, a trigger ends it as such. One that is there already stays as it is.
pub(in crate::store) fn insert(conn: &Connection, new: &Planned<'_>) -> Result<()> {
    let status = if new.suppressed.is_some() { "SUPPRESSED" } else { "SCHEDULED" };
    conn.prepare_cached(
        "INSERT INTO delivery (notification_id, occurrence, wake, target, record_id, grouping, status, reason,
             scheduled_delivery, max_retries, retry_time_interval, route, while_unread)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
         ON CONFLICT DO NOTHING",
    )?
    .execute(params![
        new.notification.0,
        new.occurrence,
        new.wake,
        new.target,
        new.record,
        new.grouping,
        status,
        new.suppressed.map(Reason::as_str),
        new.at,
        new.max_retries,
        i64::try_from(new.interval).unwrap_or(i64::MAX),
        new.route,
        new.while_unread,
    ])?;
    Ok(())
}

/// When somebody is told that a notification is still unread, by target.
pub(in crate::store) fn escalations(
    conn: &Connection,
    id: NotificationId,
) -> Result<BTreeMap<String, Millis>> {
    conn.prepare_cached(
        "SELECT target, min(scheduled_delivery) FROM delivery
         WHERE notification_id = ?1 AND while_unread = 1 AND status IN ('SCHEDULED', 'RETRY')
         GROUP BY target",
    )?
    .query_map([id.0], |row| Ok((row.get(0)?, row.get(1)?)))?
    .collect()
}

/// When the digest that a record waits for is due.
pub(in crate::store) fn next_digest(conn: &Connection, record: i64) -> Result<Option<Millis>> {
    conn.prepare_cached(
        "SELECT min(scheduled_delivery) FROM delivery INDEXED BY delivery_record
         WHERE record_id = ?1 AND status = 'SCHEDULED' AND grouping = 'digest'",
    )?
    .query_row([record], |row| row.get(0))
}

/// Whether a record was sent anything, or is about to be, since then.
pub(in crate::store) fn sent_since(conn: &Connection, record: i64, since: Millis) -> Result<bool> {
    conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM delivery INDEXED BY delivery_record
             WHERE record_id = ?1 AND status IN ('SCHEDULED', 'SENDING', 'DELIVERED', 'RETRY')
                 AND scheduled_delivery >= ?2 AND while_unread = 0)",
    )?
    .query_row(params![record, since], |row| row.get(0))
}

/// A claimed delivery.
#[derive(Clone, Debug)]
pub(in crate::store) struct Claimed {
    pub(in crate::store) delivery: i64,
    pub(in crate::store) notification: NotificationId,
    pub(in crate::store) record: i64,
    /// This one included.
    pub(in crate::store) attempts: u32,
    pub(in crate::store) max_retries: u32,
    /// Of the message that it was attempted in. What was told together in an attempt is told together again, and with nothing
    /// else: it is the same message.
    pub(in crate::store) identity: Option<String>,
}

/// How deliveries are claimed.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Claiming<'a> {
    pub(in crate::store) target: &'a str,
    pub(in crate::store) now: Millis,
    pub(in crate::store) lease_until: Millis,
    /// Drawn at random for each call: outcomes are recorded under it.
    pub(in crate::store) claim: i64,
    pub(in crate::store) limit: usize,
}

/// The statement that claims, and names what is a message of its own. What lost its point meanwhile is ended in the same
/// statement.
macro_rules! claim_due {
    ($which:literal) => {
        concat!(
            "UPDATE delivery SET
                 status = CASE WHEN v.reason IS NULL THEN 'SENDING'
                     WHEN v.reason = 'opted-out' THEN 'OPTED OUT'
                     WHEN v.reason = 'attempts-used-up' AND attempted_delivery IS NOT NULL THEN 'DELIVERY FAILURE'
                     ELSE 'SUPPRESSED' END,
                 reason = v.reason, opt_out = v.opt_out,
                 attempted_delivery = CASE WHEN v.reason IS NULL THEN ?1 ELSE attempted_delivery END,
                 retry_attempts = retry_attempts + (v.reason IS NULL),
                 lease_until = CASE WHEN v.reason IS NULL THEN ?2 END,
                 claim = CASE WHEN v.reason IS NULL THEN ?4 END,
                 identity = iif(v.reason IS NULL AND grouping = 'single',
                     coalesce(identity, printf('%d-%x', delivery.id, v.received_at)), identity)
             FROM (
                 SELECT w.id, coalesce(w.reason, iif(w.opt_out IS NULL, NULL, 'opted-out')) AS reason,
                     iif(w.reason IS NULL, w.opt_out, NULL) AS opt_out, w.received_at
                 FROM (SELECT d.id, n.received_at, CASE
                     WHEN n.deleted_at IS NOT NULL OR n.retracted_at IS NOT NULL THEN 'gone'
                     WHEN d.while_unread = 1 AND n.snoozed_until IS NOT NULL THEN 'snoozed'
                     WHEN d.while_unread = 1 AND (n.read_at IS NOT NULL OR n.done_at IS NOT NULL) THEN 'read'
                     WHEN n.expires_at <= ?1 THEN 'expired'
                     WHEN r.active IS NOT 1 OR r.verified IS NOT 1 THEN 'record-inactive'
                     WHEN d.retry_attempts >= d.max_retries THEN 'attempts-used-up'
                 END AS reason, ",
            standing_opt_out!(),
            " AS opt_out
                 FROM delivery d INDEXED BY delivery_outbound
                 JOIN notification n ON n.id = d.notification_id
                 LEFT JOIN record r ON r.id = d.record_id
                 WHERE d.target = ?3 AND d.status IN ('SCHEDULED', 'RETRY') AND d.record_id IS NOT NULL
                     AND d.scheduled_delivery <= ?1 AND d.grouping ",
            $which,
            "
                 ORDER BY d.scheduled_delivery LIMIT ?5) AS w
             ) AS v
             WHERE delivery.id = v.id
             RETURNING id, notification_id, record_id, retry_attempts, max_retries, status = 'SENDING', identity"
        )
    };
}

/// Claims messages of their own that are due, the longest waiting first. Answers also how many rows were looked at.
pub(in crate::store) fn claim_single(
    conn: &Connection,
    claiming: Claiming<'_>,
) -> Result<(Vec<Claimed>, usize)> {
    claim(conn, claim_due!("= 'single'"), claiming)
}

/// Claims what is told in summaries (`digest` = of a whole record) and is due.
pub(in crate::store) fn claim_grouped(
    conn: &Connection,
    claiming: Claiming<'_>,
    digest: bool,
) -> Result<Vec<Claimed>> {
    let sql = if digest { claim_due!("= 'digest'") } else { claim_due!("= 'summary'") };
    claim(conn, sql, claiming).map(|(claimed, _)| claimed)
}

fn claim(conn: &Connection, sql: &str, by: Claiming<'_>) -> Result<(Vec<Claimed>, usize)> {
    let limit = i64::try_from(by.limit).unwrap_or(i64::MAX);
    let mut looked_at = 0;
    let mut claimed: Vec<Claimed> = Vec::new();
    let mut statement = conn.prepare_cached(sql)?;
    let mut rows = statement.query(params![by.now, by.lease_until, by.target, by.claim, limit])?;
    while let Some(row) = rows.next()? {
        looked_at += 1;
        if row.get(5)? {
            claimed.push(claimed_row(row)?);
        }
    }
    claimed.sort_unstable_by_key(|claimed| claimed.delivery);
    Ok((claimed, looked_at))
}

fn claimed_row(row: &Row<'_>) -> Result<Claimed> {
    Ok(Claimed {
        delivery: row.get(0)?,
        notification: NotificationId(row.get(1)?),
        record: row.get(2)?,
        attempts: row.get(3)?,
        max_retries: row.get::<_, Option<u32>>(4)?.unwrap_or(u32::MAX),
        identity: row.get(6)?,
    })
}

/// Writes down what the message is known by in which these deliveries are first attempted together.
pub(in crate::store) fn identify(
    conn: &Connection,
    claims: &[Claimed],
    identity: &str,
) -> Result<()> {
    let mut statement = conn.prepare_cached("UPDATE delivery SET identity = ?2 WHERE id = ?1")?;
    for claim in claims {
        statement.execute(params![claim.delivery, identity])?;
    }
    Ok(())
}

/// Ends claims whose lease is over: whoever held them is gone, and nobody knows what became of their messages. Where a
/// repetition is recognised they are tried again, even after the last attempt if none was cut short before, else told as in
/// doubt.
pub(in crate::store) fn end_leases(
    conn: &Connection,
    target: &str,
    now: Millis,
    repeatable: bool,
) -> Result<usize> {
    conn.prepare_cached(
        "UPDATE delivery INDEXED BY delivery_lease
         SET status = iif(?3, 'RETRY', 'SUPPRESSED'), reason = ?4, lease_until = NULL, claim = NULL,
             scheduled_delivery = iif(?3, ?2, scheduled_delivery), answer = iif(?3, ?5, answer),
             retry_attempts = retry_attempts - (?3 AND retry_attempts >= max_retries AND answer IS NOT ?5)
         WHERE target = ?1 AND status = 'SENDING' AND lease_until <= ?2",
    )?
    .execute(params![target, now, repeatable, Reason::InDoubt.as_str(), CUT_SHORT])
}

/// Gives back a claimed message that has not left. An answer tells that an attempt was made before which does not count.
pub(in crate::store) fn give_back(conn: &Connection, delivery: i64, claim: i64) -> Result<bool> {
    let changed = conn
        .prepare_cached(
            "UPDATE delivery SET status = iif(retry_attempts = 1 AND answer IS NULL, 'SCHEDULED', 'RETRY'),
                 attempted_delivery =
                     iif(retry_attempts = 1 AND answer IS NULL, NULL, attempted_delivery),
                 identity = iif(retry_attempts = 1 AND answer IS NULL, NULL, identity),
                 retry_attempts = retry_attempts - 1, lease_until = NULL, claim = NULL
             WHERE id = ?1 AND claim = ?2 AND status = 'SENDING'",
        )?
        .execute(params![delivery, claim])?;
    Ok(changed > 0)
}

/// When the next delivery falls due, or the next claim ends.
pub(in crate::store) fn next_due(conn: &Connection, target: &str) -> Result<Option<Millis>> {
    macro_rules! next {
        ($grouping:literal) => {
            first(
                conn,
                concat!(
                    "SELECT min(scheduled_delivery) FROM delivery INDEXED BY delivery_outbound
                     WHERE target = ?1 AND status IN ('SCHEDULED', 'RETRY') AND record_id IS NOT NULL
                         AND grouping = '",
                    $grouping,
                    "'"
                ),
                target,
            )
        };
    }
    let due = [next!("single")?, next!("summary")?, next!("digest")?];
    let lease = first(
        conn,
        "SELECT min(lease_until) FROM delivery INDEXED BY delivery_lease
         WHERE target = ?1 AND status = 'SENDING'",
        target,
    )?;
    Ok(due.into_iter().chain([lease]).flatten().min())
}

/// One moment, if there is one.
pub(super) fn first(conn: &Connection, sql: &str, target: &str) -> Result<Option<Millis>> {
    conn.prepare_cached(sql)?.query_row([target], |row| row.get(0))
}

/// How a claimed delivery ends.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct End<'a> {
    pub(in crate::store) status: &'static str,
    pub(in crate::store) reason: Option<&'a str>,
    /// What the provider said.
    pub(in crate::store) answer: Option<&'a str>,
    /// When it is tried again.
    pub(in crate::store) retry_at: Option<Millis>,
    /// The attempt does not count.
    pub(in crate::store) uncounted: bool,
    pub(in crate::store) receipt: Option<&'a str>,
    pub(in crate::store) confirm_at: Option<Millis>,
}

/// Ends a claim; `true` = it was still held.
pub(in crate::store) fn end(
    conn: &Connection,
    delivery: i64,
    claim: i64,
    end: End<'_>,
) -> Result<bool> {
    let changed = conn
        .prepare_cached(
            // What was said of attempts that failed is of no use beside one that did not.
            "UPDATE delivery SET status = ?3, reason = ?4,
                 answer = iif(?3 = 'DELIVERED', ?5, coalesce(?5, answer)),
                 scheduled_delivery = coalesce(?6, scheduled_delivery),
                 retry_attempts = retry_attempts - ?7, receipt = ?8, confirm_at = ?9,
                 lease_until = NULL, claim = NULL
             WHERE id = ?1 AND claim = ?2 AND status = 'SENDING'",
        )?
        .execute(params![
            delivery,
            claim,
            end.status,
            end.reason,
            end.answer,
            end.retry_at,
            end.uncounted,
            end.receipt,
            end.confirm_at,
        ])?;
    Ok(changed > 0)
}

/// The record of a delivery.
pub(in crate::store) fn record_of(conn: &Connection, delivery: i64) -> Result<Option<i64>> {
    let found = conn
        .prepare_cached("SELECT record_id FROM delivery WHERE id = ?1")?
        .query_row([delivery], |row| row.get::<_, Option<i64>>(0))
        .optional()?;
    Ok(found.flatten())
}

/// What waited for its confirmation by the server's list goes out now: the notification is no echo.
pub(in crate::store) fn release(
    conn: &Connection,
    notification: NotificationId,
    now: Millis,
) -> Result<Vec<String>> {
    conn.prepare_cached(
        "UPDATE delivery SET scheduled_delivery = ?2
         WHERE notification_id = ?1 AND status = 'SCHEDULED' AND record_id IS NOT NULL
             AND grouping = 'single' AND while_unread = 0 AND scheduled_delivery > ?2
         RETURNING target",
    )?
    .query_map(params![notification.0, now], |row| row.get(0))?
    .collect()
}
