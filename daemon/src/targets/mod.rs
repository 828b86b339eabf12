//! Ways out to a person beside the desktop: the port, and the list of kinds.
//!
//! A target sends one message to one address and says what came of it, classed by what to do next. When, how often and
//! whether at all is decided by [`crate::dispatch`]; nothing here keeps a queue, waits for a retry or writes to the
//! database.

pub mod answer;
pub mod apns;
pub mod command;
pub mod cut;
pub mod email;
pub mod expo;
pub mod fcm;
pub mod form;
pub mod handle;
mod kind;
mod message;
pub mod ntfy;
mod outcome;
mod push;
pub mod registry;
mod reply;
pub mod secret;
pub mod settings;
#[cfg(test)]
mod testing;
mod token;
pub mod twilio;
pub mod webhook;
pub mod webpush;

use std::pin::Pin;

pub use kind::{AddressForm, Build, Kind};
pub use message::Message;
pub use outcome::{Confirmation, Outcome};

/// What a call of a target gives back in the end.
pub type Sending<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One configured way out. It may keep a connection or an access token between two calls.
pub trait Target: Send + Sync {
    /// Sends the message to its address. Dropping the future gives the attempt up; what has left by then has left.
    fn deliver<'a>(&'a self, message: &'a Message) -> Sending<'a, Outcome>;

    /// Whether anything could ever be sent to an address, as far as that shows without sending. The error says why not, and
    /// the way out.
    fn admits(&self, _address: &str) -> Result<(), String> {
        Ok(())
    }

    /// Asks the provider what became of messages that it accepted, by the receipts it gave; one answer for each, in
    /// order. The error says why nothing could be learned at this time. Asked only where [`Kind::confirm_after`] is set.
    fn confirm<'a>(
        &'a self,
        receipts: &'a [String],
    ) -> Sending<'a, Result<Vec<Confirmation>, String>> {
        Box::pin(std::future::ready(Ok(vec![Confirmation::Pending; receipts.len()])))
    }

    /// Closes what is kept open between two messages, as nothing is to be sent for a while.
    fn rest(&self) -> Sending<'_, ()> {
        Box::pin(std::future::ready(()))
    }
}
