//! `org.tidings.Tidings.Inbox1`.

use std::path::Path;

use chrono_tz::Tz;
use tidings_api::{Dict, Error, Fields, Filter, Millis, Result, Row, StateChange, Topic, limits};
use zbus::interface;
use zbus::object_server::SignalEmitter;

use crate::bus::failed;
use crate::dispatch::actions::{Actions, Consent, Invocation};
use crate::images::Images;
use crate::model::NotificationId;
use crate::store::Store;

/// A page when the caller does not say how long.
const DEFAULT_PAGE: u32 = 50;

/// Filters of one `Count`: each may walk over the whole inbox, and lists wait for it.
const COUNTS: usize = 100;

/// Days of one `Statistics`: a leap year and a month to compare it with.
const STATISTICS_DAYS: i64 = 400;
const DAY: Millis = 24 * 60 * 60 * 1_000;

/// Reads and triages the inbox.
pub(super) struct Inbox1 {
    pub(super) store: Store,
    pub(super) actions: Actions,
    pub(super) images: Images,
}

#[interface(name = "org.tidings.Tidings.Inbox1")]
impl Inbox1 {
    /// One page, newest first; an empty `next` means the end.
    #[zbus(out_args("notifications", "next", "revision"))]
    async fn list(
        &self,
        filter: Dict,
        cursor: String,
        limit: u32,
    ) -> Result<(Vec<Row>, String, u64)> {
        let filter = Filter::from_dict(filter)?;
        let limit = match limit {
            0 => DEFAULT_PAGE,
            limit if limit <= limits::PAGE => limit,
            limit => {
                return Err(Error::TooLarge(format!(
                    "limit: {limit} rows, the limit is {}; follow the cursor for more",
                    limits::PAGE
                )));
            }
        };
        let page = self.store.list(filter, cursor, limit).await.map_err(failed)?;
        Ok((page.rows.into_iter().map(Row).collect(), page.next, page.revision))
    }

    /// The rows with these ids; unknown ids are left out.
    #[zbus(out_args("notifications"))]
    async fn get(&self, ids: Vec<i64>) -> Result<Vec<Row>> {
        let rows = self.store.get(checked(ids)?).await.map_err(failed)?;
        Ok(rows.into_iter().map(Row).collect())
    }

    /// How many rows each filter has.
    #[zbus(out_args("counts"))]
    async fn count(&self, filters: Vec<Dict>) -> Result<Vec<u32>> {
        if filters.len() > COUNTS {
            return Err(Error::TooLarge(format!(
                "filters: {} entries, the limit is {COUNTS}",
                filters.len()
            )));
        }
        let mut counts = Vec::with_capacity(filters.len());
        for filter in filters {
            counts.push(self.store.count(Filter::from_dict(filter)?).await.map_err(failed)?);
        }
        Ok(counts)
    }

    /// Changes the state of these rows; answers the ids that really changed and an undo token (0 = nothing to undo).
    #[zbus(out_args("changed", "undo"))]
    async fn set_state(&self, ids: Vec<i64>, change: Dict) -> Result<(Vec<i64>, u64)> {
        let change = StateChange::from_dict(change)?;
        let triage = self.store.set_state(checked(ids)?, change).await.map_err(failed)?;
        Ok((triage.changed.into_iter().map(|id| id.0).collect(), triage.undo))
    }

    /// Changes the state of all rows of the filter up to the newest id that the caller has seen.
    #[zbus(out_args("count", "undo"))]
    async fn set_state_where(
        &self,
        filter: Dict,
        up_to_id: i64,
        change: Dict,
    ) -> Result<(u32, u64)> {
        let filter = Filter::from_dict(filter)?;
        let change = StateChange::from_dict(change)?;
        let up_to = NotificationId(up_to_id);
        let triage = self.store.set_state_where(filter, up_to, change).await.map_err(failed)?;
        Ok((triage.count, triage.undo))
    }

    /// Takes back one triage call; answers how many rows were restored.
    #[zbus(out_args("count"))]
    async fn undo(&self, token: u64) -> Result<u32> {
        self.store.undo(token).await.map_err(failed)
    }

    /// Deletes these rows; answers how many and an undo token.
    #[zbus(out_args("count", "undo"))]
    async fn delete(&self, ids: Vec<i64>) -> Result<(u32, u64)> {
        let triage = self.store.delete(checked(ids)?).await.map_err(failed)?;
        Ok((triage.count, triage.undo))
    }

    /// Deletes all rows of the filter up to the newest id that the caller has seen.
    #[zbus(out_args("count", "undo"))]
    async fn delete_where(&self, filter: Dict, up_to_id: i64) -> Result<(u32, u64)> {
        let filter = Filter::from_dict(filter)?;
        let up_to = NotificationId(up_to_id);
        let triage = self.store.delete_where(filter, up_to).await.map_err(failed)?;
        Ok((triage.count, triage.undo))
    }

    /// Does what a click on the button would: opens the URL, tells the poster, marks as read.
    async fn invoke(&self, id: i64, action: String, platform_data: Dict) -> Result<()> {
        let mut data = Fields::new("platform_data", platform_data);
        let activation_token = data.text("activation-token")?;
        let startup_id = data.text("desktop-startup-id")?;
        let reply = data.text("reply")?;
        let confirmed = data.text("confirmed")?;
        data.finish()?;
        let activation_token = activation_token.or(startup_id);
        let consent = confirmed.map_or(Consent::NotAsked, Consent::Given);
        let invocation = Invocation { action, reply, activation_token, consent };
        self.actions.invoke(NotificationId(id), invocation).await
    }

    /// Why it did or did not pop up: one entry a decision, in order.
    #[zbus(out_args("decisions"))]
    async fn explain(&self, id: i64) -> Result<Vec<Dict>> {
        let decisions = self.store.explain(NotificationId(id)).await.map_err(failed)?;
        if decisions.is_empty() {
            return Err(Error::NotFound(format!("id: there is no notification {id}")));
        }
        Ok(decisions)
    }

    /// The image of a sender that the `icon` of a row leads to: its media type and its content.
    #[zbus(out_args("media_type", "content"))]
    async fn image(&self, icon: String) -> Result<(String, Vec<u8>)> {
        let images = self.images.clone();
        let reading = tokio::task::spawn_blocking(move || images.read(Path::new(&icon)));
        let read = reading.await.map_err(|error| Error::Unavailable(error.to_string()))?;
        let image =
            read.ok_or_else(|| Error::NotFound("icon: no image is kept there".to_owned()))?;
        Ok((image.media_type.to_owned(), image.content))
    }

    /// The topics that were used last, the newest first, each with its unread count.
    #[zbus(out_args("topics"))]
    async fn topics(&self) -> Result<Vec<Dict>> {
        let topics = self.store.topics().await.map_err(failed)?;
        Ok(topics.iter().map(Topic::to_dict).collect())
    }

    /// Figures from `since` to `until` in days of the zone (IANA name), as JSON.
    #[zbus(out_args("statistics"))]
    async fn statistics(&self, since: Millis, until: Millis, zone: &str) -> Result<String> {
        let known: Tz = zone.parse().map_err(|_| {
            Error::InvalidArgs(format!(
                "zone: \"{zone}\" is not a time zone; give an IANA name such as Europe/Madrid"
            ))
        })?;
        let span = until.saturating_sub(since);
        if !(0..=STATISTICS_DAYS * DAY).contains(&span) {
            return Err(Error::InvalidArgs(format!(
                "until: must be after since, by at most {STATISTICS_DAYS} days"
            )));
        }
        let figures = self.store.statistics(since, until, known).await.map_err(failed)?;
        figures.to_json()
    }

    /// Unread notifications of the inbox.
    #[zbus(property(emits_changed_signal = "false"))]
    fn unread_count(&self) -> u32 {
        self.store.counts().unread
    }

    /// Unseen notifications of the inbox.
    #[zbus(property(emits_changed_signal = "false"))]
    fn unseen_count(&self) -> u32 {
        self.store.counts().unseen
    }

    /// Grows with every committed change.
    #[zbus(property(emits_changed_signal = "false"))]
    fn revision(&self) -> u64 {
        self.store.counts().revision
    }

    /// Something was committed. At most ten a second; ids only.
    #[zbus(signal)]
    pub(super) async fn changed(
        emitter: &SignalEmitter<'_>,
        revision: u64,
        added: Vec<i64>,
        updated: Vec<i64>,
        removed: Vec<i64>,
    ) -> zbus::Result<()>;
}

fn checked(ids: Vec<i64>) -> Result<Vec<NotificationId>> {
    if ids.len() > limits::IDS {
        return Err(Error::TooLarge(format!(
            "ids: {} entries, the limit is {}",
            ids.len(),
            limits::IDS
        )));
    }
    Ok(ids.into_iter().map(NotificationId).collect())
}
