//! Times in the shapes that servers give them.

use chrono::{DateTime, LocalResult, NaiveDate, NaiveDateTime, TimeZone};
use chrono_tz::Tz;
use serde_json::Value;
use tidings_api::Millis;

use crate::model::SentAt;

/// Interprets a time. Without an offset it is taken in `zone`, else in UTC, and marked approximate either way: the
/// hour that the clock repeats in autumn cannot be told apart. `None` = not a time.
#[must_use]
pub(in crate::sources) fn parse(value: &Value, zone: Option<Tz>) -> Option<SentAt> {
    match value {
        Value::String(text) => from_text(text.trim(), zone),
        Value::Number(number) => {
            let at = epoch(number.as_f64()?)?;
            Some(SentAt { at, approximate: false, raw: number.to_string() })
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn from_text(text: &str, zone: Option<Tz>) -> Option<SentAt> {
    let sent = |at, approximate| Some(SentAt { at, approximate, raw: text.to_owned() });
    if let Some(at) = with_offset(text) {
        return sent(at, false);
    }
    if let Some(naive) = naive(text) {
        return sent(local(naive, zone.unwrap_or(Tz::UTC)), true);
    }
    let at = text.parse::<f64>().ok().and_then(epoch)?;
    sent(at, false)
}

/// RFC 3339, also with a space for the `T` and `+0000` for `+00:00`.
fn with_offset(text: &str) -> Option<Millis> {
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f%#z"))
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%#z"))
        .or_else(|_| DateTime::parse_from_rfc2822(text))
        .ok()
        .map(|time| time.timestamp_millis())
}

fn naive(text: &str) -> Option<NaiveDateTime> {
    ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .or_else(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0))
}

/// A local time as a moment. In the repeated hour the earlier one; in the skipped hour as if the clock had not moved.
fn local(naive: NaiveDateTime, zone: Tz) -> Millis {
    match zone.from_local_datetime(&naive) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => time.timestamp_millis(),
        LocalResult::None => {
            let before = naive.checked_sub_signed(chrono::TimeDelta::hours(3)).unwrap_or(naive);
            let offset = match zone.from_local_datetime(&before) {
                LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => {
                    time.naive_utc().signed_duration_since(before).num_milliseconds()
                }
                LocalResult::None => 0,
            };
            naive.and_utc().timestamp_millis().saturating_add(offset)
        }
    }
}

/// Seconds up to the year 5138, milliseconds beyond.
fn epoch(number: f64) -> Option<Millis> {
    const SECONDS_END: f64 = 100_000_000_000.0;
    const MILLIS_END: f64 = 100_000_000_000_000.0;
    if !(0.0..MILLIS_END).contains(&number) {
        return None;
    }
    let millis = if number < SECONDS_END { number * 1000.0 } else { number };
    #[expect(clippy::cast_possible_truncation, reason = "bounded above and below by the checks")]
    Some(millis.round() as Millis)
}

#[cfg(test)]
mod tests {
    use chrono_tz::Europe::Berlin;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const MOMENT: Millis = 1_795_167_662_210;

    fn at(value: &Value, zone: Option<Tz>) -> Option<(Millis, bool)> {
        parse(value, zone).map(|sent| (sent.at, sent.approximate))
    }

    #[test]
    fn three_date_shapes_of_django_are_one_moment() {
        let moment = DateTime::from_timestamp_millis(MOMENT).unwrap();
        let zulu = moment.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string();
        let offset = moment.format("%Y-%m-%dT%H:%M:%S%.6f+00:00").to_string();
        let naive = moment
            .with_timezone(&chrono_tz::America::Lima)
            .format("%Y-%m-%dT%H:%M:%S%.6f")
            .to_string();
        assert_eq!(at(&json!(zulu), None), Some((MOMENT, false)));
        assert_eq!(at(&json!(offset), None), Some((MOMENT, false)));
        assert_eq!(
            at(&json!(naive), Some(chrono_tz::America::Lima)),
            Some((MOMENT, true)),
            "{naive}"
        );
        assert_eq!(parse(&json!(naive), None).unwrap().raw, naive, "the raw text is kept");
    }

    #[test]
    fn epochs_are_read_in_seconds_milliseconds_and_fractions() {
        assert_eq!(at(&json!(1_795_167_662), None), Some((1_795_167_662_000, false)));
        assert_eq!(at(&json!(MOMENT), None), Some((MOMENT, false)));
        assert_eq!(at(&json!(1_795_167_662.21), None), Some((MOMENT, false)));
        assert_eq!(at(&json!("1795167662"), None), Some((1_795_167_662_000, false)));
    }

    #[test]
    fn repeated_and_skipped_hours_have_a_moment() {
        let hour = 3_600_000;
        let winter = at(&json!("2025-10-26T03:30:00+01:00"), None).unwrap().0;
        let repeated = at(&json!("2025-10-26T02:30:00"), Some(Berlin)).unwrap();
        assert_eq!(repeated, (winter - 2 * hour, true), "the earlier of the two");
        let spring = at(&json!("2025-03-30T03:30:00+02:00"), None).unwrap().0;
        assert_eq!(at(&json!("2025-03-30T02:30:00"), Some(Berlin)), Some((spring, true)));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for value in [
            json!("soon"),
            json!(""),
            json!(null),
            json!([]),
            json!(-1),
            json!(1e300),
            json!("NaN"),
        ] {
            assert_eq!(parse(&value, None), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn never_panics(text in ".{0,40}", number in any::<f64>()) {
            let _ = parse(&json!(text), Some(Berlin));
            let _ = parse(&json!(number), None);
        }
    }
}
