use serde::{Deserialize, Serialize};

use crate::{Dict, DictWriter, Fields, Millis, Result};

/// What a target is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum TargetState {
    /// Sends what is due.
    #[default]
    Ready,
    /// Its provider refuses the credentials or the sender: sends nothing until somebody mends it.
    Paused,
    /// Switched off by the user.
    Disabled,
}

impl TargetState {
    /// The word used on the bus.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Paused => "paused",
            Self::Disabled => "disabled",
        }
    }

    /// The inverse of [`Self::as_str`]; a word of a newer daemon counts as ready.
    #[must_use]
    pub fn from_word(word: &str) -> Self {
        [Self::Ready, Self::Paused, Self::Disabled]
            .into_iter()
            .find(|state| state.as_str() == word)
            .unwrap_or_default()
    }
}

/// One row of `Targets1.List`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct TargetStatus {
    /// Unique name; the id of every call.
    pub name: String,
    /// Where it leads to: `desktop`, `email`, …
    pub kind: String,
    /// What it is doing.
    pub state: TargetState,
    /// Why it is paused, in words, with what to do.
    pub why: String,
    /// Since when it is paused.
    pub since: Option<Millis>,
    /// Addresses that receive.
    pub records: u32,
    /// Deliveries that wait: `SCHEDULED` and `RETRY`.
    pub waiting: u32,
    /// When the last one was accepted.
    pub last_delivered_at: Option<Millis>,
    /// The names of the routes that lead to it.
    pub routes: Vec<String>,
}

impl TargetStatus {
    /// Reads a row of an answer. Keys of a newer daemon are ignored.
    pub fn from_dict(dict: Dict) -> Result<Self> {
        let mut fields = Fields::new("target", dict);
        let count = |value: Option<i64>| value.and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        Ok(Self {
            name: fields.text("name")?.unwrap_or_default(),
            kind: fields.text("kind")?.unwrap_or_default(),
            state: TargetState::from_word(&fields.text("state")?.unwrap_or_default()),
            why: fields.text("why")?.unwrap_or_default(),
            since: fields.integer("since")?,
            records: count(fields.integer("records")?),
            waiting: count(fields.integer("waiting")?),
            last_delivered_at: fields.integer("last_delivered_at")?,
            routes: fields.texts("routes")?.unwrap_or_default(),
        })
    }

    /// Writes a row of an answer.
    #[must_use]
    pub fn to_dict(&self) -> Dict {
        let mut writer = DictWriter::default();
        writer.put("name", self.name.clone());
        writer.put("kind", self.kind.clone());
        writer.put("state", self.state.as_str());
        writer.text("why", &self.why);
        writer.optional("since", self.since);
        writer.put("records", self.records);
        writer.put("waiting", self.waiting);
        writer.optional("last_delivered_at", self.last_delivered_at);
        writer.put("routes", self.routes.clone());
        writer.finish()
    }
}

/// One row of `Targets1.Records`: an address at a target.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Record {
    /// The id of every call.
    pub id: i64,
    /// Name of the target.
    pub target: String,
    /// In the words of the target; empty where the kind has none.
    pub address: String,
    /// What its owner calls it.
    pub description: String,
    /// Whether it receives.
    pub active: bool,
    /// Whether its owner has entered the code that was sent there, where the kind asks for one.
    pub verified: bool,
    /// When it was added.
    pub created_at: Millis,
    /// When a provider has reported it dead.
    pub ended_at: Option<Millis>,
    /// What the provider said.
    pub ended_why: String,
}

impl Record {
    /// Reads a row of an answer. Keys of a newer daemon are ignored.
    pub fn from_dict(dict: Dict) -> Result<Self> {
        let mut fields = Fields::new("record", dict);
        Ok(Self {
            id: fields.integer("id")?.unwrap_or_default(),
            target: fields.text("target")?.unwrap_or_default(),
            address: fields.text("address")?.unwrap_or_default(),
            description: fields.text("description")?.unwrap_or_default(),
            active: fields.boolean("active")?.unwrap_or_default(),
            verified: fields.boolean("verified")?.unwrap_or_default(),
            created_at: fields.integer("created_at")?.unwrap_or_default(),
            ended_at: fields.integer("ended_at")?,
            ended_why: fields.text("ended_why")?.unwrap_or_default(),
        })
    }

    /// Writes a row of an answer.
    #[must_use]
    pub fn to_dict(&self) -> Dict {
        let mut writer = DictWriter::default();
        writer.put("id", self.id);
        writer.put("target", self.target.clone());
        writer.text("address", &self.address);
        writer.text("description", &self.description);
        writer.put("active", self.active);
        writer.put("verified", self.verified);
        writer.put("created_at", self.created_at);
        writer.optional("ended_at", self.ended_at);
        writer.text("ended_why", &self.ended_why);
        writer.finish()
    }
}
