use serde::Serialize;

use super::{Appearance, Place};

/// What the window tells the page by the event `happening`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Happening {
    /// Rows of the inbox are other than they were.
    Inbox {
        /// The newest state.
        revision: u64,
        /// New rows.
        added: Vec<i64>,
        /// Changed rows.
        updated: Vec<i64>,
        /// Rows that are gone.
        removed: Vec<i64>,
    },
    /// The state of a source is another.
    Source {
        /// Which.
        name: String,
    },
    /// The state of a target, its addresses or its deliveries are others.
    Target {
        /// Which.
        name: String,
    },
    /// A setting or an opt-out is another.
    Preferences,
    /// It became quiet, or not, or for another reason.
    Quiet,
    /// The desktop looks otherwise.
    Appearance {
        /// How.
        appearance: Appearance,
    },
    /// The window is asked to show a place.
    Place {
        /// Which.
        place: Place,
    },
    /// The daemon is gone.
    Away,
    /// The daemon is there again: everything may have changed.
    Back,
}
