//! What people and clients read: pages, rows, counts, explanations.

use std::sync::Arc;

use chrono_tz::Tz;
use tidings_api::{Dict, Filter, Millis, Notification, Statistics, Topic, View};

use crate::model::NotificationId;
use crate::store::{Counts, Page, Store, StoreError, statistics};

/// Topics that are listed: the rest has not been used for long.
const TOPICS: u32 = 1_000;

impl Store {
    /// One page, newest first. With a text, newest means by id.
    pub async fn list(
        &self,
        filter: Filter,
        cursor: String,
        limit: u32,
    ) -> Result<Page, StoreError> {
        self.read(move |reader| reader.list(&filter, &cursor, limit)).await
    }

    /// The rows with these ids; unknown and deleted ones are left out.
    pub async fn get(&self, ids: Vec<NotificationId>) -> Result<Vec<Notification>, StoreError> {
        self.read(move |reader| reader.get(&ids)).await
    }

    /// How many rows the filter has.
    pub async fn count(&self, filter: Filter) -> Result<u32, StoreError> {
        match self.counted(&filter) {
            Some(count) => Ok(count),
            None => self.read(move |reader| reader.count(&filter)).await,
        }
    }

    /// Arrival and every delivery of a row, as `Explain` answers it.
    pub async fn explain(&self, id: NotificationId) -> Result<Vec<Dict>, StoreError> {
        self.read(move |reader| reader.explain(id)).await
    }

    /// The topics that were used last, the newest first.
    pub async fn topics(&self) -> Result<Vec<Topic>, StoreError> {
        self.read(|reader| reader.topics(TOPICS)).await
    }

    /// Figures over what came from `since` until before `until`, by the clock of the zone.
    pub async fn statistics(
        &self,
        since: Millis,
        until: Millis,
        zone: Tz,
    ) -> Result<Statistics, StoreError> {
        let turn = Arc::clone(&self.shared.counting).acquire_owned().await;
        let turn = turn.map_err(|_| StoreError::Closed)?;
        let path = self.shared.path.clone();
        let count = move || {
            // Kept by the thread, whose work does not end with whoever waits for it.
            let _turn = turn;
            statistics::statistics(&path, since, until, zone)
        };
        tokio::task::spawn_blocking(count)
            .await
            .map_err(|error| StoreError::Database(format!("the figures: {error}")))?
    }

    /// The unique bus name that posted a row, if it was posted locally.
    pub async fn poster(&self, id: NotificationId) -> Result<Option<String>, StoreError> {
        self.read(move |reader| reader.poster(id)).await
    }

    /// Counters without a query.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.shared.counts.borrow().clone()
    }

    /// Filters that the writer's counters answer.
    fn counted(&self, filter: &Filter) -> Option<u32> {
        let Filter { view, source, .. } = filter;
        let plain = Filter { view: *view, source: source.clone(), ..Filter::default() };
        if *filter != plain {
            return None;
        }
        let counts = self.shared.counts.borrow();
        match (view, source) {
            (View::Unread, None) => Some(counts.unread),
            (View::Unread, Some(source)) => {
                Some(counts.unread_by_source.get(source).copied().unwrap_or_default())
            }
            (View::Unseen, None) => Some(counts.unseen),
            (
                View::Inbox | View::Unseen | View::Saved | View::Snoozed | View::Done | View::All,
                _,
            ) => None,
        }
    }
}
