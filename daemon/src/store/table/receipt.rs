//! Deliveries that a provider has accepted and can be asked about.

use std::time::Duration;

use rusqlite::{Connection, Result, params};
use tidings_api::Millis;

use super::outbound::first;
use crate::store::answer::Unconfirmed;

/// When the provider is to be asked next.
pub(in crate::store) fn next_question(conn: &Connection, target: &str) -> Result<Option<Millis>> {
    first(
        conn,
        "SELECT min(confirm_at) FROM delivery INDEXED BY delivery_confirm
         WHERE target = ?1 AND confirm_at IS NOT NULL",
        target,
    )
}

/// Messages that a provider can be asked about now, the longest due first.
pub(in crate::store) fn unconfirmed(
    conn: &Connection,
    target: &str,
    now: Millis,
    limit: u32,
) -> Result<Vec<Unconfirmed>> {
    conn.prepare_cached(
        "SELECT id, receipt, attempted_delivery, retry_attempts, max_retries
         FROM delivery INDEXED BY delivery_confirm
         WHERE target = ?1 AND confirm_at IS NOT NULL AND confirm_at <= ?2
         ORDER BY confirm_at LIMIT ?3",
    )?
    .query_map(params![target, now, limit], |row| {
        Ok(Unconfirmed {
            delivery: row.get(0)?,
            receipt: row.get(1)?,
            accepted_at: row.get(2)?,
            attempts: row.get(3)?,
            allowed: row.get::<_, Option<u32>>(4)?.unwrap_or(u32::MAX),
        })
    })?
    .collect()
}

/// Its provider is asked again then; `None` = never.
pub(in crate::store) fn ask_again(conn: &Connection, id: i64, at: Option<Millis>) -> Result<()> {
    conn.prepare_cached(
        "UPDATE delivery SET confirm_at = ?2 WHERE id = ?1 AND confirm_at IS NOT NULL",
    )?
    .execute(params![id, at])?;
    Ok(())
}

/// Its provider says that it has arrived.
pub(in crate::store) fn set_confirmed(conn: &Connection, id: i64, now: Millis) -> Result<()> {
    conn.prepare_cached(
        "UPDATE delivery SET confirmed_at = ?2, confirm_at = NULL
         WHERE id = ?1 AND status = 'DELIVERED' AND confirm_at IS NOT NULL",
    )?
    .execute(params![id, now])?;
    Ok(())
}

/// What its provider had accepted did not arrive.
pub(in crate::store) fn take_back(
    conn: &Connection,
    id: i64,
    status: &str,
    why: &str,
    retry_at: Option<Millis>,
) -> Result<()> {
    conn.prepare_cached(
        "UPDATE delivery SET status = ?2, answer = ?3, confirm_at = NULL, receipt = NULL,
             scheduled_delivery = coalesce(?4, scheduled_delivery)
         WHERE id = ?1 AND status = 'DELIVERED' AND confirm_at IS NOT NULL",
    )?
    .execute(params![id, status, why, retry_at])?;
    Ok(())
}

/// Until the first repetition of a delivery.
pub(in crate::store) fn interval(conn: &Connection, id: i64) -> Result<Duration> {
    let seconds: Option<u32> = conn
        .prepare_cached("SELECT retry_time_interval FROM delivery WHERE id = ?1")?
        .query_row([id], |row| row.get(0))?;
    Ok(Duration::from_secs(seconds.unwrap_or_default().into()))
}
