//! What a server says of a whole thread: dealt with, or taken back.

use tidings_api::Millis;

use super::server_time;
use super::unit::Unit;
use crate::model::{Incoming, SourceId, ThreadEnd};
use crate::store::error::StoreError;
use crate::store::table::encode::clean;
use crate::store::table::notification;
use crate::store::table::thread_end::{self, ThreadEnded};

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
        let ahead = server_time::to_come(self.now);
        let is_newest = thread_end::note(self.conn, source, epoch, &end, ahead)?;
        if !is_newest && end.how == ThreadEnd::Cleared {
            return Ok(());
        }
        let Some(row) = notification::find_key(self.conn, source, &key)? else { return Ok(()) };
        let known = notification::identity(self.conn, row.id)?;
        let sent_at = server_time::sent_at(&known, end.at, self.now);
        if !is_newest {
            // A deletion that is heard of after a newer clear still takes back what was there before it.
            if sent_at.is_some_and(|sent_at| sent_at < end.at) {
                self.retract(row.id)?;
            }
            return Ok(());
        }
        if sent_at.is_some_and(|sent_at| sent_at > end.at) {
            return Ok(());
        }
        self.read_on_server(&row, true)?;
        if end.how == ThreadEnd::Deleted {
            self.retract(row.id)?;
        }
        Ok(())
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
        Ok(end.and_then(|(how, at)| {
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
