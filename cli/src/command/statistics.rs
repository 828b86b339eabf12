use std::collections::BTreeMap;

use tidings_api::{ReadWithin, Statistics};

use crate::arguments::StatisticsArguments;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::{self, Output, clean};

const DAY: i64 = 24 * 60 * 60 * 1_000;
const WEEK_DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Prints figures about the last days.
pub(crate) async fn run(
    arguments: &StatisticsArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let zone = match &arguments.zone {
        Some(zone) => zone.clone(),
        None => iana_time_zone::get_timezone().unwrap_or_else(|_| "UTC".to_owned()),
    };
    let until = output::now().timestamp_millis();
    let since = until - i64::from(arguments.days) * DAY;
    let answer = Daemon::connect().await?.inbox().await?.statistics(since, until, &zone).await?;
    let told = Statistics::from_json(&answer)?;
    if arguments.json {
        output.json(&[told])?;
    } else {
        lines(&told).iter().try_for_each(|line| output.line(line))?;
    }
    Ok(Outcome::Done)
}

/// A few lines for a person.
fn lines(told: &Statistics) -> Vec<String> {
    let mut sources: BTreeMap<&str, u32> = BTreeMap::new();
    for day in &told.by_day {
        *sources.entry(&day.source).or_default() += day.count;
    }
    let mut lines = vec![format!("{} notifications", sources.values().sum::<u32>())];
    lines.extend(sources.iter().map(|(source, count)| entry(*count, source)));
    lines.extend(busiest_hour(&told.by_hour_of_week));
    lines.extend(section("busiest topics", &told.busiest_topics, |topic| {
        entry(topic.count, &format!("{}/{}", topic.source, topic.topic))
    }));
    lines.push("read within".to_owned());
    lines.extend(read_within(told.read_within));
    lines.extend(section("deliveries", &told.deliveries, |delivery| {
        let why = if delivery.reason.is_empty() { "" } else { ": " };
        let words = format!("{} {}{why}{}", delivery.target, delivery.status, delivery.reason);
        entry(delivery.count, &words)
    }));
    lines
}

fn section<T>(title: &str, rows: &[T], line: impl Fn(&T) -> String) -> Vec<String> {
    let title = (!rows.is_empty()).then(|| title.to_owned());
    title.into_iter().chain(rows.iter().map(line)).collect()
}

fn entry(count: u32, words: &str) -> String {
    format!("  {count:>8}  {}", clean::line(words))
}

fn busiest_hour(hours: &[u32]) -> Option<String> {
    let (hour, count) = hours.iter().enumerate().max_by_key(|(_, count)| **count)?;
    let day = WEEK_DAYS.get(hour / 24)?;
    (*count > 0)
        .then(|| format!("busiest hour\n{}", entry(*count, &format!("{day} {:02}:00", hour % 24))))
}

fn read_within(read: ReadWithin) -> [String; 6] {
    [
        entry(read.minute, "a minute"),
        entry(read.ten_minutes, "ten minutes"),
        entry(read.hour, "an hour"),
        entry(read.day, "a day"),
        entry(read.later, "later"),
        entry(read.unread, "not yet"),
    ]
}

#[cfg(test)]
mod tests {
    use tidings_api::{DayCount, TopicTotal};

    use super::*;

    #[test]
    fn a_person_reads_totals_the_busiest_hour_and_topics() {
        let mut hours = vec![0; 168];
        hours[24 + 9] = 3;
        let told = Statistics {
            by_day: vec![
                DayCount { day: "2026-11-17".into(), source: "ci".into(), count: 2 },
                DayCount { day: "2026-11-18".into(), source: "ci".into(), count: 1 },
            ],
            by_hour_of_week: hours,
            busiest_topics: vec![TopicTotal {
                source: "ci".into(),
                topic: "builds\u{1b}[31m".into(),
                count: 3,
            }],
            ..Statistics::default()
        };
        let text = lines(&told).join("\n");
        for expected in ["3 notifications", "Tue 09:00", "ci/builds", "not yet"] {
            assert!(text.contains(expected), "{expected} is missing:\n{text}");
        }
        assert!(!text.contains('\u{1b}'), "remote text does not steer the terminal");
    }

    #[test]
    fn nothing_at_all_is_told_without_empty_sections() {
        let text = lines(&Statistics::default()).join("\n");
        assert!(!text.contains("busiest"), "{text}");
    }
}
