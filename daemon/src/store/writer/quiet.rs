//! Being quiet: what is remembered of it, and what came meanwhile, for the one summary at its end.

use std::collections::BTreeMap;

use tidings_api::Millis;

use super::deliveries::NAMED;
use super::unit::Unit;
use crate::dispatch::rules::PopupRules;
use crate::store::answer::{QuietRecord, SummaryOf, SummaryOrder};
use crate::store::error::StoreError;
use crate::store::table::delivery::{self, Which};
use crate::store::table::{notification, quiet};

impl Unit<'_> {
    /// What is remembered.
    pub(in crate::store) fn quiet(&mut self) -> Result<QuietRecord, StoreError> {
        Ok(quiet::read(self.conn)?)
    }

    /// Remembers it.
    pub(in crate::store) fn set_quiet(&mut self, record: QuietRecord) -> Result<(), StoreError> {
        Ok(quiet::write(self.conn, record)?)
    }

    /// Claims all that quiet has kept off the screen since then and that still has a point. `None` = nothing.
    pub(in crate::store) fn claim_after_quiet(
        &mut self,
        since: Millis,
    ) -> Result<Option<SummaryOrder>, StoreError> {
        // Whether it is quiet again in this very moment does not matter: the user has heard that it was over.
        let loud = PopupRules { quiet: None, ..PopupRules::clone(&self.rules) };
        let mut allowed = Vec::new();
        let mut by_source: BTreeMap<String, u32> = BTreeMap::new();
        for claim in delivery::claim_after_quiet(self.conn, self.now, since)? {
            let (source, urgency) = notification::origin(self.conn, claim.notification)?;
            let name = self.source(source)?.name.clone();
            if let Some(reason) = loud.forbids(&name, urgency) {
                delivery::end_suppressed(self.conn, Which::One(claim.delivery_id), reason)?;
                continue;
            }
            *by_source.entry(name.clone()).or_default() += 1;
            allowed.push((claim, name));
        }
        let Some((first, _)) = allowed.first() else { return Ok(None) };
        let token = first.delivery_id;
        for (claim, _) in &allowed {
            delivery::set_claim(self.conn, claim.delivery_id, token)?;
        }
        let mut newest = Vec::new();
        for (claim, source) in allowed.iter().rev().take(NAMED) {
            newest.push(self.named(claim.notification, source)?);
        }
        let mut by_source: Vec<_> = by_source.into_iter().collect();
        by_source.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        Ok(Some(SummaryOrder {
            claim: token,
            of: SummaryOf::Quiet(by_source),
            count: u32::try_from(allowed.len()).unwrap_or(u32::MAX),
            newest,
            ids: allowed.iter().map(|(claim, _)| claim.notification).collect(),
            opt_outs: self.opt_outs.revision(),
        }))
    }
}
