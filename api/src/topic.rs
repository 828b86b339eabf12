use serde::{Deserialize, Serialize};

use crate::{Dict, DictWriter, Fields, Millis, Result};

/// One row of `Inbox1.Topics`: a topic of a source that has notifications.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Topic {
    /// Name of the source.
    pub source: String,
    /// Name of the topic; never empty.
    pub topic: String,
    /// Its unread notifications.
    pub unread: u32,
    /// When it was last used.
    pub last_at: Millis,
}

impl Topic {
    /// Reads a row of an answer. Keys of a newer daemon are ignored.
    pub fn from_dict(dict: Dict) -> Result<Self> {
        let mut fields = Fields::new("topic", dict);
        let unread = fields.integer("unread")?;
        Ok(Self {
            source: fields.text("source")?.unwrap_or_default(),
            topic: fields.text("topic")?.unwrap_or_default(),
            unread: unread.and_then(|n| u32::try_from(n).ok()).unwrap_or(0),
            last_at: fields.integer("last_at")?.unwrap_or_default(),
        })
    }

    /// Writes a row of an answer.
    #[must_use]
    pub fn to_dict(&self) -> Dict {
        let mut writer = DictWriter::default();
        writer.put("source", self.source.clone());
        writer.put("topic", self.topic.clone());
        writer.put("unread", self.unread);
        writer.put("last_at", self.last_at);
        writer.finish()
    }
}
