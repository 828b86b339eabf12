//! The store as its callers see it, on real databases.

mod counting;
mod delivering;
mod fixture;
mod ingesting;
mod keeping;
mod marking;
mod opening;
mod opting_out;
mod outbound;
mod paging;
mod plans;
mod posting;
mod quieting;
mod searching;
mod server_clock;
mod snoozing;
mod threads;
mod topics;
mod triage;
