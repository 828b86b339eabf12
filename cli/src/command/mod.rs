//! What each command does, one file a command.

pub(crate) mod completions;
pub(crate) mod count;
pub(crate) mod delete;
pub(crate) mod doctor;
pub(crate) mod explain;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod invoke;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod mark;
pub(crate) mod open;
pub(crate) mod opt_out;
pub(crate) mod post;
mod post_many;
pub(crate) mod quiet;
pub(crate) mod search;
pub(crate) mod secret;
pub(crate) mod show;
pub(crate) mod sources;
pub(crate) mod statistics;
pub(crate) mod status;
pub(crate) mod topics;
pub(crate) mod undo;
mod wait;
pub(crate) mod watch;
pub(crate) mod withdraw;
