//! How much one source may say at once, and when the rest is told together. Pure.

use std::time::Duration;

use tidings_api::{Millis, Urgency};

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
    ordinary: Bucket,
    /// Critical things, which have a share of their own.
    critical: Bucket,
    /// When the newest summary is or was due.
    summary_at: Option<Millis>,
    summaries: Summaries,
}

/// Tokens that are refilled over time.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    size: f64,
    refilled_at: Millis,
}

impl Share {
    pub(super) fn new(burst: u32, now: Millis, summaries: Summaries) -> Self {
        let burst = f64::from(burst);
        Self {
            ordinary: Bucket::full(burst, now),
            critical: Bucket::full(burst * CRITICAL_BURSTS, now),
            summary_at: None,
            summaries,
        }
    }

    /// The configuration may have changed since.
    pub(super) fn resize(&mut self, burst: u32) {
        let burst = f64::from(burst);
        self.ordinary.size = burst;
        self.critical.size = burst * CRITICAL_BURSTS;
    }

    /// Whether one more may be said by itself; `refill` is how long one takes to come back.
    pub(super) fn grants(&mut self, now: Millis, urgency: Urgency, refill: Duration) -> bool {
        match urgency {
            Urgency::Critical => self.critical.take(now, refill),
            Urgency::Low | Urgency::Normal | Urgency::High => self.ordinary.take(now, refill),
        }
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

impl Bucket {
    const fn full(size: f64, now: Millis) -> Self {
        Self { tokens: size, size, refilled_at: now }
    }

    fn take(&mut self, now: Millis, refill: Duration) -> bool {
        self.refill(now, refill);
        let granted = self.tokens >= 1.0;
        if granted {
            self.tokens -= 1.0;
        }
        granted
    }

    fn refill(&mut self, now: Millis, refill: Duration) {
        // A clock set back gives no tokens and takes none.
        let elapsed = now.saturating_sub(self.refilled_at).max(0);
        let refill_ms = refill.as_secs_f64() * 1000.0;
        #[expect(clippy::cast_precision_loss, reason = "a pause of 2^53 ms is longer than history")]
        let gained = if refill_ms > 0.0 { elapsed as f64 / refill_ms } else { f64::INFINITY };
        self.tokens = (self.tokens + gained).min(self.size);
        self.refilled_at = now;
    }
}
