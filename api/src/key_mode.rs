use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// What a second notification with the same key does to the first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KeyMode {
    /// Stands as a row of its own.
    New,
    /// Replaces the content, counts one occurrence more, is unread again and returns from Done.
    #[default]
    Update,
    /// Replaces the content and changes nothing else.
    Silent,
}

impl KeyMode {
    /// The word used on the bus.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Update => "update",
            Self::Silent => "silent",
        }
    }
}

impl std::str::FromStr for KeyMode {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self> {
        match word {
            "new" => Ok(Self::New),
            "update" => Ok(Self::Update),
            "silent" => Ok(Self::Silent),
            other => Err(Error::InvalidArgs(format!(
                "mode: \"{other}\" is not one of new, update, silent"
            ))),
        }
    }
}
