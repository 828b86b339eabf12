use std::time::Instant;

use tidings_api::{Action, KeyMode, Millis, Urgency};

/// A time as the sender gave it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentAt {
    /// The moment.
    pub at: Millis,
    /// Given without a zone, so interpreted in the configured one.
    pub approximate: bool,
    /// The text as it came, for when the interpretation was wrong.
    pub raw: String,
}

/// How a notification reached us; decides whether it may raise a popup of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Arrival {
    /// Just now, on a live connection or from a local script.
    #[default]
    Live,
    /// Found by catching up after an absence or in a reconcile.
    CatchUp,
    /// History from before the first connection: stored without a popup.
    Backfill,
}

impl Arrival {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::CatchUp => "catch-up",
            Self::Backfill => "backfill",
        }
    }
}

/// A notification on its way into the inbox. Texts are clean (see [`crate::sources::text`]); empty means absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Incoming {
    /// The server's identity; `None` = not known yet (a provisional row) or local.
    pub remote_id: Option<String>,
    /// Not yet confirmed by the server's list.
    pub provisional: bool,
    /// Identity of an evolving notification within the source.
    pub key: String,
    /// What the same key again does.
    pub mode: KeyMode,
    /// How it reached us.
    pub arrival: Arrival,
    /// The source's own subdivision.
    pub topic: String,
    /// Name of the posting program.
    pub app: String,
    /// One line.
    pub title: String,
    /// Plain text.
    pub body: String,
    /// How much it wants to interrupt.
    pub urgency: Urgency,
    /// What a click opens.
    pub url: String,
    /// Icon name or local path.
    pub icon: String,
    /// Who did it.
    pub actor: String,
    /// What was done.
    pub verb: String,
    /// To what.
    pub action_object: String,
    /// Where.
    pub activity_target: String,
    /// Free labels.
    pub tags: Vec<String>,
    /// Buttons.
    pub actions: Vec<Action>,
    /// Percentage.
    pub progress: Option<u8>,
    /// Not to be kept by the popup server.
    pub transient: bool,
    /// JSON text.
    pub data: String,
    /// When the sender says it was sent.
    pub sent: Option<SentAt>,
    /// When we first saw it.
    pub received_at: Millis,
    /// The same moment on the monotonic clock, for the latency figures; not stored.
    pub arrived: Option<Instant>,
    /// From then on not worth showing.
    pub expires_at: Option<Millis>,
    /// Deliver then, not now.
    pub deliver_at: Option<Millis>,
    /// Limit delivery to these targets.
    pub targets: Option<Vec<String>>,
    /// Whether the server says it is read; `None` = it says nothing about that.
    pub read: Option<bool>,
    /// Process id and program of a local poster.
    pub posted_by: String,
    /// Unique bus name of a local poster, who is told about clicks.
    pub poster: String,
}
