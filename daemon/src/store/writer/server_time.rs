//! Which of two things came first by a server's clock, which may go wrong and be set right. Pure.
//!
//! Two times of one server are compared as they are, whatever ours says: all that matters is their order. But what bears a time
//! to come was stamped by a clock that ran ahead, and must not count as newer than everything until then; and what comes live
//! is the newest that there is, although a clock that was set back stamps it as older.

use tidings_api::Millis;

use crate::model::Arrival;
use crate::store::table::notification::Identity;

/// Messages that are under way at the same time may overtake one another by this much.
const DISORDER: Millis = 60_000;

/// When a row was sent, as far as something else is concerned that bears the time `other`.
pub(super) fn sent_at(row: &Identity, other: Millis, now: Millis) -> Option<Millis> {
    let sent_at = row.sent_at?;
    let was_to_come = sent_at > to_come(row.last_at);
    Some(if was_to_come && other <= now { row.last_at } else { sent_at })
}

/// Whether what has this time came before what is known to have `known`.
pub(super) fn is_before(at: Millis, known: Millis, arrival: Arrival) -> bool {
    at < known && !(arrival == Arrival::Live && known.saturating_sub(at) > DISORDER)
}

/// Whether a time is one to come, of a clock that ran ahead, for something that bears a time that was.
pub(super) fn ran_ahead(known: Millis, at: Millis, now: Millis) -> bool {
    known > to_come(now) && at <= now
}

/// What is later than this is of a time to come: clocks that are right differ by less.
pub(super) fn to_come(now: Millis) -> Millis {
    now.saturating_add(DISORDER)
}
