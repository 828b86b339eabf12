//! One file a table: its SQL and its rows. The schema itself is in `migrations/`.

pub(super) mod delivery;
pub(super) mod facets;
pub(super) mod inbox;
pub(super) mod notification;
pub(super) mod remote_mark;
pub(super) mod retraction;
pub(super) mod source;
pub(super) mod superseded;
pub(super) mod undo;
