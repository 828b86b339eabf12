//! Any bytes as a frame and as a page of a server's list, of every kind: reading them never panics.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tidings_daemon::sources::{gotify, home_assistant, json, ntfy};

fuzz_target!(|bytes: &[u8]| {
    json::fuzz_frame(bytes);
    gotify::fuzz_message(bytes);
    home_assistant::fuzz_message(bytes);
    ntfy::fuzz_message(bytes);
});
