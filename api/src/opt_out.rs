use serde::{Deserialize, Serialize};

use crate::{Dict, DictWriter, Fields, Millis, Result};

/// What an opt-out or a call about one means: the narrower the more keys are given. Empty means everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct Scope {
    /// Name of the source.
    pub source: Option<String>,
    /// Topic within the source; needs `source`.
    pub topic: Option<String>,
    /// Key of an evolving notification within the source; needs `source`.
    pub key: Option<String>,
}

impl Scope {
    /// The keys a scope dictionary may have.
    pub const KEYS: [&str; 3] = ["source", "topic", "key"];

    /// Reads the dictionary of a call. An unknown key, or a topic or key without its source, is an error.
    pub fn from_dict(dict: Dict) -> Result<Self> {
        let mut fields = Fields::new("scope", dict);
        let scope = Self {
            source: fields.text("source")?,
            topic: fields.text("topic")?,
            key: fields.text("key")?,
        };
        fields.finish()?;
        for (key, text) in [("source", &scope.source), ("topic", &scope.topic), ("key", &scope.key)]
        {
            if text.as_deref() == Some("") {
                return Err(crate::Error::InvalidArgs(format!(
                    "scope: `{key}` is empty; leave it out to mean all"
                )));
            }
        }
        if scope.source.is_none() && (scope.topic.is_some() || scope.key.is_some()) {
            return Err(crate::Error::InvalidArgs(
                "scope: a topic or a key needs its source; give `source`, too".into(),
            ));
        }
        if scope.topic.is_some() && scope.key.is_some() {
            return Err(crate::Error::InvalidArgs(
                "scope: a topic and a key cannot both be given; give the narrower one".into(),
            ));
        }
        Ok(scope)
    }

    /// Writes the dictionary for a call.
    #[must_use]
    pub fn to_dict(&self) -> Dict {
        let mut writer = DictWriter::default();
        self.write(&mut writer);
        writer.finish()
    }

    fn write(&self, writer: &mut DictWriter) {
        writer.optional("source", self.source.clone());
        writer.optional("topic", self.topic.clone());
        writer.optional("key", self.key.clone());
    }
}

/// One row of `Preferences1.OptOuts`: the user's standing "not there".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct OptOut {
    /// What it is about.
    pub scope: Scope,
    /// Name of the target it keeps away from; empty = all targets.
    pub target: String,
    /// When it ends by itself; `None` = never.
    pub until: Option<Millis>,
    /// Since when it stands.
    pub since: Millis,
}

impl OptOut {
    /// Reads a row of an answer. Keys of a newer daemon are ignored.
    pub fn from_dict(dict: Dict) -> Result<Self> {
        let mut fields = Fields::new("opt-out", dict);
        Ok(Self {
            scope: Scope {
                source: fields.text("source")?,
                topic: fields.text("topic")?,
                key: fields.text("key")?,
            },
            target: fields.text("target")?.unwrap_or_default(),
            until: fields.integer("until")?,
            since: fields.integer("since")?.unwrap_or_default(),
        })
    }

    /// Writes a row of an answer.
    #[must_use]
    pub fn to_dict(&self) -> Dict {
        let mut writer = DictWriter::default();
        self.scope.write(&mut writer);
        writer.put("target", self.target.clone());
        writer.optional("until", self.until);
        writer.put("since", self.since);
        writer.finish()
    }
}
