//! What the configuration says about popups, as plain values.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tidings_api::{QuietKind, Urgency, names};
use tokio::sync::watch;

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
    /// Why it is quiet at the moment, if it is.
    pub quiet: Option<QuietKind>,
    /// Sources whose popups are switched off or limited.
    pub sources: BTreeMap<String, SourceRule>,
}

/// Brings the rules in line with another configuration. Whether it is quiet is not the configuration's to say.
pub fn follow(rules: &watch::Sender<Arc<PopupRules>>, config: &Config) {
    rules.send_modify(|rules| {
        let quiet = rules.quiet;
        *rules = Arc::new(PopupRules { quiet, ..PopupRules::from_config(config) });
    });
}

/// What the configuration says about one source's popups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SourceRule {
    /// Whether it raises popups at all.
    pub popups: bool,
    /// Popups from this urgency on.
    pub min_urgency: Urgency,
    /// Whether its critical ones are shown although it is quiet.
    pub break_quiet: bool,
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
                let rule = SourceRule {
                    popups: source.popups,
                    min_urgency: source.min_urgency,
                    break_quiet: source.break_quiet,
                };
                (source.name.clone(), rule)
            })
            .collect();
        Self {
            popups: config.desktop.popups,
            burst: config.desktop.burst,
            refill: config.desktop.refill,
            quiet: None,
            sources,
        }
    }

    /// Why a notification of this source and urgency may not pop up, if it may not.
    #[must_use]
    pub fn forbids(&self, source: &str, urgency: Urgency) -> Option<Reason> {
        if !self.popups {
            return Some(Reason::PopupsOff);
        }
        let rule = self.sources.get(source);
        if rule.is_some_and(|rule| !rule.popups) {
            Some(Reason::PopupsOff)
        } else if rule.is_some_and(|rule| urgency < rule.min_urgency) {
            Some(Reason::BelowUrgency)
        } else {
            self.quiet.filter(|_| !self.breaks_quiet(source, urgency)).map(Reason::Quiet)
        }
    }

    /// What is critical on this computer is shown all the same; a server's word for it counts where the user says so.
    #[must_use]
    pub fn breaks_quiet(&self, source: &str, urgency: Urgency) -> bool {
        let trusted = source == names::LOCAL_SOURCE
            || self.sources.get(source).is_some_and(|rule| rule.break_quiet);
        urgency == Urgency::Critical && trusted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_critical_and_trusted_breaks_the_quiet() {
        let rule =
            |break_quiet| SourceRule { popups: true, min_urgency: Urgency::Low, break_quiet };
        let sources = [("pager".to_owned(), rule(true)), ("shop".to_owned(), rule(false))];
        let quiet = Some(QuietKind::Schedule);
        let rules = PopupRules { quiet, sources: sources.into(), ..PopupRules::default() };
        for (source, urgency, shown) in [
            (names::LOCAL_SOURCE, Urgency::Critical, true),
            (names::LOCAL_SOURCE, Urgency::High, false),
            ("pager", Urgency::Critical, true),
            ("pager", Urgency::High, false),
            ("shop", Urgency::Critical, false),
            ("unknown", Urgency::Critical, false),
        ] {
            let expected = (!shown).then_some(Reason::Quiet(QuietKind::Schedule));
            assert_eq!(rules.forbids(source, urgency), expected, "{source} {urgency}");
        }
        let loud = PopupRules { quiet: None, ..rules };
        assert_eq!(loud.forbids("shop", Urgency::Low), None, "it is not quiet");
    }
}
