//! What people do to notifications: mark, delete, undo.

use tidings_api::{Filter, StateChange};

use crate::model::NotificationId;
use crate::store::cursor::Cursor;
use crate::store::writer::{Bulk, Durability, STEP, Triaged};
use crate::store::{Store, StoreError, Triage};

impl Store {
    /// Retracts what was posted locally under the key. Returns how many rows.
    pub async fn withdraw(&self, key: &str) -> Result<u32, StoreError> {
        let (local, key) = (self.shared.local, key.to_owned());
        self.write(Durability::Full, move |unit| unit.withdraw(local, &key)).await
    }

    /// Changes the state of these rows; what is unknown or deleted is left out.
    pub async fn set_state(
        &self,
        ids: Vec<NotificationId>,
        change: StateChange,
    ) -> Result<Triage, StoreError> {
        self.triage(ids, Triaged::Change(change)).await
    }

    /// Changes all rows of the filter up to the newest id that the caller has seen, in steps under one undo token.
    pub async fn set_state_where(
        &self,
        filter: Filter,
        up_to: NotificationId,
        change: StateChange,
    ) -> Result<Triage, StoreError> {
        self.triage_where(filter, up_to, Triaged::Change(change)).await
    }

    /// Deletes these rows. A tombstone stays, so that a replay does not resurrect them.
    pub async fn delete(&self, ids: Vec<NotificationId>) -> Result<Triage, StoreError> {
        self.triage(ids, Triaged::Delete).await
    }

    /// Deletes all rows of the filter up to the newest id that the caller has seen.
    pub async fn delete_where(
        &self,
        filter: Filter,
        up_to: NotificationId,
    ) -> Result<Triage, StoreError> {
        self.triage_where(filter, up_to, Triaged::Delete).await
    }

    /// Takes back one triage call, once. Returns how many rows were restored.
    pub async fn undo(&self, token: u64) -> Result<u32, StoreError> {
        let token = i64::try_from(token)
            .map_err(|_| StoreError::Invalid(format!("undo: token {token} is unknown")))?;
        let mut restored = 0;
        loop {
            let (step, more) = self.write(Durability::Full, move |unit| unit.undo(token)).await?;
            restored += step;
            if !more {
                return Ok(restored);
            }
        }
    }

    /// Sets `seen_at` for a dismissed popup; nobody takes that back, so it costs no undo token.
    pub async fn noticed(&self, ids: Vec<NotificationId>) -> Result<(), StoreError> {
        self.write(Durability::Full, move |unit| unit.noticed(&ids)).await
    }

    /// Sets `acted_at`, `read_at` and `seen_at`.
    pub async fn acted(&self, id: NotificationId) -> Result<(), StoreError> {
        self.write(Durability::Full, move |unit| unit.acted(id)).await
    }

    async fn triage(
        &self,
        mut ids: Vec<NotificationId>,
        what: Triaged,
    ) -> Result<Triage, StoreError> {
        let mut bulk = Bulk::new(what);
        while !ids.is_empty() {
            let rest = ids.split_off(ids.len().min(STEP as usize));
            let step = std::mem::replace(&mut ids, rest);
            bulk =
                self.write(Durability::Full, move |unit| unit.triage(bulk.clone(), &step)).await?;
        }
        Ok(bulk.answer())
    }

    async fn triage_where(
        &self,
        filter: Filter,
        up_to: NotificationId,
        what: Triaged,
    ) -> Result<Triage, StoreError> {
        let mut bulk = Bulk::new(what);
        let mut cursor = Some(Cursor::Start);
        let mut count = 0;
        while let Some(from) = cursor {
            let filter = filter.clone();
            (bulk, cursor) = self
                .write(Durability::Full, move |unit| {
                    unit.triage_where(bulk.clone(), &filter, up_to, from)
                })
                .await?;
            count += std::mem::take(&mut bulk.changed).len();
        }
        Ok(Triage { count: u32::try_from(count).unwrap_or(u32::MAX), ..bulk.answer() })
    }
}
