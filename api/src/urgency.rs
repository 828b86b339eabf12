use serde::{Deserialize, Serialize};

use crate::Error;

/// How much a notification wants to interrupt. Ordered: `Low < Normal < High < Critical`.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub enum Urgency {
    /// Stored and listed; desktops usually show no banner.
    Low,
    /// The default.
    #[default]
    Normal,
    /// Important to a person, yet not an alarm.
    High,
    /// An alarm: stays on the screen, and may break through quiet when posted locally.
    Critical,
}

impl Urgency {
    /// Every urgency, from the lowest.
    pub const ALL: [Self; 4] = [Self::Low, Self::Normal, Self::High, Self::Critical];

    /// The word used on the bus, in the configuration and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Normal => "normal",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl std::fmt::Display for Urgency {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Urgency {
    type Err = Error;

    fn from_str(word: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|urgency| urgency.as_str() == word).ok_or_else(|| {
            Error::InvalidArgs(format!(
                "urgency: \"{word}\" is not one of low, normal, high, critical"
            ))
        })
    }
}
