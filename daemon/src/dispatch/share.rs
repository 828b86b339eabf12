//! How much one source may say at once, and when the rest is told together. Pure.

use std::time::Duration;

use tidings_api::{Millis, Urgency};

use crate::token_bucket::TokenBucket;

/// An alarm does not wait behind chatter, yet even alarms must not bury anybody: this many times the burst.
const CRITICAL_BURSTS: f64 = 4.0;

/// When summaries are due, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Summaries {
    /// One waits so long for the rest of its burst.
    pub(super) delay: Millis,
    /// So far apart are two of them, so that a flood does not become a flood of summaries.
    pub(super) spacing: Millis,
}

/// What is remembered about one source.
#[derive(Clone, Debug)]
pub(super) struct Share {
    /// What it may say at once.
    ordinary: TokenBucket,
    /// Critical things, which have a share of their own.
    critical: TokenBucket,
    /// When the newest summary is or was due.
    summary_at: Option<Millis>,
    summaries: Summaries,
}

impl Share {
    pub(super) fn new(burst: u32, now: Millis, summaries: Summaries) -> Self {
        let burst = f64::from(burst);
        Self {
            ordinary: TokenBucket::full(burst, now),
            critical: TokenBucket::full(burst * CRITICAL_BURSTS, now),
            summary_at: None,
            summaries,
        }
    }

    /// The configuration may have changed since.
    pub(super) fn resize(&mut self, burst: u32) {
        let burst = f64::from(burst);
        self.ordinary.resize(burst);
        self.critical.resize(burst * CRITICAL_BURSTS);
    }

    /// Whether one more may be said by itself; `refill` is how long one takes to come back.
    pub(super) fn grants(&mut self, now: Millis, urgency: Urgency, refill: Duration) -> bool {
        let bucket = match urgency {
            Urgency::Critical => &mut self.critical,
            Urgency::Low | Urgency::Normal | Urgency::High => &mut self.ordinary,
        };
        bucket.take(1.0, now, refill).is_ok()
    }

    /// Joins the summary that is still to come, or plans the next one.
    pub(super) fn next_summary(&mut self, now: Millis) -> Millis {
        let Summaries { delay, spacing } = self.summaries;
        let planned = match self.summary_at {
            Some(at) if at > now => at,
            Some(at) if now.saturating_sub(at) < spacing => at + spacing,
            Some(_) | None => now + delay,
        };
        // A clock set back must not postpone a summary for longer than the spacing.
        let planned = planned.min(now + spacing);
        self.summary_at = Some(planned);
        planned
    }
}
