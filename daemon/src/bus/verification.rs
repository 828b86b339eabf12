//! Codes that are sent to an address, to see whether its owner reads there. They live in memory alone.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tidings_api::{Error, Millis, Record, Result};

use crate::clock::Clock;
use crate::targets::Message;

/// A code is good for ten minutes.
const GOOD_FOR: Millis = 10 * 60 * 1_000;
/// Guesses at one code.
const GUESSES: u32 = 5;
/// Between two codes for one record: each costs a text message, maybe.
const NOT_SOONER: Millis = 30 * 1_000;

/// The codes that are on their way.
#[derive(Debug)]
pub(super) struct Verification {
    clock: Clock,
    codes: Mutex<BTreeMap<i64, Code>>,
}

#[derive(Clone, Debug)]
struct Code {
    digits: String,
    made_at: Millis,
    /// Not before then is the next one sent.
    next_at: Millis,
    guesses: u32,
}

impl Verification {
    pub(super) fn new(clock: Clock) -> Self {
        Self { clock, codes: Mutex::default() }
    }

    /// Draws a code for the record and answers the message that carries it.
    pub(super) fn message(&self, record: &Record) -> Result<Message> {
        let now = self.clock.now();
        let mut codes = self.codes();
        if let Some(last) = codes.get(&record.id)
            && (last.made_at..last.next_at).contains(&now)
        {
            return Err(Error::RateLimited(format!(
                "record: a code was sent a moment ago; the next one can be in {} seconds",
                (last.next_at - now) / 1_000 + 1
            )));
        }
        let digits = format!("{:06}", rand::random_range(0..1_000_000_u32));
        let message = Message {
            address: record.address.clone(),
            identity: format!("code-{}-{now:x}", record.id),
            title: format!("{digits} is your code for Tidings"),
            body: format!(
                "Enter {digits} in Tidings to receive notifications here. It is good for ten minutes. \
                 If you did not ask for it, ignore it: without it nothing is sent to you."
            ),
            count: 1,
            at: now,
            now,
            ..Message::default()
        };
        let code =
            Code { digits, made_at: now, next_at: now.saturating_add(NOT_SOONER), guesses: 0 };
        codes.insert(record.id, code);
        Ok(message)
    }

    /// The code did not leave, so the next one need not wait. It may have arrived all the same, so it stays good.
    pub(super) fn was_not_sent(&self, record: i64) {
        if let Some(code) = self.codes().get_mut(&record) {
            code.next_at = code.made_at;
        }
    }

    /// Whether it is the code that was sent. A code that was used, or guessed at too often, is gone.
    pub(super) fn is_right(&self, record: i64, code: &str) -> Result<bool> {
        let now = self.clock.now();
        let mut codes = self.codes();
        let gone = || {
            Error::NotFound(format!(
                "record: there is no code for record {record}, or its time is over; send another one"
            ))
        };
        let sent = codes.get_mut(&record).ok_or_else(gone)?;
        if now.saturating_sub(sent.made_at) > GOOD_FOR {
            codes.remove(&record);
            return Err(gone());
        }
        sent.guesses += 1;
        let right = sent.digits == code.trim();
        if right || sent.guesses >= GUESSES {
            codes.remove(&record);
        }
        Ok(right)
    }

    fn codes(&self) -> MutexGuard<'_, BTreeMap<i64, Code>> {
        // Nothing that holds it can leave the map half changed.
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = 1_800_000_000_000;

    fn sent(verification: &Verification, id: i64) -> String {
        let record = Record { id, address: "ana@example.org".into(), ..Record::default() };
        let message = verification.message(&record).unwrap();
        message.title.chars().take(6).collect()
    }

    #[test]
    fn the_code_that_was_sent_is_right_once() {
        let verification = Verification::new(Clock::steered(NOW));
        let code = sent(&verification, 1);
        assert_eq!(verification.is_right(1, &format!(" {code} ")), Ok(true));
        assert!(verification.is_right(1, &code).is_err(), "it was used");
        assert!(verification.is_right(2, &code).is_err(), "another record has another code");
    }

    #[test]
    fn five_wrong_guesses_end_a_code() {
        let verification = Verification::new(Clock::steered(NOW));
        let code = sent(&verification, 1);
        let wrong = if code == "000000" { "000001" } else { "000000" };
        for _ in 0..GUESSES {
            assert_eq!(verification.is_right(1, wrong), Ok(false));
        }
        assert!(verification.is_right(1, &code).is_err(), "a million guesses must not be free");
    }

    #[test]
    fn after_a_code_that_did_not_leave_the_next_one_need_not_wait() {
        let verification = Verification::new(Clock::steered(NOW));
        sent(&verification, 1);
        verification.was_not_sent(1);
        let code = sent(&verification, 1);
        assert_eq!(verification.is_right(1, &code), Ok(true), "the newest is the one that counts");
    }

    #[test]
    fn a_code_is_good_for_ten_minutes_and_the_next_one_comes_after_a_pause() {
        let clock = Clock::steered(NOW);
        let verification = Verification::new(clock.clone());
        let code = sent(&verification, 1);
        let again = verification.message(&Record { id: 1, ..Record::default() });
        assert!(matches!(again, Err(Error::RateLimited(_))), "a loop must not cost a fortune");
        clock.advance(GOOD_FOR + 1);
        assert!(verification.is_right(1, &code).is_err());
        sent(&verification, 1);
    }
}
