use tidings_api::{Millis, Place};

use crate::tray::Appearance;

/// Everything that the controller does to the world. None of it waits: what fails is told in the log, or by a tick.
pub trait Gui {
    /// Makes the tray look like this.
    fn show(&mut self, appearance: &Appearance);

    /// Shows a place in the window; the token lets it come to the front.
    fn open(&mut self, place: Place, token: Option<String>);

    /// Has the daemon do something.
    fn order(&mut self, order: Order);
}

/// What the daemon is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Mark the inbox as read up to this notification.
    MarkRead {
        /// The newest that the user could know of.
        up_to: i64,
    },
    /// Hold popups back.
    BeQuiet {
        /// Until when; `None` = until it is turned off.
        until: Option<Millis>,
    },
    /// Let popups come again.
    EndQuiet,
    /// Start.
    Start,
    /// Stop.
    Stop,
}
