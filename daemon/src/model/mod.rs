//! What flows from a source into the store, and from the store to dispatch.

mod committed;
mod decision;
mod event;
mod incoming;
mod source;

pub use committed::{Committed, PopupOrder};
pub use decision::{Candidate, Decision, Reason};
pub use event::{Batch, Event, ThreadEnd};
pub use incoming::{Arrival, Incoming, SentAt};
pub use source::{Marking, NotificationId, SourceId, SourceRecord};
