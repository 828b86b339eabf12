//! Typed clients of the daemon, one an interface.
//!
//! Counters are not cached: a cached property would answer with the past until its signal arrives.

mod application;
mod control;
mod inbox;
mod post;
mod preferences;
mod quiet;
mod sources;
mod targets;

pub use application::ApplicationProxy;
pub use control::Control1Proxy;
pub use inbox::{Changed as InboxChanged, Inbox1Proxy};
pub use post::{Closed as PostClosed, Invoked as PostInvoked, Post1Proxy};
pub use preferences::{Changed as PreferencesChanged, Preferences1Proxy};
pub use quiet::Quiet1Proxy;
pub use sources::{Changed as SourceChanged, Sources1Proxy};
pub use targets::{Changed as TargetChanged, Targets1Proxy};
