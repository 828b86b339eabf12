use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use tidings_api::{Action, Millis, Urgency};

use crate::model::{NotificationId, SourceId};

/// A claimed delivery to the desktop with all that the popup needs, so that showing it reads nothing back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PopupOrder {
    /// The claimed delivery; its outcome is recorded under this id.
    pub delivery_id: i64,
    /// The row.
    pub id: NotificationId,
    /// Name of the source.
    pub source: String,
    /// The source's own subdivision.
    pub topic: String,
    /// Identity of an evolving notification.
    pub key: String,
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
    /// Buttons.
    pub actions: Vec<Action>,
    /// Percentage.
    pub progress: Option<u8>,
    /// Not to be kept by the popup server.
    pub transient: bool,
    /// When the daemon first saw it.
    pub received_at: Millis,
    /// The same moment on the monotonic clock, for the latency figures; not stored.
    pub arrived: Option<Instant>,
    /// The revision of the opt-outs that let it pass.
    pub opt_outs: u64,
}

/// What one transaction did, told once it is durable enough: effects start from here and from nowhere else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// The inbox's revision after it.
    pub revision: u64,
    /// New rows.
    pub added: Vec<NotificationId>,
    /// Rows with other content or another state.
    pub updated: Vec<NotificationId>,
    /// Rows that are gone.
    pub removed: Vec<NotificationId>,
    /// Popups to show now; their deliveries are already claimed.
    pub popups: Vec<PopupOrder>,
    /// Rows whose popup must leave the screen: read, deleted, retracted.
    pub close: Vec<NotificationId>,
    /// The earliest moment a delivery written here falls due.
    pub due_at: Option<Millis>,
    /// Sources that have marks to send.
    pub marked: Vec<SourceId>,
    /// The earliest moment at which each target has something to do.
    pub outbound: BTreeMap<String, Millis>,
    /// Targets whose records or deliveries are others.
    pub targets: BTreeSet<String>,
}
