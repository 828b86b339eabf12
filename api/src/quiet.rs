use serde::{Deserialize, Serialize};

use crate::{Dict, DictWriter, Fields, Millis, Result};

/// Why it is quiet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum QuietKind {
    /// Switched on by the user, until it is switched off.
    Manual,
    /// Switched on by the user, until a time.
    Timer,
    /// The schedule of the configuration.
    Schedule,
    /// A program asked for it.
    Inhibitor,
}

impl QuietKind {
    /// Every reason.
    pub const ALL: [Self; 4] = [Self::Manual, Self::Timer, Self::Schedule, Self::Inhibitor];

    /// The word used on the bus.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Timer => "timer",
            Self::Schedule => "schedule",
            Self::Inhibitor => "inhibitor",
        }
    }

    /// The inverse of [`Self::as_str`].
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// One of the reasons that together make it quiet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct QuietReason {
    /// Which.
    pub kind: QuietKind,
    /// When it ends by itself, where that is known.
    pub until: Option<Millis>,
    /// Of an inhibitor: who asked.
    pub who: String,
    /// Of an inhibitor: its words.
    pub why: String,
}

impl QuietReason {
    /// Reads a row of `Quiet1.Reasons`; `None` for a kind of a newer daemon.
    pub fn from_dict(dict: Dict) -> Result<Option<Self>> {
        let mut fields = Fields::new("reason", dict);
        let kind = fields.text("kind")?.unwrap_or_default();
        let Some(kind) = QuietKind::from_word(&kind) else { return Ok(None) };
        Ok(Some(Self {
            kind,
            until: fields.integer("until")?,
            who: fields.text("who")?.unwrap_or_default(),
            why: fields.text("why")?.unwrap_or_default(),
        }))
    }

    /// Writes a row of `Quiet1.Reasons`.
    #[must_use]
    pub fn to_dict(&self) -> Dict {
        let mut writer = DictWriter::default();
        writer.put("kind", self.kind.as_str());
        writer.optional("until", self.until);
        writer.text("who", &self.who);
        writer.text("why", &self.why);
        writer.finish()
    }
}
