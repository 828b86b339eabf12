//! What the store answers and is told, as plain values.

use std::collections::BTreeMap;

use tidings_api::{Delivery, Millis, Notification};

use crate::dispatch::outbound::fate::Fate;
use crate::model::{NotificationId, PopupOrder};
use crate::quiet::Switched;

/// Absolute counters, kept by the writer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Unread in the inbox.
    pub unread: u32,
    /// Unseen in the inbox.
    pub unseen: u32,
    /// Unread by source name; absent = 0.
    pub unread_by_source: BTreeMap<String, u32>,
    /// Grows with every commit.
    pub revision: u64,
}

/// One page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Page {
    /// Newest first.
    pub rows: Vec<Notification>,
    /// Where the next page starts; empty = the end.
    pub next: String,
    /// The revision the page belongs to.
    pub revision: u64,
}

/// The result of a triage call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Triage {
    /// The rows that really changed.
    pub changed: Vec<NotificationId>,
    /// How many (the only figure for bulk calls, where `changed` stays empty).
    pub count: u32,
    /// Takes it back; 0 = nothing to take back.
    pub undo: u64,
}

/// A row that the server should still show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Present {
    /// The server's identity.
    pub remote_id: String,
    /// The thread it belongs to; empty = none.
    pub key: String,
}

/// A known row, for a source that compares it with its server's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownRow {
    /// Our row.
    pub id: NotificationId,
    /// Read here.
    pub read: bool,
    /// Deleted here.
    pub deleted: bool,
    /// A mark of ours is on its way to the server.
    pub mark_pending: bool,
    /// Content, to notice that a server's database was reset.
    pub title: String,
    /// Content.
    pub body: String,
    /// When it was sent, by the server's clock.
    pub sent_at: Option<Millis>,
}

/// A row that came without identity and waits for the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provisional {
    /// Our row.
    pub id: NotificationId,
    /// Content to match by.
    pub title: String,
    /// Content to match by.
    pub body: String,
    /// When its frame came.
    pub received_at: Millis,
}

/// A mark made here that the server has not confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingMark {
    /// Our row.
    pub id: NotificationId,
    /// The server's identity.
    pub remote_id: String,
    /// The thread it belongs to; empty = none.
    pub key: String,
    /// Read, or unread again.
    pub read: bool,
    /// How often it was sent in vain.
    pub attempts: u32,
}

/// Which marks are wanted for sending. A mark that is not stays in the queue and holds up no other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WantedMarks {
    /// Also those as unread again: few servers know such a request.
    pub unread: bool,
    /// Also those that were sent in vain before.
    pub refused: bool,
}

impl WantedMarks {
    /// Whatever waits.
    pub const ALL: Self = Self { unread: true, refused: true };
}

/// What the notifications of a summary have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SummaryOf {
    /// They came from the source of this name.
    Source(String),
    /// They came while it was quiet: so many from each source, most first.
    Quiet(Vec<(String, u32)>),
}

/// What a summary popup tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryOrder {
    /// The claimed deliveries; their outcome is recorded under this token.
    pub claim: i64,
    /// What they have in common.
    pub of: SummaryOf,
    /// How many notifications.
    pub count: u32,
    /// The newest ones, newest first, at most three.
    pub newest: Vec<Notification>,
    /// All of them, oldest first.
    pub ids: Vec<NotificationId>,
    /// The revision of the opt-outs that let them pass.
    pub opt_outs: u64,
}

/// Deliveries that fell due and are claimed now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Due {
    /// One popup each.
    pub popups: Vec<PopupOrder>,
    /// One popup a source, for more than five singles of one source, too.
    pub summaries: Vec<SummaryOrder>,
    /// When the next delivery falls due.
    pub next_at: Option<Millis>,
}

/// How a claimed delivery ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DeliveryEnd {
    /// The popup server took it.
    Delivered,
    /// Not now; again then, unless the first try was an hour ago. For a popup server that is absent.
    Retry(Millis),
    /// Never.
    Failed(String),
}

/// What is claimed: one popup's delivery, or all deliveries of a summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// [`PopupOrder::delivery_id`].
    Popup(i64),
    /// [`SummaryOrder::claim`].
    Summary(i64),
}

/// What is remembered about being quiet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct QuietRecord {
    /// What the user has switched.
    pub switched: Switched,
    /// Since when it has been quiet; `None` = it was not, and nothing is left to be announced.
    pub since: Option<Millis>,
}

/// Retention by age and by count; `None` = unlimited. Saved rows are exempt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retention {
    /// Milliseconds.
    pub max_age: Option<Millis>,
    /// Rows.
    pub max_count: Option<u64>,
}

impl From<crate::config::Retention> for Retention {
    fn from(wanted: crate::config::Retention) -> Self {
        // An age beyond the end of time keeps everything.
        let max_age = wanted.max_age.and_then(|age| Millis::try_from(age.as_millis()).ok());
        Self { max_age, max_count: wanted.max_count }
    }
}

/// A target whose provider refuses the credentials or the sender.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Its name.
    pub target: String,
    /// Since when.
    pub since: Millis,
    /// What the provider says and what to do.
    pub why: String,
}

/// A claimed message to one record: one notification, or several that are told together.
#[derive(Clone, Debug, PartialEq)]
pub struct OutboundOrder {
    /// Outcomes are recorded under this token.
    pub claim: i64,
    /// The claimed deliveries: one, or those of a summary.
    pub deliveries: Vec<i64>,
    /// The record.
    pub record: i64,
    /// Where to.
    pub address: String,
    /// How they are told.
    pub grouping: Grouping,
    /// What the receiver knows the message by: the same for every attempt at it, also when some of what it tells of has lost
    /// its point meanwhile.
    pub identity: String,
    /// The newest ones, newest first, at most [`NAMED_OUTBOUND`].
    pub newest: Vec<Notification>,
    /// How many from each source, most first.
    pub by_source: Vec<(String, u32)>,
    /// Attempts at it, this one included; of several the most.
    pub attempts: u32,
    /// Attempts in all; of several the fewest.
    pub allowed: u32,
    /// Until when the claim stands.
    pub lease_until: Millis,
    /// The revision of the opt-outs that let it pass.
    pub opt_outs: u64,
}

/// Notifications that a summary by mail or message names.
pub const NAMED_OUTBOUND: usize = 20;

/// How deliveries are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// By itself.
    Single,
    /// With others of its source: "N more from X".
    Summary,
    /// With all that came since the last digest.
    Digest,
}

/// What was claimed for a target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outbound {
    /// The messages.
    pub orders: Vec<OutboundOrder>,
    /// When the next delivery falls due, or a claim ends.
    pub next_at: Option<Millis>,
    /// When its provider is to be asked about messages.
    pub ask_at: Option<Millis>,
    /// More is due than was asked for.
    pub more: bool,
}

/// How a claimed message ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboundEnd {
    /// [`OutboundOrder::claim`].
    pub claim: i64,
    /// [`OutboundOrder::deliveries`].
    pub deliveries: Vec<i64>,
    /// What became of it; `None` = it was not attempted after all.
    pub fate: Option<Fate>,
}

/// A message that its provider can be asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unconfirmed {
    /// The delivery.
    pub delivery: i64,
    /// By which the provider knows it.
    pub receipt: String,
    /// When it was accepted.
    pub accepted_at: Millis,
    /// Attempts so far.
    pub attempts: u32,
    /// Attempts in all.
    pub allowed: u32,
}

/// One page of deliveries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeliveryPage {
    /// Newest first.
    pub rows: Vec<Delivery>,
    /// Where the next page starts; empty = the end.
    pub next: String,
}

/// What is counted of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetFigures {
    /// Records that receive.
    pub records: u32,
    /// Deliveries that wait.
    pub waiting: u32,
    /// When the last one was accepted.
    pub last_delivered_at: Option<Millis>,
}
