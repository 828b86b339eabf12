//! `org.tidings.Tidings.Preferences1`.

use std::sync::Arc;

use tidings_api::{Dict, Error, Fields, OptOut, Result, Scope, limits, names};
use tokio::sync::watch;
use tracing::warn;
use zbus::object_server::SignalEmitter;
use zbus::{Connection, interface};

use crate::bus::failed;
use crate::bus::source_forms::edited;
use crate::clock::Clock;
use crate::config::{Config, LiveConfig, Setting};
use crate::dispatch::PopupQueue;
use crate::dispatch::opt_out::OptOuts;
use crate::dispatch::outbound::{Dispatcher, Unwanted};
use crate::dispatch::rules::{self, PopupRules};
use crate::sources::text::one_line;
use crate::store::Store;

/// A popup that is on its way when the user opts out gets so long to reach its server.
const SETTLED_WITHIN: std::time::Duration = std::time::Duration::from_secs(6);

/// What the user does not want where, and the settings that the window shows.
pub(super) struct Preferences1 {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) config: Arc<LiveConfig>,
    pub(super) popups: PopupQueue,
    pub(super) dispatcher: Dispatcher,
    /// What the popup policy follows.
    pub(super) rules: watch::Sender<Arc<PopupRules>>,
}

#[interface(name = "org.tidings.Tidings.Preferences1")]
impl Preferences1 {
    /// The settings of `config.toml` that clients may edit, as dotted keys.
    #[zbus(out_args("settings"))]
    async fn get(&self) -> Dict {
        Setting::all(&self.config.current())
    }

    /// Changes settings in `config.toml`, keeping comments; all or none.
    async fn set(&self, settings: Dict) -> Result<()> {
        let settings = Setting::from_dict(settings)?;
        self.config.set(&settings).map_err(|error| edited(&error))?;
        rules::follow(&self.rules, &self.config.current());
        Ok(())
    }

    /// Every opt-out that stands, the broadest first.
    #[zbus(out_args("opt_outs"))]
    async fn opt_outs(&self) -> Vec<Dict> {
        let now = self.clock.now();
        let stands = |row: &&OptOut| row.until.is_none_or(|until| until > now);
        self.store.opt_outs().rows().iter().filter(stands).map(OptOut::to_dict).collect()
    }

    /// Keeps a scope away from a target (empty = all). Options: `until` x. Answers how many waiting deliveries it stopped.
    #[zbus(out_args("stopped"))]
    async fn opt_out(&self, scope: Dict, target: String, options: Dict) -> Result<u32> {
        let scope = checked_scope(scope)?;
        self.check_target(&target)?;
        let mut fields = Fields::new("options", options);
        let until = fields.integer("until")?;
        fields.finish()?;
        if let Some(until) = until.filter(|until| *until <= self.clock.now()) {
            return Err(Error::InvalidArgs(format!(
                "options: `until` is {until}, which is over; give a time to come, or none for good"
            )));
        }
        let opt_out = OptOut { scope, target, until, since: 0 };
        let meant = opt_out.target.clone();
        let stopped = self.store.opt_out(opt_out).await.map_err(failed)?;
        // What was checked before is not sent any more; what was on its way in this very moment ends here.
        if meant != names::DESKTOP_TARGET {
            self.dispatcher.outbox().settle(&meant, Unwanted::OptedOut).await;
        }
        if tokio::time::timeout(SETTLED_WITHIN, self.popups.settled()).await.is_err() {
            warn!(
                "the popup server does not answer; what it was sent before the opt-out may still appear"
            );
        }
        Ok(stopped)
    }

    /// Takes back the opt-out of exactly this scope and target; `false` = there was none. What it stopped stays stopped.
    #[zbus(out_args("was_there"))]
    async fn opt_in(&self, scope: Dict, target: String) -> Result<bool> {
        let scope = checked_scope(scope)?;
        self.check_target(&target)?;
        self.store.opt_in(scope, target).await.map_err(failed)
    }

    /// The names of the targets that there are.
    #[zbus(out_args("targets"))]
    async fn targets(&self) -> Vec<String> {
        self.dispatcher.rules().names()
    }

    /// A setting or an opt-out is another.
    #[zbus(signal)]
    async fn changed(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}

fn checked_scope(scope: Dict) -> Result<Scope> {
    let scope = Scope::from_dict(scope)?;
    // As topics of posts are stored; keys are stored as they are.
    let scope = Scope { topic: scope.topic.map(one_line), ..scope };
    if scope.topic.as_deref() == Some("") {
        // Without a topic it would be about the whole source.
        return Err(Error::InvalidArgs(
            "scope: there are only control characters in `topic`; leave it out, or give one".into(),
        ));
    }
    for (key, text) in [("source", &scope.source), ("topic", &scope.topic), ("key", &scope.key)] {
        let length = text.as_deref().unwrap_or_default().chars().count();
        if length > limits::FIELD_CHARACTERS {
            return Err(Error::TooLarge(format!(
                "scope: `{key}` has {length} characters, the limit is {}",
                limits::FIELD_CHARACTERS
            )));
        }
    }
    Ok(scope)
}

impl Preferences1 {
    fn check_target(&self, target: &str) -> Result<()> {
        let known = self.dispatcher.rules().names();
        if target.is_empty() || known.iter().any(|name| name == target) {
            return Ok(());
        }
        Err(Error::NotFound(format!(
            "target: there is no target \"{target}\"; there is {}, and the empty text means all",
            known.join(", ")
        )))
    }
}

/// Tells whenever a setting or an opt-out is another, whoever changed it. Runs until the daemon ends.
pub(super) async fn announce(
    connection: Connection,
    mut opt_outs: watch::Receiver<Arc<OptOuts>>,
    mut versions: watch::Receiver<Arc<Config>>,
) {
    let emitter = match SignalEmitter::new(&connection, names::OBJECT_PATH) {
        Ok(emitter) => emitter,
        Err(error) => return warn!(%error, "changes of preferences cannot be announced"),
    };
    let mut standing = opt_outs.borrow_and_update().rows().to_vec();
    let mut settings = Setting::all(&versions.borrow_and_update());
    loop {
        let differs = tokio::select! {
            changed = opt_outs.changed() => {
                if changed.is_err() {
                    return;
                }
                let rows = opt_outs.borrow_and_update().rows().to_vec();
                std::mem::replace(&mut standing, rows) != standing
            }
            changed = versions.changed() => {
                if changed.is_err() {
                    return;
                }
                let now = Setting::all(&versions.borrow_and_update());
                std::mem::replace(&mut settings, now) != settings
            }
        };
        if differs && let Err(error) = Preferences1::changed(&emitter).await {
            warn!(%error, "a change of the preferences could not be announced");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_topic_of_a_scope_is_cleaned_as_that_of_a_post_is_and_the_key_is_not() {
        let scope = |topic: Option<&str>, key: Option<&str>| Scope {
            source: Some("local".into()),
            topic: topic.map(str::to_owned),
            key: key.map(str::to_owned),
        };
        let checked = |scope: Scope| checked_scope(scope.to_dict()).unwrap();
        assert_eq!(checked(scope(Some("a\tb"), None)), scope(Some("a b"), None));
        assert_eq!(checked(scope(None, Some("a\tb"))), scope(None, Some("a\tb")));
        assert!(checked_scope(scope(Some("\t"), None).to_dict()).is_err(), "not all of `local`");
    }
}
