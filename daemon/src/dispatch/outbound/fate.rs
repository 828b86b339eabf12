//! What becomes of a delivery after an attempt. Pure; the store's writer carries it out.

use std::time::Duration;

use crate::targets::Outcome;

/// The longest wait between two attempts, unless the provider asks for more.
const LONGEST_WAIT: Duration = Duration::from_secs(6 * 60 * 60);
/// A provider that asks for a longer pause than this is not believed.
const LONGEST_WISH: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// By up to this share of itself a wait is made longer, so that many do not come back together.
const JITTER: f64 = 0.25;

/// How many attempts there were, how many there may be, and how far they are apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// This one included.
    pub made: u32,
    /// In all.
    pub allowed: u32,
    /// Until the first repetition.
    pub interval: Duration,
    /// Whether a message whose fate is unknown can be sent again without being there twice.
    pub repeatable: bool,
}

/// What becomes of the delivery. The words are stored with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// `DELIVERED`.
    Delivered {
        /// By which the provider can be asked later.
        receipt: Option<String>,
        /// What was not right with it all the same.
        note: Option<String>,
    },
    /// `RETRY`.
    Retry {
        /// From now.
        after: Duration,
        /// What happened.
        why: String,
    },
    /// `DELIVERY FAILURE`.
    Failed {
        /// What happened.
        why: String,
    },
    /// `SUPPRESSED` as in doubt: it may have arrived, and sending it again could bring it twice.
    InDoubt {
        /// What happened.
        why: String,
    },
    /// `INACTIVE DEVICE`, and the record with it.
    Inactive {
        /// What the provider says.
        why: String,
    },
    /// `OPTED OUT`, and the record is not sent to any more.
    OptedOut {
        /// What the provider says.
        why: String,
    },
    /// `RETRY` without counting the attempt, and the target is paused.
    Paused {
        /// What the provider says.
        why: String,
    },
}

impl Fate {
    /// For the log, which holds no words of providers at this level.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Delivered { .. } => "delivered",
            Self::Retry { .. } => "retry",
            Self::Failed { .. } => "failed",
            Self::InDoubt { .. } => "in doubt",
            Self::Inactive { .. } => "inactive",
            Self::OptedOut { .. } => "opted out",
            Self::Paused { .. } => "paused",
        }
    }

    /// Told with the delivery beside what came of it. What is told of a whole record or target stays as it is.
    #[must_use]
    pub fn noting(self, note: String) -> Self {
        let beside = |why: String| format!("{why}; {note}");
        match self {
            Self::Delivered { receipt, .. } => Self::Delivered { receipt, note: Some(note) },
            Self::Retry { after, why } => Self::Retry { after, why: beside(why) },
            Self::Failed { why } => Self::Failed { why: beside(why) },
            Self::InDoubt { why } => Self::InDoubt { why: beside(why) },
            Self::Inactive { .. } | Self::OptedOut { .. } | Self::Paused { .. } => self,
        }
    }
}

/// Decides. `random` is from 0 to 1.
#[must_use]
pub fn after(outcome: Outcome, attempts: Attempts, random: f64) -> Fate {
    match outcome {
        Outcome::Accepted { receipt } => Fate::Delivered { receipt, note: None },
        Outcome::Retry { why, after } => again(attempts, after, why, random),
        Outcome::Unknown { why } if attempts.repeatable => again(attempts, None, why, random),
        Outcome::Unknown { why } => Fate::InDoubt { why },
        Outcome::Gone { why } => Fate::Inactive { why },
        Outcome::Refused { why } => Fate::Failed { why },
        Outcome::OptedOut { why } => Fate::OptedOut { why },
        Outcome::Misconfigured { why } => Fate::Paused { why },
    }
}

fn again(attempts: Attempts, wish: Option<Duration>, why: String, random: f64) -> Fate {
    if attempts.made >= attempts.allowed {
        let tries = attempts.made;
        let times = if tries == 1 { "attempt".to_owned() } else { format!("of {tries} attempts") };
        return Fate::Failed { why: format!("last {times}: {why}") };
    }
    let own = wait(attempts.made, attempts.interval, random);
    // What a provider asks for is never less patient: "at once", or a date that has passed here, would use up every attempt
    // within a second.
    let after = wish.map_or(own, |wish| wish.min(LONGEST_WISH).max(own));
    Fate::Retry { after, why }
}

/// The pause after the `made`th attempt: the interval, doubled with each, up to a cap, with jitter.
#[must_use]
pub fn wait(made: u32, interval: Duration, random: f64) -> Duration {
    let doublings = made.saturating_sub(1).min(16);
    let plain = interval.saturating_mul(1 << doublings).min(LONGEST_WAIT.max(interval));
    plain.mul_f64(1.0 + JITTER * random.clamp(0.0, 1.0))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ONCE_A_MINUTE: Attempts =
        Attempts { made: 1, allowed: 3, interval: Duration::from_secs(60), repeatable: true };

    fn retry(after: Option<Duration>) -> Outcome {
        Outcome::Retry { why: "451 try again later".into(), after }
    }

    #[test]
    fn the_third_of_three_attempts_is_the_last() {
        for made in 1..=2 {
            let fate = after(retry(None), Attempts { made, ..ONCE_A_MINUTE }, 0.0);
            assert!(matches!(fate, Fate::Retry { .. }), "{made} of 3 is not the last: {fate:?}");
        }
        let Fate::Failed { why } = after(retry(None), Attempts { made: 3, ..ONCE_A_MINUTE }, 0.0)
        else {
            panic!("max_retries is the number of sends in all");
        };
        assert!(why.contains("451"), "the last answer is told: {why}");
    }

    #[test]
    fn a_limit_that_was_lowered_below_the_attempts_ends_them() {
        let attempts = Attempts { made: 5, allowed: 2, ..ONCE_A_MINUTE };
        assert!(matches!(after(retry(None), attempts, 0.0), Fate::Failed { .. }));
    }

    #[test]
    fn the_providers_wish_is_kept() {
        let wish = Duration::from_secs(3_600);
        let fate = after(retry(Some(wish)), ONCE_A_MINUTE, 1.0);
        assert!(matches!(fate, Fate::Retry { after, .. } if after == wish), "{fate:?}");
    }

    #[test]
    fn what_may_have_arrived_is_repeated_only_where_it_is_recognised() {
        let unknown = || Outcome::Unknown { why: "connection lost".into() };
        assert!(matches!(after(unknown(), ONCE_A_MINUTE, 0.0), Fate::Retry { .. }));
        let once = Attempts { repeatable: false, ..ONCE_A_MINUTE };
        assert!(matches!(after(unknown(), once, 0.0), Fate::InDoubt { .. }));
    }

    #[test]
    fn a_note_stands_beside_the_providers_words_and_not_with_what_is_said_of_all() {
        let noted = |outcome| after(outcome, ONCE_A_MINUTE, 0.0).noting("no template".into());
        let accepted = noted(Outcome::Accepted { receipt: None });
        let note = Some("no template".to_owned());
        assert_eq!(accepted, Fate::Delivered { receipt: None, note });
        let Fate::Retry { why, .. } = noted(retry(None)) else { panic!("it is tried again") };
        assert_eq!(why, "451 try again later; no template");
        let paused = noted(Outcome::Misconfigured { why: "535".into() });
        assert_eq!(paused, Fate::Paused { why: "535".into() }, "that is about the whole target");
    }

    fn outcomes() -> impl Strategy<Value = Outcome> {
        let why = || "x".to_owned();
        prop_oneof![
            Just(Outcome::Accepted { receipt: None }),
            proptest::option::of(0_u64..1_000_000).prop_map(move |s| Outcome::Retry {
                why: why(),
                after: s.map(Duration::from_secs)
            }),
            Just(Outcome::Unknown { why: why() }),
            Just(Outcome::Gone { why: why() }),
            Just(Outcome::Refused { why: why() }),
            Just(Outcome::OptedOut { why: why() }),
            Just(Outcome::Misconfigured { why: why() }),
        ]
    }

    proptest! {
        #[test]
        fn attempts_are_bounded(outcome in outcomes(), allowed in 0_u32..100, made in 1_u32..200, repeatable: bool, random in 0.0..1.0) {
            let attempts = Attempts { made, allowed, interval: Duration::from_secs(30), repeatable };
            if let Fate::Retry { after, .. } = after(outcome, attempts, random) {
                prop_assert!(made < allowed, "no attempt after the last");
                prop_assert!(after <= LONGEST_WISH, "it comes back one day");
            }
        }

        #[test]
        fn waits_grow_up_to_their_cap(interval in 1_u64..100_000, made in 1_u32..60, random in 0.0..1.0) {
            let interval = Duration::from_secs(interval);
            let (this, next) = (wait(made, interval, random), wait(made + 1, interval, random));
            prop_assert!(this <= next, "{this:?} is followed by {next:?}");
            prop_assert!(this >= interval, "never sooner than was asked for");
            prop_assert!(this <= LONGEST_WAIT.max(interval).mul_f64(1.0 + JITTER));
        }
    }
}
