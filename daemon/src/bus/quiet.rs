//! `org.tidings.Tidings.Quiet1`.

use std::collections::HashMap;

use tidings_api::{Dict, Error, Millis, QuietReason, Result, limits, names};
use tokio::sync::watch;
use tracing::warn;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{OwnedFd, Value};
use zbus::{Connection, fdo, interface};

use crate::bus::failed;
use crate::clock::Clock;
use crate::quiet::{Inhibitor, Quiet, QuietError, Status, Wanted};

/// `Set` of this time means until switched off.
const FOR_GOOD: Millis = -1;

/// Do-not-disturb: popups wait, the inbox does not.
pub(super) struct Quiet1 {
    pub(super) quiet: Quiet,
    pub(super) clock: Clock,
}

#[interface(name = "org.tidings.Tidings.Quiet1")]
impl Quiet1 {
    /// Quiet until then; 0 ends what the user switched on and the schedule's current span, -1 lasts until switched off.
    async fn set(&self, until: i64) -> Result<()> {
        let wanted = match until {
            0 => Wanted::Off,
            FOR_GOOD => Wanted::On,
            until if until > self.clock.now() => Wanted::Until(until),
            until => {
                return Err(Error::InvalidArgs(format!(
                    "until: {until} is over; give a time to come, 0 to switch quiet off or {FOR_GOOD} for good"
                )));
            }
        };
        self.quiet.switch(wanted).await.map_err(refused)
    }

    /// Quiet while the descriptor is open, for a program that says who it is and why.
    #[zbus(out_args("descriptor"))]
    async fn inhibit(&self, who: String, why: String) -> Result<OwnedFd> {
        for (name, text) in [("who", &who), ("why", &why)] {
            let length = text.chars().count();
            if length == 0 {
                let message = format!("{name}: is empty; the user wants to know it");
                return Err(Error::InvalidArgs(message));
            }
            if length > limits::FIELD_CHARACTERS {
                return Err(Error::TooLarge(format!(
                    "{name}: {length} characters, the limit is {}",
                    limits::FIELD_CHARACTERS
                )));
            }
        }
        let descriptor = self.quiet.inhibit(Inhibitor { who, why }).await.map_err(refused)?;
        Ok(descriptor.into())
    }

    /// Whether it is quiet.
    #[zbus(property)]
    fn active(&self) -> bool {
        self.quiet.status().active()
    }

    /// All reasons: `kind`, `until`, `who`, `why`.
    #[zbus(property)]
    fn reasons(&self) -> Vec<Dict> {
        rows(&self.quiet.status())
    }

    /// When it ends by itself; 0 = not quiet, -1 = not by itself.
    #[zbus(property)]
    fn until(&self) -> i64 {
        self.quiet.status().until
    }
}

fn rows(status: &Status) -> Vec<Dict> {
    status.reasons.iter().map(QuietReason::to_dict).collect()
}

fn refused(error: QuietError) -> Error {
    match error {
        QuietError::Store(error) => failed(error),
        QuietError::Crowded => Error::RateLimited(error.to_string()),
        QuietError::Descriptor(_) | QuietError::Ending => Error::Unavailable(error.to_string()),
    }
}

/// Tells of every change, all properties at once, so that no client sees half of one. Runs until the daemon ends.
pub(super) async fn announce(connection: Connection, mut status: watch::Receiver<Status>) {
    let emitter = match SignalEmitter::new(&connection, names::OBJECT_PATH) {
        Ok(emitter) => emitter,
        Err(error) => return warn!(%error, "changes of quiet cannot be announced"),
    };
    let Ok(interface) = zbus::names::InterfaceName::try_from(names::QUIET) else { return };
    while status.changed().await.is_ok() {
        let now = status.borrow_and_update().clone();
        let changed = HashMap::from([
            ("Active", Value::from(now.active())),
            ("Reasons", Value::from(rows(&now))),
            ("Until", Value::from(now.until)),
        ]);
        let told = fdo::Properties::properties_changed(
            &emitter,
            interface.clone(),
            changed,
            std::borrow::Cow::Borrowed(&[]),
        );
        if let Err(error) = told.await {
            warn!(%error, "a change of quiet could not be announced");
        }
    }
}
