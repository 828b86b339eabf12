//! The D-Bus contract of Tidings.
//!
//! Everything that crosses the session bus is defined here once: the names, the shapes of the
//! `a{sv}` dictionaries, the limits, the errors, and typed proxies for clients. The daemon serves
//! these types, the `tidings` command and the app consume them; the interface descriptions in
//! `interfaces/` are compared with the running daemon by a test.

mod action;
mod address;
mod delivery;
mod dict;
mod error;
mod facets;
mod filter;
mod key_mode;
pub mod limits;
pub mod names;
mod notification;
mod opt_out;
mod place;
mod platform_data;
mod post;
mod proxy;
mod quiet;
mod remote_action;
mod route;
mod row;
pub mod secret;
mod source;
mod source_kind;
mod statistics;
mod target;
mod target_kind;
mod topic;
mod urgency;

pub use action::Action;
pub use address::{Address, Refusal};
pub use delivery::{Delivery, DeliveryFilter, DeliveryStatus};
pub use dict::{Dict, DictWriter, Fields};
pub use error::{Error, Result};
pub use facets::StateChange;
pub use filter::{Filter, View};
pub use key_mode::KeyMode;
pub use notification::{Confirmation, Notification};
pub use opt_out::{OptOut, Scope};
pub use place::{Place, Section};
pub use platform_data::{activation_token, platform_data};
pub use post::Post;
pub use proxy::{
    ApplicationProxy, Control1Proxy, Inbox1Proxy, InboxChanged, Post1Proxy, PostClosed,
    PostInvoked, Preferences1Proxy, PreferencesChanged, Quiet1Proxy, SourceChanged, Sources1Proxy,
    TargetChanged, Targets1Proxy,
};
pub use quiet::{QuietKind, QuietReason};
pub use remote_action::RemoteAction;
pub use route::{Route, RouteSpan};
pub use row::Row;
pub use source::{SourceState, SourceStatus};
pub use source_kind::{FieldKind, FormField, SecretPlace, SourceKind, SourceSettings};
pub use statistics::{DayCount, DeliveryCount, ReadWithin, Statistics, TopicTotal};
pub use target::{Record, TargetState, TargetStatus};
pub use target_kind::{AddressField, TargetKind, TargetSettings};
pub use topic::Topic;
pub use urgency::Urgency;

/// Milliseconds since the Unix epoch, the only form in which a time crosses the bus.
pub type Millis = i64;
