//! Durations and points in time as people type them. The present and the zone are passed in.

use std::str::FromStr;

use chrono::{
    DateTime, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone,
};
use tidings_api::Millis;

/// A length of time, `90s`, `1h30m`, `2d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) std::time::Duration);

/// A point in time whose meaning may depend on the present.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    /// That far from now; forward or back, as the option says.
    Away(Span),
    /// The nearest such time of day, forward or back.
    Clock(NaiveTime),
    /// On the wall clock of this machine.
    Wall(NaiveDateTime),
    /// Exactly then.
    Exact(Millis),
}

const UNITS: [(&str, u64); 7] = [
    ("ms", 1),
    ("s", 1_000),
    ("min", 60_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
    ("w", 604_800_000),
];

/// Longest duration, so that adding it to the present cannot overflow.
const HUNDRED_YEARS: u64 = 100 * 366 * 86_400_000;

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        span_millis(text).map(|millis| Self(std::time::Duration::from_millis(millis))).ok_or_else(
            || {
                format!(
                    "\"{text}\" is not a duration: give a number with ms, s, m, h, d or w, \
                     for example 90s, 10m, 1h30m or 30d"
                )
            },
        )
    }
}

fn span_millis(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut total: u64 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: u64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (_, unit) = UNITS.iter().find(|(name, _)| *name == &rest[..letters])?;
        rest = &rest[letters..];
        total = total.checked_add(number.checked_mul(*unit)?)?;
    }
    (total <= HUNDRED_YEARS).then_some(total)
}

impl FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Ok(span) = text.parse() {
            return Ok(Self::Away(span));
        }
        if let Ok(exact) = DateTime::parse_from_rfc3339(text) {
            return Ok(Self::Exact(exact.timestamp_millis()));
        }
        let clock = ["%H:%M", "%H:%M:%S"]
            .into_iter()
            .find_map(|format| NaiveTime::parse_from_str(text, format).ok());
        if let Some(clock) = clock {
            return Ok(Self::Clock(clock));
        }
        if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            return Ok(Self::Wall(date.and_time(NaiveTime::MIN)));
        }
        ["%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
            .into_iter()
            .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
            .map(Self::Wall)
            .ok_or_else(|| {
                format!(
                    "\"{text}\" is not a time: give a duration (10m, 2h, 30d), a time of day \
                     (18:30), a date (2026-01-31) or RFC 3339 (2026-01-31T18:30:00+01:00)"
                )
            })
    }
}

impl Moment {
    /// The nearest such moment after `now`, for what is still to come.
    pub(crate) fn after<Z: TimeZone>(self, now: &DateTime<Z>) -> Millis {
        match self {
            Self::Away(span) => now.timestamp_millis().saturating_add(span.millis()),
            Self::Clock(clock) => {
                let today = on_wall(now.date_naive().and_time(clock), &now.timezone());
                if today > now.timestamp_millis() {
                    return today;
                }
                let tomorrow = now.date_naive() + Days::new(1);
                on_wall(tomorrow.and_time(clock), &now.timezone())
            }
            Self::Wall(wall) => on_wall(wall, &now.timezone()),
            Self::Exact(millis) => millis,
        }
    }

    /// The nearest such moment before `now`, for what has been.
    pub(crate) fn before<Z: TimeZone>(self, now: &DateTime<Z>) -> Millis {
        match self {
            Self::Away(span) => now.timestamp_millis().saturating_sub(span.millis()),
            Self::Clock(clock) => {
                let today = on_wall(now.date_naive().and_time(clock), &now.timezone());
                if today <= now.timestamp_millis() {
                    return today;
                }
                let yesterday = now.date_naive() - Days::new(1);
                on_wall(yesterday.and_time(clock), &now.timezone())
            }
            Self::Wall(wall) => on_wall(wall, &now.timezone()),
            Self::Exact(millis) => millis,
        }
    }
}

impl Span {
    fn millis(self) -> Millis {
        Millis::try_from(self.0.as_millis()).unwrap_or(Millis::MAX)
    }
}

/// A wall-clock time that occurs twice means the first; one that the clocks skip means as much later as they skip.
fn on_wall<Z: TimeZone>(wall: NaiveDateTime, zone: &Z) -> Millis {
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => time.timestamp_millis(),
        LocalResult::None => {
            let before = wall - TimeDelta::hours(3);
            let offset = zone.offset_from_utc_datetime(&before);
            let utc = wall - chrono::Offset::fix(&offset);
            utc.and_utc().timestamp_millis()
        }
    }
}

#[cfg(test)]
#[path = "time_tests.rs"]
mod tests;
