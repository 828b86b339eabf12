//! Where notifications come from: the port, and the list of kinds.

pub mod form;
pub mod gotify;
pub mod home_assistant;
pub mod json;
mod kind;
pub mod lenient;
pub mod live;
pub mod ntfy;
pub(crate) mod outage;
pub mod registry;
mod schedule;
pub mod supervisor;
pub mod text;
mod time;
pub mod trouble;

use std::future::Future;
use std::pin::Pin;

use secrecy::SecretString;
use tidings_api::{Millis, SourceState};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::config::SecretOrigin;
use crate::model::{Batch, SourceRecord};
use crate::net::link::Ending;
use crate::secrets::SecretError;
use crate::sources::trouble::Trouble;
use crate::store::{Store, StoreError};

pub use self::kind::{Build, Kind};
pub use self::schedule::Times;

/// A connection to one remote server, from dialling to losing it. The supervisor runs it again as its [`Exit`] says.
pub trait Source: Send {
    /// Runs until the connection is lost, refused or no longer wanted.
    fn run<'a>(
        &'a mut self,
        context: SourceContext,
    ) -> Pin<Box<dyn Future<Output = Exit> + Send + 'a>>;

    /// The user wants it connected anew: the next connection does not know what may have changed, such as the secret, or a
    /// server's wish to be left alone.
    fn forget(&mut self);

    /// Connects once beside the running connection and tells in words what the server answered.
    fn test<'a>(&'a self) -> Pin<Box<dyn Future<Output = TestReport> + Send + 'a>>;
}

/// Reads secrets when a connection needs them, from wherever the configuration says they are.
pub trait Secrets: Send + Sync {
    /// The secret of a source. The error says what is wrong, what to do, and whether time alone may mend it.
    fn secret<'a>(
        &'a self,
        source: &'a str,
        origin: &'a SecretOrigin,
    ) -> Pin<Box<dyn Future<Output = Result<SecretString, SecretError>> + Send + 'a>>;
}

/// Why a source stopped running, classed by what to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exit {
    /// A passing fault: dial again after a backoff, or when the server says.
    Transient {
        /// What happened, for a person.
        why: String,
        /// The server's own wish.
        retry_after: Option<std::time::Duration>,
    },
    /// Planned: the connection has served its time, dial again at once.
    Recycle,
    /// The credentials are refused: wait for the user, probing rarely.
    NeedsLogin {
        /// What happened and what to do.
        why: String,
    },
    /// Refused for a reason that dialling again does not change: wait for the user, probing rarely.
    Rejected {
        /// What happened and what to do.
        why: String,
    },
    /// The daemon is shutting down or the source was switched off.
    Cancelled,
}

impl From<Ending> for Exit {
    fn from(ending: Ending) -> Self {
        match ending {
            Ending::Lost(why) => Self::Transient { why, retry_after: None },
            Ending::Slept => Self::Recycle,
        }
    }
}

/// What `Sources1.Test` answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TestReport {
    /// Whether notifications would arrive.
    pub ok: bool,
    /// One line a step: what was tried, what came back, what to do.
    pub steps: Vec<String>,
}

impl TestReport {
    /// Adds a step and what came of it.
    pub(in crate::sources) fn note(&mut self, step: &str, result: Result<String, Trouble>) {
        self.ok &= result.is_ok();
        let words = result.unwrap_or_else(|trouble| format!("failed: {}", trouble.why()));
        self.steps.push(format!("{step}: {words}"));
    }
}

/// What wakes a running source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nudge {
    /// Marks are waiting in the store.
    Marks,
    /// The network is another one: the connection may be gone without a word.
    Doubt,
}

/// What a source reports about itself; `Sources1` shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// What it is doing.
    pub state: SourceState,
    /// Since when it has been doing it.
    pub since: Millis,
    /// When the server was last heard.
    pub last_proof_of_life: Option<Millis>,
    /// What went wrong last.
    pub last_error: String,
    /// When it will try again, while waiting.
    pub retry_at: Option<Millis>,
}

/// Everything a running source may touch.
#[derive(Debug)]
pub struct SourceContext {
    /// What the store remembers.
    pub record: SourceRecord,
    /// The inbox.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// Ends the run.
    pub cancel: CancellationToken,
    /// Wakes the run.
    pub nudges: mpsc::Receiver<Nudge>,
    /// Where it reports its health.
    pub health: watch::Sender<Health>,
}

impl SourceContext {
    /// Hands a batch to the store. Returning means committed: that is backpressure and the point to acknowledge.
    pub async fn emit(&self, batch: Batch) -> Result<(), StoreError> {
        self.store.ingest(self.record.id, batch).await
    }

    /// Reports what the source is doing. Online without an error clears the last one; watchers hear of changes only.
    pub fn report(&self, state: SourceState, error: Option<String>) {
        let now = self.clock.now();
        self.health.send_if_modified(|health| health.change(state, error, None, now));
    }

    /// The server was heard. Watchers are not woken for it.
    pub fn alive(&self) {
        let now = self.clock.now();
        self.health.send_if_modified(|health| {
            health.last_proof_of_life = Some(now);
            false
        });
    }
}

impl Health {
    /// Changes state, error and next try; `true` when anything is different.
    pub(crate) fn change(
        &mut self,
        state: SourceState,
        error: Option<String>,
        retry_at: Option<Millis>,
        now: Millis,
    ) -> bool {
        let before = self.clone();
        if self.state != state || self.since == 0 {
            self.since = now;
        }
        self.state = state;
        self.retry_at = retry_at;
        match error {
            Some(error) => self.last_error = error,
            None if state == SourceState::Online => self.last_error.clear(),
            None => {}
        }
        *self != before
    }
}
