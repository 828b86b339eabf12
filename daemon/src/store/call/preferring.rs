//! What the user does not want where, and when.

use std::sync::Arc;

use tidings_api::{OptOut, Scope};
use tokio::sync::watch;

use crate::dispatch::opt_out::OptOuts;
use crate::store::writer::Durability;
use crate::store::{QuietRecord, Store, StoreError};

impl Store {
    /// The opt-outs that stand at this moment, without a query.
    #[must_use]
    pub fn opt_outs(&self) -> Arc<OptOuts> {
        self.shared.opt_outs.borrow().clone()
    }

    /// Tells of every change of the opt-outs.
    #[must_use]
    pub fn follow_opt_outs(&self) -> watch::Receiver<Arc<OptOuts>> {
        self.shared.opt_outs.clone()
    }

    /// Keeps a scope away from a target, durably. Answers how many waiting deliveries it stopped.
    pub async fn opt_out(&self, opt_out: OptOut) -> Result<u32, StoreError> {
        self.write(Durability::Full, move |unit| unit.opt_out(&opt_out)).await
    }

    /// Takes back the opt-out of exactly this scope and target; `false` = there was none.
    pub async fn opt_in(&self, scope: Scope, target: String) -> Result<bool, StoreError> {
        self.write(Durability::Full, move |unit| unit.opt_in(&scope, &target)).await
    }

    /// What is remembered about being quiet.
    pub async fn quiet(&self) -> Result<QuietRecord, StoreError> {
        self.write(Durability::Normal, |unit| unit.quiet()).await
    }

    /// Remembers it, durably.
    pub async fn set_quiet(&self, record: QuietRecord) -> Result<(), StoreError> {
        self.write(Durability::Full, move |unit| unit.set_quiet(record)).await
    }

    /// Takes out the opt-outs whose time is over. Answers how many.
    pub async fn end_opt_outs(&self) -> Result<usize, StoreError> {
        self.write(Durability::Normal, |unit| unit.end_opt_outs()).await
    }
}
