//! Do-not-disturb: popups wait, the inbox does not.
//!
//! `schedule` and `state` are pure: what the user, the schedule and programs want, and what follows for a moment.
//! `keeper` runs it: it remembers what was asked, sets the one timer, and tells the popup policy and the bus.

mod inhibitor;
mod keeper;
mod schedule;
mod state;

pub use keeper::{Keeper, Quiet, QuietError, Wanted};
pub(crate) use schedule::on_wall;
pub use schedule::{Days, Schedule, Span};
pub use state::{Inhibitor, QuietState, Status, Switched};
