use serde::{Deserialize, Serialize};

use crate::{Dict, DictWriter, Fields, Millis, Result};

/// What a source is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum SourceState {
    /// Dialling, signing in or catching up.
    #[default]
    Connecting,
    /// Receiving.
    Online,
    /// Failed for now; tries again by itself.
    Waiting,
    /// The server refuses the credentials; waits for the user.
    NeedsLogin,
    /// The server refuses for another reason that trying again does not change; waits for the user.
    Rejected,
    /// Connected, yet nothing has been heard for too long.
    Silent,
    /// Switched off by the user.
    Disabled,
}

impl SourceState {
    const ALL: [Self; 7] = [
        Self::Connecting,
        Self::Online,
        Self::Waiting,
        Self::NeedsLogin,
        Self::Rejected,
        Self::Silent,
        Self::Disabled,
    ];

    /// The word used on the bus.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Connecting => "connecting",
            Self::Online => "online",
            Self::Waiting => "waiting",
            Self::NeedsLogin => "needs-login",
            Self::Rejected => "rejected",
            Self::Silent => "silent",
            Self::Disabled => "disabled",
        }
    }

    /// The inverse of [`Self::as_str`]; a word of a newer daemon counts as connecting.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|state| state.as_str() == word).unwrap_or_default()
    }
}

/// One row of `Sources1.List`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct SourceStatus {
    /// Unique name from the configuration; the id of every call.
    pub name: String,
    /// Which protocol, e.g. `json`.
    pub kind: String,
    /// Which preset, where the kind has them.
    pub preset: String,
    /// Where it connects to, without credentials.
    pub url: String,
    /// What it is doing.
    pub state: SourceState,
    /// Since when it has been doing it.
    pub since: Millis,
    /// When the server was last heard.
    pub last_proof_of_life: Option<Millis>,
    /// What went wrong last, in words, with what to do.
    pub last_error: String,
    /// When it will try again, while waiting.
    pub retry_at: Option<Millis>,
    /// Its unread notifications.
    pub unread: u32,
    /// Marks made here that the server has not confirmed yet.
    pub pending_marks: u32,
    /// The newest thing it sent that this version does not understand, shortened; empty = nothing.
    pub unknown_event: String,
}

impl SourceStatus {
    /// Reads a row of an answer. Keys of a newer daemon are ignored.
    pub fn from_dict(dict: Dict) -> Result<Self> {
        let mut fields = Fields::new("source", dict);
        let count = |value: Option<i64>| value.and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        Ok(Self {
            name: fields.text("name")?.unwrap_or_default(),
            kind: fields.text("kind")?.unwrap_or_default(),
            preset: fields.text("preset")?.unwrap_or_default(),
            url: fields.text("url")?.unwrap_or_default(),
            state: SourceState::from_word(&fields.text("state")?.unwrap_or_default()),
            since: fields.integer("since")?.unwrap_or_default(),
            last_proof_of_life: fields.integer("last_proof_of_life")?,
            last_error: fields.text("last_error")?.unwrap_or_default(),
            retry_at: fields.integer("retry_at")?,
            unread: count(fields.integer("unread")?),
            pending_marks: count(fields.integer("pending_marks")?),
            unknown_event: fields.text("unknown_event")?.unwrap_or_default(),
        })
    }

    /// Writes a row of an answer.
    #[must_use]
    pub fn to_dict(&self) -> Dict {
        let mut writer = DictWriter::default();
        writer.put("name", self.name.clone());
        writer.put("kind", self.kind.clone());
        writer.text("preset", &self.preset);
        writer.text("url", &self.url);
        writer.put("state", self.state.as_str());
        writer.put("since", self.since);
        writer.optional("last_proof_of_life", self.last_proof_of_life);
        writer.text("last_error", &self.last_error);
        writer.optional("retry_at", self.retry_at);
        writer.put("unread", self.unread);
        writer.put("pending_marks", self.pending_marks);
        writer.text("unknown_event", &self.unknown_event);
        writer.finish()
    }
}
