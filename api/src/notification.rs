use serde::{Deserialize, Serialize};

use crate::{Action, Millis, Urgency};

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
