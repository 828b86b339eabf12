//! The real `tidings` program against a daemon of this test on a private bus.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "the whole program is a test, its helpers fail the test they are used in, and the bus hands over owned values"
)]

mod bus;
mod daemon;
mod program;

mod deliveries;
mod docs;
mod doctor;
mod exit_codes;
mod hostile;
mod list;
mod post;
mod post_many;
mod records;
mod sources;
mod targets;
mod transfer;
mod triage;
mod wait;
mod watch;
