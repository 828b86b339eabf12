//! From a committed row to what a person sees: the popup policy, and the loops that carry it out.
//!
//! `committed` fans every transaction out, `popups` shows and closes in order, `clicks` takes back what the person
//! did, `actions` carries it out. Nothing here starts before its commit.

pub mod actions;
pub mod admission;
mod clicks;
mod committed;
pub mod figures;
mod no_window;
pub mod opt_out;
pub mod outbound;
mod popups;
mod remote_request;
pub mod rules;
mod share;
mod summary;
pub mod template;

pub use clicks::follow_clicks;
pub use committed::{Changes, Listeners, fan_out};
pub use popups::{PopupCommands, PopupQueue, PopupWorker};
