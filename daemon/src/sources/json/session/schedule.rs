//! When the list is asked, and when the connection is renewed. Pure: time and randomness are passed in.

use std::time::Duration;

use tokio::time::Instant;

use crate::net::backoff::{Backoff, TRANSIENT};
use crate::sources::json::spec::SyncSpec;

/// Frames that keep coming do not put the list off for longer than this.
const DEBOUNCE_MAX: Duration = Duration::from_secs(1);
/// First wait after a mark that the server did not take; doubled with every attempt.
const MARK_RETRY: Duration = Duration::from_secs(10);
const MARK_RETRY_MAX: Duration = Duration::from_secs(900);

/// The times that matter to a session.
#[derive(Debug)]
pub(super) struct Schedule {
    every: Duration,
    debounce: Duration,
    next: Instant,
    frame_since: Option<Instant>,
    marks_at: Option<Instant>,
    /// Until then the server wants to be left alone.
    peace_until: Instant,
    backoff: Backoff,
    /// When the connection has served its time.
    pub(super) recycle_at: Instant,
}

impl Schedule {
    /// A session that starts now. `random` is in 0..1.
    pub(super) fn new(spec: &SyncSpec, now: Instant, random: f64) -> Self {
        Self {
            every: spec.reconcile_every.0,
            debounce: spec.debounce.0,
            next: now,
            frame_since: None,
            marks_at: None,
            peace_until: now,
            backoff: Backoff::new(TRANSIENT),
            recycle_at: now + spec.recycle_after.0.mul_f64(0.75 + random.clamp(0.0, 1.0) / 2.0),
        }
    }

    /// When the list is to be asked next.
    pub(super) fn next(&self) -> Instant {
        self.next.max(self.peace_until)
    }

    /// Whether the list is due; it then counts as asked.
    pub(super) fn take_due(&mut self, now: Instant) -> bool {
        if now < self.next() {
            return false;
        }
        self.frame_since = None;
        self.next = now + self.every;
        true
    }

    /// A frame came: soon, yet once for all that come together.
    pub(super) fn frame(&mut self, now: Instant) {
        let since = *self.frame_since.get_or_insert(now);
        let at = (now + self.debounce).min(since + DEBOUNCE_MAX.max(self.debounce));
        let waiting_for_frames = since != now;
        self.next = if waiting_for_frames { at } else { self.next.min(at) };
    }

    /// At once.
    pub(super) fn now(&mut self, now: Instant) {
        self.next = now;
    }

    /// Not later than then.
    pub(super) fn at(&mut self, at: Instant) {
        self.next = self.next.min(at);
    }

    /// The list was read: again after the interval, or sooner where frames came meanwhile.
    pub(super) fn succeeded(&mut self, now: Instant, random: f64) {
        self.backoff.reset();
        let regular = now + self.every.mul_f64(0.9 + random.clamp(0.0, 1.0) / 5.0);
        let asked_meanwhile = self.frame_since.is_some() || self.next <= now;
        self.next = if asked_meanwhile { self.next } else { regular };
    }

    /// The list could not be read while the connection stands.
    pub(super) fn failed(&mut self, now: Instant, retry_after: Option<Duration>, random: f64) {
        self.frame_since = None;
        self.next = now + self.backoff.next(random, retry_after);
        if retry_after.is_some() {
            self.peace_until = self.next;
        }
    }

    /// Whether marks may be sent now.
    pub(super) fn marks_due(&self, now: Instant) -> bool {
        self.marks_at.is_none_or(|at| at <= now)
    }

    /// The server has all marks that were sent.
    pub(super) fn marks_sent(&mut self) {
        self.marks_at = None;
    }

    /// The server did not take marks that had failed `attempts` times before.
    pub(super) fn marks_failed(&mut self, now: Instant, attempts: u32) {
        let wait = MARK_RETRY
            .saturating_mul(1_u32.checked_shl(attempts).unwrap_or(u32::MAX))
            .min(MARK_RETRY_MAX);
        self.marks_at = Some(now + wait);
        self.at(now + wait);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule() -> (Schedule, Instant) {
        let now = Instant::now();
        let mut schedule = Schedule::new(&SyncSpec::default(), now, 0.5);
        assert!(schedule.take_due(now), "the list is asked on connect");
        schedule.succeeded(now, 0.5);
        (schedule, now)
    }

    const MS: Duration = Duration::from_millis(1);

    #[test]
    fn frames_that_come_together_are_one_question_within_a_second() {
        let (mut schedule, now) = schedule();
        for at in (0..3_000).step_by(100) {
            schedule.frame(now + at * MS);
        }
        assert_eq!(
            schedule.next(),
            now + 1_000 * MS,
            "a steady stream does not put the list off for ever"
        );
        let (mut schedule, now) = self::schedule();
        schedule.frame(now);
        assert_eq!(schedule.next(), now + 300 * MS);
    }

    #[test]
    fn frame_during_a_question_leads_to_another() {
        let (mut schedule, now) = schedule();
        schedule.frame(now);
        assert!(schedule.take_due(now + 300 * MS));
        schedule.frame(now + 310 * MS);
        schedule.succeeded(now + 320 * MS, 0.5);
        assert_eq!(schedule.next(), now + 610 * MS, "the answer may be older than the frame");
    }

    #[test]
    fn retry_after_holds_though_frames_and_users_ask() {
        let (mut schedule, now) = schedule();
        schedule.failed(now, Some(Duration::from_secs(4)), 0.0);
        schedule.frame(now + 100 * MS);
        schedule.now(now + 200 * MS);
        assert!(!schedule.take_due(now + 3_999 * MS), "every request in this time makes it worse");
        assert!(schedule.take_due(now + 4_500 * MS));
    }

    #[test]
    fn connection_is_renewed_between_twelve_and_twenty_hours() {
        let now = Instant::now();
        let hour = Duration::from_secs(3_600);
        for (random, hours) in [(0.0, 12), (0.5, 16), (1.0, 20)] {
            assert_eq!(
                Schedule::new(&SyncSpec::default(), now, random).recycle_at,
                now + hours * hour
            );
        }
    }

    #[test]
    fn marks_that_are_not_taken_are_sent_ever_more_rarely() {
        let (mut schedule, now) = schedule();
        schedule.marks_failed(now, 0);
        assert!(!schedule.marks_due(now + 9_999 * MS) && schedule.marks_due(now + 10_000 * MS));
        schedule.marks_failed(now, 40);
        assert!(schedule.marks_due(now + MARK_RETRY_MAX), "the wait is bounded");
    }
}
