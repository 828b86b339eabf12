use chrono::{DateTime, Days, Duration, NaiveTime, TimeZone, Timelike};
use tidings_api::Millis;

/// When "tomorrow" begins to be loud.
const MORNING_HOUR: u32 = 8;
/// Whoever is awake before this hour means the coming morning by "tomorrow".
const NIGHT_ENDS_HOUR: u32 = 5;

/// How long quiet is to last, as the menu offers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuietSpan {
    /// One hour.
    OneHour,
    /// Four hours.
    FourHours,
    /// Until eight in the next morning.
    UntilTomorrow,
    /// Until it is turned off.
    UntilTurnedOff,
}

impl QuietSpan {
    /// Every span, in the order of the menu.
    pub const ALL: [Self; 4] =
        [Self::OneHour, Self::FourHours, Self::UntilTomorrow, Self::UntilTurnedOff];

    /// When a span that begins now ends; `None` = not by itself.
    #[must_use]
    pub fn until<Tz: TimeZone>(self, now: &DateTime<Tz>) -> Option<Millis> {
        let after =
            |hours| Some(now.timestamp_millis() + Duration::hours(hours).num_milliseconds());
        match self {
            Self::OneHour => after(1),
            Self::FourHours => after(4),
            // A morning that the calendar or the clock does not have: a day from now.
            Self::UntilTomorrow => next_morning(now).or_else(|| after(24)),
            Self::UntilTurnedOff => None,
        }
    }
}

fn next_morning<Tz: TimeZone>(now: &DateTime<Tz>) -> Option<Millis> {
    let today = now.naive_local().date();
    let night = now.hour() < NIGHT_ENDS_HOUR;
    let day = if night { today } else { today.checked_add_days(Days::new(1))? };
    let morning = day.and_time(NaiveTime::from_hms_opt(MORNING_HOUR, 0, 0)?);
    let morning = now.timezone().from_local_datetime(&morning).earliest()?;
    Some(morning.timestamp_millis())
}

#[cfg(test)]
mod tests {
    use chrono::{FixedOffset, Utc};
    use proptest::prelude::*;

    use super::*;

    fn tomorrow(now: &str) -> String {
        let now = DateTime::parse_from_rfc3339(now).unwrap();
        let until = QuietSpan::UntilTomorrow.until(&now).unwrap();
        now.timezone().timestamp_millis_opt(until).unwrap().to_rfc3339()
    }

    #[test]
    fn tomorrow_is_the_next_morning_of_whoever_asks() {
        assert_eq!(tomorrow("2026-11-20T14:00:00+01:00"), "2026-11-21T08:00:00+01:00");
        assert_eq!(tomorrow("2026-11-20T23:59:00+01:00"), "2026-11-21T08:00:00+01:00");
        assert_eq!(
            tomorrow("2026-11-21T01:30:00+01:00"),
            "2026-11-21T08:00:00+01:00",
            "a night owl"
        );
        assert_eq!(tomorrow("2026-12-31T06:00:00-03:00"), "2027-01-01T08:00:00-03:00");
    }

    #[test]
    fn for_good_has_no_end() {
        assert_eq!(QuietSpan::UntilTurnedOff.until(&Utc::now()), None);
    }

    proptest! {
        #[test]
        fn every_span_ends_in_the_future_and_within_a_day_and_a_bit(
            seconds in 0_i64..4_000_000_000, offset in -43_200_i32..50_400,
        ) {
            let zone = FixedOffset::east_opt(offset).unwrap();
            let now = zone.timestamp_opt(seconds, 0).unwrap();
            for span in QuietSpan::ALL {
                let Some(until) = span.until(&now) else { continue };
                let lasts = until - now.timestamp_millis();
                prop_assert!(lasts >= 3_600_000, "{span:?} lasts {lasts} ms");
                prop_assert!(lasts <= 28 * 3_600_000, "{span:?} lasts {lasts} ms");
            }
        }
    }
}
