use tidings_api::{Millis, SourceState};

use crate::language::Language;
use crate::tray::Scheme;

/// All that the tray knows. Everything that it shows follows from this.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    /// What is known about the daemon.
    pub daemon: Daemon,
    /// In which words.
    pub language: Language,
    /// In which colours.
    pub scheme: Scheme,
}

/// The daemon as it is seen from here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Daemon {
    /// Not running.
    #[default]
    Away,
    /// Asked to start.
    Starting,
    /// Asked to start in vain.
    NotStarted,
    /// Running.
    Here(Here),
}

/// What a running daemon tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Here {
    /// The inbox.
    pub inbox: Inbox,
    /// The sources, in the order of the configuration.
    pub sources: Vec<Source>,
    /// Whether popups wait.
    pub quiet: Quiet,
}

/// The inbox as far as the tray shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inbox {
    /// Unread notifications.
    pub unread: u32,
    /// Notifications that nobody has noticed.
    pub unseen: u32,
    /// The newest unread, newest first.
    pub newest: Vec<Headline>,
    /// The highest id that was told so far; 0 before any.
    pub newest_id: i64,
}

/// One unread notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Headline {
    /// Its id.
    pub id: i64,
    /// What it says, or its beginning.
    pub title: String,
}

/// A source and what it is doing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// What it is doing.
    pub state: SourceState,
}

/// Whether popups wait.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Quiet {
    /// They come.
    #[default]
    Off,
    /// They wait until somebody says otherwise.
    UntilTurnedOff,
    /// They wait until then.
    Until(Millis),
}

impl State {
    /// The number of unread notifications; none while nobody tells.
    #[must_use]
    pub fn unread(&self) -> u32 {
        match &self.daemon {
            Daemon::Here(here) => here.inbox.unread,
            Daemon::Away | Daemon::Starting | Daemon::NotStarted => 0,
        }
    }

    /// Changes what a running daemon told; news that come after it left mean nothing.
    pub(super) fn update(&mut self, change: impl FnOnce(&mut Here)) {
        if let Daemon::Here(here) = &mut self.daemon {
            change(here);
        }
    }
}

impl Quiet {
    /// Whether popups wait now.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        match self {
            Self::Off => false,
            Self::UntilTurnedOff | Self::Until(_) => true,
        }
    }
}

impl Source {
    /// Whether it receives nothing although it should.
    #[must_use]
    pub const fn needs_attention(&self) -> bool {
        match self.state {
            SourceState::NeedsLogin
            | SourceState::Rejected
            | SourceState::Waiting
            | SourceState::Silent => true,
            SourceState::Connecting | SourceState::Online | SourceState::Disabled => false,
        }
    }
}
