use tidings_api::{Millis, QuietKind, Urgency};

use crate::model::Arrival;

/// What the popup policy needs to know about a row that was just written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Name of the source.
    pub source: String,
    /// How much it wants to interrupt.
    pub urgency: Urgency,
    /// How it reached us.
    pub arrival: Arrival,
    /// When it was sent, or received where the sender does not say.
    pub sent_at: Millis,
    /// Read already, on the server or here.
    pub read: bool,
    /// Not before then.
    pub deliver_at: Option<Millis>,
    /// From then on not worth showing.
    pub expires_at: Option<Millis>,
    /// The poster limited the targets and the desktop is not among them.
    pub desktop_excluded: bool,
}

/// What happens on the desktop with a row that was just written. Stored with it, in the same transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A popup of its own, at once.
    Show,
    /// A popup of its own, then.
    ShowAt(Millis),
    /// Counted in one summary popup of its source, then.
    SummariseAt(Millis),
    /// No popup, for a reason that `explain` tells.
    Suppress(Reason),
}

/// Why there was no popup. The words are stored, and printed by `explain`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// History from before the first connection.
    Backfill,
    /// Read before it could be shown.
    Read,
    /// Put off: it alerts when it wakes.
    Snoozed,
    /// Deleted, retracted or dropped before it could be shown.
    Gone,
    /// Its time was over before it could be shown.
    Expired,
    /// The poster limited the targets to others.
    NotTargeted,
    /// The daemon ended between claiming and showing it: showing it again could show it twice.
    InDoubt,
    /// Popups of this source are switched off in the configuration.
    PopupsOff,
    /// Below the urgency that the source's configuration asks for.
    BelowUrgency,
    /// The user has opted out of it.
    OptedOut,
    /// The target has no record that receives.
    NoRecord,
    /// The record was switched off, or reported dead, before it was sent.
    RecordInactive,
    /// No attempt was allowed, or all of them were made.
    AttemptsUsedUp,
    /// The user has taken it back.
    Cancelled,
    /// The target is not in the configuration any more.
    TargetRemoved,
    /// The poster named a target that is switched off.
    TargetOff,
    /// It was quiet.
    Quiet(QuietKind),
}

impl Reason {
    /// Every reason, for the documentation and its test.
    pub const ALL: [Self; 20] = [
        Self::Backfill,
        Self::Read,
        Self::Snoozed,
        Self::Gone,
        Self::Expired,
        Self::NotTargeted,
        Self::InDoubt,
        Self::PopupsOff,
        Self::BelowUrgency,
        Self::OptedOut,
        Self::NoRecord,
        Self::RecordInactive,
        Self::AttemptsUsedUp,
        Self::Cancelled,
        Self::TargetRemoved,
        Self::TargetOff,
        Self::Quiet(QuietKind::Manual),
        Self::Quiet(QuietKind::Timer),
        Self::Quiet(QuietKind::Schedule),
        Self::Quiet(QuietKind::Inhibitor),
    ];

    /// The word in the database and on the bus.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Backfill => "backfill",
            Self::Read => "read",
            Self::Snoozed => "snoozed",
            Self::Gone => "gone",
            Self::Expired => "expired",
            Self::NotTargeted => "not-targeted",
            Self::InDoubt => "in-doubt",
            Self::PopupsOff => "popups-off",
            Self::BelowUrgency => "below-urgency",
            Self::OptedOut => "opted-out",
            Self::NoRecord => "no-record",
            Self::RecordInactive => "record-inactive",
            Self::AttemptsUsedUp => "attempts-used-up",
            Self::Cancelled => "cancelled",
            Self::TargetRemoved => "target-removed",
            Self::TargetOff => "target-off",
            Self::Quiet(QuietKind::Manual) => "quiet-manual",
            Self::Quiet(QuietKind::Timer) => "quiet-timer",
            Self::Quiet(QuietKind::Schedule) => "quiet-schedule",
            Self::Quiet(QuietKind::Inhibitor) => "quiet-inhibitor",
        }
    }
}
