use serde::{Deserialize, Serialize};

use crate::{Action, Dict, DictWriter, Fields, Millis, Result, Urgency};

/// How sure the daemon is that the server holds this notification too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Confirmation {
    /// Has its remote identity, or is local.
    #[default]
    Confirmed,
    /// Seen in a frame without identity; the server's list is being asked.
    Provisional,
    /// The server's list never showed it, for example because its transaction was rolled back.
    Unconfirmed,
}

impl Confirmation {
    /// The word used on the bus and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Provisional => "provisional",
            Self::Unconfirmed => "unconfirmed",
        }
    }

    /// The inverse of [`Self::as_str`]; a word of a newer version counts as confirmed.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        match word {
            "provisional" => Self::Provisional,
            "unconfirmed" => Self::Unconfirmed,
            _ => Self::Confirmed,
        }
    }
}

/// One row of the inbox, as `List` and `Get` answer it and as `tidings list --json` prints it.
///
/// In JSON every field is present (absent values are `null`, `""` or `[]`); on the bus an absent value is an absent key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Notification {
    /// Identity in this inbox, never used twice.
    pub id: i64,
    /// Name of the source it came from.
    pub source: String,
    /// The source's own subdivision.
    pub topic: String,
    /// Identity of an evolving notification within its source.
    pub key: String,
    /// Name of the posting program.
    pub app: String,
    /// One line.
    pub title: String,
    /// Plain text.
    pub body: String,
    /// How much it wants to interrupt.
    pub urgency: Urgency,
    /// What a click opens.
    pub url: String,
    /// Icon name or local path.
    pub icon: String,
    /// Who did it.
    pub actor: String,
    /// What was done.
    pub verb: String,
    /// To what.
    pub action_object: String,
    /// Where.
    pub activity_target: String,
    /// Free labels.
    pub tags: Vec<String>,
    /// Buttons.
    pub actions: Vec<Action>,
    /// Percentage.
    pub progress: Option<u8>,
    /// JSON text of the poster.
    pub data: String,
    /// Whether it is read.
    pub read: bool,
    /// When the sender says it was sent.
    pub sent_at: Option<Millis>,
    /// Whether `sent_at` was given without a zone and had to be interpreted.
    pub sent_at_approximate: bool,
    /// When this daemon first saw it.
    pub received_at: Millis,
    /// First occurrence.
    pub first_at: Millis,
    /// Newest occurrence, or the end of a snooze; the order of the list.
    pub last_at: Millis,
    /// How often it has occurred.
    pub occurrences: u32,
    /// The server's identity.
    pub remote_id: Option<String>,
    /// Whether the server's list has it.
    pub confirmation: Confirmation,
    /// When it was noticed.
    pub seen_at: Option<Millis>,
    /// When it was read.
    pub read_at: Option<Millis>,
    /// When it was dealt with.
    pub done_at: Option<Millis>,
    /// When it was saved.
    pub saved_at: Option<Millis>,
    /// Hidden until then.
    pub snoozed_until: Option<Millis>,
    /// When an action of it was invoked.
    pub acted_at: Option<Millis>,
    /// When its source or poster took it back.
    pub retracted_at: Option<Millis>,
    /// From then on not worth showing.
    pub expires_at: Option<Millis>,
    /// Process id and program that posted it locally.
    pub posted_by: String,
}

impl Notification {
    /// Reads a row of an answer. Keys of a newer daemon are ignored.
    pub fn from_dict(dict: Dict) -> Result<Self> {
        let mut fields = Fields::new("notification", dict);
        let id = fields.integer("id")?.unwrap_or_default();
        let urgency = fields.text("urgency")?.map(|word| word.parse()).transpose()?;
        let confirmation = fields.text("confirmation")?.unwrap_or_default();
        let actions = fields.triples("actions")?.unwrap_or_default();
        let small = |value: Option<i64>| value.and_then(|value| u8::try_from(value).ok());
        let progress = small(fields.integer("progress")?);
        let occurrences = fields.integer("occurrences")?.and_then(|n| u32::try_from(n).ok());
        let received_at = fields.integer("received_at")?.unwrap_or_default();
        let read_at = fields.integer("read_at")?;
        let mut text = |key: &str| fields.text(key).map(Option::unwrap_or_default);
        Ok(Self {
            id,
            source: text("source")?,
            topic: text("topic")?,
            key: text("key")?,
            app: text("app")?,
            title: text("title")?,
            body: text("body")?,
            urgency: urgency.unwrap_or_default(),
            url: text("url")?,
            icon: text("icon")?,
            actor: text("actor")?,
            verb: text("verb")?,
            action_object: text("action_object")?,
            activity_target: text("activity_target")?,
            data: text("data")?,
            posted_by: text("posted_by")?,
            tags: fields.texts("tags")?.unwrap_or_default(),
            actions: actions.into_iter().map(Action::from).collect(),
            progress,
            read: read_at.is_some(),
            sent_at: fields.integer("sent_at")?,
            sent_at_approximate: fields.boolean("sent_at_approximate")?.unwrap_or_default(),
            received_at,
            first_at: fields.integer("first_at")?.unwrap_or(received_at),
            last_at: fields.integer("last_at")?.unwrap_or(received_at),
            occurrences: occurrences.unwrap_or(1),
            remote_id: fields.text("remote_id")?,
            confirmation: Confirmation::from_word(&confirmation),
            seen_at: fields.integer("seen_at")?,
            read_at,
            done_at: fields.integer("done_at")?,
            saved_at: fields.integer("saved_at")?,
            snoozed_until: fields.integer("snoozed_until")?,
            acted_at: fields.integer("acted_at")?,
            retracted_at: fields.integer("retracted_at")?,
            expires_at: fields.integer("expires_at")?,
        })
    }

    /// Writes a row of an answer.
    #[must_use]
    pub fn to_dict(&self) -> Dict {
        let mut writer = DictWriter::default();
        writer.put("id", self.id);
        writer.put("urgency", self.urgency.as_str());
        writer.put("read", self.read);
        writer.put("received_at", self.received_at);
        writer.put("first_at", self.first_at);
        writer.put("last_at", self.last_at);
        writer.put("occurrences", self.occurrences);
        writer.put("confirmation", self.confirmation.as_str());
        for (key, value) in [
            ("source", &self.source),
            ("topic", &self.topic),
            ("key", &self.key),
            ("app", &self.app),
            ("title", &self.title),
            ("body", &self.body),
            ("url", &self.url),
            ("icon", &self.icon),
            ("actor", &self.actor),
            ("verb", &self.verb),
            ("action_object", &self.action_object),
            ("activity_target", &self.activity_target),
            ("data", &self.data),
            ("posted_by", &self.posted_by),
        ] {
            writer.text(key, value);
        }
        if !self.tags.is_empty() {
            writer.put("tags", self.tags.clone());
        }
        if !self.actions.is_empty() {
            let triples: Vec<(String, String, String)> =
                self.actions.iter().cloned().map(Into::into).collect();
            writer.put("actions", triples);
        }
        writer.optional("progress", self.progress.map(u32::from));
        if self.sent_at_approximate {
            writer.put("sent_at_approximate", true);
        }
        writer.optional("remote_id", self.remote_id.clone());
        for (key, value) in [
            ("sent_at", self.sent_at),
            ("seen_at", self.seen_at),
            ("read_at", self.read_at),
            ("done_at", self.done_at),
            ("saved_at", self.saved_at),
            ("snoozed_until", self.snoozed_until),
            ("acted_at", self.acted_at),
            ("retracted_at", self.retracted_at),
            ("expires_at", self.expires_at),
        ] {
            writer.optional(key, value);
        }
        writer.finish()
    }
}
