//! Deliveries to targets beside the desktop.

use tidings_api::Millis;

use crate::store::writer::{Durability, Wanted};
use crate::store::{Outbound, OutboundEnd, Store, StoreError, Unconfirmed};
use crate::targets::Confirmation;

/// What a target asks for.
#[derive(Clone, Debug)]
pub struct OutboundWish {
    /// Its name.
    pub target: String,
    /// Milliseconds for which the claim stands: longer than any attempt may take.
    pub lease: Millis,
    /// Drawn at random for each call.
    pub claim: i64,
    /// Messages of their own, at most.
    pub limit: usize,
    /// Whether a message whose fate is unknown can be sent again.
    pub repeatable: bool,
    /// Whether claims that are over are ended.
    pub end_leases: bool,
}

impl Store {
    /// Claims what is due for a target. Durable before it returns: what was sent after a claim that a power cut takes
    /// back would be sent twice.
    pub async fn claim_outbound(&self, wish: OutboundWish) -> Result<Outbound, StoreError> {
        self.write(Durability::Full, move |unit| {
            unit.claim_outbound(Wanted {
                target: &wish.target,
                lease: wish.lease,
                claim: wish.claim,
                limit: wish.limit,
                repeatable: wish.repeatable,
                end_leases: wish.end_leases,
            })
        })
        .await
    }

    /// Records how claimed messages ended; `confirm_after` = when the provider can first be asked about them.
    pub async fn end_outbound(
        &self,
        target: String,
        ends: Vec<OutboundEnd>,
        confirm_after: Option<Millis>,
    ) -> Result<(), StoreError> {
        self.write(Durability::Normal, move |unit| unit.end_outbound(&target, &ends, confirm_after))
            .await
    }

    /// What the provider of a target can be asked about now.
    pub async fn unconfirmed(
        &self,
        target: String,
        limit: u32,
    ) -> Result<Vec<Unconfirmed>, StoreError> {
        self.write(Durability::Normal, move |unit| unit.unconfirmed(&target, limit)).await
    }

    /// What the provider has answered.
    pub async fn confirm_outbound(
        &self,
        target: String,
        answers: Vec<(Unconfirmed, Confirmation)>,
    ) -> Result<(), StoreError> {
        self.write(Durability::Normal, move |unit| unit.confirm_outbound(&target, &answers)).await
    }
}
