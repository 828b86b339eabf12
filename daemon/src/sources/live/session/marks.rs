//! Marks on their way to the server, one by one.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::model::SourceId;
use crate::sources::Exit;
use crate::sources::live::session::{Asked, Running, Session};
use crate::sources::live::{Marked, Protocol};
use crate::sources::trouble::Trouble;
use crate::store::{PendingMark, Store, WantedMarks};

/// Marks that are sent in one go, so that what was missed is not kept waiting by them.
const AT_ONCE: u32 = 16;
/// Marks of servers that take none at the moment are tried again after this time.
const AGAIN: Duration = Duration::from_secs(30);

/// What came of one go.
#[derive(Debug, Default)]
pub(super) struct Sent {
    taken: bool,
    /// How often the server has refused one, and why.
    refused: Option<(u32, String)>,
    trouble: Option<Trouble>,
    more: bool,
}

impl<P: Protocol> Session<'_, P> {
    pub(super) fn send_marks(&self) -> Running {
        let wanted =
            WantedMarks { unread: false, refused: self.schedule.marks_due(Instant::now()) };
        let (protocol, store) = (Arc::clone(&self.protocol), self.cx.store.clone());
        let source = self.cx.record.id;
        Box::pin(async move {
            let mut sent = Sent::default();
            if let Err(trouble) = send(&*protocol, &store, source, wanted, &mut sent).await {
                sent.trouble = Some(trouble);
            }
            Asked::Marks(sent)
        })
    }

    /// Plans the next go. What the server refuses waits longer and longer; when it wants to be left alone, all wait.
    pub(super) async fn marks_sent(&mut self, sent: Sent) -> Result<(), Exit> {
        let now = Instant::now();
        if let Some((attempts, why)) = sent.refused {
            self.schedule.marks_failed(now, attempts);
            self.marks_at = self.schedule.marks_at();
            self.marks_refused = Some(why);
            self.online(None);
        } else if sent.taken {
            self.schedule.marks_sent();
            self.marks_refused = None;
        }
        match sent.trouble {
            None if sent.more => self.marks_at = Some(now),
            None => {}
            Some(Trouble::Transient { why, retry_after }) => {
                self.marks_at = Some(now + AGAIN);
                if retry_after.is_some() {
                    self.schedule.failed(now, retry_after, rand::random());
                }
                self.online(Some(why));
            }
            Some(trouble) => return Err(trouble.into()),
        }
        Ok(())
    }
}

/// Each mark is settled by itself: what the server has taken is not sent again because of what comes after it.
async fn send<P: Protocol>(
    protocol: &P,
    store: &Store,
    source: SourceId,
    wanted: WantedMarks,
    sent: &mut Sent,
) -> Result<(), Trouble> {
    let waiting = store.pending_marks(source, wanted, AT_ONCE).await?;
    sent.more = waiting.len() >= AT_ONCE as usize;
    for mark in waiting {
        settle(protocol.mark(&mark).await?, mark, store, source, sent).await?;
    }
    Ok(())
}

async fn settle(
    marked: Marked,
    mark: PendingMark,
    store: &Store,
    source: SourceId,
    sent: &mut Sent,
) -> Result<(), Trouble> {
    match marked {
        Marked::Taken => {
            sent.taken = true;
            Ok(store.marks_confirmed(source, vec![mark]).await?)
        }
        Marked::Refused(why) => {
            let attempts = sent.refused.as_ref().map_or(mark.attempts, |(n, _)| *n);
            sent.refused = Some((attempts.min(mark.attempts), why));
            Ok(store.marks_attempted(source, vec![mark]).await?)
        }
    }
}
