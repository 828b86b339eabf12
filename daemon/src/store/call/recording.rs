//! What people see and change of targets: records, pauses, deliveries.

use tidings_api::{DeliveryFilter, Record};

use crate::store::writer::Durability;
use crate::store::{DeliveryPage, Pause, Store, StoreError, TargetFigures};

impl Store {
    /// The records of a target; of all for an empty name.
    pub async fn records(&self, target: String) -> Result<Vec<Record>, StoreError> {
        self.write(Durability::Normal, move |unit| unit.records(&target)).await
    }

    /// Gives each of these targets, which have exactly one recipient, the record of it.
    pub async fn ensure_records(&self, targets: Vec<String>) -> Result<(), StoreError> {
        self.write(Durability::Normal, move |unit| unit.ensure_records(&targets)).await
    }

    /// Ends what waits for targets that are not among these. Answers how many.
    pub async fn keep_targets(&self, names: Vec<String>) -> Result<usize, StoreError> {
        self.write(Durability::Full, move |unit| unit.keep_targets(&names)).await
    }

    /// One of them.
    pub async fn record_row(&self, id: i64) -> Result<Record, StoreError> {
        self.write(Durability::Normal, move |unit| unit.record_row(id)).await
    }

    /// Adds a record, durably. Answers its id.
    pub async fn add_record(&self, new: Record) -> Result<i64, StoreError> {
        self.write(Durability::Full, move |unit| unit.add_record(&new)).await
    }

    /// Changes a record, durably.
    pub async fn update_record(
        &self,
        id: i64,
        description: Option<String>,
        active: Option<bool>,
    ) -> Result<(), StoreError> {
        self.write(Durability::Full, move |unit| {
            unit.update_record(id, description.as_deref(), active)
        })
        .await
    }

    /// Its owner has entered the code.
    pub async fn verify_record(&self, id: i64) -> Result<(), StoreError> {
        self.write(Durability::Full, move |unit| unit.verify_record(id)).await
    }

    /// Takes a record out, with its deliveries.
    pub async fn remove_record(&self, id: i64) -> Result<(), StoreError> {
        self.write(Durability::Full, move |unit| unit.remove_record(id)).await
    }

    /// Forgets a target that is gone: its records with their deliveries, and its pause.
    pub async fn forget_target(&self, name: String) -> Result<(), StoreError> {
        self.write(Durability::Full, move |unit| unit.forget_target(&name)).await
    }

    /// The targets that are paused.
    pub async fn pauses(&self) -> Result<Vec<Pause>, StoreError> {
        self.write(Durability::Normal, |unit| unit.pauses()).await
    }

    /// Pauses a target, for these reasons.
    pub async fn pause_target(&self, name: String, why: String) -> Result<(), StoreError> {
        self.write(Durability::Full, move |unit| unit.pause_target(&name, &why)).await
    }

    /// Ends a pause; `true` = there was one.
    pub async fn resume_target(&self, name: String) -> Result<bool, StoreError> {
        self.write(Durability::Full, move |unit| unit.resume_target(&name)).await
    }

    /// Tries deliveries again. Answers how many.
    pub async fn retry_deliveries(&self, ids: Vec<i64>) -> Result<u32, StoreError> {
        self.write(Durability::Full, move |unit| unit.retry_deliveries(&ids)).await
    }

    /// Gives up what waits. Answers how many.
    pub async fn cancel_deliveries(&self, ids: Vec<i64>) -> Result<u32, StoreError> {
        self.write(Durability::Full, move |unit| unit.cancel_deliveries(&ids)).await
    }

    /// One page of deliveries, the newest first. `cursor` is empty or the `next` of the page before.
    pub async fn deliveries(
        &self,
        filter: DeliveryFilter,
        cursor: String,
        limit: u32,
    ) -> Result<DeliveryPage, StoreError> {
        self.read(move |reader| reader.deliveries(&filter, &cursor, limit)).await
    }

    /// What is counted of a target.
    pub async fn target_figures(&self, target: String) -> Result<TargetFigures, StoreError> {
        self.read(move |reader| reader.target_figures(&target)).await
    }
}
