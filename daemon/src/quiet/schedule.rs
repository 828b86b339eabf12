//! The weekly schedule, on the wall clock of this machine.

use chrono::{
    DateTime, Datelike, Days as Calendar, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone,
    Weekday,
};
use tidings_api::Millis;

/// How far ahead is looked: every span begins at least once within a week.
const AHEAD: u64 = 9;

/// Days of the week.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Days(u8);

impl Days {
    /// The words in their order.
    pub const WORDS: [&'static str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    /// Reads `mon` or `mon-fri`; a range may go over Sunday. `None` for anything else.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        let number = |name: &str| Self::WORDS.iter().position(|day| *day == name);
        let Some((first, last)) = word.split_once('-') else {
            return number(word).map(|day| Self(1 << day));
        };
        let (mut day, last) = (number(first)?, number(last)?);
        let mut days = Self(1 << day);
        while day != last {
            day = (day + 1) % Self::WORDS.len();
            days.0 |= 1 << day;
        }
        Some(days)
    }

    /// These and those.
    #[must_use]
    pub const fn and(self, others: Self) -> Self {
        Self(self.0 | others.0)
    }

    /// Whether the day is one of them.
    #[must_use]
    pub fn contain(self, day: Weekday) -> bool {
        self.0 & (1 << day.num_days_from_monday()) != 0
    }

    /// As words, consecutive days as a range.
    #[must_use]
    pub fn words(self) -> Vec<String> {
        let mut words = Vec::new();
        let mut day = 0;
        while day < Self::WORDS.len() {
            let first = day;
            while day < Self::WORDS.len() && self.0 & (1 << day) != 0 {
                day += 1;
            }
            match (Self::WORDS.get(first), day - first) {
                (Some(_), 0) | (None, _) => day += 1,
                (Some(only), 1) => words.push((*only).to_owned()),
                (Some(from), length) => {
                    let last = Self::WORDS.get(first + length - 1).unwrap_or(from);
                    words.push(format!("{from}-{last}"));
                }
            }
        }
        words
    }
}

/// One line of the schedule. An end that is not after the beginning is on the next day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The days on which it begins.
    pub days: Days,
    /// When it begins.
    pub from: NaiveTime,
    /// When it ends.
    pub until: NaiveTime,
}

/// All lines of the schedule; quiet while any of them holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schedule(pub Vec<Span>);

/// A stretch of time in which the schedule wants quiet without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The first moment.
    pub start: Millis,
    /// The first moment after it; `None` = it does not end.
    pub end: Option<Millis>,
}

impl Stretch {
    /// Whether it holds at that moment.
    #[must_use]
    pub fn holds(&self, at: Millis) -> bool {
        self.start <= at && self.end.is_none_or(|end| at < end)
    }
}

impl Schedule {
    /// The stretch that holds at the moment.
    #[must_use]
    pub fn current<Z: TimeZone>(&self, now: &DateTime<Z>) -> Option<Stretch> {
        let at = now.timestamp_millis();
        self.stretches(now).into_iter().find(|stretch| stretch.holds(at))
    }

    /// When the next stretch begins.
    #[must_use]
    pub fn next_start<Z: TimeZone>(&self, now: &DateTime<Z>) -> Option<Millis> {
        let at = now.timestamp_millis();
        self.stretches(now).into_iter().map(|stretch| stretch.start).find(|start| *start > at)
    }

    /// The stretches from yesterday on, in order, those that touch as one.
    fn stretches<Z: TimeZone>(&self, now: &DateTime<Z>) -> Vec<Stretch> {
        let today = now.date_naive();
        let days = (0..=AHEAD)
            .filter_map(|ahead| (today - Calendar::new(1)).checked_add_days(Calendar::new(ahead)));
        let mut spans: Vec<(Millis, Millis)> = days
            .flat_map(|day| self.0.iter().filter_map(move |span| span.on(day)))
            .map(|(from, until)| (on_wall(from, &now.timezone()), on_wall(until, &now.timezone())))
            .filter(|(from, until)| from < until)
            .collect();
        spans.sort_unstable();
        let horizon = now.timestamp_millis().saturating_add(7 * 86_400_000);
        let mut joined: Vec<(Millis, Millis)> = Vec::new();
        for (from, until) in spans {
            match joined.last_mut() {
                Some((_, end)) if from <= *end => *end = until.max(*end),
                Some(_) | None => joined.push((from, until)),
            }
        }
        joined
            .into_iter()
            // What holds for a week from now on begins again before it ends.
            .map(|(start, end)| Stretch {
                start,
                end: (end <= horizon || start > now.timestamp_millis()).then_some(end),
            })
            .collect()
    }
}

impl Span {
    fn on(&self, day: NaiveDate) -> Option<(NaiveDateTime, NaiveDateTime)> {
        if !self.days.contain(day.weekday()) {
            return None;
        }
        let last = if self.until > self.from { day } else { day + Calendar::new(1) };
        Some((day.and_time(self.from), last.and_time(self.until)))
    }
}

/// A wall-clock time that occurs twice means the first; one that the clocks skip means as much later as they skip.
pub(crate) fn on_wall<Z: TimeZone>(wall: NaiveDateTime, zone: &Z) -> Millis {
    use chrono::{LocalResult, Offset as _};
    match zone.from_local_datetime(&wall) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => time.timestamp_millis(),
        LocalResult::None => {
            let offset = zone.offset_from_utc_datetime(&(wall - TimeDelta::hours(3))).fix();
            (wall - offset).and_utc().timestamp_millis()
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;
    use proptest::prelude::*;

    use super::*;

    fn schedule(lines: &[(&str, &str, &str)]) -> Schedule {
        let time = |text: &str| NaiveTime::parse_from_str(text, "%H:%M").unwrap();
        let span = |(days, from, until): &(&str, &str, &str)| Span {
            days: Days::from_word(days).unwrap(),
            from: time(from),
            until: time(until),
        };
        Schedule(lines.iter().map(span).collect())
    }

    fn at(zone: Tz, text: &str) -> DateTime<Tz> {
        let wall = NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap();
        zone.from_local_datetime(&wall).earliest().unwrap()
    }

    fn millis(zone: Tz, text: &str) -> Millis {
        at(zone, text).timestamp_millis()
    }

    const MADRID: Tz = chrono_tz::Europe::Madrid;

    #[test]
    fn a_night_belongs_to_the_day_on_which_it_begins() {
        let nights = schedule(&[("mon-fri", "22:00", "07:00")]);
        // 2026-11-20 is a Friday.
        let saturday = nights.current(&at(MADRID, "2026-11-21 06:59")).expect("Friday's night");
        assert_eq!(saturday.start, millis(MADRID, "2026-11-20 22:00"));
        assert_eq!(saturday.end, Some(millis(MADRID, "2026-11-21 07:00")));
        assert_eq!(nights.current(&at(MADRID, "2026-11-21 07:00")), None, "the end is out");
        assert_eq!(nights.current(&at(MADRID, "2026-11-21 23:00")), None, "no Saturday night");
        let next = nights.next_start(&at(MADRID, "2026-11-21 07:00"));
        assert_eq!(next, Some(millis(MADRID, "2026-11-23 22:00")), "on Monday");
    }

    #[test]
    fn in_the_night_of_the_change_it_ends_by_the_wall_clock() {
        let nights = schedule(&[("mon-sun", "22:00", "07:00")]);
        let hours = |evening: &str| {
            let night = nights.current(&at(MADRID, evening)).unwrap();
            (night.end.unwrap() - night.start) / 3_600_000
        };
        assert_eq!(hours("2026-03-28 23:00"), 8, "the spring night is short");
        assert_eq!(hours("2026-10-24 23:00"), 10, "the autumn night is long");
        assert_eq!(hours("2026-11-20 23:00"), 9);
    }

    #[test]
    fn an_hour_that_does_not_exist_begins_when_the_clock_has_moved() {
        let early = schedule(&[("sun", "02:30", "05:00")]);
        let night = early.current(&at(MADRID, "2026-03-29 04:00")).unwrap();
        assert_eq!(night.start, millis(MADRID, "2026-03-29 03:30"));
    }

    #[test]
    fn lines_that_touch_are_one_stretch() {
        let both = schedule(&[("fri", "20:00", "22:00"), ("fri", "22:00", "07:00")]);
        let stretch = both.current(&at(MADRID, "2026-11-20 21:00")).unwrap();
        assert_eq!(stretch.end, Some(millis(MADRID, "2026-11-21 07:00")));
    }

    #[test]
    fn a_schedule_of_all_hours_never_ends() {
        let always = schedule(&[("mon-sun", "00:00", "00:00")]);
        let stretch = always.current(&at(MADRID, "2026-11-20 21:00")).unwrap();
        assert_eq!(stretch.end, None);
    }

    #[test]
    fn days_are_read_and_written_as_people_do() {
        for (word, written) in [
            ("mon", vec!["mon"]),
            ("mon-fri", vec!["mon-fri"]),
            ("sat-mon", vec!["mon", "sat-sun"]),
        ] {
            assert_eq!(Days::from_word(word).unwrap().words(), written);
        }
        for wrong in ["", "monday", "mon-", "-", "Mon", "mon-fri-sun"] {
            assert_eq!(Days::from_word(wrong), None, "{wrong:?} must not be guessed at");
        }
    }

    prop_compose! {
        fn any_schedule()(lines in prop::collection::vec((1..128_u8, 0..1440_u32, 0..1440_u32), 0..4)) -> Schedule {
            let time = |minute: u32| NaiveTime::from_hms_opt(minute / 60, minute % 60, 0).unwrap();
            Schedule(lines.into_iter().map(|(days, from, until)| {
                Span { days: Days(days), from: time(from), until: time(until) }
            }).collect())
        }
    }

    proptest! {
        #[test]
        fn a_stretch_is_as_true_at_its_last_moment_as_at_its_first(
            schedule in any_schedule(), minute in 0..525_600_i64,
        ) {
            let now = at(MADRID, "2026-01-01 00:00") + TimeDelta::minutes(minute);
            match schedule.current(&now) {
                Some(Stretch { start, end: Some(end) }) => {
                    prop_assert!(start <= now.timestamp_millis() && now.timestamp_millis() < end);
                    let last = MADRID.timestamp_millis_opt(end - 1).unwrap();
                    prop_assert_eq!(schedule.current(&last).and_then(|stretch| stretch.end), Some(end));
                    let after = MADRID.timestamp_millis_opt(end).unwrap();
                    prop_assert_eq!(schedule.current(&after), None, "a stretch has no gap and no neighbour");
                }
                Some(Stretch { end: None, .. }) => {}
                None => if let Some(next) = schedule.next_start(&now) {
                    let before = MADRID.timestamp_millis_opt(next - 1).unwrap();
                    prop_assert_eq!(schedule.current(&before), None);
                    let then = MADRID.timestamp_millis_opt(next).unwrap();
                    prop_assert!(schedule.current(&then).is_some(), "the next start is a start");
                } else {
                    prop_assert_eq!(&schedule, &Schedule::default(), "every line begins within a week");
                },
            }
        }
    }
}
