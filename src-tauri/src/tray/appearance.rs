use chrono::{DateTime, Local};

use crate::controller::State;
use crate::tray::{Icon, Menu, Tooltip};

/// Everything that can be seen of the app. Two equal ones need not both be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appearance {
    /// The picture in the panel.
    pub icon: Icon,
    /// What hovering says.
    pub tooltip: Tooltip,
    /// What a right click opens.
    pub menu: Menu,
    /// The number on the launcher of a dock.
    pub unread: u32,
}

impl Appearance {
    /// What `state` looks like; times are told as they are read at `now`.
    #[must_use]
    pub fn of(state: &State, now: DateTime<Local>) -> Self {
        Self {
            icon: Icon::of(state),
            tooltip: Tooltip::of(state, now),
            menu: Menu::of(state, now),
            unread: state.unread(),
        }
    }
}
