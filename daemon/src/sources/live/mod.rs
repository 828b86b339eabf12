//! Kinds whose server pushes over a WebSocket and can be asked for what was missed. What they have in common is here, once:
//! catching up beside the live connection, the marker that never passes a gap, marks on their way out, liveness. What is
//! particular to a server is a [`Protocol`].

mod login;
mod server;
mod session;
mod settings;
mod source;
#[cfg(test)]
pub(crate) mod testing;

use std::collections::BTreeSet;
use std::future::Future;
use std::sync::Arc;

use tidings_api::Millis;
use tokio::time::Instant;

use crate::model::{Arrival, Batch, Event, SourceId};
use crate::net::link::Link;
use crate::sources::schedule::Peace;
use crate::sources::trouble::Trouble;
use crate::sources::{Exit, SourceContext, TestReport, Times};
use crate::store::{PendingMark, Store};

pub use self::login::{Login, Scheme};
pub use self::server::{Body, Portion, Server};
pub(in crate::sources) use self::session::dealt_with;
pub use self::settings::{Common, time_fields, url_field};
pub use self::source::Live;

/// What is particular to a kind of server.
pub trait Protocol: Send + Sync + 'static {
    /// How often it is asked and its connection renewed.
    fn times(&self) -> Times;

    /// Who we are there.
    fn login(&self) -> &Login;

    /// Forgets what the user may have changed.
    fn forget(&self) {
        self.login().forget();
    }

    /// Opens the connection, signed in and subscribed.
    fn connect(&self) -> impl Future<Output = Result<Opened, Trouble>> + Send;

    /// What a message means. Pure, and never an error: what cannot be understood is [`Event::Unknown`].
    fn read(&self, message: &[u8], moment: Moment) -> Heard;

    /// Whether [`Heard::all`] would name this, had nobody dealt with it. A server that forgets says nothing with its absence.
    fn lists(&self, _remote_id: &str) -> bool {
        true
    }

    /// Asks for everything that the connection may not have brought, the oldest first. Large answers are handed over in
    /// steps by [`CatchUp::emit`]; the rest, and where to resume after all of it, is the answer.
    fn catch_up(
        &self,
        catch_up: &CatchUp,
    ) -> impl Future<Output = Result<CaughtUp, Trouble>> + Send;

    /// Where to resume after live events, when nothing before them is missing. `None` leaves the marker where the last
    /// catch-up has set it, which is always right and only repeats more.
    fn advance(&self, _marker: Option<&str>, _events: &[Event]) -> Option<String> {
        None
    }

    /// Marks one notification on the server. `Err` = try this one and all others later.
    fn mark(&self, mark: &PendingMark) -> impl Future<Output = Result<Marked, Trouble>> + Send;

    /// Connects once beside the running connection and tells in words what the server answered.
    fn test(&self) -> impl Future<Output = TestReport> + Send;
}

/// An open connection.
#[derive(Debug)]
pub struct Opened {
    /// The connection.
    pub link: Link,
    /// Messages that came with the subscription and are to be read first.
    pub first: Vec<Vec<u8>>,
    /// Something that a person should know though the connection stands, in words.
    pub complaint: Option<String>,
}

/// When a message is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The time.
    pub now: Millis,
    /// How what was there before counts: as history on the first connection, as missed later.
    pub earlier: Arrival,
}

/// What follows from a message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heard {
    /// To be stored at once.
    pub events: Vec<Event>,
    /// The server is to be asked soon: something happened that only a catch-up brings.
    pub ask: bool,
    /// The message lists all that the server has: what else is known of it is gone there.
    pub all: Option<BTreeSet<String>>,
    /// The connection is of no use any more.
    pub end: Option<Trouble>,
}

/// One catch-up.
#[derive(Debug)]
pub struct CatchUp {
    /// Where the last one ended; `None` on the first connection.
    pub marker: Option<String>,
    /// How what it finds has reached us.
    pub arrival: Arrival,
    /// Everything that the server still holds is to be looked at, not only what is newer than the marker.
    pub deep: bool,
    /// When it started.
    pub now: Millis,
    /// The source's row.
    pub source: SourceId,
    /// The inbox.
    pub store: Store,
}

impl CatchUp {
    /// Stores a step of a large answer. Returning means committed, which is what bounds the memory.
    pub async fn emit(&self, events: Vec<Event>) -> Result<(), Trouble> {
        let batch = Batch { events, ..Batch::default() };
        Ok(self.store.ingest(self.source, batch).await?)
    }
}

/// The end of a catch-up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CaughtUp {
    /// The last events.
    pub events: Vec<Event>,
    /// Where to resume once all is stored.
    pub marker: Option<String>,
    /// This was a step: ask again at once, with the new marker.
    pub again: bool,
}

/// What came of a mark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Marked {
    /// The server has it, or has forgotten what it is about.
    Taken,
    /// The server does not take it: why, and what to do. It is tried again, ever more rarely.
    Refused(String),
}

/// What one connection leaves to the next.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    /// When everything that the server holds is looked through next.
    deep_at: Option<Instant>,
    looking_deep: bool,
    /// How long the server wants to be left alone.
    peace: Peace,
}

/// Runs one connection.
pub async fn run<P: Protocol>(
    protocol: &Arc<P>,
    memory: &mut Memory,
    context: SourceContext,
) -> Exit {
    session::run(Arc::clone(protocol), memory, context).await
}
