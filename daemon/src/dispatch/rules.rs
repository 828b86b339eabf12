//! What the configuration says about popups, as plain values.

use std::collections::BTreeMap;
use std::time::Duration;

use tidings_api::Urgency;

use crate::config::Config;
use crate::model::Reason;

/// The part of the configuration that decides about popups.
#[derive(Clone, Debug, PartialEq)]
pub struct PopupRules {
    /// Whether popups are raised at all.
    pub popups: bool,
    /// Popups that one source may raise at once.
    pub burst: u32,
    /// Until it may raise one more.
    pub refill: Duration,
    /// Sources whose popups are switched off or limited.
    pub sources: BTreeMap<String, SourceRule>,
}

/// What the configuration says about one source's popups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceRule {
    /// Whether it raises popups at all.
    pub popups: bool,
    /// Popups from this urgency on.
    pub min_urgency: Urgency,
}

impl Default for PopupRules {
    fn default() -> Self {
        Self::from_config(&Config::default())
    }
}

impl PopupRules {
    /// Reads the rules out of the configuration.
    #[must_use]
    pub fn from_config(config: &Config) -> Self {
        let sources = config
            .sources
            .iter()
            .map(|source| {
                let rule = SourceRule { popups: source.popups, min_urgency: source.min_urgency };
                (source.name.clone(), rule)
            })
            .collect();
        Self {
            popups: config.desktop.popups,
            burst: config.desktop.burst,
            refill: config.desktop.refill,
            sources,
        }
    }

    /// Why a notification of this source and urgency may not pop up, if it may not.
    #[must_use]
    pub fn forbids(&self, source: &str, urgency: Urgency) -> Option<Reason> {
        if !self.popups {
            return Some(Reason::PopupsOff);
        }
        let rule = self.sources.get(source)?;
        if !rule.popups {
            Some(Reason::PopupsOff)
        } else if urgency < rule.min_urgency {
            Some(Reason::BelowUrgency)
        } else {
            None
        }
    }
}
