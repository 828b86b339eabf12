//! Whether the other end of a connection is still there. Pure: time is passed in.

use std::time::Duration;

use tidings_api::Millis;

/// A wall clock that runs this much ahead of the monotonic one has seen the machine sleep.
const SUSPEND: Duration = Duration::from_secs(15);

/// When to ask, and how long to wait for the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Silence before a ping of ours.
    pub ping_after: Duration,
    /// Time to answer it; any frame is an answer.
    pub ping_timeout: Duration,
}

/// One reading of both clocks. The monotonic one stands still while the machine sleeps, the wall clock does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Since any fixed start.
    pub monotonic: Duration,
    /// Since 1970.
    pub wall: Millis,
}

/// What to do now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing; look again after this time.
    Alive(Duration),
    /// Send a ping, then look again after this time.
    Ping(Duration),
    /// Drop the connection without a farewell: a closing handshake on a dead link hangs for minutes.
    Dead(Death),
}

/// Why a connection counts as dead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Death {
    /// The ping was not answered.
    Unanswered,
    /// The machine slept; the server has given us up.
    Slept,
}

/// The memory of one connection.
#[derive(Clone, Debug)]
pub struct Liveness {
    policy: Policy,
    heard: Duration,
    pinged: Option<Duration>,
    doubted: bool,
    last: Moment,
}

impl Liveness {
    /// A connection that was opened now.
    #[must_use]
    pub const fn new(policy: Policy, now: Moment) -> Self {
        Self { policy, heard: now.monotonic, pinged: None, doubted: false, last: now }
    }

    /// A frame came in, of whatever sort.
    pub fn heard(&mut self, monotonic: Duration) {
        self.heard = self.heard.max(monotonic);
        self.pinged = None;
        self.doubted = false;
    }

    /// Something outside suggests that the connection is gone: it is to be asked at once.
    pub const fn doubt(&mut self) {
        self.doubted = true;
    }

    /// Judges the connection.
    pub fn check(&mut self, now: Moment) -> Verdict {
        let slept = self.slept(now);
        self.last = now;
        if slept {
            return Verdict::Dead(Death::Slept);
        }
        if let Some(pinged) = self.pinged {
            let waited = now.monotonic.saturating_sub(pinged);
            return match self.policy.ping_timeout.checked_sub(waited) {
                Some(left) if !left.is_zero() => Verdict::Alive(left),
                _ => Verdict::Dead(Death::Unanswered),
            };
        }
        let silent = now.monotonic.saturating_sub(self.heard);
        match self.policy.ping_after.checked_sub(silent) {
            Some(left) if !left.is_zero() && !self.doubted => Verdict::Alive(left),
            _ => {
                self.pinged = Some(now.monotonic);
                Verdict::Ping(self.policy.ping_timeout)
            }
        }
    }

    fn slept(&self, now: Moment) -> bool {
        let wall = now.wall.saturating_sub(self.last.wall);
        let monotonic = now.monotonic.saturating_sub(self.last.monotonic);
        let wall = Duration::from_millis(u64::try_from(wall).unwrap_or_default());
        wall.saturating_sub(monotonic) >= SUSPEND
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const POLICY: Policy =
        Policy { ping_after: Duration::from_secs(45), ping_timeout: Duration::from_secs(10) };

    fn at(seconds: u64) -> Moment {
        Moment {
            monotonic: Duration::from_secs(seconds),
            wall: i64::try_from(seconds * 1000).unwrap(),
        }
    }

    #[test]
    fn silence_is_asked_and_then_given_up() {
        let mut liveness = Liveness::new(POLICY, at(0));
        assert_eq!(liveness.check(at(44)), Verdict::Alive(Duration::from_secs(1)));
        assert_eq!(liveness.check(at(45)), Verdict::Ping(Duration::from_secs(10)));
        assert_eq!(
            liveness.check(at(50)),
            Verdict::Alive(Duration::from_secs(5)),
            "one ping, not many"
        );
        assert_eq!(liveness.check(at(55)), Verdict::Dead(Death::Unanswered));
    }

    #[test]
    fn any_frame_answers_a_ping() {
        let mut liveness = Liveness::new(POLICY, at(0));
        liveness.check(at(45));
        liveness.heard(Duration::from_secs(54));
        assert_eq!(liveness.check(at(55)), Verdict::Alive(Duration::from_secs(44)));
    }

    #[test]
    fn doubt_asks_at_once_and_one_answer_ends_it() {
        let mut liveness = Liveness::new(POLICY, at(0));
        liveness.doubt();
        assert_eq!(liveness.check(at(1)), Verdict::Ping(Duration::from_secs(10)));
        liveness.heard(Duration::from_secs(2));
        assert_eq!(liveness.check(at(2)), Verdict::Alive(Duration::from_secs(45)));
        liveness.doubt();
        liveness.check(at(3));
        assert_eq!(
            liveness.check(at(13)),
            Verdict::Dead(Death::Unanswered),
            "no answer is one, too"
        );
    }

    #[test]
    fn sleep_is_noticed_though_the_monotonic_clock_stood_still() {
        let mut liveness = Liveness::new(POLICY, at(0));
        let woken = Moment { monotonic: Duration::from_secs(1), wall: 3_600_000 };
        assert_eq!(liveness.check(woken), Verdict::Dead(Death::Slept));
    }

    #[test]
    fn clock_set_back_is_no_sleep() {
        let mut liveness = Liveness::new(POLICY, at(1_000));
        let back = Moment { monotonic: Duration::from_secs(1_001), wall: 0 };
        assert!(matches!(liveness.check(back), Verdict::Alive(_)));
    }

    proptest! {
        /// Whatever comes when: a connection that is heard within the silence plus the answer time is never dropped,
        /// and one that falls silent is dropped after that time at the latest.
        #[test]
        fn dead_exactly_when_silent_too_long(gaps in proptest::collection::vec(1_u64..54, 1..60)) {
            let mut liveness = Liveness::new(POLICY, at(0));
            let (mut now, mut next_check) = (0, 45);
            for gap in gaps {
                let heard = now + gap;
                while next_check <= heard {
                    let verdict = liveness.check(at(next_check));
                    next_check += match verdict {
                        Verdict::Alive(wait) | Verdict::Ping(wait) => wait.as_secs(),
                        Verdict::Dead(death) => return Err(TestCaseError::fail(format!("{death:?} at {next_check}"))),
                    };
                }
                liveness.heard(Duration::from_secs(heard));
                now = heard;
            }
            let silent_from = now;
            while let Verdict::Alive(wait) | Verdict::Ping(wait) = liveness.check(at(next_check)) {
                next_check += wait.as_secs();
                prop_assert!(next_check <= silent_from + 55);
            }
        }
    }
}
