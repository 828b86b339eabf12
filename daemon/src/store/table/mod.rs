//! One file a table: its SQL and its rows. `notification` has three more: its state (`facets`), its way out
//! (`listed`) and the values of its columns (`encode`). The schema itself is in `migrations/`.

pub(super) mod delivery;
pub(super) mod delivery_list;
pub(super) mod encode;
pub(super) mod facets;
pub(super) mod inbox;
pub(super) mod listed;
pub(super) mod notification;
pub(super) mod opt_out;
pub(super) mod outbound;
pub(super) mod paused_target;
pub(super) mod quiet;
pub(super) mod receipt;
pub(super) mod record;
pub(super) mod remote_mark;
pub(super) mod retraction;
pub(super) mod source;
pub(super) mod superseded;
pub(super) mod thread_end;
pub(super) mod topic;
pub(super) mod undo;
pub(super) mod unknown_event;
