//! The real `tidings` program against a daemon of this test on a private bus.

mod bus;
mod daemon;
mod program;

mod doctor;
mod exit_codes;
mod hostile;
mod list;
mod post;
mod post_many;
mod transfer;
mod triage;
mod wait;
mod watch;
