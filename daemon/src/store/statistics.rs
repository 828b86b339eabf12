//! Figures over a span of time. They walk over every notification of it, so they have a connection of their own:
//! lists do not wait for them.

use std::collections::HashMap;
use std::path::Path;

use chrono_tz::Tz;
use rusqlite::{Connection, params};
use tidings_api::{DeliveryCount, Millis, Statistics};

use super::error::StoreError;
use super::open;
use crate::inbox::{Counted, Tally};
use crate::model::SourceId;

/// Counts what came from `since` until before `until`.
pub(super) fn statistics(
    path: &Path,
    since: Millis,
    until: Millis,
    zone: Tz,
) -> Result<Statistics, StoreError> {
    let conn = open::open_reader(path)?;
    // One snapshot for all figures.
    conn.execute_batch("BEGIN")?;
    let mut tally = Tally::new(zone);
    let mut statement = conn.prepare(
        "SELECT source_id, topic, last_at, read_at FROM notification INDEXED BY notification_all
         WHERE deleted_at IS NULL AND last_at >= ?1 AND last_at < ?2 ORDER BY last_at",
    )?;
    let mut rows = statement.query(params![since, until])?;
    while let Some(row) = rows.next()? {
        tally.add(Counted {
            source: SourceId(row.get(0)?),
            topic: row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?,
            at: row.get(2)?,
            read_at: row.get(3)?,
        });
    }
    let deliveries = deliveries(&conn, since, until)?;
    Ok(Statistics { deliveries, ..tally.finish(&names(&conn)?) })
}

fn names(conn: &Connection) -> rusqlite::Result<HashMap<SourceId, String>> {
    conn.prepare("SELECT id, name FROM source")?
        .query_map([], |row| Ok((SourceId(row.get(0)?), row.get(1)?)))?
        .collect()
}

fn deliveries(
    conn: &Connection,
    since: Millis,
    until: Millis,
) -> rusqlite::Result<Vec<DeliveryCount>> {
    conn.prepare(
        "SELECT target, status, coalesce(reason, ''), count(*) FROM delivery
         WHERE scheduled_delivery >= ?1 AND scheduled_delivery < ?2
         GROUP BY 1, 2, 3 ORDER BY 1, 4 DESC",
    )?
    .query_map(params![since, until], |row| {
        Ok(DeliveryCount {
            target: row.get(0)?,
            status: row.get(1)?,
            reason: row.get(2)?,
            count: row.get(3)?,
        })
    })?
    .collect()
}
