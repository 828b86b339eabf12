//! Time as a value that is passed in.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use tidings_api::Millis;

/// Says what time it is. The system's clock in the daemon, a steered one in tests.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The wall clock of this machine.
    System,
    /// A clock that stands still until a test moves it.
    Steered(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that shows `now` until it is moved.
    #[must_use]
    pub fn steered(now: Millis) -> Self {
        Self::Steered(Arc::new(AtomicI64::new(now)))
    }

    /// Milliseconds since the epoch.
    #[must_use]
    pub fn now(&self) -> Millis {
        match self {
            // A clock before 1970 is broken; zero keeps the order of rows by id.
            Self::System => SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .ok()
                .and_then(|elapsed| Millis::try_from(elapsed.as_millis()).ok())
                .unwrap_or_default(),
            Self::Steered(now) => now.load(Ordering::SeqCst),
        }
    }

    /// Moves a steered clock forward (or back); the system's clock cannot be moved.
    pub fn advance(&self, by: Millis) {
        if let Self::Steered(now) = self {
            now.fetch_add(by, Ordering::SeqCst);
        }
    }
}
