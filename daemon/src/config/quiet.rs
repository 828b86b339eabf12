use chrono::NaiveTime;
use toml::Spanned;
use toml::de::DeValue;

use super::keys;
use super::load::table;
use super::model::QuietHours;
use super::problem::Problems;
use super::reader::{Located, TableReader, wrong_type};
use crate::quiet::{Days, Schedule, Span};

/// Lines of a schedule: two for each day of the week are more than anybody has had a use for.
const LINES: usize = 32;

/// Reads `[quiet]`.
pub(super) fn read_quiet(problems: &mut Problems<'_>, value: &Spanned<DeValue<'_>>) -> QuietHours {
    let Some(mut reader) = table(problems, value, "quiet", "[quiet]") else {
        return QuietHours::default();
    };
    let schedule = reader.value("schedule").map(|value| read_schedule(problems, "schedule", value));
    reader.finish(problems, keys::QUIET);
    QuietHours { schedule: schedule.unwrap_or_default() }
}

/// Reads lines of days and times; `key` is what they stand behind.
pub(super) fn read_schedule(
    problems: &mut Problems<'_>,
    key: &str,
    value: &Spanned<DeValue<'_>>,
) -> Schedule {
    const EXPECTED: &str =
        "a list of tables, like [{ days = [\"mon-fri\"], from = \"22:00\", until = \"07:00\" }]";
    let Some(lines) = value.get_ref().as_array() else {
        wrong_type(problems, key, value, EXPECTED);
        return Schedule::default();
    };
    if lines.len() > LINES {
        let message = format!("`{key}` has {} lines, the limit is {LINES}", lines.len());
        problems.add(value.span(), message, None);
        return Schedule::default();
    }
    let mut spans = Vec::new();
    for line in lines.iter() {
        match line.get_ref().as_table() {
            Some(table) => {
                let mut reader = TableReader::new(table, "a line of the schedule");
                spans.extend(read_span(problems, &mut reader, line));
                reader.finish(problems, keys::QUIET_SPAN);
            }
            None => wrong_type(problems, key, line, EXPECTED),
        }
    }
    Schedule(spans)
}

fn read_span(
    problems: &mut Problems<'_>,
    reader: &mut TableReader<'_>,
    line: &Spanned<DeValue<'_>>,
) -> Option<Span> {
    let days = required(problems, reader, "days", line).then(|| read_days(problems, reader));
    let from =
        required(problems, reader, "from", line).then(|| read_time(problems, reader, "from"));
    let until =
        required(problems, reader, "until", line).then(|| read_time(problems, reader, "until"));
    Some(Span { days: days??, from: from??, until: until?? })
}

fn required(
    problems: &mut Problems<'_>,
    reader: &mut TableReader<'_>,
    key: &'static str,
    line: &Spanned<DeValue<'_>>,
) -> bool {
    let given = reader.value(key).is_some();
    if !given {
        let help = "each line has days, from and until".to_owned();
        problems.add(line.span(), format!("`{key}` is missing"), help);
    }
    given
}

fn read_days(problems: &mut Problems<'_>, reader: &mut TableReader<'_>) -> Option<Days> {
    let words = reader.strings(problems, "days")?;
    let mut days = None;
    for Located { value, span } in words {
        match (Days::from_word(value), days) {
            (Some(more), None) => days = Some(more),
            (Some(more), Some(before)) => days = Some(more.and(before)),
            (None, _) => {
                let help = format!(
                    "write {}, or a range like \"mon-fri\"",
                    Days::WORDS.map(|word| format!("\"{word}\"")).join(", ")
                );
                problems.add(span, format!("\"{value}\" is not a day"), help);
                return None;
            }
        }
    }
    if days.is_none() {
        let help = "leave the line out, or name a day".to_owned();
        problems.add(reader.span("days").unwrap_or_default(), "`days` is empty", help);
    }
    days
}

fn read_time(
    problems: &mut Problems<'_>,
    reader: &mut TableReader<'_>,
    key: &'static str,
) -> Option<NaiveTime> {
    let Located { value, span } = reader.string(problems, key)?;
    let time = NaiveTime::parse_from_str(value, "%H:%M").ok().filter(|_| value.len() == 5);
    if time.is_none() {
        let help = "write hours and minutes, like \"22:00\" or \"07:30\"".to_owned();
        problems.add(span, format!("`{key}` is not a time of day"), help);
    }
    time
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{Kinds, parse};

    fn read(schedule: &str) -> Result<Schedule, String> {
        let kinds = Kinds::NONE;
        parse(&format!("[quiet]\nschedule = {schedule}\n"), Path::new("config.toml"), &kinds)
            .map(|config| config.quiet.schedule)
            .map_err(|errors| errors.to_string())
    }

    #[test]
    fn a_line_says_days_and_times() {
        let read = read("[{ days = [\"mon-thu\", \"sun\"], from = \"22:00\", until = \"07:00\" }]");
        let span = read.unwrap().0[0];
        assert_eq!(span.days.words(), ["mon-thu", "sun"]);
        assert_eq!(
            (span.from.to_string(), span.until.to_string()),
            ("22:00:00".into(), "07:00:00".into())
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (line, place, words) in [
            ("1", "2:12", "a list of tables"),
            (
                "[{ days = [\"mo\"], from = \"22:00\", until = \"07:00\" }]",
                "2:23",
                "\"mo\" is not a day",
            ),
            ("[{ days = [], from = \"22:00\", until = \"07:00\" }]", "2:22", "`days` is empty"),
            (
                "[{ days = [\"mon\"], from = \"10pm\", until = \"07:00\" }]",
                "2:38",
                "`from` is not a time",
            ),
            (
                "[{ days = [\"mon\"], from = \"24:00\", until = \"07:00\" }]",
                "2:38",
                "`from` is not a time",
            ),
            ("[{ days = [\"mon\"], from = \"22:00\" }]", "2:13", "`until` is missing"),
            (
                "[{ days = [\"mon\"], from = \"22:00\", until = \"07:00\", till = 1 }]",
                "2:64",
                "unknown key `till`",
            ),
        ] {
            let error = read(line).unwrap_err();
            assert!(
                error.contains(&format!("config.toml:{place}:")) && error.contains(words),
                "{line}: {error}"
            );
        }
    }
}
