use crate::controller::state::{Here, Inbox, Quiet, Source};
use crate::language::Language;
use crate::tray::{Choice, Scheme};

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Tick {
    /// The daemon told something, or about itself.
    News(News),
    /// A person chose something: in the menu, by a click on the icon, or through another program.
    Chosen {
        /// What.
        choice: Choice,
        /// Lets the window that opens come to the front.
        token: Option<String>,
    },
    /// The desktop's colours are others.
    Scheme(Scheme),
    /// What had to wait may be shown now.
    Due,
    /// The session, or this program, ends.
    Ended,
}

/// What became known about the daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// It is there, and this is everything about it.
    Here(Box<Here>),
    /// The inbox changed.
    Inbox(Inbox),
    /// A source changed.
    Sources(Vec<Source>),
    /// Quiet began or ended.
    Quiet(Quiet),
    /// The user chose a language, or the environment's again.
    Language(Language),
    /// It is not there.
    Away,
    /// It was asked to start and did not.
    NotStarted,
}
