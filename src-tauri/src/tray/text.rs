//! Remote words in the tray: one short line that cannot rearrange what stands around it.

use chrono::{DateTime, Local};
use tidings_api::Millis;

const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_ISOLATE: char = '\u{2069}';

/// The first line, cut at `longest` characters, isolated from the direction of the text around it.
pub(super) fn line(text: &str, longest: usize) -> String {
    let plain = |c: &char| !c.is_control() && !is_direction(*c);
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut kept: Vec<char> = first.trim().chars().filter(plain).take(longest + 1).collect();
    if kept.is_empty() {
        return String::new();
    }
    if kept.len() > longest {
        kept.truncate(longest.saturating_sub(1));
        kept.push('…');
    }
    [FIRST_STRONG_ISOLATE].into_iter().chain(kept).chain([POP_ISOLATE]).collect()
}

/// Marks that turn the direction of what follows them.
const fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A time as it is read at `now`: on another day with its date.
pub(super) fn moment(at: Millis, now: DateTime<Local>) -> String {
    let Some(at) = DateTime::from_timestamp_millis(at).map(|at| at.with_timezone(&Local)) else {
        return String::new();
    };
    let same_day = at.date_naive() == now.date_naive();
    at.format(if same_day { "%H:%M" } else { "%H:%M, %Y-%m-%d" }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_title_is_one_short_line_in_its_own_direction() {
        assert_eq!(line("a\u{202e}b\nsecond", 40), "\u{2068}ab\u{2069}");
        assert_eq!(line("\n  \n x ", 40), "\u{2068}x\u{2069}");
        assert_eq!(line(&"x".repeat(500), 8).chars().count(), 10, "eight and the isolation");
        assert_eq!(line("\u{7}\u{202e}", 8), "");
    }

    #[test]
    fn a_time_of_another_day_says_which() {
        let now = Local::now();
        let later = now + chrono::Duration::days(3);
        assert_eq!(moment(now.timestamp_millis(), now), now.format("%H:%M").to_string());
        assert!(moment(later.timestamp_millis(), now).contains(", "));
        assert_eq!(moment(i64::MAX, now), "", "no time at all");
    }
}
