//! Retention, export, import and the figures of the file.

use std::sync::atomic::Ordering;

use tidings_api::{Dict, Notification};

use crate::model::NotificationId;
use crate::store::writer::Durability;
use crate::store::{Retention, Store, StoreError};

/// Imported rows of one transaction.
const IMPORT_STEP: usize = 1_000;

impl Store {
    /// One bounded step of retention; `true` = there is more to do.
    pub async fn retain(&self, retention: Retention) -> Result<bool, StoreError> {
        self.write(Durability::Normal, move |unit| unit.retain(retention)).await
    }

    /// Deletes every row of a source for good, saved ones too, and forgets where to resume. There is no undo.
    pub async fn forget_source(&self, name: &str) -> Result<(), StoreError> {
        loop {
            let name = name.to_owned();
            if !self.write(Durability::Normal, move |unit| unit.forget_source(&name)).await? {
                return Ok(());
            }
        }
    }

    /// Rows after `after` in order of id, for an export.
    pub async fn export_page(
        &self,
        after: NotificationId,
        limit: u32,
    ) -> Result<Vec<Notification>, StoreError> {
        self.read(move |reader| reader.export_page(after, limit)).await
    }

    /// Inserts exported rows that are not there yet; returns how many were.
    pub async fn import(&self, mut rows: Vec<Notification>) -> Result<u64, StoreError> {
        let mut inserted = 0;
        while !rows.is_empty() {
            let rest = rows.split_off(rows.len().min(IMPORT_STEP));
            let step = std::mem::replace(&mut rows, rest);
            inserted += self.write(Durability::Full, move |unit| unit.import(&step)).await?;
        }
        Ok(inserted)
    }

    /// Size of the file and the like, for `Stats`.
    pub async fn facts(&self) -> Result<Dict, StoreError> {
        let refused = self.shared.refused_events.load(Ordering::Relaxed);
        self.read(move |reader| reader.facts(refused)).await
    }
}
