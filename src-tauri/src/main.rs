//! `tidings-app`: the tray icon.

use tidings_app as _;

fn main() {}
