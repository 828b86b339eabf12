use serde::{Deserialize, Serialize};
use tidings_api::Millis;

/// Messages that are under way at the same time may get their dates and their ids in different orders. What is dated this
/// much later than the newest message, and has a lower id, is none of them.
pub(super) const REUSE: Millis = 60_000;

/// How far the clocks of the server and of this machine may be apart without a deletion being found later than it could be. A
/// date that is further ahead was written by a clock that was wrong, and tells nothing of an order.
pub(super) const SKEW: Millis = 24 * 60 * 60 * 1_000;

/// The highest id that was seen, and the latest date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Newest {
    /// Ids are given out once, over all users and applications, so gaps mean nothing.
    #[serde(rename = "newest", default)]
    pub(super) id: u64,
    #[serde(rename = "newest_at", default)]
    pub(super) at: Millis,
}

/// Up to where everything is in the inbox.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Marker {
    #[serde(flatten)]
    pub(super) newest: Newest,
    /// Lower ids were left on the server as history.
    #[serde(default)]
    pub(super) floor: u64,
    /// From when on the next look at the list compares the inbox with it: a day before the oldest message of the last one.
    #[serde(default)]
    pub(super) since: Millis,
}

impl Marker {
    /// Reads a stored marker; `None` = nothing was taken yet, or it cannot be read, and the history counts as such.
    pub(super) fn read(stored: Option<&str>, now: Millis) -> Option<Self> {
        let mut marker: Self = serde_json::from_str(stored?).ok()?;
        if marker.newest.at > now.saturating_add(SKEW) {
            marker.newest.at = now;
        }
        Some(marker)
    }

    /// The stored form.
    pub(super) fn write(&self) -> String {
        // Numbers under fixed names are always JSON.
        serde_json::to_string(self).unwrap_or_default()
    }
}
