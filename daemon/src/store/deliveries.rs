//! Pages of deliveries.

use tidings_api::{DeliveryFilter, limits};

use super::answer::{DeliveryPage, TargetFigures};
use super::error::StoreError;
use super::reader::Reader;
use super::table::delivery_list;

/// Rows of a page when none are asked for.
const USUAL: u32 = 50;

impl Reader {
    /// One page, the newest first.
    pub(super) fn deliveries(
        &self,
        filter: &DeliveryFilter,
        cursor: &str,
        limit: u32,
    ) -> Result<DeliveryPage, StoreError> {
        let below = if cursor.is_empty() { Ok(i64::MAX) } else { cursor.parse() };
        let below = below.map_err(|_| {
            StoreError::Invalid(
                "cursor: not one of ours; pass the `next` of the page before".into(),
            )
        })?;
        let limit = if limit == 0 { USUAL } else { limit.min(limits::PAGE) };
        let rows = delivery_list::page(&self.conn, filter, below, limit)?;
        let is_full = u32::try_from(rows.len()).is_ok_and(|count| count == limit);
        let next = rows.last().filter(|_| is_full).map(|row| row.id.to_string());
        Ok(DeliveryPage { rows, next: next.unwrap_or_default() })
    }

    /// What is counted of a target.
    pub(super) fn target_figures(&self, target: &str) -> Result<TargetFigures, StoreError> {
        Ok(delivery_list::figures(&self.conn, target)?)
    }
}
