//! A share that is used up at once or bit by bit, and comes back over time. Pure.

use std::time::Duration;

use tidings_api::Millis;

/// Tokens that are refilled over time, up to a size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenBucket {
    tokens: f64,
    size: f64,
    refilled_at: Millis,
}

impl TokenBucket {
    pub(crate) const fn full(size: f64, now: Millis) -> Self {
        Self { tokens: size, size, refilled_at: now }
    }

    /// What is above the new size is gone at the next look.
    pub(crate) const fn resize(&mut self, size: f64) {
        self.size = size;
    }

    /// Takes so many; `refill` is how long one takes to come back. An error tells how long it is until there are enough.
    pub(crate) fn take(
        &mut self,
        count: f64,
        now: Millis,
        refill: Duration,
    ) -> Result<(), Duration> {
        self.refill(now, refill);
        if self.tokens >= count {
            self.tokens -= count;
            return Ok(());
        }
        let wait = (count - self.tokens) * refill.as_secs_f64();
        Err(Duration::try_from_secs_f64(wait).unwrap_or(Duration::MAX))
    }

    /// Whether nothing of it is used up.
    pub(crate) fn is_full(&mut self, now: Millis, refill: Duration) -> bool {
        self.refill(now, refill);
        self.tokens >= self.size
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

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_is_used_up_comes_back_over_time() {
        let mut bucket = TokenBucket::full(2.0, 0);
        assert_eq!(bucket.take(2.0, 0, SECOND), Ok(()), "the burst is granted");
        assert_eq!(bucket.take(1.0, 500, SECOND), Err(SECOND / 2), "half of one is back");
        assert_eq!(bucket.take(1.0, 1_000, SECOND), Ok(()), "what was refused cost nothing");
        assert!(!bucket.is_full(2_000, SECOND));
        assert!(bucket.is_full(3_000, SECOND), "it never holds more than its size");
    }

    #[test]
    fn a_clock_set_back_gives_nothing_and_takes_nothing() {
        let mut bucket = TokenBucket::full(1.0, 10_000);
        assert_eq!(bucket.take(1.0, 0, SECOND), Ok(()));
        assert_eq!(bucket.take(1.0, 0, SECOND), Err(SECOND));
        assert_eq!(bucket.take(1.0, 1_000, SECOND), Ok(()));
    }
}
