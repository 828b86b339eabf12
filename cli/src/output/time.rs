//! Times as people and as programs read them. The present is passed in.

use chrono::{DateTime, SecondsFormat, TimeZone, Utc};
use tidings_api::Millis;

/// ISO 8601 in UTC with milliseconds, for programs.
pub(crate) fn iso(millis: Millis) -> String {
    Utc.timestamp_millis_opt(millis)
        .single()
        .map_or_else(String::new, |time| time.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// How long ago, in as few characters as tell it; a date beyond a week.
pub(crate) fn relative<Z: TimeZone>(millis: Millis, now: &DateTime<Z>) -> String
where
    Z::Offset: std::fmt::Display,
{
    let seconds = (now.timestamp_millis().saturating_sub(millis)).div_euclid(1_000);
    match seconds {
        i64::MIN..=-5 => format!("in {}", duration(seconds.saturating_neg())),
        -4..=9 => "now".to_owned(),
        10..=59 => format!("{seconds}s"),
        60..=604_799 => duration(seconds),
        604_800.. => date(millis, now),
    }
}

fn date<Z: TimeZone>(millis: Millis, now: &DateTime<Z>) -> String
where
    Z::Offset: std::fmt::Display,
{
    let Some(time) = now.timezone().timestamp_millis_opt(millis).earliest() else {
        return String::new();
    };
    let this_year = time.format("%Y").to_string() == now.format("%Y").to_string();
    time.format(if this_year { "%-d %b" } else { "%-d %b %Y" }).to_string()
}

/// A length of time in its largest unit.
pub(crate) fn duration(seconds: i64) -> String {
    match seconds {
        ..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..86_400 => format!("{}h", seconds / 3_600),
        86_400.. => format!("{}d", seconds / 86_400),
    }
}

/// Both readings, for a page about one notification.
pub(crate) fn full<Z: TimeZone>(millis: Millis, now: &DateTime<Z>) -> String
where
    Z::Offset: std::fmt::Display,
{
    let Some(time) = now.timezone().timestamp_millis_opt(millis).earliest() else {
        return String::new();
    };
    format!("{} ({})", time.format("%Y-%m-%d %H:%M:%S"), ago(&relative(millis, now)))
}

/// `5m` as a part of a sentence.
pub(crate) fn ago(relative: &str) -> String {
    if relative == "now" {
        return "just now".to_owned();
    }
    let is_age = relative.ends_with(['s', 'm', 'h', 'd']) && !relative.starts_with("in ");
    if is_age { format!("{relative} ago") } else { relative.to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn now() -> DateTime<Utc> {
        Utc.with_ymd_and_hms(2026, 3, 15, 12, 0, 0).unwrap()
    }

    fn seconds_ago(seconds: i64) -> String {
        relative(now().timestamp_millis() - seconds * 1_000, &now())
    }

    #[test]
    fn ages_are_told_in_their_largest_unit() {
        assert_eq!(seconds_ago(3), "now");
        assert_eq!(seconds_ago(45), "45s");
        assert_eq!(seconds_ago(5 * 60), "5m");
        assert_eq!(seconds_ago(3 * 3_600), "3h");
        assert_eq!(seconds_ago(2 * 86_400), "2d");
        assert_eq!(seconds_ago(30 * 86_400), "13 Feb");
        assert_eq!(seconds_ago(400 * 86_400), "8 Feb 2025");
        assert_eq!(seconds_ago(-600), "in 10m", "scheduled for later");
        assert_eq!(seconds_ago(-20), "in 20s", "what is due in a moment is not due now");
        assert_eq!(seconds_ago(-3), "now", "a clock that is a little ahead");
    }

    #[test]
    fn ages_become_parts_of_sentences_and_dates_stay() {
        assert_eq!(ago("5m"), "5m ago");
        assert_eq!(ago("in 5m"), "in 5m");
        assert_eq!(ago("13 Feb"), "13 Feb");
        assert_eq!(ago("now"), "just now");
    }

    #[test]
    fn programs_get_utc_with_milliseconds() {
        assert_eq!(iso(1_773_576_000_123), "2026-03-15T12:00:00.123Z");
    }

    proptest! {
        #[test]
        fn no_time_panics(millis in any::<i64>()) {
            iso(millis);
            full(millis, &now());
        }
    }
}
