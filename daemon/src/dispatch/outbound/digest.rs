//! When the next digest is due. Pure; by the wall clock, also over the days on which it is set.

use chrono::{DateTime, Days, NaiveDateTime, TimeDelta, TimeZone, Timelike as _};
use tidings_api::Millis;

use crate::config::Digest;
use crate::quiet::on_wall;

/// The first moment after `now` at which a digest is sent.
#[must_use]
pub fn next<Z: TimeZone>(digest: Digest, now: &DateTime<Z>) -> Millis {
    let at = now.timestamp_millis();
    match digest {
        Digest::Every(every) => {
            at.saturating_add(Millis::try_from(every.as_millis()).unwrap_or(Millis::MAX))
        }
        Digest::Hourly => {
            let past = TimeDelta::minutes(now.minute().into())
                + TimeDelta::seconds(now.second().into())
                + TimeDelta::nanoseconds(now.nanosecond().into());
            // An hour on the clock is an hour: no zone sets its clock by less than a quarter of one.
            (now.clone() - past + TimeDelta::hours(1)).timestamp_millis()
        }
        Digest::Daily(time) => {
            let today = now.date_naive();
            let candidates = (0..3).filter_map(|ahead| today.checked_add_days(Days::new(ahead)));
            candidates
                .map(|day| on_wall(NaiveDateTime::new(day, time), &now.timezone()))
                .find(|due| *due > at)
                .unwrap_or_else(|| at.saturating_add(24 * 60 * 60 * 1_000))
        }
    }
}

/// The moment from which on what was sent counts as this period's: the next one goes out at once when nothing was.
#[must_use]
pub fn period_start<Z: TimeZone>(digest: Digest, now: &DateTime<Z>) -> Millis {
    let at = now.timestamp_millis();
    match digest {
        Digest::Every(every) => {
            at.saturating_sub(Millis::try_from(every.as_millis()).unwrap_or(Millis::MAX))
        }
        Digest::Hourly => next(digest, now).saturating_sub(60 * 60 * 1_000),
        Digest::Daily(time) => {
            let today = now.date_naive();
            // Not a day before the next one: some days have 25 hours.
            let candidates = (0..3).filter_map(|ago| today.checked_sub_days(Days::new(ago)));
            candidates
                .map(|day| on_wall(NaiveDateTime::new(day, time), &now.timezone()))
                .find(|due| *due <= at)
                .unwrap_or_else(|| at.saturating_sub(24 * 60 * 60 * 1_000))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::NaiveTime;
    use chrono_tz::Europe::Madrid;
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> DateTime<chrono_tz::Tz> {
        let wall = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").unwrap();
        Madrid.from_local_datetime(&wall).earliest().unwrap()
    }

    fn local(at: Millis) -> String {
        let time = DateTime::from_timestamp_millis(at).unwrap().with_timezone(&Madrid);
        time.format("%Y-%m-%d %H:%M:%S").to_string()
    }

    const EIGHT: Digest = Digest::Daily(NaiveTime::from_hms_opt(8, 0, 0).unwrap());

    #[test]
    fn a_daily_digest_is_sent_at_its_time_on_the_wall() {
        for (now, due) in [
            ("2026-11-27 07:59:59", "2026-11-27 08:00:00"),
            ("2026-11-27 08:00:00", "2026-11-28 08:00:00"),
            ("2026-11-27 23:00:00", "2026-11-28 08:00:00"),
            // The clocks are set forward and back in these nights.
            ("2027-03-27 09:00:00", "2027-03-28 08:00:00"),
            ("2026-10-24 09:00:00", "2026-10-25 08:00:00"),
        ] {
            assert_eq!(local(next(EIGHT, &at(now))), due, "after {now}");
        }
    }

    #[test]
    fn the_period_of_a_long_day_has_begun_when_it_has_begun() {
        let start = |now| {
            local(period_start(Digest::Daily(NaiveTime::from_hms_opt(4, 0, 0).unwrap()), &at(now)))
        };
        assert_eq!(start("2026-10-24 04:19:00"), "2026-10-24 04:00:00", "25 hours to the next one");
        assert_eq!(start("2026-10-25 03:59:00"), "2026-10-24 04:00:00");
        assert_eq!(start("2027-03-28 03:30:00"), "2027-03-27 04:00:00", "and here 23");
    }

    #[test]
    fn a_time_that_the_clocks_skip_is_as_much_later_as_they_skip() {
        let half_past_two = Digest::Daily(NaiveTime::from_hms_opt(2, 30, 0).unwrap());
        assert_eq!(local(next(half_past_two, &at("2027-03-28 00:10:00"))), "2027-03-28 03:30:00");
    }

    #[test]
    fn hourly_means_the_full_hour_and_fifteen_minutes_count_from_the_first() {
        assert_eq!(local(next(Digest::Hourly, &at("2026-11-27 07:10:11"))), "2026-11-27 08:00:00");
        let quarter = Digest::Every(Duration::from_secs(15 * 60));
        assert_eq!(local(next(quarter, &at("2026-11-27 07:10:11"))), "2026-11-27 07:25:11");
    }

    proptest! {
        #[test]
        fn a_digest_is_always_to_come_and_never_far(seconds in 1_700_000_000_i64..1_900_000_000, hour in 0_u32..24, minute in 0_u32..60) {
            let now = DateTime::from_timestamp(seconds, 0).unwrap().with_timezone(&Madrid);
            let daily = Digest::Daily(NaiveTime::from_hms_opt(hour, minute, 0).unwrap());
            for (digest, longest) in [(daily, 26), (Digest::Hourly, 1), (Digest::Every(Duration::from_secs(60)), 1)] {
                let due = next(digest, &now);
                let wait = due - now.timestamp_millis();
                prop_assert!(wait > 0, "{digest:?} is due in the past");
                prop_assert!(wait <= longest * 60 * 60 * 1_000, "{digest:?} waits {wait} ms");
                prop_assert!(period_start(digest, &now) <= now.timestamp_millis());
            }
        }
    }
}
