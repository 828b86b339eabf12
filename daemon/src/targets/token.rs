//! A token of a provider: made once, used until it is old, and made by one while the others wait.

use tidings_api::Millis;
use tokio::sync::Mutex;

/// A clock that was set back by no more than this leaves a token valid.
const CLOCK_STEP: Millis = 5 * 60 * 1_000;

/// What is kept between two messages. `T` is the token and what belongs to it.
#[derive(Debug)]
pub(super) struct Kept<T> {
    held: Mutex<Option<Held<T>>>,
}

/// A token and how long it is good for.
#[derive(Clone, Debug)]
pub(super) struct Fresh<T> {
    /// The token.
    pub(super) token: T,
    /// From then on a new one is made.
    pub(super) until: Millis,
}

/// A token in use.
#[derive(Clone, Debug)]
pub(super) struct InUse<T> {
    /// The token.
    pub(super) token: T,
    /// When it was made.
    pub(super) since: Millis,
    serial: u64,
}

#[derive(Debug)]
struct Held<T> {
    current: InUse<T>,
    until: Millis,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { held: Mutex::default() }
    }
}

impl<T: Clone> Kept<T> {
    /// The token; made by `make`, which is not polled otherwise, if there is none that is good.
    pub(super) async fn get<E>(
        &self,
        now: Millis,
        make: impl Future<Output = Result<Fresh<T>, E>>,
    ) -> Result<InUse<T>, E> {
        let mut held = self.held.lock().await;
        let good = held.as_ref().filter(|held| held.is_good(now));
        if let Some(held) = good {
            return Ok(held.current.clone());
        }
        Self::fill(&mut held, now, make).await
    }

    /// Another token than the one that the provider has refused. Of several who were refused with the same one, the first
    /// makes the new one.
    pub(super) async fn renew<E>(
        &self,
        refused: &InUse<T>,
        now: Millis,
        make: impl Future<Output = Result<Fresh<T>, E>>,
    ) -> Result<InUse<T>, E> {
        let mut held = self.held.lock().await;
        let renewed = held.as_ref().filter(|held| held.current.serial != refused.serial);
        if let Some(held) = renewed.filter(|held| held.is_good(now)) {
            return Ok(held.current.clone());
        }
        Self::fill(&mut held, now, make).await
    }

    async fn fill<E>(
        held: &mut Option<Held<T>>,
        now: Millis,
        make: impl Future<Output = Result<Fresh<T>, E>>,
    ) -> Result<InUse<T>, E> {
        let fresh = make.await?;
        let serial = held.as_ref().map_or(0, |held| held.current.serial.wrapping_add(1));
        let current = InUse { token: fresh.token, since: now, serial };
        *held = Some(Held { current: current.clone(), until: fresh.until });
        Ok(current)
    }
}

impl<T> Held<T> {
    /// A clock that was set back far says nothing about the age of the token.
    fn is_good(&self, now: Millis) -> bool {
        now < self.until && now.saturating_add(CLOCK_STEP) >= self.current.since
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// Makes tokens that are good for a thousand milliseconds and numbers them.
    struct Maker(AtomicU64);

    impl Maker {
        async fn make(&self, now: Millis) -> Result<Fresh<u64>, Infallible> {
            tokio::task::yield_now().await;
            Ok(Fresh { token: self.0.fetch_add(1, Ordering::Relaxed), until: now + 1_000 })
        }
    }

    #[tokio::test]
    async fn token_is_made_when_it_is_old_and_not_before() {
        let (kept, maker) = (Kept::default(), Maker(AtomicU64::new(0)));
        for (now, expected) in [(0, 0), (999, 0), (1_000, 1), (1_999, 1), (5_000, 2)] {
            let token = kept.get(now, maker.make(now)).await.unwrap().token;
            assert_eq!(token, expected, "at {now}");
        }
    }

    #[tokio::test]
    async fn clock_that_was_set_back_far_makes_a_new_one() {
        let (kept, maker) = (Kept::default(), Maker(AtomicU64::new(0)));
        let now = 100 * CLOCK_STEP;
        kept.get(now, maker.make(now)).await.unwrap();
        let slightly = now - CLOCK_STEP;
        assert_eq!(kept.get(slightly, maker.make(slightly)).await.unwrap().token, 0);
        let far = slightly - 1;
        assert_eq!(kept.get(far, maker.make(far)).await.unwrap().token, 1);
    }

    #[tokio::test]
    async fn many_at_once_make_one() {
        let (kept, maker) = (Kept::default(), Maker(AtomicU64::new(0)));
        let all = (0..20).map(|_| kept.get(0, maker.make(0)));
        let tokens = futures_util::future::join_all(all).await;
        assert!(tokens.iter().all(|token| token.as_ref().unwrap().token == 0), "{tokens:?}");

        let refused = tokens[0].as_ref().unwrap();
        let all = (0..20).map(|_| kept.renew(refused, 0, maker.make(0)));
        let renewed = futures_util::future::join_all(all).await;
        assert!(renewed.iter().all(|token| token.as_ref().unwrap().token == 1), "{renewed:?}");
    }

    #[tokio::test]
    async fn failure_is_not_kept() {
        let kept = Kept::<u64>::default();
        let failed = kept.get(0, async { Err("no key") }).await;
        assert_eq!(failed.err(), Some("no key"));
        let made = kept.get(0, async { Ok::<_, &str>(Fresh { token: 7, until: 1 }) }).await;
        assert_eq!(made.unwrap().token, 7);
    }
}
