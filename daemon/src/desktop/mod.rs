//! Popups on this desktop: the port and its real implementations.

pub mod freedesktop;
pub mod open;
pub mod recorder;
pub mod text;

use tidings_api::{Action, Urgency};
use tokio::sync::mpsc;

use crate::model::NotificationId;

/// What stands on the screen under one identity: showing the same slot again replaces it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Slot {
    /// The popup of one notification.
    Notification(NotificationId),
    /// The summary of a source, by name.
    Summary(String),
    /// The summary of what came while it was quiet.
    AfterQuiet,
    /// The popup of `Control1.TestPopup`.
    Test,
}

/// A popup as plain text; the notifier escapes and trims it for its server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Popup {
    /// Its identity.
    pub slot: Slot,
    /// Shown as the origin where the server can (KDE's `x-kde-origin-name`).
    pub source: String,
    /// Name of the posting program; empty = Tidings.
    pub app: String,
    /// One line of plain text.
    pub title: String,
    /// Plain text.
    pub body: String,
    /// How much it wants to interrupt.
    pub urgency: Urgency,
    /// Icon name, or (from the local source only) a local path; the notifier checks it against its allow-list.
    pub icon: String,
    /// Buttons. A click on the popup itself always comes back as the action `default`.
    pub actions: Vec<Action>,
    /// Percentage.
    pub progress: Option<u8>,
    /// Not to be kept by the popup server.
    pub transient: bool,
}

/// What became of a popup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// The server took it.
    Shown,
    /// The server refused it as too alike or too many (KDE): the person has seen the like of it a moment ago.
    Coalesced,
    /// No popup server is running; it may come later.
    Absent,
    /// The server is running and does not answer, in words. It was not sent the popup, so it may be tried again.
    Busy(String),
    /// The server failed, in words. It may have the popup all the same, so it is not tried again.
    Failed(String),
}

/// Why a popup left the screen (the codes of the Desktop Notifications Specification 1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CloseReason {
    /// Its time was over.
    Expired,
    /// The person dismissed it.
    Dismissed,
    /// We closed it.
    Closed,
    /// The server does not say.
    Undefined,
}

/// What a person or the server did to a popup.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PopupEvent {
    /// A button, or `default` for the popup itself.
    Clicked {
        /// Which popup.
        slot: Slot,
        /// Which action.
        action: String,
        /// Lets the window that opens next take the focus (xdg-activation or X11 startup id).
        activation_token: Option<String>,
    },
    /// A line of text was typed into the popup (KDE, swaync).
    Replied {
        /// Which popup.
        slot: Slot,
        /// The text.
        text: String,
    },
    /// It left the screen.
    Closed {
        /// Which popup.
        slot: Slot,
        /// Why.
        reason: CloseReason,
    },
    /// The server left, came, or was replaced (a restart tells this twice): nothing of ours is on the
    /// screen, and what was [`Shown::Absent`] may find a server now.
    Restarted,
}

/// Facts about the popup server for `doctor`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PopupServer {
    /// Whether one is running.
    pub present: bool,
    /// Name, vendor, version and specification version, as it says.
    pub name: String,
    /// Who made it.
    pub vendor: String,
    /// Its version.
    pub version: String,
    /// The specification it claims.
    pub spec_version: String,
    /// What it can do, sorted.
    pub capabilities: Vec<String>,
}

/// Raises popups. Implemented over `org.freedesktop.Notifications`, and by a recorder in tests.
pub trait Notifier: Send + Sync {
    /// Shows a popup, replacing the one in the same slot.
    fn show(&self, popup: Popup) -> impl Future<Output = Shown> + Send;

    /// Takes a popup off the screen; nothing happens when it is not there.
    fn close(&self, slot: Slot) -> impl Future<Output = ()> + Send;

    /// Facts about the server.
    fn server(&self) -> impl Future<Output = PopupServer> + Send;
}

/// Where a notifier sends what happens to its popups. Bounded by the number of popups on a screen.
pub type PopupEvents = mpsc::UnboundedReceiver<PopupEvent>;
