use crate::{Dict, DictWriter, Fields, Result};

/// A change of state of one or many notifications. `None` leaves a facet as it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StateChange {
    /// Noticed: leaves the tray's dot.
    pub seen: Option<bool>,
    /// Read: leaves the unread count; setting it sets `seen` too.
    pub read: Option<bool>,
    /// Dealt with: leaves the inbox until the next occurrence.
    pub done: Option<bool>,
    /// Kept: exempt from retention.
    pub saved: Option<bool>,
}

impl StateChange {
    /// Marks as read (and so as seen).
    pub const READ: Self = Self { seen: None, read: Some(true), done: None, saved: None };
    /// Marks as unread.
    pub const UNREAD: Self = Self { seen: None, read: Some(false), done: None, saved: None };
    /// Marks as seen.
    pub const SEEN: Self = Self { seen: Some(true), read: None, done: None, saved: None };

    /// Reads the dictionary of a `SetState` call. An empty or unknown key is an error.
    pub fn from_dict(dict: Dict) -> Result<Self> {
        let mut fields = Fields::new("state", dict);
        let change = Self {
            seen: fields.boolean("seen")?,
            read: fields.boolean("read")?,
            done: fields.boolean("done")?,
            saved: fields.boolean("saved")?,
        };
        fields.finish()?;
        if change == Self::default() {
            return Err(crate::Error::InvalidArgs(
                "state: nothing to change; give at least one of seen, read, done, saved".into(),
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
        writer.finish()
    }
}
