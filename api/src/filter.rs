use serde::{Deserialize, Serialize};

use crate::{Dict, DictWriter, Error, Fields, Millis, Result, Urgency};

/// A ready selection of the inbox, the entries of the sidebar.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum View {
    /// Not done, not deleted, not snoozed into the future.
    #[default]
    Inbox,
    /// The inbox, not read.
    Unread,
    /// The inbox, not seen.
    Unseen,
    /// Saved, whatever else.
    Saved,
    /// Out of the inbox until a time that is still to come.
    Snoozed,
    /// Done.
    Done,
    /// Everything that is not deleted.
    All,
}

impl View {
    /// Every view.
    pub const ALL: [Self; 7] = [
        Self::Inbox,
        Self::Unread,
        Self::Unseen,
        Self::Saved,
        Self::Snoozed,
        Self::Done,
        Self::All,
    ];

    /// The word used on the bus.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inbox => "inbox",
            Self::Unread => "unread",
            Self::Unseen => "unseen",
            Self::Saved => "saved",
            Self::Snoozed => "snoozed",
            Self::Done => "done",
            Self::All => "all",
        }
    }
}

impl std::str::FromStr for View {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|view| view.as_str() == word).ok_or_else(|| {
            Error::InvalidArgs(format!(
                "view: \"{word}\" is not one of inbox, unread, unseen, saved, snoozed, done, all"
            ))
        })
    }
}

/// Which notifications a call means. Every given condition must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields))]
pub struct Filter {
    /// The selection to start from.
    pub view: View,
    /// Name of the source.
    pub source: Option<String>,
    /// Topic within the source.
    pub topic: Option<String>,
    /// Key of an evolving notification.
    pub key: Option<String>,
    /// This urgency or above.
    pub min_urgency: Option<Urgency>,
    /// Has this tag.
    pub tag: Option<String>,
    /// Words in title, body, topic or actor; the last may be the beginning of a word.
    pub text: Option<String>,
    /// Newest occurrence at or after.
    pub since: Option<Millis>,
    /// Newest occurrence before.
    pub until: Option<Millis>,
}

impl Filter {
    /// The keys a filter dictionary may have.
    pub const KEYS: [&str; 9] =
        ["view", "source", "topic", "key", "min_urgency", "tag", "text", "since", "until"];

    /// Reads the dictionary of a call. An unknown key is an error.
    pub fn from_dict(dict: Dict) -> Result<Self> {
        let mut fields = Fields::new("filter", dict);
        let filter = Self {
            view: fields.text("view")?.map(|word| word.parse()).transpose()?.unwrap_or_default(),
            source: fields.text("source")?,
            topic: fields.text("topic")?,
            key: fields.text("key")?,
            min_urgency: fields.text("min_urgency")?.map(|word| word.parse()).transpose()?,
            tag: fields.text("tag")?,
            text: fields.text("text")?.filter(|text| !text.trim().is_empty()),
            since: fields.integer("since")?,
            until: fields.integer("until")?,
        };
        fields.finish()?;
        Ok(filter)
    }

    /// Writes the dictionary for a call.
    #[must_use]
    pub fn to_dict(&self) -> Dict {
        let mut writer = DictWriter::default();
        writer.put("view", self.view.as_str());
        writer.optional("source", self.source.clone());
        writer.optional("topic", self.topic.clone());
        writer.optional("key", self.key.clone());
        writer.optional("min_urgency", self.min_urgency.map(Urgency::as_str));
        writer.optional("tag", self.tag.clone());
        writer.optional("text", self.text.clone());
        writer.optional("since", self.since);
        writer.optional("until", self.until);
        writer.finish()
    }
}
