use tidings_api::Millis;

use crate::model::{Arrival, Incoming, NotificationId};

/// One thing a source has to say. The store applies each in its own savepoint, so that a bad one fails alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A notification: new, or known by its remote id or key.
    Upsert(Box<Incoming>),
    /// A provisional row turned out to be this notification of the server's list.
    Confirm {
        /// The provisional row.
        id: NotificationId,
        /// The list's version, with its remote id.
        incoming: Box<Incoming>,
    },
    /// The server's list never showed these provisional rows; they stay, marked so.
    Unconfirm(Vec<NotificationId>),
    /// A provisional row was the echo of a frame that came twice: it goes, with its popup.
    DropEcho(NotificationId),
    /// Read or unread on the server. Ignored while a mark of ours is still on its way there.
    ReadElsewhere {
        /// The server's identity.
        remote_id: String,
        /// Whether it is read there.
        read: bool,
    },
    /// Gone from the server: kept here as retracted, its popup closed.
    Retract {
        /// The server's identity.
        remote_id: String,
    },
    /// A thread was dealt with or taken back on the server. It may come before what it is about.
    EndThread {
        /// The thread.
        key: String,
        /// What happened to it.
        how: ThreadEnd,
        /// The event's own identity: the same one again changes nothing.
        event_id: String,
        /// When, by the server's clock. What the thread brings later is news again.
        at: Millis,
        /// Whether it was told when it happened, and so is the newest whatever that clock says.
        arrival: Arrival,
    },
    /// Something that this version does not understand; kept for whoever asks what was left out.
    Unknown {
        /// As it came.
        text: String,
    },
    /// The server's database was reset; remote ids from now on are other notifications.
    NewEpoch,
}

/// How a thread ended on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadEnd {
    /// Dealt with: read here, too, and off the screen.
    Cleared,
    /// Taken back: kept here as retracted, and nobody needs to read it.
    Deleted,
}

impl ThreadEnd {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cleared => "cleared",
            Self::Deleted => "deleted",
        }
    }
}

/// Events that are committed in one transaction together with the resume marker.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// In the order they happened.
    pub events: Vec<Event>,
    /// Where to resume once these are stored; `None` leaves the marker.
    pub marker: Option<String>,
    /// The first catch-up is complete: what comes from now on is news.
    pub caught_up: bool,
}
