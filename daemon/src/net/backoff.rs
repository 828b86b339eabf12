//! How long to wait before dialling again. Pure: randomness is passed in.

use std::time::Duration;

/// The shape of the waiting times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Ceiling of the first wait.
    pub base: Duration,
    /// No wait is longer, but for one that the server asked for.
    pub cap: Duration,
    /// How long health must have lasted to forget the failures before.
    pub healthy_after: Duration,
}

/// A passing fault: quick at first, five minutes at most.
pub const TRANSIENT: Policy = Policy {
    base: Duration::from_secs(1),
    cap: Duration::from_secs(300),
    healthy_after: Duration::from_secs(60),
};

/// A refusal that the user must mend: a rare look whether it was mended on the server.
pub const REFUSED: Policy = Policy {
    base: Duration::from_secs(120),
    cap: Duration::from_secs(1_800),
    healthy_after: Duration::from_secs(60),
};

/// Longest wait that a server may ask for.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(3_600);

/// Exponential backoff with jitter.
#[derive(Clone, Debug)]
pub struct Backoff {
    policy: Policy,
    failures: u32,
}

impl Backoff {
    /// No failure yet.
    #[must_use]
    pub const fn new(policy: Policy) -> Self {
        Self { policy, failures: 0 }
    }

    /// The next wait: between half of the ceiling and the ceiling, which doubles with every failure. `random` is in
    /// 0..1. A server's wish is never undercut; a tenth of jitter on top keeps clients from coming back together.
    pub fn next(&mut self, random: f64, retry_after: Option<Duration>) -> Duration {
        let random = if random.is_finite() { random.clamp(0.0, 1.0) } else { 0.5 };
        let factor = 1_u32.checked_shl(self.failures).unwrap_or(u32::MAX);
        let ceiling = self.policy.base.saturating_mul(factor).min(self.policy.cap);
        self.failures = self.failures.saturating_add(1).min(31);
        let own = ceiling.mul_f64(0.5 + random / 2.0);
        match retry_after {
            None => own,
            Some(wish) => {
                let wish = wish.min(RETRY_AFTER_MAX);
                own.max(wish + wish.mul_f64(random / 10.0))
            }
        }
    }

    /// The connection proved its health (an answer of the application, not a mere TCP connection) for so long.
    pub fn proven(&mut self, lasted: Duration) {
        if lasted >= self.policy.healthy_after {
            self.failures = 0;
        }
    }

    /// The user asked for a fresh start.
    pub fn reset(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn short_health_does_not_forget_failures() {
        let mut backoff = Backoff::new(TRANSIENT);
        for _ in 0..5 {
            backoff.next(0.5, None);
        }
        backoff.proven(Duration::from_secs(5));
        assert!(
            backoff.next(0.0, None) >= Duration::from_secs(16),
            "a server that crashes at once is not hammered"
        );
        backoff.proven(Duration::from_secs(60));
        assert!(backoff.next(1.0, None) <= TRANSIENT.base, "lasting health starts afresh");
    }

    proptest! {
        #[test]
        fn waits_are_bounded_and_grow(randoms in proptest::collection::vec(0.0..1.0_f64, 1..80)) {
            let mut backoff = Backoff::new(TRANSIENT);
            for (failures, random) in randoms.into_iter().enumerate() {
                let wait = backoff.next(random, None);
                let ceiling = TRANSIENT.base.saturating_mul(2_u32.saturating_pow(u32::try_from(failures).unwrap())).min(TRANSIENT.cap);
                prop_assert!(wait <= ceiling && wait >= ceiling / 2, "{wait:?} of {ceiling:?}");
            }
        }

        #[test]
        fn servers_wish_is_never_undercut(random in any::<f64>(), wish in 0_u64..100_000, before in 0_usize..40) {
            let mut backoff = Backoff::new(TRANSIENT);
            for _ in 0..before {
                backoff.next(random, None);
            }
            let wish = Duration::from_secs(wish);
            prop_assert!(backoff.next(random, Some(wish)) >= wish.min(RETRY_AFTER_MAX));
        }
    }
}
