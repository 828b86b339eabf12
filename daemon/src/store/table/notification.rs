//! Notifications: their content, their identity, and the row that the bus answers.

use std::borrow::Cow;

use rusqlite::{Connection, OptionalExtension, Result, Row, params};
use serde::{Serialize, de::DeserializeOwned};
use tidings_api::{Action, Confirmation, Millis, Notification, Urgency};

use super::facets::{Held, held, held_columns};
use crate::model::{Arrival, Incoming, NotificationId, PopupOrder, SourceId};

/// The columns that [`listed`] reads, of `notification n`.
macro_rules! listed_columns {
    () => {
        "n.id, n.source_id, n.topic, n.key, n.app, n.title, n.body, n.urgency, n.url, n.icon, \
         n.actor, n.verb, n.action_object, n.activity_target, n.tags, n.actions, n.progress, n.data, \
         n.sent_at, n.sent_at_approximate, n.received_at, n.first_at, n.last_at, n.occurrences, \
         n.remote_id, n.confirmation, n.seen_at, n.read_at, n.done_at, n.saved_at, n.snoozed_until, \
         n.acted_at, n.retracted_at, n.expires_at, n.posted_by"
    };
}
pub(in crate::store) use listed_columns;

/// Reads a row of `listed_columns!`; the caller fills in the name of the source.
pub(in crate::store) fn listed(row: &Row<'_>) -> Result<(SourceId, Notification)> {
    let read_at: Option<Millis> = row.get(27)?;
    let notification = Notification {
        id: row.get(0)?,
        source: String::new(),
        topic: row.get(2)?,
        key: row.get(3)?,
        app: row.get(4)?,
        title: row.get(5)?,
        body: row.get(6)?,
        urgency: urgency(row.get(7)?),
        url: row.get(8)?,
        icon: row.get(9)?,
        actor: row.get(10)?,
        verb: row.get(11)?,
        action_object: row.get(12)?,
        activity_target: row.get(13)?,
        tags: from_json(row.get_ref(14)?.as_str()?),
        actions: from_json::<Action>(row.get_ref(15)?.as_str()?),
        progress: row.get(16)?,
        data: row.get(17)?,
        read: read_at.is_some(),
        sent_at: row.get(18)?,
        sent_at_approximate: row.get(19)?,
        received_at: row.get(20)?,
        first_at: row.get(21)?,
        last_at: row.get(22)?,
        occurrences: row.get(23)?,
        remote_id: row.get(24)?,
        confirmation: Confirmation::from_word(row.get_ref(25)?.as_str()?),
        seen_at: row.get(26)?,
        read_at,
        done_at: row.get(28)?,
        saved_at: row.get(29)?,
        snoozed_until: row.get(30)?,
        acted_at: row.get(31)?,
        retracted_at: row.get(32)?,
        expires_at: row.get(33)?,
        posted_by: row.get(34)?,
    };
    Ok((SourceId(row.get(1)?), notification))
}

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
        incoming.read,
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
            incoming.read,
            clean(&incoming.poster),
            clean(&incoming.posted_by),
        ],
        |row| row.get(0),
    )
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

/// The server's identity and the sender's time of a row.
pub(in crate::store) fn identity(
    conn: &Connection,
    id: NotificationId,
) -> Result<(Option<String>, i64, Option<Millis>)> {
    conn.prepare_cached("SELECT remote_id, epoch, sent_at FROM notification WHERE id = ?1")?
        .query_row([id.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
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

/// The popup of a row, read back.
pub(in crate::store) fn popup(
    conn: &Connection,
    delivery_id: i64,
    id: NotificationId,
) -> Result<PopupOrder> {
    conn.prepare_cached(
        "SELECT s.name, n.topic, n.app, n.title, n.body, n.urgency, n.url, n.icon, n.actions,
             n.progress, n.transient, n.received_at
         FROM notification n JOIN source s ON s.id = n.source_id WHERE n.id = ?1",
    )?
    .query_row([id.0], |row| {
        Ok(PopupOrder {
            delivery_id,
            id,
            source: row.get(0)?,
            topic: row.get(1)?,
            app: row.get(2)?,
            title: row.get(3)?,
            body: row.get(4)?,
            urgency: urgency(row.get(5)?),
            url: row.get(6)?,
            icon: row.get(7)?,
            actions: from_json(row.get_ref(8)?.as_str()?),
            progress: row.get(9)?,
            transient: row.get(10)?,
            received_at: row.get(11)?,
            arrived: None,
        })
    })
}

/// Where a notification stands in the list: news by when we saw it, what is caught up by when it was sent.
pub(in crate::store) fn moment(incoming: &Incoming) -> Millis {
    match (incoming.arrival, &incoming.sent) {
        (Arrival::Live, _) | (_, None) => incoming.received_at,
        (Arrival::CatchUp | Arrival::Backfill, Some(sent)) => sent.at.min(incoming.received_at),
    }
}

/// The order of the urgencies in the database.
pub(in crate::store) const fn urgency_rank(urgency: Urgency) -> i64 {
    match urgency {
        Urgency::Low => 0,
        Urgency::Normal => 1,
        Urgency::High => 2,
        Urgency::Critical => 3,
    }
}

const fn urgency(rank: i64) -> Urgency {
    match rank {
        0 => Urgency::Low,
        2 => Urgency::High,
        3 => Urgency::Critical,
        _ => Urgency::Normal,
    }
}

/// D-Bus strings cannot carry U+0000, and one such row must not break a whole page.
pub(in crate::store) fn clean(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { Cow::Owned(text.replace('\0', "")) } else { Cow::Borrowed(text) }
}

/// Labels as the database keeps them.
pub(in crate::store) fn tags_json(tags: &[String]) -> String {
    let tags: Vec<_> = tags.iter().map(|tag| clean(tag)).collect();
    to_json(&tags)
}

/// Buttons as the database keeps them.
pub(in crate::store) fn actions_json(actions: &[Action]) -> String {
    let clean = |text: &str| clean(text).into_owned();
    let actions: Vec<_> = actions
        .iter()
        .map(|action| Action {
            id: clean(&action.id),
            label: clean(&action.label),
            url: clean(&action.url),
        })
        .collect();
    to_json(&actions)
}

/// Nothing is the empty text, which costs no parsing when it is listed.
fn to_json<T: Serialize>(items: &[T]) -> String {
    if items.is_empty() { String::new() } else { serde_json::to_string(items).unwrap_or_default() }
}

fn from_json<T: DeserializeOwned>(text: &str) -> Vec<T> {
    if text.is_empty() { Vec::new() } else { serde_json::from_str(text).unwrap_or_default() }
}
