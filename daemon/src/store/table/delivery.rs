//! Deliveries: one notification on its way to one target, from the start to its end.

use rusqlite::{Connection, Result, Row, params};
use tidings_api::names::DESKTOP_TARGET;
use tidings_api::{Millis, OptOut};

use crate::model::{NotificationId, Reason};
use crate::store::table::encode::opt_out_json;
use crate::store::table::opt_out::standing_opt_out;

/// How long a claim stands. The desktop answers within seconds.
const LEASE: Millis = 60_000;

/// How a delivery starts.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) enum Start<'a> {
    /// Claimed and on its way now.
    Sending,
    /// A popup of its own, then.
    Single(Millis),
    /// Counted in a summary, then.
    Summary(Millis),
    /// Not at all.
    Suppressed(Reason),
    /// Not at all, because the user said so.
    OptedOut(&'a OptOut),
}

/// Writes the delivery of an occurrence, or of its return from a snooze, to the desktop. Answers its id.
pub(in crate::store) fn insert(
    conn: &Connection,
    id: NotificationId,
    occurrence: i64,
    wake: i64,
    start: Start<'_>,
    now: Millis,
) -> Result<i64> {
    let (grouping, status, reason, at) = match &start {
        Start::Sending => ("single", "SENDING", None, now),
        Start::Single(at) => ("single", "SCHEDULED", None, *at),
        Start::Summary(at) => ("summary", "SCHEDULED", None, *at),
        Start::Suppressed(reason) => ("single", "SUPPRESSED", Some(reason.as_str()), now),
        Start::OptedOut(_) => ("single", "OPTED OUT", Some(Reason::OptedOut.as_str()), now),
    };
    let opt_out = match start {
        Start::OptedOut(opt_out) => Some(opt_out_json(opt_out)),
        Start::Sending | Start::Single(_) | Start::Summary(_) | Start::Suppressed(_) => None,
    };
    let sending = matches!(start, Start::Sending);
    conn.prepare_cached(
        "INSERT INTO delivery (notification_id, occurrence, wake, target, grouping, status, reason,
             scheduled_delivery, attempted_delivery, lease_until, claim, opt_out)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?
    .execute(params![
        id.0,
        occurrence,
        wake,
        DESKTOP_TARGET,
        grouping,
        status,
        reason,
        at,
        sending.then_some(now),
        sending.then_some(now + LEASE),
        sending.then_some(0),
        opt_out,
    ])?;
    Ok(conn.last_insert_rowid())
}

/// The number of the next return from a snooze of this occurrence.
pub(in crate::store) fn next_wake(
    conn: &Connection,
    id: NotificationId,
    occurrence: i64,
) -> Result<i64> {
    conn.prepare_cached(
        "SELECT coalesce(max(wake), 0) + 1 FROM delivery WHERE notification_id = ?1 AND occurrence = ?2",
    )?
    .query_row(params![id.0, occurrence], |row| row.get(0))
}

/// What waits for an earlier occurrence of the row is overtaken by the newest one.
pub(in crate::store) fn overtake(conn: &Connection, id: NotificationId) -> Result<()> {
    conn.prepare_cached(
        "UPDATE delivery SET status = 'SUPPRESSED', reason = ?2
         WHERE notification_id = ?1 AND status IN ('SCHEDULED', 'RETRY')",
    )?
    .execute(params![id.0, Reason::Gone.as_str()])?;
    Ok(())
}

/// What waits at this screen, and for the case that nobody reads it, is overtaken by the end of a snooze. What waits to be
/// sent elsewhere is sent as it was meant.
pub(in crate::store) fn overtake_by_wake(conn: &Connection, id: NotificationId) -> Result<()> {
    conn.prepare_cached(
        "UPDATE delivery SET status = 'SUPPRESSED', reason = ?2
         WHERE notification_id = ?1 AND status IN ('SCHEDULED', 'RETRY')
             AND (target = ?3 OR while_unread = 1)",
    )?
    .execute(params![id.0, Reason::Gone.as_str(), DESKTOP_TARGET])?;
    Ok(())
}

/// Remembers that the poster named the targets of an occurrence.
pub(in crate::store) fn note_named(conn: &Connection, delivery_id: i64) -> Result<()> {
    conn.prepare_cached("UPDATE delivery SET route = '' WHERE id = ?1")?.execute([delivery_id])?;
    Ok(())
}

/// Whether the poster named the targets of an occurrence.
pub(in crate::store) fn was_named(
    conn: &Connection,
    id: NotificationId,
    occurrence: i64,
) -> Result<bool> {
    conn.prepare_cached(
        "SELECT EXISTS (SELECT 1 FROM delivery
             WHERE notification_id = ?1 AND occurrence = ?2 AND target = ?3 AND route = '')",
    )?
    .query_row(params![id.0, occurrence, DESKTOP_TARGET], |row| row.get(0))
}

/// What waits for its next try falls due now: the popup server is back.
pub(in crate::store) fn hasten_retries(conn: &Connection, now: Millis) -> Result<usize> {
    conn.prepare_cached(
        "UPDATE delivery SET scheduled_delivery = ?2
         WHERE target = ?1 AND status = 'RETRY' AND scheduled_delivery > ?2",
    )?
    .execute(params![DESKTOP_TARGET, now])
}

/// A claimed delivery.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Claim {
    pub(in crate::store) delivery_id: i64,
    pub(in crate::store) notification: NotificationId,
    pub(in crate::store) summary: bool,
}

/// Claims what is due on the desktop; what lost its point meanwhile is suppressed in the same statement.
/// `attempted_delivery` keeps the first try.
pub(in crate::store) fn claim_due(conn: &Connection, now: Millis) -> Result<Vec<Claim>> {
    let mut claims: Vec<Claim> = conn
        .prepare_cached(concat!(
            "UPDATE delivery SET
                 status = CASE WHEN v.reason IS NULL THEN 'SENDING'
                     WHEN v.reason = 'opted-out' THEN 'OPTED OUT' ELSE 'SUPPRESSED' END,
                 reason = v.reason, opt_out = v.opt_out,
                 attempted_delivery = CASE WHEN v.reason IS NULL THEN coalesce(attempted_delivery, ?1)
                     ELSE attempted_delivery END,
                 lease_until = CASE WHEN v.reason IS NULL THEN ?2 END,
                 claim = CASE WHEN v.reason IS NULL THEN 0 END
             FROM (
                 SELECT w.id, coalesce(w.reason, iif(w.opt_out IS NULL, NULL, 'opted-out')) AS reason,
                     iif(w.reason IS NULL, w.opt_out, NULL) AS opt_out
                 FROM (SELECT d.id, CASE
                     WHEN n.deleted_at IS NOT NULL OR n.retracted_at IS NOT NULL THEN 'gone'
                     WHEN n.snoozed_until IS NOT NULL THEN 'snoozed'
                     WHEN n.read_at IS NOT NULL OR n.done_at IS NOT NULL THEN 'read'
                     WHEN n.expires_at <= ?1 THEN 'expired'
                 END AS reason, ",
            standing_opt_out!(),
            " AS opt_out
                 FROM delivery d INDEXED BY delivery_due
                 JOIN notification n ON n.id = d.notification_id
                 WHERE d.target = ?3 AND d.status IN ('SCHEDULED', 'RETRY') AND d.record_id IS NULL
                     AND d.scheduled_delivery <= ?1) AS w
             ) AS v
             WHERE delivery.id = v.id
             RETURNING id, notification_id, grouping = 'summary', status = 'SENDING'"
        ))?
        .query_map(params![now, now + LEASE, DESKTOP_TARGET], |row| {
            Ok((row.get::<_, bool>(3)?, claim(row)?))
        })?
        .filter_map(|row| match row {
            Ok((sending, claim)) => sending.then_some(Ok(claim)),
            Err(error) => Some(Err(error)),
        })
        .collect::<Result<_>>()?;
    claims.sort_unstable_by_key(|claim| claim.notification);
    Ok(claims)
}

/// Claims what quiet has suppressed since then: only the newest occurrence of a row that is unread in the inbox, has not
/// expired, and that nobody has opted out of meanwhile. The reason stays, so that `explain` tells what it waited for.
pub(in crate::store) fn claim_after_quiet(
    conn: &Connection,
    now: Millis,
    since: Millis,
) -> Result<Vec<Claim>> {
    let mut claims: Vec<Claim> = conn
        .prepare_cached(concat!(
            "UPDATE delivery SET status = 'SENDING', grouping = 'summary', claim = 0,
                 attempted_delivery = ?1, lease_until = ?2
             FROM (
                 SELECT d.id FROM delivery d INDEXED BY delivery_quiet
                 JOIN notification n ON n.id = d.notification_id
                 WHERE d.status = 'SUPPRESSED' AND d.reason IN
                         ('quiet-manual', 'quiet-timer', 'quiet-schedule', 'quiet-inhibitor')
                     AND d.scheduled_delivery >= ?3 AND d.target = ?4 AND d.occurrence = n.occurrences
                     AND NOT EXISTS (SELECT 1 FROM delivery later
                         WHERE later.notification_id = d.notification_id AND later.target = d.target
                             AND later.occurrence = d.occurrence AND later.wake > d.wake)
                     AND n.deleted_at IS NULL AND n.done_at IS NULL AND n.snoozed_until IS NULL
                     AND n.read_at IS NULL AND n.retracted_at IS NULL
                     AND coalesce(n.expires_at > ?1, TRUE) AND ",
            standing_opt_out!(),
            " IS NULL
             ) AS v
             WHERE delivery.id = v.id
             RETURNING id, notification_id, TRUE"
        ))?
        .query_map(params![now, now + LEASE, since, DESKTOP_TARGET], claim)?
        .collect::<Result<_>>()?;
    claims.sort_unstable_by_key(|claim| claim.notification);
    Ok(claims)
}

/// Reads `id, notification_id, summary`.
fn claim(row: &Row<'_>) -> Result<Claim> {
    Ok(Claim {
        delivery_id: row.get(0)?,
        notification: NotificationId(row.get(1)?),
        summary: row.get(2)?,
    })
}

/// How many deliveries wait, for whatever target.
pub(in crate::store) fn waiting(conn: &Connection) -> Result<u32> {
    conn.prepare_cached(
        "SELECT (SELECT count(*) FROM delivery INDEXED BY delivery_due
                 WHERE status IN ('SCHEDULED', 'RETRY') AND record_id IS NULL)
             + (SELECT count(*) FROM delivery INDEXED BY delivery_outbound
                 WHERE status IN ('SCHEDULED', 'RETRY') AND record_id IS NOT NULL)",
    )?
    .query_row([], |row| row.get(0))
}

/// Ends popups that are claimed and not shown yet, for every scope that is opted out. Answers how many that were. What is on
/// its way to another target is out of our hands; what was claimed for one and has not left is looked at again.
pub(in crate::store) fn opt_out_sending(conn: &Connection, now: Millis) -> Result<usize> {
    conn.prepare_cached(concat!(
        "UPDATE delivery SET status = 'OPTED OUT', reason = 'opted-out', opt_out = v.opt_out,
             lease_until = NULL, claim = NULL
         FROM (SELECT d.id, ",
        standing_opt_out!(),
        " AS opt_out
             FROM delivery d INDEXED BY delivery_claim JOIN notification n ON n.id = d.notification_id
             WHERE d.status = 'SENDING' AND d.target = ?2) AS v
         WHERE delivery.id = v.id AND v.opt_out IS NOT NULL"
    ))?
    .execute(params![now, DESKTOP_TARGET])
}

/// Puts a delivery under the claim of its summary.
pub(in crate::store) fn set_claim(conn: &Connection, delivery_id: i64, claim: i64) -> Result<()> {
    conn.prepare_cached("UPDATE delivery SET claim = ?2 WHERE id = ?1")?
        .execute(params![delivery_id, claim])?;
    Ok(())
}

/// When the next delivery falls due.
pub(in crate::store) fn next_due(conn: &Connection) -> Result<Option<Millis>> {
    conn.prepare_cached(
        "SELECT min(scheduled_delivery) FROM delivery INDEXED BY delivery_due
         WHERE target = ?1 AND status IN ('SCHEDULED', 'RETRY') AND record_id IS NULL",
    )?
    .query_row([DESKTOP_TARGET], |row| row.get(0))
}

/// Which claimed deliveries are meant.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) enum Which {
    /// One popup's.
    One(i64),
    /// All of a summary.
    Claim(i64),
}

/// The popup server took it.
pub(in crate::store) fn end_delivered(conn: &Connection, which: Which) -> Result<usize> {
    end(conn, which, "DELIVERED", None, None)
}

/// Not now; again at `at`.
pub(in crate::store) fn end_retry(conn: &Connection, which: Which, at: Millis) -> Result<usize> {
    end(conn, which, "RETRY", None, Some(at))
}

/// Never, for those whose first try was before `since`.
pub(in crate::store) fn end_unless_tried_since(
    conn: &Connection,
    which: Which,
    since: Millis,
    why: &str,
) -> Result<usize> {
    let (column, value) = match which {
        Which::One(id) => ("id", id),
        Which::Claim(claim) => ("claim", claim),
    };
    conn.prepare_cached(&format!(
        "UPDATE delivery SET status = 'DELIVERY FAILURE', reason = ?2, lease_until = NULL, claim = NULL
         WHERE {column} = ?1 AND status = 'SENDING' AND attempted_delivery <= ?3"
    ))?
    .execute(params![value, why, since])
}

/// Never.
pub(in crate::store) fn end_failed(conn: &Connection, which: Which, why: &str) -> Result<usize> {
    end(conn, which, "DELIVERY FAILURE", Some(why), None)
}

/// Claimed, yet not shown, because it lost its point in the meantime.
pub(in crate::store) fn end_suppressed(
    conn: &Connection,
    which: Which,
    reason: Reason,
) -> Result<usize> {
    end(conn, which, "SUPPRESSED", Some(reason.as_str()), None)
}

/// Claimed, and not allowed to pop up any more. It counts as kept back from now on: quiet may have begun after it fell
/// due, and the summary at its end tells of what was kept back since.
pub(in crate::store) fn end_forbidden(
    conn: &Connection,
    delivery_id: i64,
    reason: Reason,
    now: Millis,
) -> Result<usize> {
    conn.prepare_cached(
        "UPDATE delivery SET status = 'SUPPRESSED', reason = ?2, scheduled_delivery = ?3,
             lease_until = NULL, claim = NULL
         WHERE id = ?1 AND status = 'SENDING'",
    )?
    .execute(params![delivery_id, reason.as_str(), now])
}

/// Popups that a daemon which was killed has claimed: showing them again could show them twice. Claims for other targets
/// end with their lease.
pub(in crate::store) fn end_in_doubt(conn: &Connection) -> Result<usize> {
    conn.execute(
        "UPDATE delivery SET status = 'SUPPRESSED', reason = ?1, lease_until = NULL, claim = NULL
         WHERE status = 'SENDING' AND target = ?2",
        [Reason::InDoubt.as_str(), DESKTOP_TARGET],
    )
}

fn end(
    conn: &Connection,
    which: Which,
    status: &str,
    reason: Option<&str>,
    retry_at: Option<Millis>,
) -> Result<usize> {
    let (sql, value) = match which {
        Which::One(id) => (
            "UPDATE delivery SET status = ?2, reason = coalesce(?3, reason), lease_until = NULL, claim = NULL,
                 scheduled_delivery = coalesce(?4, scheduled_delivery),
                 retry_attempts = retry_attempts + (?4 IS NOT NULL)
             WHERE id = ?1 AND status = 'SENDING'",
            id,
        ),
        Which::Claim(claim) => (
            "UPDATE delivery INDEXED BY delivery_claim
             SET status = ?2, reason = coalesce(?3, reason), lease_until = NULL, claim = NULL,
                 scheduled_delivery = coalesce(?4, scheduled_delivery),
                 retry_attempts = retry_attempts + (?4 IS NOT NULL)
             WHERE claim = ?1 AND status = 'SENDING'",
            claim,
        ),
    };
    conn.prepare_cached(sql)?.execute(params![value, status, reason, retry_at])
}
