//! Any bytes as a frame and as a page of a server's list: reading them never panics.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tidings_daemon::sources::json::fuzz_frame;

fuzz_target!(|bytes: &[u8]| fuzz_frame(bytes));
