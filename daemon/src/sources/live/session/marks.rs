//! Marks on their way to the server, one by one.

use std::collections::BTreeSet;
use std::sync::Arc;

use tokio::time::Instant;

use crate::model::SourceId;
use crate::sources::Exit;
use crate::sources::live::session::{Asked, Running, Session};
use crate::sources::live::{Marked, Protocol};
use crate::sources::trouble::Trouble;
use crate::store::{PendingMark, Store, WantedMarks};

/// Marks that are sent in one go, so that what was missed is not kept waiting by them.
const AT_ONCE: u32 = 16;
/// What came of one go.
#[derive(Debug, Default)]
pub(super) struct Sent {
    /// How often the server has refused one, and why.
    refused: Option<(u32, String)>,
    trouble: Option<Trouble>,
    /// There may be more than fitted into this go.
    more: bool,
    /// Those that were refused before were in it.
    all: bool,
}

impl<P: Protocol> Session<'_, P> {
    pub(super) fn send_marks(&self) -> Running {
        let wanted =
            WantedMarks { unread: false, refused: self.schedule.marks_due(Instant::now()) };
        let (protocol, store) = (Arc::clone(&self.protocol), self.cx.store.clone());
        let source = self.cx.record.id;
        Box::pin(async move {
            let mut sent = Sent { all: wanted.refused, ..Sent::default() };
            if let Err(trouble) = send(&*protocol, &store, source, wanted, &mut sent).await {
                sent.trouble = Some(trouble);
            }
            Asked::Marks(sent)
        })
    }

    /// Plans the next go. What the server refuses waits longer and longer; when it wants to be left alone, all wait.
    pub(super) async fn marks_sent(&mut self, sent: Sent) -> Result<(), Exit> {
        let now = Instant::now();
        let settled = sent.all && !sent.more && sent.trouble.is_none() && sent.refused.is_none();
        if settled {
            self.schedule.marks_sent();
            self.marks_refused = None;
        }
        if let Some((attempts, why)) = sent.refused {
            self.schedule.marks_failed(now, attempts);
            self.marks_refused = Some(why);
            self.online(None);
        }
        match sent.trouble {
            None => self.marks_troubled = 0,
            Some(Trouble::Transient { why, retry_after }) => {
                self.schedule.marks_failed(now, self.marks_troubled);
                self.marks_troubled = self.marks_troubled.saturating_add(1);
                if retry_after.is_some() {
                    self.schedule.failed(now, retry_after, rand::random());
                }
                self.marks_at = None;
                self.online(Some(why));
            }
            Some(trouble) => return Err(trouble.into()),
        }
        // Somebody may have asked for another go meanwhile; what was refused before has its time all the same.
        let next = if sent.more && self.marks_troubled == 0 { Some(now) } else { None };
        let times = [self.marks_at, next, self.schedule.marks_at()];
        self.marks_at = times.into_iter().flatten().min();
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
    let mut tried = BTreeSet::new();
    for _ in 0..AT_ONCE {
        // One by one: what has happened since the last request may have taken the next mark back.
        let Some(mark) = store.pending_marks(source, wanted, 1).await?.pop() else {
            return Ok(());
        };
        if !tried.insert(mark.id) {
            return Ok(());
        }
        settle(protocol.mark(&mark).await?, mark, store, source, sent).await?;
    }
    sent.more = true;
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
        Marked::Taken => Ok(store.marks_confirmed(source, vec![mark]).await?),
        Marked::Refused(why) => {
            let attempts = sent.refused.as_ref().map_or(mark.attempts, |(n, _)| *n);
            sent.refused = Some((attempts.min(mark.attempts), why));
            Ok(store.marks_attempted(source, vec![mark]).await?)
        }
    }
}
