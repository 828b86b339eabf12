//! The calls of the store, by what they are for.

mod delivering;
mod keeping;
mod preferring;
mod reading;
mod syncing;
mod triage;
