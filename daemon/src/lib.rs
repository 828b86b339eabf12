//! The Tidings daemon as a library: sources emit, the store commits, dispatch decides, the desktop
//! shows, the bus tells. `docs/architecture.md` is the map.

pub mod alarm;
pub mod bus;
pub mod clock;
pub mod config;
pub mod daemon;
pub mod demo;
pub mod desktop;
pub mod dispatch;
pub mod images;
pub mod inbox;
pub mod logging;
mod machine;
pub mod model;
pub mod net;
mod process;
pub mod quiet;
pub mod secrets;
pub mod sources;
pub mod store;
pub mod targets;
mod template;
mod token_bucket;

/// The guide to a new kind of source, built and run as it stands there.
#[cfg(doctest)]
#[doc = include_str!("../../docs/new-source.md")]
struct NewSource;
