//! Tables for people. The column widths follow the terminal.

mod targets;

use chrono::{DateTime, TimeZone};
use comfy_table::presets::NOTHING;
use comfy_table::{Attribute, Cell, Color, ColumnConstraint, ContentArrangement, Row, Table};
use tidings_api::{Notification, SourceKind, SourceState, SourceStatus, Topic, Urgency};

use crate::output::{clean, line, time};

pub(crate) use targets::{deliveries, records, target_kinds, targets};

/// The inbox: one row a notification, cut to the width of the terminal.
pub(crate) fn notifications<Z: TimeZone>(
    rows: &[Notification],
    now: &DateTime<Z>,
    color: bool,
) -> String
where
    Z::Offset: std::fmt::Display,
{
    let mut table = table(color, ["", "ID", "WHEN", "FROM", "NOTIFICATION"]);
    let origin_width = usize::from(terminal_width() / 4).clamp(8, 24);
    for row in rows {
        let (mark, mark_color) = mark(row);
        let origin = line::beginning(&clean::line(&line::origin(row)), origin_width);
        let mut cells = Row::from(vec![
            Cell::new(mark).fg(mark_color),
            Cell::new(row.id),
            Cell::new(time::relative(row.last_at, now)),
            Cell::new(origin).fg(Color::Cyan),
            headline(row),
        ]);
        cells.max_height(1);
        table.add_row(cells);
    }
    finish(&table)
}

/// The sources: one row a source; what is wrong stands in words.
pub(crate) fn sources<Z: TimeZone>(rows: &[SourceStatus], now: &DateTime<Z>, color: bool) -> String
where
    Z::Offset: std::fmt::Display,
{
    let mut table =
        table(color, ["NAME", "KIND", "STATE", "SINCE", "HEARD", "UNREAD", "WHAT IS WRONG"]);
    for row in rows {
        table.add_row(vec![
            Cell::new(clean::line(&row.name)).add_attribute(Attribute::Bold),
            Cell::new(clean::line(&row.kind)),
            Cell::new(row.state.as_str()).fg(state_color(row.state)),
            Cell::new(time::relative(row.since, now)),
            Cell::new(
                row.last_proof_of_life.map_or_else(String::new, |at| time::relative(at, now)),
            ),
            Cell::new(row.unread),
            Cell::new(trouble(row, now)),
        ]);
    }
    finish(&table)
}

/// What is wrong with a source, and when it tries again by itself.
fn trouble<Z: TimeZone>(row: &SourceStatus, now: &DateTime<Z>) -> String
where
    Z::Offset: std::fmt::Display,
{
    let error = clean::line(&row.last_error);
    match row.retry_at {
        Some(at) if at > now.timestamp_millis() => {
            format!("{error} (tries again {})", time::relative(at, now)).trim_start().to_owned()
        }
        Some(_) | None => error,
    }
}

/// The topics: one row a topic.
pub(crate) fn topics<Z: TimeZone>(rows: &[Topic], now: &DateTime<Z>, color: bool) -> String
where
    Z::Offset: std::fmt::Display,
{
    let mut table = table(color, ["UNREAD", "LAST USED", "SOURCE", "TOPIC"]);
    for row in rows {
        table.add_row(vec![
            Cell::new(row.unread),
            Cell::new(time::relative(row.last_at, now)),
            Cell::new(clean::line(&row.source)).fg(Color::Cyan),
            Cell::new(clean::line(&row.topic)).add_attribute(Attribute::Bold),
        ]);
    }
    finish(&table)
}

/// The kinds and presets that a source can be of.
pub(crate) fn kinds(kinds: &[SourceKind], color: bool) -> String {
    let mut table = table(color, ["KIND", "PRESET", "WHAT IT IS"]);
    for kind in kinds {
        table.add_row(vec![
            Cell::new(clean::line(&kind.kind)),
            Cell::new(clean::line(&kind.preset)).add_attribute(Attribute::Bold),
            Cell::new(clean::line(&format!("{}. {}", kind.title, kind.description))),
        ]);
    }
    finish(&table)
}

fn table<const N: usize>(color: bool, header: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_truncation_indicator("…");
    table.set_width(terminal_width());
    if color {
        table.enforce_styling().style_text_only();
    } else {
        table.force_no_tty();
    }
    let mut header = Row::from(header.map(|title| Cell::new(title).add_attribute(Attribute::Dim)));
    header.max_height(1);
    table.set_header(header);
    // Only the last column, the text, gives way when the terminal is narrow.
    for column in table.column_iter_mut().take(N.saturating_sub(1)) {
        column.set_constraint(ColumnConstraint::ContentWidth);
    }
    table
}

/// A terminal that does not know its size says 0.
fn terminal_width() -> u16 {
    Table::new().width().filter(|width| *width > 0).unwrap_or(80)
}

fn finish(table: &Table) -> String {
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

fn mark(row: &Notification) -> (&'static str, Color) {
    match line::state(row) {
        "unread" if row.urgency == Urgency::Critical => ("●", Color::Red),
        "unread" => ("●", Color::Blue),
        "snoozed" => ("z", Color::DarkGrey),
        "done" => ("✓", Color::Green),
        "retracted" => ("×", Color::DarkGrey),
        _ => ("", Color::Reset),
    }
}

/// Title and the beginning of the body, and how often it has happened.
fn headline(row: &Notification) -> Cell {
    let title = clean::line(&row.title);
    let body = line::beginning(&clean::line(&row.body), 200);
    let times = if row.occurrences > 1 { format!(" ×{}", row.occurrences) } else { String::new() };
    let dash = if title.is_empty() || body.is_empty() { "" } else { " — " };
    let cell = Cell::new(format!("{title}{times}{dash}{body}"));
    match (row.read, row.urgency) {
        (false, Urgency::Critical) => cell.add_attribute(Attribute::Bold).fg(Color::Red),
        (false, Urgency::Low | Urgency::Normal | Urgency::High) => {
            cell.add_attribute(Attribute::Bold)
        }
        (true, _) => cell,
    }
}

const fn state_color(state: SourceState) -> Color {
    match state {
        SourceState::Online => Color::Green,
        SourceState::Connecting | SourceState::Waiting | SourceState::Silent => Color::Yellow,
        SourceState::NeedsLogin | SourceState::Rejected => Color::Red,
        SourceState::Disabled => Color::DarkGrey,
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;

    fn rows() -> Vec<Notification> {
        vec![Notification {
            id: 3,
            source: "ci".into(),
            title: "Broken\u{1b}[2J".into(),
            body: "many\nlines".into(),
            occurrences: 4,
            ..Notification::default()
        }]
    }

    fn now() -> DateTime<Utc> {
        Utc.timestamp_millis_opt(120_000).unwrap()
    }

    #[test]
    fn a_notification_is_one_row_without_anything_hostile() {
        let text = notifications(&rows(), &now(), false);
        assert_eq!(text.lines().count(), 2, "a header and one row: {text}");
        assert!(text.contains("Broken ×4 — many lines"), "{text}");
        assert!(text.contains("2m"), "the age: {text}");
        assert!(!text.contains('\u{1b}'), "no colours were asked for: {text:?}");
    }

    #[test]
    fn a_source_shows_when_it_was_heard_and_when_it_tries_again() {
        let waiting = SourceStatus {
            name: "home".into(),
            state: SourceState::Waiting,
            last_proof_of_life: Some(60_000),
            last_error: "refused".into(),
            retry_at: Some(150_000),
            ..SourceStatus::default()
        };
        let online = SourceStatus { retry_at: None, last_error: String::new(), ..waiting.clone() };
        let text = sources(&[waiting, online], &now(), false);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].contains("1m"), "the sign of life: {text}");
        assert!(lines[1].contains("refused (tries again in 30s)"), "{text}");
        assert!(!lines[2].contains("tries again"), "{text}");
    }

    #[test]
    fn colours_come_only_when_asked_for() {
        assert!(notifications(&rows(), &now(), true).contains("\u{1b}["));
    }
}
