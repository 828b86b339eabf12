//! What a server says of a whole thread: dealt with, or taken back.

use tidings_api::Millis;

use super::server_time;
use super::unit::Unit;
use crate::model::{Arrival, Incoming, SourceId, ThreadEnd};
use crate::store::error::StoreError;
use crate::store::table::encode::clean;
use crate::store::table::notification;
use crate::store::table::thread_end::{self, KnownEnd, ThreadEnded};

/// What to make of a notification that bears the very time of its thread's end: servers count in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Same {
    /// It is what the end is about: nobody ends a thread that is not there.
    Ended,
    /// The end was told before it, of what was there then.
    Continues,
}

impl Unit<'_> {
    /// Ends a thread: its row is read, off the screen and, where it was taken back, retracted.
    pub(super) fn end_thread(
        &mut self,
        source: SourceId,
        end: &ThreadEnded<'_>,
    ) -> Result<(), StoreError> {
        let epoch = self.source(source)?.epoch;
        let (key, event_id) = (clean(end.key), clean(end.event_id));
        let end = ThreadEnded { key: &key, event_id: &event_id, ..*end };
        let row = notification::find_key(self.conn, source, &key)?;
        let sent_at = match &row {
            Some(row) => {
                let known = notification::identity(self.conn, row.id)?;
                server_time::sent_at(&known, end.at, self.now)
            }
            None => None,
        };
        if self.is_of_a_time_to_come(&end, sent_at) {
            return Ok(());
        }
        let known = thread_end::find(self.conn, source, epoch, &key)?;
        let is_newest = known.is_none_or(|known| self.is_newer(&end, &known));
        if is_newest {
            thread_end::set(self.conn, source, epoch, &end)?;
        }
        let Some(row) = row else { return Ok(()) };
        let deleted = end.how == ThreadEnd::Deleted;
        if !is_newest {
            // A deletion that is heard of after a newer clear still takes back what was there before it.
            if deleted && sent_at.is_some_and(|sent_at| sent_at < end.at) {
                self.retract(row.id)?;
            }
            return Ok(());
        }
        if sent_at.is_some_and(|sent_at| server_time::is_before(end.at, sent_at, end.arrival)) {
            return Ok(());
        }
        self.read_on_server(&row, true)?;
        if deleted {
            self.retract(row.id)?;
        }
        Ok(())
    }

    /// Whether a clock that ran ahead stamped what is told again now, while what stands there was stamped by one that is right:
    /// the end was of what came before that.
    fn is_of_a_time_to_come(&self, end: &ThreadEnded<'_>, sent_at: Option<Millis>) -> bool {
        end.arrival != Arrival::Live
            && sent_at.is_some_and(|sent_at| server_time::ran_ahead(end.at, sent_at, self.now))
    }

    /// Whether an end came after the one that is known, which counts as old where it is of a time to come and this one is not.
    fn is_newer(&self, end: &ThreadEnded<'_>, known: &KnownEnd) -> bool {
        let to_come = server_time::to_come(self.now);
        let another = end.event_id != known.event_id;
        end.at > known.at
            || another && !server_time::is_before(end.at, known.at, end.arrival)
            || known.at > to_come && end.at <= to_come
    }

    /// Whether the thread of a notification had ended on the server when it was sent.
    pub(super) fn thread_had_ended(
        &self,
        source: SourceId,
        epoch: i64,
        incoming: &Incoming,
        same: Same,
    ) -> Result<Option<ThreadEnd>, StoreError> {
        let Some(sent_at) = sent_at(incoming) else { return Ok(None) };
        let end = thread_end::find(self.conn, source, epoch, &clean(&incoming.key))?;
        Ok(end.and_then(|KnownEnd { how, at, .. }| {
            let covered = server_time::is_before(sent_at, at, incoming.arrival)
                || same == Same::Ended && sent_at == at;
            (covered && !server_time::ran_ahead(at, sent_at, self.now)).then_some(how)
        }))
    }
}

/// Its time by the server's clock; `None` = it belongs to no thread, or nobody knows when it was sent.
fn sent_at(incoming: &Incoming) -> Option<Millis> {
    if incoming.key.is_empty() {
        return None;
    }
    incoming.sent.as_ref().map(|sent| sent.at)
}
