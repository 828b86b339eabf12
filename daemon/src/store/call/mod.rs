//! The calls of the store, by what they are for.

mod delivering;
mod keeping;
mod outbound;
mod preferring;
mod reading;
mod recording;
mod syncing;
mod triage;

pub use self::outbound::OutboundWish;
