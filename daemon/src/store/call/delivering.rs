//! Deliveries that fall due, and how they end.

use crate::store::writer::Durability;
use crate::store::{Claimed, DeliveryEnd, Due, Store, StoreError, SummaryOrder};
use tidings_api::Millis;

impl Store {
    /// Claims what is due on the desktop, and with `waiting_for_server` what waits only for a popup server. Rows that
    /// were read, deleted or expired meanwhile, or may not pop up any more, are suppressed instead.
    pub async fn claim_due(&self, waiting_for_server: bool) -> Result<Due, StoreError> {
        self.write(Durability::Normal, move |unit| unit.claim_due(waiting_for_server)).await
    }

    /// Claims in one piece what came while it was quiet, from `since` on, as far as it is still unread in the inbox.
    pub async fn claim_after_quiet(
        &self,
        since: Millis,
    ) -> Result<Option<SummaryOrder>, StoreError> {
        self.write(Durability::Normal, move |unit| unit.claim_after_quiet(since)).await
    }

    /// Records how claimed deliveries ended.
    pub async fn record(&self, ends: Vec<(Claimed, DeliveryEnd)>) -> Result<(), StoreError> {
        self.write(Durability::Normal, move |unit| unit.record(&ends)).await
    }
}
