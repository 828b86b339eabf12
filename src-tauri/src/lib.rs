//! The app beside the daemon: the tray icon, and what it shares with the window.
//!
//! Nothing here knows GTK or WebKit; the window's own code is in `window/`, a program of its own.

pub mod autostart;
pub mod geometry;
pub mod page;
pub mod webkit;
