//! Posts from this machine.

use super::unit::Unit;
use crate::model::{Incoming, NotificationId, SourceId};
use crate::store::error::StoreError;
use crate::store::table::encode::clean;
use crate::store::table::notification;

impl Unit<'_> {
    /// Stores local posts, all or none.
    pub(in crate::store) fn post(
        &mut self,
        local: SourceId,
        posts: &[Incoming],
    ) -> Result<Vec<NotificationId>, StoreError> {
        posts.iter().map(|post| self.upsert(local, post)).collect()
    }

    /// Takes back what was posted under the key. Answers how many rows.
    pub(in crate::store) fn withdraw(
        &mut self,
        local: SourceId,
        key: &str,
    ) -> Result<u32, StoreError> {
        let rows = notification::valid_of_key(self.conn, local, &clean(key))?;
        for row in &rows {
            let mut after = row.facets;
            after.retract(self.now);
            self.set_facets(row, &after)?;
        }
        Ok(u32::try_from(rows.len()).unwrap_or(u32::MAX))
    }
}
