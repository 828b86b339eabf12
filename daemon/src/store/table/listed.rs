//! Rows as they leave the database: for the bus, and for a popup.

use rusqlite::{Connection, Result, Row};
use tidings_api::{Action, Confirmation, Millis, Notification};

use super::encode::{from_json, urgency};
use crate::model::{NotificationId, PopupOrder, SourceId};

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

/// Reads a row of `listed_columns!`; the caller knows the name of its [`source`].
pub(in crate::store) fn listed(row: &Row<'_>, source: String) -> Result<Notification> {
    let read_at: Option<Millis> = row.get(27)?;
    Ok(Notification {
        id: row.get(0)?,
        source,
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
    })
}

/// The source of a row of `listed_columns!`.
pub(in crate::store) fn source(row: &Row<'_>) -> Result<SourceId> {
    row.get(1).map(SourceId)
}

/// The popup of a row, read back.
pub(in crate::store) fn popup(
    conn: &Connection,
    delivery_id: i64,
    id: NotificationId,
    opt_outs: u64,
) -> Result<PopupOrder> {
    conn.prepare_cached(
        "SELECT s.name, n.topic, n.app, n.title, n.body, n.urgency, n.url, n.icon, n.actions,
             n.progress, n.transient, n.received_at, n.key
         FROM notification n JOIN source s ON s.id = n.source_id WHERE n.id = ?1",
    )?
    .query_row([id.0], |row| {
        Ok(PopupOrder {
            delivery_id,
            id,
            source: row.get(0)?,
            topic: row.get(1)?,
            key: row.get(12)?,
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
            opt_outs,
        })
    })
}
