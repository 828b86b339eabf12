//! The app beside the daemon: the tray icon, and what it shares with the window.
//!
//! Nothing here knows GTK or WebKit; the window's own code is in `window/`, a program of its own.

pub mod activation;
pub mod app;
pub mod autostart;
pub mod controller;
pub mod daemon;
pub mod desk;
pub mod language;
pub mod launch;
pub mod launcher_entry;
pub mod scheme;
pub mod tray;
