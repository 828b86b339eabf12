use serde::{Deserialize, Serialize};

use crate::{Dict, DictWriter, Fields, Millis, Result};

/// A change of state of one or many notifications. `None` leaves a facet as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct StateChange {
    /// Noticed: leaves the tray's dot.
    pub seen: Option<bool>,
    /// Read: leaves the unread count; setting it sets `seen` too.
    pub read: Option<bool>,
    /// Dealt with: leaves the inbox until the next occurrence.
    pub done: Option<bool>,
    /// Kept: exempt from retention.
    pub saved: Option<bool>,
    /// Out of the inbox until then; a time that has come (0) wakes it by hand, which restores it as it was.
    pub snoozed_until: Option<Millis>,
}

impl StateChange {
    /// Marks as read (and so as seen).
    pub const READ: Self = Self { read: Some(true), ..Self::NONE };
    /// Marks as unread.
    pub const UNREAD: Self = Self { read: Some(false), ..Self::NONE };
    /// Marks as seen.
    pub const SEEN: Self = Self { seen: Some(true), ..Self::NONE };
    const NONE: Self =
        Self { seen: None, read: None, done: None, saved: None, snoozed_until: None };

    /// Reads the dictionary of a `SetState` call. An empty or unknown key is an error.
    pub fn from_dict(dict: Dict) -> Result<Self> {
        let mut fields = Fields::new("state", dict);
        let change = Self {
            seen: fields.boolean("seen")?,
            read: fields.boolean("read")?,
            done: fields.boolean("done")?,
            saved: fields.boolean("saved")?,
            snoozed_until: fields.integer("snoozed_until")?,
        };
        fields.finish()?;
        if change == Self::default() {
            return Err(crate::Error::InvalidArgs(
                "state: nothing to change; give at least one of seen, read, done, saved, snoozed_until"
                    .into(),
            ));
        }
        Ok(change)
    }

    /// Writes the dictionary for a `SetState` call.
    #[must_use]
    pub fn to_dict(self) -> Dict {
        let mut writer = DictWriter::default();
        writer.optional("seen", self.seen);
        writer.optional("read", self.read);
        writer.optional("done", self.done);
        writer.optional("saved", self.saved);
        writer.optional("snoozed_until", self.snoozed_until);
        writer.finish()
    }
}
