use std::time::Duration;

/// How to write a duration, for error messages.
pub(super) const HOW_TO_WRITE: &str =
    "write numbers with units, like \"90d\", \"10m\" or \"2h30m\" (units: w d h m s)";

/// Seconds of each unit, from the longest: the order in which they may be written.
const UNITS: [(char, u64); 5] = [('w', 604_800), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// Reads "90d", "10m" or "2h30m": whole numbers with units, each unit at most once and the longer first.
///
/// `None` for anything else, for zero, and for what does not fit.
#[must_use]
pub fn parse_duration(text: &str) -> Option<Duration> {
    let mut units = UNITS.iter();
    let mut seconds: u64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at(digits);
        let unit = tail.chars().next()?;
        let (_, length) = units.find(|(name, _)| *name == unit)?;
        seconds = seconds.checked_add(number.parse::<u64>().ok()?.checked_mul(*length)?)?;
        rest = &tail[unit.len_utf8()..];
    }
    // The store counts in milliseconds of a signed 64-bit number.
    let fits = i64::try_from(seconds).ok()?.checked_mul(1_000).is_some();
    (seconds > 0 && fits).then(|| Duration::from_secs(seconds))
}

/// The inverse of [`parse_duration`], without weeks: people count retention in days.
pub fn write_duration(duration: Duration) -> String {
    let mut rest = duration.as_secs();
    let mut text = String::new();
    for (unit, length) in UNITS.into_iter().filter(|(unit, _)| *unit != 'w') {
        let count = rest / length;
        rest %= length;
        if count > 0 {
            text.push_str(&count.to_string());
            text.push(unit);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn days_minutes_and_mixtures_are_read() {
        assert_eq!(parse_duration("90d"), Some(Duration::from_secs(90 * 86_400)));
        assert_eq!(parse_duration("10m"), Some(Duration::from_secs(600)));
        assert_eq!(parse_duration("2h30m"), Some(Duration::from_secs(9_000)));
        assert_eq!(parse_duration("1w"), Some(Duration::from_secs(604_800)));
    }

    #[test]
    fn what_is_ambiguous_is_refused() {
        for text in ["", "90", "d", "1.5h", "-1d", "10 m", "30m2h", "1d1d", "3y", "0s", "١d"] {
            assert_eq!(parse_duration(text), None, "{text:?} must not be guessed at");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,40}|[0-9]{0,30}[wdhms]{0,3}") {
            let _ = parse_duration(&text);
        }

        #[test]
        fn what_is_written_is_read_again(seconds in 1u64..10_000_000_000) {
            let duration = Duration::from_secs(seconds);
            prop_assert_eq!(parse_duration(&write_duration(duration)), Some(duration));
        }

        #[test]
        fn hours_and_minutes_add_up(hours in 1u64..10_000, minutes in 0u64..10_000) {
            prop_assert_eq!(
                parse_duration(&format!("{hours}h{minutes}m")),
                Some(Duration::from_secs(hours * 3_600 + minutes * 60))
            );
        }
    }
}
