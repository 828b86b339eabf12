//! Notifications: their content and their identity.

use rusqlite::{Connection, OptionalExtension, Result, params};
use tidings_api::{Confirmation, Millis, Urgency};

use super::encode::{actions_json, clean, tags_json, urgency, urgency_rank};
use super::facets::{Held, held, held_columns};
use crate::model::{Arrival, Incoming, NotificationId, SourceId};

/// What a row is born with beside its content.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct Birth {
    pub(in crate::store) source: SourceId,
    pub(in crate::store) epoch: i64,
    pub(in crate::store) read_at: Option<Millis>,
    pub(in crate::store) retracted_at: Option<Millis>,
}

/// Inserts a new row.
pub(in crate::store) fn insert(
    conn: &Connection,
    birth: Birth,
    incoming: &Incoming,
) -> Result<NotificationId> {
    let confirmation =
        if incoming.provisional { Confirmation::Provisional } else { Confirmation::Confirmed };
    let last_at = moment(incoming);
    conn.prepare_cached(
        "INSERT INTO notification (source_id, epoch, remote_id, confirmation, arrival, remote_read,
             seen_at, read_at, retracted_at, expires_at, occurrences, first_at, last_at, received_at,
             sent_at, sent_at_approximate, sent_at_raw, urgency, progress, transient, key, topic,
             app, title, icon, actor, verb, action_object, activity_target, posted_by, poster, url,
             tags, actions, body, data)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9, 1, ?10, ?10, ?11, ?12, ?13, ?14, ?15, ?16,
             ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30, ?31, ?32, ?33)",
    )?
    .execute(params![
        birth.source.0,
        birth.epoch,
        incoming.remote_id.as_deref().map(clean),
        confirmation.as_str(),
        incoming.arrival.as_str(),
        incoming.read == Some(true),
        birth.read_at,
        birth.retracted_at,
        incoming.expires_at,
        last_at,
        incoming.received_at,
        incoming.sent.as_ref().map(|sent| sent.at),
        incoming.sent.as_ref().is_some_and(|sent| sent.approximate),
        clean(incoming.sent.as_ref().map_or("", |sent| &sent.raw)),
        urgency_rank(incoming.urgency),
        incoming.progress.map(|progress| progress.min(100)),
        incoming.transient,
        clean(&incoming.key),
        clean(&incoming.topic),
        clean(&incoming.app),
        clean(&incoming.title),
        clean(&incoming.icon),
        clean(&incoming.actor),
        clean(&incoming.verb),
        clean(&incoming.action_object),
        clean(&incoming.activity_target),
        clean(&incoming.posted_by),
        clean(&incoming.poster),
        clean(&incoming.url),
        tags_json(&incoming.tags),
        actions_json(&incoming.actions),
        clean(&incoming.body),
        clean(&incoming.data),
    ])?;
    Ok(NotificationId(conn.last_insert_rowid()))
}

/// Replaces the content of a row; `false` = it was the same already.
pub(in crate::store) fn set_content(
    conn: &Connection,
    id: NotificationId,
    incoming: &Incoming,
) -> Result<bool> {
    let changed = conn
        .prepare_cached(
            "UPDATE notification SET topic = ?2, app = ?3, title = ?4, body = ?5, urgency = ?6,
                 url = ?7, icon = ?8, actor = ?9, verb = ?10, action_object = ?11,
                 activity_target = ?12, tags = ?13, actions = ?14, progress = ?15, transient = ?16,
                 data = ?17, expires_at = ?18
             WHERE id = ?1 AND (topic, app, title, body, urgency, url, icon, actor, verb,
                 action_object, activity_target, tags, actions, transient, data)
                 IS NOT (?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?16, ?17)
             OR id = ?1 AND (progress IS NOT ?15 OR expires_at IS NOT ?18)",
        )?
        .execute(params![
            id.0,
            clean(&incoming.topic),
            clean(&incoming.app),
            clean(&incoming.title),
            clean(&incoming.body),
            urgency_rank(incoming.urgency),
            clean(&incoming.url),
            clean(&incoming.icon),
            clean(&incoming.actor),
            clean(&incoming.verb),
            clean(&incoming.action_object),
            clean(&incoming.activity_target),
            tags_json(&incoming.tags),
            actions_json(&incoming.actions),
            incoming.progress.map(|progress| progress.min(100)),
            incoming.transient,
            clean(&incoming.data),
            incoming.expires_at,
        ])?;
    Ok(changed > 0)
}

/// Counts one occurrence more. Answers its number.
pub(in crate::store) fn add_occurrence(
    conn: &Connection,
    id: NotificationId,
    incoming: &Incoming,
) -> Result<i64> {
    conn.prepare_cached(
        "UPDATE notification SET occurrences = occurrences + 1, last_at = max(last_at, ?2),
             arrival = ?3, remote_read = ?4, poster = ?5, posted_by = ?6
         WHERE id = ?1 RETURNING occurrences",
    )?
    .query_row(
        params![
            id.0,
            moment(incoming),
            incoming.arrival.as_str(),
            incoming.read == Some(true),
            clean(&incoming.poster),
            clean(&incoming.posted_by),
        ],
        |row| row.get(0),
    )
}

/// Puts a row on top of the list. It has not occurred again: only its place is another.
pub(in crate::store) fn raise(conn: &Connection, id: NotificationId, now: Millis) -> Result<()> {
    conn.prepare_cached("UPDATE notification SET last_at = max(last_at, ?2) WHERE id = ?1")?
        .execute(params![id.0, now])?;
    Ok(())
}

/// Gives a row the server's identity and time.
pub(in crate::store) fn set_identity(
    conn: &Connection,
    id: NotificationId,
    epoch: i64,
    incoming: &Incoming,
) -> Result<()> {
    let sent = incoming.sent.as_ref();
    conn.prepare_cached(
        "UPDATE notification SET epoch = ?2, remote_id = ?3, confirmation = 'confirmed',
             sent_at = coalesce(?4, sent_at),
             sent_at_approximate = CASE WHEN ?4 IS NULL THEN sent_at_approximate ELSE ?5 END,
             sent_at_raw = CASE WHEN ?4 IS NULL THEN sent_at_raw ELSE ?6 END
         WHERE id = ?1",
    )?
    .execute(params![
        id.0,
        epoch,
        incoming.remote_id.as_deref().map(clean),
        sent.map(|sent| sent.at),
        sent.is_some_and(|sent| sent.approximate),
        clean(sent.map_or("", |sent| &sent.raw)),
    ])?;
    Ok(())
}

/// The row with this remote id.
pub(in crate::store) fn find_remote(
    conn: &Connection,
    source: SourceId,
    epoch: i64,
    remote_id: &str,
) -> Result<Option<Held>> {
    conn.prepare_cached(concat!(
        "SELECT ",
        held_columns!(),
        " FROM notification n WHERE n.source_id = ?1 AND n.epoch = ?2 AND n.remote_id = ?3"
    ))?
    .query_row(params![source.0, epoch, remote_id], held)
    .optional()
}

/// The newest row that carries the key; what was deleted does not count.
pub(in crate::store) fn find_key(
    conn: &Connection,
    source: SourceId,
    key: &str,
) -> Result<Option<Held>> {
    conn.prepare_cached(concat!(
        "SELECT ",
        held_columns!(),
        " FROM notification n INDEXED BY notification_key
          WHERE n.deleted_at IS NULL AND n.key <> '' AND n.key = ?2 AND n.source_id = ?1
          ORDER BY n.last_at DESC, n.id DESC LIMIT 1"
    ))?
    .query_row(params![source.0, key], held)
    .optional()
}

/// All rows of the key that are neither deleted nor taken back.
pub(in crate::store) fn valid_of_key(
    conn: &Connection,
    source: SourceId,
    key: &str,
) -> Result<Vec<Held>> {
    conn.prepare_cached(concat!(
        "SELECT ",
        held_columns!(),
        " FROM notification n INDEXED BY notification_key
          WHERE n.deleted_at IS NULL AND n.key <> '' AND n.key = ?2 AND n.source_id = ?1
              AND n.retracted_at IS NULL"
    ))?
    .query_map(params![source.0, key], held)?
    .collect()
}

/// Where a row comes from, and how much it wants to interrupt.
pub(in crate::store) fn origin(
    conn: &Connection,
    id: NotificationId,
) -> Result<(SourceId, Urgency)> {
    conn.prepare_cached("SELECT source_id, urgency FROM notification WHERE id = ?1")?
        .query_row([id.0], |row| Ok((SourceId(row.get(0)?), urgency(row.get(1)?))))
}

/// What a row is on its server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::store) struct Identity {
    pub(in crate::store) remote_id: Option<String>,
    pub(in crate::store) epoch: i64,
    /// By the server's clock.
    pub(in crate::store) sent_at: Option<Millis>,
    /// When it occurred last, by ours.
    pub(in crate::store) last_at: Millis,
}

/// The server's identity and the sender's time of a row.
pub(in crate::store) fn identity(conn: &Connection, id: NotificationId) -> Result<Identity> {
    conn.prepare_cached(
        "SELECT remote_id, epoch, sent_at, last_at FROM notification WHERE id = ?1",
    )?
    .query_row([id.0], |row| {
        let (remote_id, epoch) = (row.get(0)?, row.get(1)?);
        Ok(Identity { remote_id, epoch, sent_at: row.get(2)?, last_at: row.get(3)? })
    })
}

/// The server's list never showed this provisional row; `false` = it is not provisional any more.
pub(in crate::store) fn unconfirm(conn: &Connection, id: NotificationId) -> Result<bool> {
    let changed = conn
        .prepare_cached(
            "UPDATE notification SET confirmation = 'unconfirmed'
             WHERE id = ?1 AND confirmation = 'provisional'",
        )?
        .execute([id.0])?;
    Ok(changed > 0)
}

/// Deletes a row for good, with all that belongs to it.
pub(in crate::store) fn remove(conn: &Connection, id: NotificationId) -> Result<()> {
    conn.prepare_cached("DELETE FROM notification WHERE id = ?1")?.execute([id.0])?;
    Ok(())
}

/// Erases the content of a tombstone; its identity stays, so that a replay does not resurrect it.
pub(in crate::store) fn wipe(conn: &Connection, id: NotificationId, now: Millis) -> Result<()> {
    conn.prepare_cached(
        "UPDATE notification SET wiped_at = ?2, topic = '', app = '', title = '', body = '',
             url = '', icon = '', actor = '', verb = '', action_object = '', activity_target = '',
             tags = '', actions = '', data = '', posted_by = '', poster = '', sent_at_raw = '',
             progress = NULL
         WHERE id = ?1",
    )?
    .execute(params![id.0, now])?;
    Ok(())
}

/// Where a notification stands in the list: news by when we saw it, what is caught up by when it was sent.
pub(in crate::store) fn moment(incoming: &Incoming) -> Millis {
    match (incoming.arrival, &incoming.sent) {
        (Arrival::Live, _) | (_, None) => incoming.received_at,
        (Arrival::CatchUp | Arrival::Backfill, Some(sent)) => sent.at.min(incoming.received_at),
    }
}
