use chrono::Utc;
use chrono_tz::Europe::Berlin;
use proptest::prelude::*;

use super::*;

fn moment(text: &str) -> Moment {
    text.parse().unwrap()
}

fn utc(text: &str) -> Millis {
    DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis()
}

#[test]
fn durations_add_up_their_units() {
    let span = |text: &str| text.parse::<Span>().map(|span| span.0.as_millis());
    assert_eq!(span("90s"), Ok(90_000));
    assert_eq!(span("1h30m"), Ok(5_400_000));
    assert_eq!(span("10min"), Ok(600_000));
    assert_eq!(span("250ms"), Ok(250));
    assert_eq!(span("2w1d"), Ok(15 * 86_400_000));
}

#[test]
fn what_is_no_duration_is_refused_with_an_example() {
    for text in ["", "10", "m", "-5m", "1.5h", "5 m", "10x", "99999999999999999999s", "9999999w"] {
        let error = text.parse::<Span>().unwrap_err();
        assert!(error.contains("10m"), "{text:?} should be refused with an example: {error}");
    }
}

#[test]
fn a_duration_goes_forward_or_back_as_the_option_needs() {
    let now = Utc.with_ymd_and_hms(2026, 3, 1, 12, 0, 0).unwrap();
    assert_eq!(moment("10m").after(&now), utc("2026-03-01T12:10:00Z"));
    assert_eq!(moment("2h").before(&now), utc("2026-03-01T10:00:00Z"));
}

#[test]
fn a_time_of_day_is_the_nearest_one_in_the_direction() {
    let now = Berlin.with_ymd_and_hms(2026, 3, 1, 12, 0, 0).unwrap();
    assert_eq!(moment("18:30").after(&now), utc("2026-03-01T18:30:00+01:00"));
    assert_eq!(moment("08:00").after(&now), utc("2026-03-02T08:00:00+01:00"), "tomorrow");
    assert_eq!(moment("08:00").before(&now), utc("2026-03-01T08:00:00+01:00"));
    assert_eq!(moment("18:30").before(&now), utc("2026-02-28T18:30:00+01:00"), "yesterday");
    assert_eq!(moment("12:00").after(&now), utc("2026-03-02T12:00:00+01:00"), "now is over");
}

#[test]
fn dates_and_wall_times_are_of_this_machine_and_rfc_3339_is_exact() {
    let now = Berlin.with_ymd_and_hms(2026, 3, 1, 12, 0, 0).unwrap();
    assert_eq!(moment("2026-01-31").before(&now), utc("2026-01-31T00:00:00+01:00"));
    assert_eq!(moment("2026-07-31 18:30").after(&now), utc("2026-07-31T18:30:00+02:00"));
    assert_eq!(moment("2026-07-31T18:30:00Z").after(&now), utc("2026-07-31T18:30:00Z"));
}

#[test]
fn a_time_that_the_clocks_skip_is_as_much_later_and_one_that_occurs_twice_is_the_first() {
    let spring = Berlin.with_ymd_and_hms(2026, 3, 29, 1, 0, 0).unwrap();
    assert_eq!(moment("02:30").after(&spring), utc("2026-03-29T03:30:00+02:00"));
    let autumn = Berlin.with_ymd_and_hms(2026, 10, 25, 1, 0, 0).unwrap();
    assert_eq!(moment("02:30").after(&autumn), utc("2026-10-25T02:30:00+02:00"));
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC{0,24}", digits in "[0-9]{1,24}[a-z]{0,3}[0-9:. -]{0,6}") {
        let now = Utc.with_ymd_and_hms(2026, 3, 1, 12, 0, 0).unwrap();
        for text in [text, digits] {
            if let Ok(moment) = text.parse::<Moment>() {
                moment.after(&now);
                moment.before(&now);
            }
        }
    }

    #[test]
    fn a_time_of_day_is_never_on_the_wrong_side_and_never_far(
        hour in 0u32..24, minute in 0u32..60, now in 0i64..4_000_000_000,
    ) {
        let now = Berlin.timestamp_opt(now, 0).unwrap();
        let moment = moment(&format!("{hour:02}:{minute:02}"));
        let day = 26 * 3_600_000;
        let (after, before) = (moment.after(&now), moment.before(&now));
        prop_assert!(after > now.timestamp_millis() && after - now.timestamp_millis() <= day);
        prop_assert!(before <= now.timestamp_millis() && now.timestamp_millis() - before <= day);
    }
}
