use serde::{Deserialize, Serialize};
use tidings_api::Millis;

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
    /// What was there before the first connection.
    past: Past,
}

/// What a server had before the first connection. The first walk takes a bounded part of it; the remainder is no news
/// when a later walk comes by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Past {
    /// When the first walk was made.
    at: Millis,
    /// The highest id then, where ids are numbers.
    newest: Option<u64>,
    /// What was sent before then was left on the server; `None` = nothing was left.
    before: Option<Millis>,
    /// For rows without a time: lower ids were left.
    below: Option<u64>,
}

impl Past {
    /// What the first walk saw in `listed` and took of it in `taken`. `before` is the age at which it stopped, `None`
    /// where everything was taken; `cut` = it stopped at a number of rows.
    #[must_use]
    pub(super) fn of(
        newest: Option<u64>,
        taken: &[Row],
        before: Option<Millis>,
        cut: bool,
        at: Millis,
    ) -> Self {
        let times = taken.iter().filter_map(|row| row.incoming.sent.as_ref());
        let oldest = times.map(|sent| sent.at).min().filter(|_| cut);
        let lowest = taken.iter().filter_map(|row| row.id.parse().ok()).min();
        Self {
            at,
            newest,
            before: before.map(|before| oldest.map_or(before, |oldest| oldest.max(before))),
            below: lowest.filter(|_| before.is_some()),
        }
    }

    fn born_later(&self, row: &Row) -> bool {
        row.id.parse::<u64>().ok().zip(self.newest).is_some_and(|(id, newest)| id > newest)
    }
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
            past: self.past,
        }
    }

    /// The marker of a source whose history is this.
    #[must_use]
    pub(super) fn with(self, past: Past) -> Self {
        Self { past, ..self }
    }

    /// Whether an unknown row belongs to the history that was left on the server. Its time decides, because ids start
    /// again with a new database; without one its id does, unless the ids have fallen.
    #[must_use]
    pub(super) fn left_behind(&self, row: &Row, fell: bool) -> bool {
        if self.past.born_later(row) {
            return false;
        }
        let Some(before) = self.past.before else { return false };
        row.incoming.sent.as_ref().map_or_else(
            || {
                !fell
                    && row
                        .id
                        .parse()
                        .ok()
                        .zip(self.past.below)
                        .is_some_and(|(id, low): (u64, u64)| id < low)
            },
            |sent| sent.at < before,
        )
    }

    /// Whether a row was there before the first connection, so that it is no news however late it is found.
    #[must_use]
    pub(super) fn predates_us(&self, row: &Row) -> bool {
        let earlier = row.incoming.sent.as_ref().is_some_and(|sent| sent.at < self.past.at);
        earlier && self.past.newest.is_some() && !self.past.born_later(row)
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

/// The highest id, where ids are numbers.
#[must_use]
pub(super) fn highest(rows: &[Row]) -> Option<u64> {
    rows.iter().filter_map(|row| row.id.parse().ok()).max()
}
