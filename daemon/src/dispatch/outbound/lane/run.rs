//! What a lane is doing at a moment.

use std::collections::{BTreeSet, VecDeque};
use std::pin::Pin;

use futures_util::stream::FuturesUnordered;
use tidings_api::Millis;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::{LEFT_OF_LEASE, PROBE_AFTER};
use crate::store::{Outbound, OutboundEnd, OutboundOrder, StoreError};

/// Something that is under way.
pub(super) type Work<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// What a lane is doing.
pub(super) struct Run {
    pub(super) queue: VecDeque<OutboundOrder>,
    pub(super) on_its_way: FuturesUnordered<Work<(u64, OutboundEnd)>>,
    pub(super) give_up: CancellationToken,
    /// Attempts that were begun, by number.
    pub(super) begun: u64,
    /// The numbers of those that have not ended.
    pub(super) open: BTreeSet<u64>,
    pub(super) settling: Vec<(u64, oneshot::Sender<()>)>,
    pub(super) claiming: Option<Work<Result<Outbound, StoreError>>>,
    pub(super) recording: FuturesUnordered<Work<Result<(), StoreError>>>,
    /// Ends in why nothing could be learned, if nothing could.
    pub(super) asking: Option<Work<Option<String>>>,
    /// When there is something to claim; `None` = nothing.
    pub(super) wake_at: Option<Millis>,
    /// When there is something to ask the provider.
    pub(super) ask_at: Option<Millis>,
    /// When what is kept open may be closed.
    pub(super) rest_at: Option<Millis>,
    pub(super) paused_since: Option<Millis>,
    /// One message is tried, to see whether the target works again.
    pub(super) probing: bool,
}

impl Run {
    pub(super) fn new(paused_since: Option<Millis>, now: Millis) -> Self {
        Self {
            queue: VecDeque::new(),
            on_its_way: FuturesUnordered::new(),
            give_up: CancellationToken::new(),
            begun: 0,
            open: BTreeSet::new(),
            settling: Vec::new(),
            claiming: None,
            recording: FuturesUnordered::new(),
            asking: None,
            // What fell due while nobody was there.
            wake_at: Some(now),
            ask_at: None,
            rest_at: None,
            paused_since,
            probing: false,
        }
    }

    /// When the lane looks again by itself.
    pub(super) fn sleeps_until(&self) -> Option<Millis> {
        let claims_at = match self.paused_since {
            Some(since) if !self.probing => {
                self.wake_at.map(|at| at.max(since.saturating_add(PROBE_AFTER)))
            }
            Some(_) | None => self.wake_at,
        };
        // With messages at hand it is the end of an attempt that goes on, or the end of a claim.
        let busy = self.claiming.is_some() || !self.queue.is_empty();
        let late_at = self.queue.front().map(|order| order.lease_until - LEFT_OF_LEASE + 1);
        let claims_at = if busy { late_at } else { claims_at };
        let rest_at = self.rest_at.filter(|_| self.open.is_empty());
        [claims_at, self.ask_at, rest_at].into_iter().flatten().min()
    }

    /// Tells those who wait for what was on its way when they asked.
    pub(super) fn tell_settled(&mut self) {
        let oldest = self.open.first().copied().unwrap_or(u64::MAX);
        let nothing_to_record = self.recording.is_empty();
        self.settling.retain_mut(|(number, done)| {
            let settled = *number < oldest && nothing_to_record;
            if settled {
                let (told, _) = oneshot::channel();
                // Whoever asked may have stopped waiting.
                let _gone = std::mem::replace(done, told).send(());
            }
            !settled
        });
    }
}

/// Waits for the work there is; for ever where there is none.
pub(super) async fn poll<T>(work: &mut Option<Work<T>>) -> T {
    match work {
        Some(pending) => {
            let done = pending.await;
            *work = None;
            done
        }
        None => std::future::pending().await,
    }
}

/// The sooner of two moments, of which either may not be.
pub(super) fn earlier(one: Option<Millis>, other: Option<Millis>) -> Option<Millis> {
    [one, other].into_iter().flatten().min()
}
