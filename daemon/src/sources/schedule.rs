//! When the list is asked, and when the connection is renewed. Pure: time and randomness are passed in.

use std::time::Duration;

use tidings_api::Millis;
use tokio::time::Instant;

use crate::net::backoff::{Backoff, TRANSIENT};
use crate::sources::Exit;

/// Frames that keep coming do not put the list off for longer than this.
const DEBOUNCE_MAX: Duration = Duration::from_secs(1);
/// First wait after a mark that the server did not take; doubled with every attempt.
const MARK_RETRY: Duration = Duration::from_secs(10);
const MARK_RETRY_MAX: Duration = Duration::from_secs(900);
/// A server that pushes nothing is asked at least this often …
const POLL_EVERY: Duration = Duration::from_secs(60);
/// … and dialled again after this time: whatever stood in the way may be gone.
const POLL_FOR: Duration = Duration::from_secs(3_600);

/// What a source says of its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// The server is asked this often even when all is well.
    pub reconcile_every: Duration,
    /// Quiet time after a message that calls for asking, before that is done.
    pub debounce: Duration,
    /// Mean age at which a healthy connection is renewed; a quarter of jitter each way.
    pub recycle_after: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            reconcile_every: Duration::from_secs(180),
            debounce: Duration::from_millis(300),
            recycle_after: Duration::from_secs(16 * 3_600),
        }
    }
}

/// A server's wish to be left alone, which outlives the connection beside which it was heard.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::sources) struct Peace {
    /// Its end on either clock: the monotonic one stands still while the machine sleeps.
    until: Option<(Instant, Millis)>,
}

impl Peace {
    /// How long it still lasts; `None` = it is over.
    fn left(self, now: Instant, wall: Millis) -> Option<Duration> {
        let (until, wall_until) = self.until?;
        let wall_left = u64::try_from(wall_until.saturating_sub(wall)).unwrap_or_default();
        let left = until.saturating_duration_since(now).min(Duration::from_millis(wall_left));
        (!left.is_zero()).then_some(left)
    }

    /// What becomes of a connection that would not keep it.
    pub(in crate::sources) fn kept(self, now: Instant, wall: Millis) -> Option<Exit> {
        let why = "the server wants to be left alone; it is dialled again as soon as it allows";
        let left = self.left(now, wall)?;
        Some(Exit::Transient { why: why.to_owned(), retry_after: Some(left) })
    }
}

/// The times that matter to a session.
#[derive(Debug)]
pub(in crate::sources) struct Schedule {
    every: Duration,
    debounce: Duration,
    next: Instant,
    frame_since: Option<Instant>,
    asked: bool,
    marks_at: Option<Instant>,
    /// Until then the server wants to be left alone.
    peace_until: Instant,
    backoff: Backoff,
    /// When the connection has served its time.
    pub(in crate::sources) recycle_at: Instant,
}

impl Schedule {
    /// A session that starts now. `random` is in 0..1.
    pub(in crate::sources) fn new(times: Times, now: Instant, random: f64) -> Self {
        Self {
            every: times.reconcile_every,
            debounce: times.debounce,
            next: now,
            frame_since: None,
            asked: false,
            marks_at: None,
            peace_until: now,
            backoff: Backoff::new(TRANSIENT),
            recycle_at: now + times.recycle_after.mul_f64(0.75 + random.clamp(0.0, 1.0) / 2.0),
        }
    }

    /// There is no live connection.
    pub(in crate::sources) fn poll(&mut self, now: Instant) {
        self.every = self.every.min(POLL_EVERY);
        self.recycle_at = self.recycle_at.min(now + POLL_FOR);
    }

    /// When the list is to be asked next.
    pub(in crate::sources) fn next(&self) -> Instant {
        self.next.max(self.peace_until)
    }

    /// Whether the server may be asked at all.
    pub(in crate::sources) fn at_peace(&self, now: Instant) -> bool {
        self.peace_until <= now
    }

    /// What the next connection is to know of the server's wish.
    pub(in crate::sources) fn peace(&self, now: Instant, wall: Millis) -> Peace {
        let left = self.peace_until.saturating_duration_since(now);
        let left = Millis::try_from(left.as_millis()).unwrap_or(Millis::MAX);
        Peace { until: (left > 0).then_some((self.peace_until, wall.saturating_add(left))) }
    }

    /// That time, or when the server may be asked again.
    pub(in crate::sources) fn not_before_peace(&self, at: Instant) -> Instant {
        at.max(self.peace_until)
    }

    /// Whether the list is due; it then counts as asked.
    pub(in crate::sources) fn take_due(&mut self, now: Instant) -> bool {
        if now < self.next() {
            return false;
        }
        self.frame_since = None;
        self.asked = false;
        self.next = now + self.every;
        true
    }

    /// A frame came: soon, yet once for all that come together.
    pub(in crate::sources) fn frame(&mut self, now: Instant) {
        let since = *self.frame_since.get_or_insert(now);
        let at = (now + self.debounce).min(since + DEBOUNCE_MAX.max(self.debounce));
        let waiting_for_frames = since != now;
        self.next = if waiting_for_frames { at } else { self.next.min(at) };
    }

    /// At once.
    pub(in crate::sources) fn now(&mut self, now: Instant) {
        self.asked = true;
        self.next = now;
    }

    /// Not later than then.
    pub(in crate::sources) fn at(&mut self, at: Instant) {
        self.next = self.next.min(at);
    }

    /// The list was read: again after the interval, or sooner where frames came meanwhile.
    pub(in crate::sources) fn succeeded(&mut self, now: Instant, random: f64) {
        self.backoff.reset();
        let regular = now + self.every.mul_f64(0.9 + random.clamp(0.0, 1.0) / 5.0);
        let asked_meanwhile = self.frame_since.is_some() || self.asked;
        self.next = if asked_meanwhile { self.next } else { regular };
    }

    /// The list could not be read while the connection stands.
    pub(in crate::sources) fn failed(
        &mut self,
        now: Instant,
        retry_after: Option<Duration>,
        random: f64,
    ) {
        self.frame_since = None;
        self.next = now + self.backoff.next(random, retry_after);
        if retry_after.is_some() {
            self.peace_until = self.next;
        }
    }

    /// Whether marks that failed before may be sent again.
    pub(in crate::sources) fn marks_due(&self, now: Instant) -> bool {
        self.marks_at.is_none_or(|at| at <= now)
    }

    /// When marks that failed may be sent again, if any did.
    pub(in crate::sources) const fn marks_at(&self) -> Option<Instant> {
        self.marks_at
    }

    /// The server has all marks that were sent.
    pub(in crate::sources) fn marks_sent(&mut self) {
        self.marks_at = None;
    }

    /// The server did not take marks that had failed `attempts` times before.
    pub(in crate::sources) fn marks_failed(&mut self, now: Instant, attempts: u32) {
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
        let mut schedule = Schedule::new(Times::default(), now, 0.5);
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
    fn peace_outlives_its_session_and_ends_by_either_clock() {
        let (mut schedule, now) = schedule();
        assert_eq!(schedule.peace(now, 0).left(now, 0), None);
        schedule.failed(now, Some(Duration::from_secs(600)), 0.0);
        let peace = schedule.peace(now, 1_000);
        assert_eq!(peace.left(now + 1_000 * MS, 2_000), Some(Duration::from_secs(599)));
        assert_eq!(peace.left(now + 600_000 * MS, 2_000), None, "the wall clock was set back");
        assert_eq!(peace.left(now + 1_000 * MS, 601_000), None, "the machine slept for the rest");
    }

    #[test]
    fn connection_is_renewed_between_twelve_and_twenty_hours() {
        let now = Instant::now();
        let hour = Duration::from_secs(3_600);
        for (random, hours) in [(0.0, 12), (0.5, 16), (1.0, 20)] {
            assert_eq!(Schedule::new(Times::default(), now, random).recycle_at, now + hours * hour);
        }
    }

    #[test]
    fn a_server_that_pushes_nothing_is_asked_every_minute_and_dialled_again_after_an_hour() {
        let (mut schedule, now) = schedule();
        schedule.poll(now);
        schedule.succeeded(now, 0.5);
        assert_eq!(schedule.next(), now + POLL_EVERY);
        assert_eq!(schedule.recycle_at, now + POLL_FOR);
        let often = Times { reconcile_every: Duration::from_secs(30), ..Times::default() };
        let mut schedule = Schedule::new(often, now, 0.5);
        schedule.poll(now);
        schedule.succeeded(now, 0.5);
        assert_eq!(schedule.next(), now + often.reconcile_every, "never more rarely than wanted");
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
