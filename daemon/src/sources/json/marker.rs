use serde::{Deserialize, Serialize};

use crate::sources::json::mapping::Row;

/// Ids of the newest rows that are kept as anchors; more than one, because rows get deleted.
const ANCHORS: usize = 20;

/// What the last complete walk saw: everything up to here is in the inbox without a gap. Rows that come with a live
/// frame are known too, yet there may be a gap behind them, so they do not count.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Marker {
    /// The highest id, where ids are numbers.
    max: Option<u64>,
    /// The newest ids.
    anchors: Vec<String>,
}

impl Marker {
    /// Reads a stored marker; one that cannot be read means a longer walk and nothing worse.
    #[must_use]
    pub(super) fn read(stored: Option<&str>) -> Self {
        stored.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
    }

    /// The stored form.
    #[must_use]
    pub(super) fn write(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The marker after a complete walk that saw these rows, newest first.
    #[must_use]
    pub(super) fn after(&self, rows: &[Row]) -> Self {
        if rows.is_empty() {
            return self.clone();
        }
        Self {
            max: highest(rows).max(self.max),
            anchors: rows.iter().take(ANCHORS).map(|row| row.id.clone()).collect(),
        }
    }

    /// Whether a page with these ids comes as far as the last walk.
    #[must_use]
    pub(super) fn reaches(&self, ids: &[String]) -> bool {
        let lowest = ids.iter().filter_map(|id| id.parse::<u64>().ok()).min();
        let below = lowest.zip(self.max).is_some_and(|(lowest, max)| lowest <= max);
        below || ids.iter().any(|id| self.anchors.contains(id))
    }

    /// Whether the highest id has fallen, which a living database does only when its newest rows are deleted.
    #[must_use]
    pub(super) fn fell(&self, rows: &[Row]) -> bool {
        highest(rows).zip(self.max).is_some_and(|(now, before)| now < before)
    }
}

fn highest(rows: &[Row]) -> Option<u64> {
    rows.iter().filter_map(|row| row.id.parse().ok()).max()
}
