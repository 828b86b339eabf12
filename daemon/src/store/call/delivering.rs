//! Deliveries that fall due, and how they end.

use crate::store::writer::Durability;
use crate::store::{Claimed, DeliveryEnd, Due, Store, StoreError};

impl Store {
    /// Claims what is due on the desktop, and with `waiting_for_server` what waits only for a popup server. Rows that
    /// were read, deleted or expired meanwhile, or may not pop up any more, are suppressed instead.
    pub async fn claim_due(&self, waiting_for_server: bool) -> Result<Due, StoreError> {
        self.write(Durability::Normal, move |unit| unit.claim_due(waiting_for_server)).await
    }

    /// Records how claimed deliveries ended.
    pub async fn record(&self, ends: Vec<(Claimed, DeliveryEnd)>) -> Result<(), StoreError> {
        self.write(Durability::Normal, move |unit| unit.record(&ends)).await
    }
}
