//! Values of the command line, read by pure functions.

pub(crate) mod action;
pub(crate) mod id;
pub(crate) mod post_line;
pub(crate) mod setting;
pub(crate) mod status;
pub(crate) mod time;
