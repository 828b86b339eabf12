//! What the configuration says about targets and routes, as plain values.

use std::time::Duration;

use tidings_api::names::DESKTOP_TARGET;

use crate::config::{Config, Digest, RouteConfig, TargetConfig};
use crate::targets::registry;

/// The part of the configuration that decides what goes where.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OutboundRules {
    /// Every target of the configuration, switched off ones included.
    pub targets: Vec<TargetRule>,
    /// In the order of the file.
    pub routes: Vec<RouteConfig>,
}

/// What the configuration says about one target.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetRule {
    /// Its name.
    pub name: String,
    /// Whether anything is sent.
    pub enabled: bool,
    /// Whether it has addresses; without, it has one record with an empty one.
    pub has_addresses: bool,
    /// Template of the title.
    pub title: Option<String>,
    /// Template of the body.
    pub body: Option<String>,
    /// Attempts at one message, in all.
    pub max_retries: u32,
    /// Until a failed attempt is repeated, doubling with each.
    pub retry_interval: Duration,
    /// Messages that one source may send at once.
    pub burst: u32,
    /// Until a source may send one more.
    pub refill: Duration,
    /// When what came is told together.
    pub digest: Option<Digest>,
    /// Whether nothing is sent while it is quiet.
    pub quiet: bool,
    /// Whether a message whose fate is unknown can be sent again without being there twice.
    pub repeatable: bool,
    /// When the provider can first be asked what became of a message.
    pub confirm_after: Option<Duration>,
}

impl OutboundRules {
    /// Reads the rules out of the configuration. A target of an unknown kind has been refused by the loader.
    #[must_use]
    pub fn from_config(config: &Config) -> Self {
        let targets = config.targets.iter().filter_map(TargetRule::from_config).collect();
        Self { targets, routes: config.routes.clone() }
    }

    /// The rule of a target.
    #[must_use]
    pub fn target(&self, name: &str) -> Option<&TargetRule> {
        self.targets.iter().find(|target| target.name == name)
    }

    /// The name of every target, the desktop first.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let configured = self.targets.iter().map(|target| target.name.clone());
        std::iter::once(DESKTOP_TARGET.to_owned()).chain(configured).collect()
    }
}

impl TargetRule {
    fn from_config(target: &TargetConfig) -> Option<Self> {
        let kind = registry::find(&target.kind)?;
        Some(Self {
            name: target.name.clone(),
            enabled: target.enabled,
            has_addresses: kind.address.is_some(),
            title: target.title.clone(),
            body: target.body.clone(),
            max_retries: target.max_retries,
            retry_interval: target.retry_interval.unwrap_or(kind.retry_after),
            burst: target.burst,
            refill: target.refill,
            digest: target.digest,
            quiet: target.quiet,
            repeatable: kind.repeatable,
            confirm_after: kind.confirm_after,
        })
    }
}
