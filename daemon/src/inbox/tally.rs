//! Counts a stream of notifications by day, hour of the week, topic and how soon they were read. Pure.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Datelike as _, NaiveDate, Timelike as _};
use chrono_tz::Tz;
use tidings_api::{DayCount, Millis, ReadWithin, Statistics, TopicTotal};

use crate::model::SourceId;

const MINUTE: Millis = 60_000;
const HOUR: Millis = 60 * MINUTE;
const DAY: Millis = 24 * HOUR;
const HOURS_OF_WEEK: usize = 7 * 24;
/// Every offset from UTC that is in use today is a multiple of this.
const STEP: Millis = 15 * MINUTE;
/// Topics that are told.
const TOPICS: usize = 20;
/// Topics that are counted: a server that invents one a message must not fill the memory.
const TOPICS_COUNTED: usize = 50_000;

/// One notification, as far as it is counted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted<'a> {
    /// Its source.
    pub(crate) source: SourceId,
    /// Its topic; may be empty.
    pub(crate) topic: &'a str,
    /// Newest occurrence.
    pub(crate) at: Millis,
    /// When it was read.
    pub(crate) read_at: Option<Millis>,
}

/// The counts so far.
#[derive(Debug)]
pub(crate) struct Tally {
    zone: Tz,
    /// The local day and hour of the step that was looked up last: notifications come in order of time.
    step: Option<(Millis, NaiveDate, usize)>,
    days: BTreeMap<(NaiveDate, SourceId), u32>,
    hours: [u32; HOURS_OF_WEEK],
    topics: HashMap<SourceId, HashMap<String, u32>>,
    topics_counted: usize,
    read: ReadWithin,
}

impl Tally {
    pub(crate) fn new(zone: Tz) -> Self {
        Self {
            zone,
            step: None,
            days: BTreeMap::new(),
            hours: [0; HOURS_OF_WEEK],
            topics: HashMap::new(),
            topics_counted: 0,
            read: ReadWithin::default(),
        }
    }

    pub(crate) fn add(&mut self, counted: Counted<'_>) {
        // A time beyond the calendar belongs to no day.
        let Some((day, hour)) = self.local(counted.at) else { return };
        *self.days.entry((day, counted.source)).or_default() += 1;
        if let Some(count) = self.hours.get_mut(hour) {
            *count += 1;
        }
        self.add_topic(counted.source, counted.topic);
        *slot(&mut self.read, counted.read_at.map(|read| read.saturating_sub(counted.at))) += 1;
    }

    fn add_topic(&mut self, source: SourceId, topic: &str) {
        if topic.is_empty() {
            return;
        }
        let topics = self.topics.entry(source).or_default();
        if let Some(count) = topics.get_mut(topic) {
            *count += 1;
        } else if self.topics_counted < TOPICS_COUNTED {
            self.topics_counted += 1;
            topics.insert(topic.to_owned(), 1);
        }
    }

    /// The day and the hour of the week, from Monday on, that the clock on the wall showed.
    fn local(&mut self, at: Millis) -> Option<(NaiveDate, usize)> {
        let step = at.div_euclid(STEP);
        if let Some((known, day, hour)) = self.step
            && known == step
        {
            return Some((day, hour));
        }
        let local = DateTime::from_timestamp_millis(at)?.with_timezone(&self.zone);
        let day = local.date_naive();
        let hours = local.weekday().num_days_from_monday() * 24 + local.hour();
        let hour = usize::try_from(hours).ok()?;
        self.step = Some((step, day, hour));
        Some((day, hour))
    }

    /// The figures, without those of deliveries.
    pub(crate) fn finish(self, names: &HashMap<SourceId, String>) -> Statistics {
        let name = |source: &SourceId| names.get(source).cloned().unwrap_or_default();
        let by_day = self.days.iter().map(|((day, source), count)| DayCount {
            day: day.to_string(),
            source: name(source),
            count: *count,
        });
        let mut topics: Vec<TopicTotal> = self
            .topics
            .iter()
            .flat_map(|(source, topics)| topics.iter().map(move |topic| (source, topic)))
            .map(|(source, (topic, count))| TopicTotal {
                source: name(source),
                topic: topic.clone(),
                count: *count,
            })
            .collect();
        topics.sort_unstable_by(|a, b| {
            b.count.cmp(&a.count).then_with(|| (&a.source, &a.topic).cmp(&(&b.source, &b.topic)))
        });
        topics.truncate(TOPICS);
        Statistics {
            by_day: by_day.collect(),
            by_hour_of_week: self.hours.to_vec(),
            busiest_topics: topics,
            read_within: self.read,
            deliveries: Vec::new(),
        }
    }
}

fn slot(read: &mut ReadWithin, after: Option<Millis>) -> &mut u32 {
    match after {
        None => &mut read.unread,
        Some(after) if after <= MINUTE => &mut read.minute,
        Some(after) if after <= 10 * MINUTE => &mut read.ten_minutes,
        Some(after) if after <= HOUR => &mut read.hour,
        Some(after) if after <= DAY => &mut read.day,
        Some(_) => &mut read.later,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone as _;
    use proptest::prelude::*;

    use super::*;

    const SHOP: SourceId = SourceId(1);

    fn at(at: Millis) -> Counted<'static> {
        Counted { source: SHOP, topic: "", at, read_at: None }
    }

    fn names() -> HashMap<SourceId, String> {
        HashMap::from([(SHOP, "shop".to_owned())])
    }

    fn counted(zone: Tz, all: &[Counted<'_>]) -> Statistics {
        let mut tally = Tally::new(zone);
        all.iter().for_each(|one| tally.add(*one));
        tally.finish(&names())
    }

    #[test]
    fn a_day_is_the_day_on_the_wall_also_when_the_clocks_change() {
        let madrid = Tz::Europe__Madrid;
        // 2026-03-29 has 23 hours there, 2026-10-25 has 25.
        for (date, hours) in [("2026-03-29", 23), ("2026-10-25", 25), ("2026-11-20", 24)] {
            let day: NaiveDate = date.parse().unwrap();
            let midnight = day.and_hms_opt(0, 0, 0).unwrap();
            let start = madrid.from_local_datetime(&midnight).unwrap().timestamp_millis();
            let whole: Vec<_> = (-1..=hours).map(|hour| at(start + hour * HOUR)).collect();
            let days = counted(madrid, &whole).by_day;
            let of_day = days.iter().find(|count| count.day == date).map(|count| count.count);
            assert_eq!(of_day.map(i64::from), Some(hours), "{date}: one in each hour of the day");
            assert_eq!(days.len(), 3, "{date}: the day before and the day after have one each");
        }
    }

    #[test]
    fn monday_midnight_is_the_first_hour_of_the_week() {
        // 2026-11-16 is a Monday.
        let monday = Tz::UTC.with_ymd_and_hms(2026, 11, 16, 0, 0, 0).unwrap().timestamp_millis();
        let hours = counted(Tz::UTC, &[at(monday), at(monday - 1)]).by_hour_of_week;
        assert_eq!((hours[0], hours[167], hours.len()), (1, 1, 168), "Sunday's last hour is last");
    }

    #[test]
    fn each_is_read_within_one_span() {
        let read = |after: Millis| Counted { read_at: Some(after), ..at(0) };
        let all = [-5, MINUTE, MINUTE + 1, HOUR, DAY, DAY + 1].map(read);
        let within = counted(Tz::UTC, &[&all[..], &[at(0)]].concat()).read_within;
        let expected =
            ReadWithin { minute: 2, ten_minutes: 1, hour: 1, day: 1, later: 1, unread: 1 };
        assert_eq!(within, expected);
    }

    #[test]
    fn twenty_topics_are_told_the_busiest_first() {
        let names: Vec<String> = (0..30).map(|number| format!("t{number:02}")).collect();
        let all: Vec<_> = names
            .iter()
            .enumerate()
            .flat_map(|(times, topic)| (0..=times).map(move |_| Counted { topic, ..at(0) }))
            .collect();
        let told = counted(Tz::UTC, &all).busiest_topics;
        assert_eq!(told.len(), TOPICS);
        assert_eq!((told[0].topic.as_str(), told[0].count), ("t29", 30));
        assert!(told.is_sorted_by(|a, b| a.count >= b.count), "the busiest first");
    }

    #[test]
    fn a_time_beyond_the_calendar_is_passed_over() {
        assert_eq!(counted(Tz::UTC, &[at(Millis::MAX), at(Millis::MIN)]).by_day, []);
    }

    proptest! {
        #[test]
        fn every_notification_is_counted_once_everywhere(
            moments in proptest::collection::vec(0..4 * 365 * DAY, 0..200),
            zone in proptest::sample::select(vec![Tz::UTC, Tz::Asia__Kathmandu, Tz::America__St_Johns]),
        ) {
            let all: Vec<_> = moments.iter().map(|moment| at(*moment)).collect();
            let told = counted(zone, &all);
            let days: u32 = told.by_day.iter().map(|day| day.count).sum();
            let hours: u32 = told.by_hour_of_week.iter().sum();
            prop_assert_eq!(usize::try_from(days).unwrap(), all.len());
            prop_assert_eq!(hours, days);
            prop_assert_eq!(told.read_within.unread, days);
        }
    }
}
