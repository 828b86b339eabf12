//! The user's opt-outs. An empty text in a column means that it is not given.

use rusqlite::{Connection, Result, Row, params};
use tidings_api::{Millis, OptOut, Scope};

/// The broadest opt-out that keeps the delivery `d` of the notification `n` away at the time `?1`, as JSON.
/// The same as [`crate::dispatch::opt_out::OptOuts::standing`].
macro_rules! standing_opt_out {
    () => {
        "(SELECT json_object('scope', json_object('source', nullif(o.source, ''),
                     'topic', nullif(o.topic, ''), 'key', nullif(o.key, '')),
                 'target', o.target, 'until', o.until, 'since', o.since)
             FROM opt_out o JOIN source s ON s.id = n.source_id
             WHERE (o.until IS NULL OR o.until > ?1) AND o.target IN ('', d.target)
                 AND o.source IN ('', s.name) AND o.topic IN ('', n.topic) AND o.key IN ('', n.key)
             ORDER BY (o.source <> '') + 2 * (o.topic <> '') + 3 * (o.key <> ''), o.since LIMIT 1)"
    };
}
pub(in crate::store) use standing_opt_out;

/// Every opt-out, those that have just ended included.
pub(in crate::store) fn all(conn: &Connection) -> Result<Vec<OptOut>> {
    conn.prepare_cached("SELECT source, topic, key, target, until, since FROM opt_out ORDER BY id")?
        .query_map([], opt_out)?
        .collect()
}

/// Writes one down; one of the same scope and target gets its end and keeps its beginning.
pub(in crate::store) fn put(conn: &Connection, row: &OptOut) -> Result<()> {
    let [source, topic, key] = columns(&row.scope);
    conn.prepare_cached(
        "INSERT INTO opt_out (source, topic, key, target, since, until)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (source, topic, key, target) DO UPDATE SET until = ?6",
    )?
    .execute(params![source, topic, key, row.target, row.since, row.until])?;
    Ok(())
}

/// Takes the one of exactly this scope and target out; `true` = it was there.
pub(in crate::store) fn remove(conn: &Connection, scope: &Scope, target: &str) -> Result<bool> {
    let [source, topic, key] = columns(scope);
    let removed = conn
        .prepare_cached(
            "DELETE FROM opt_out WHERE source = ?1 AND topic = ?2 AND key = ?3 AND target = ?4",
        )?
        .execute(params![source, topic, key, target])?;
    Ok(removed > 0)
}

/// Takes out those that have ended.
pub(in crate::store) fn remove_ended(conn: &Connection, now: Millis) -> Result<usize> {
    conn.prepare_cached("DELETE FROM opt_out WHERE until <= ?1")?.execute([now])
}

fn columns(scope: &Scope) -> [&str; 3] {
    [&scope.source, &scope.topic, &scope.key].map(|part| part.as_deref().unwrap_or_default())
}

fn opt_out(row: &Row<'_>) -> Result<OptOut> {
    let given = |index: usize| -> Result<Option<String>> {
        let text: String = row.get(index)?;
        Ok(Some(text).filter(|text| !text.is_empty()))
    };
    Ok(OptOut {
        scope: Scope { source: given(0)?, topic: given(1)?, key: given(2)? },
        target: row.get(3)?,
        until: row.get(4)?,
        since: row.get(5)?,
    })
}
