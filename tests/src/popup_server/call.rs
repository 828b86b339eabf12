//! What the fake popup server is asked, and how it is told to answer.

use std::collections::HashMap;
use std::time::Instant;

use zbus::zvariant::OwnedValue;

/// One `Notify`, as it arrived.
#[derive(Clone, Debug)]
pub struct Shown {
    /// The id that the server answered; 0 when it did not answer with one.
    pub id: u32,
    /// Unique name of the caller.
    pub sender: String,
    /// `app_name`.
    pub app_name: String,
    /// `replaces_id`.
    pub replaces_id: u32,
    /// `app_icon`.
    pub icon: String,
    /// `summary`.
    pub summary: String,
    /// `body`.
    pub body: String,
    /// `actions`: id and label in turns.
    pub actions: Vec<String>,
    /// `hints`, with the types as sent.
    pub hints: HashMap<String, OwnedValue>,
    /// `expire_timeout` in milliseconds.
    pub expire_timeout: i32,
}

/// What the server was asked.
#[derive(Clone, Debug)]
pub enum Asked {
    /// `Notify`.
    Notify(Box<Shown>),
    /// `CloseNotification`.
    Close(u32),
    /// `GetCapabilities`.
    Capabilities,
    /// `GetServerInformation`.
    Information,
}

/// One call and when it arrived.
#[derive(Clone, Debug)]
pub struct Call {
    /// When it arrived.
    pub at: Instant,
    /// What was asked.
    pub asked: Asked,
}

/// What the server does with a `Notify`.
#[derive(Clone, Debug)]
pub enum Answer {
    /// Takes it.
    Accept,
    /// Refuses it with this error name.
    Refuse(&'static str),
    /// Refuses it with `InvalidArgs` when it replaces a popup, takes it otherwise.
    RefuseReplacing,
    /// Never answers.
    Hang,
    /// Sends token and click, and only then answers with the id: a very fast person.
    ClickFirst {
        /// The action that is invoked.
        action: &'static str,
        /// The activation token, sent before it.
        token: &'static str,
    },
}

/// To whom signals go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Everybody (KDE, xfce, mako).
    Everybody,
    /// The connection that called `Notify` (GNOME, dunst).
    Sender,
}
