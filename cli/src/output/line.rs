//! Plain lines: tab-separated for programs, one readable line for `watch`.

mod targets;

use chrono::{DateTime, TimeZone};
use tidings_api::{Notification, SourceKind, SourceStatus, Topic, Urgency};

use crate::output::{clean, time};

pub(crate) use targets::{
    delivery, delivery_time, record, record_state, route, target, target_kind,
};

/// Fields separated by tabs; no field can contain one.
pub(crate) fn fields<'a>(fields: impl IntoIterator<Item = &'a str>) -> String {
    fields.into_iter().map(clean::line).collect::<Vec<_>>().join("\t")
}

/// `id, time, state, urgency, source, topic, title, body`.
pub(crate) fn notification(row: &Notification) -> String {
    fields([
        &row.id.to_string(),
        &time::iso(row.last_at),
        state(row),
        row.urgency.as_str(),
        &row.source,
        &row.topic,
        &row.title,
        &row.body,
    ])
}

/// `name, kind, state, since, unread, pending marks, last error, last heard`.
pub(crate) fn source(row: &SourceStatus) -> String {
    fields([
        &row.name,
        &row.kind,
        row.state.as_str(),
        &time::iso(row.since),
        &row.unread.to_string(),
        &row.pending_marks.to_string(),
        &row.last_error,
        &row.last_proof_of_life.map_or_else(String::new, time::iso),
    ])
}

/// `source, topic, unread, last used`.
pub(crate) fn topic(row: &Topic) -> String {
    let Topic { source, topic, unread, last_at } = row;
    fields([source.as_str(), topic, &unread.to_string(), &time::iso(*last_at)])
}

/// `kind, preset, title, description`.
pub(crate) fn kind(kind: &SourceKind) -> String {
    fields([kind.kind.as_str(), &kind.preset, &kind.title, &kind.description])
}

/// The one word that says most about where a row stands.
pub(crate) const fn state(row: &Notification) -> &'static str {
    match row {
        Notification { retracted_at: Some(_), .. } => "retracted",
        // What is done and snoozed comes back all the same.
        Notification { snoozed_until: Some(_), .. } => "snoozed",
        Notification { done_at: Some(_), .. } => "done",
        Notification { read: true, .. } => "read",
        _ => "unread",
    }
}

/// One line for a person: time, where from, title, the beginning of the body, id.
pub(crate) fn live<Z: TimeZone>(
    row: &Notification,
    local: Option<DateTime<Z>>,
    color: bool,
) -> String
where
    Z::Offset: std::fmt::Display,
{
    let clock = local.map_or_else(String::new, |time| time.format("%H:%M:%S").to_string());
    let body = clean::line(&row.body);
    let body = body.trim();
    let dash = if body.is_empty() || row.title.is_empty() { "" } else { "  " };
    format!(
        "{}  {}  {}{dash}{}  {}",
        paint(&clock, DIM, color),
        paint(&clean::line(&origin(row)), CYAN, color),
        paint(&clean::line(&row.title), title_style(row.urgency), color),
        beginning(body, 160),
        paint(&format!("#{}", row.id), DIM, color),
    )
}

/// `source/topic`, or the source alone.
pub(crate) fn origin(row: &Notification) -> String {
    if row.topic.is_empty() { row.source.clone() } else { format!("{}/{}", row.source, row.topic) }
}

/// At most so many characters; what is cut is shown to be cut.
pub(crate) fn beginning(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

pub(crate) const DIM: &str = "2";
pub(crate) const BOLD: &str = "1";
pub(crate) const CYAN: &str = "36";
pub(crate) const RED: &str = "1;31";
pub(crate) const YELLOW: &str = "33";
pub(crate) const GREEN: &str = "32";

const fn title_style(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Low => DIM,
        Urgency::Normal | Urgency::High => BOLD,
        Urgency::Critical => RED,
    }
}

/// Wraps clean text in an SGR sequence.
pub(crate) fn paint(text: &str, style: &str, color: bool) -> String {
    if color && !text.is_empty() {
        format!("\u{1b}[{style}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;

    fn row() -> Notification {
        Notification {
            id: 7,
            source: "orders".into(),
            title: "A\tB".into(),
            body: "one\ntwo".into(),
            last_at: 0,
            ..Notification::default()
        }
    }

    #[test]
    fn a_line_for_programs_has_eight_fields_whatever_the_text() {
        let line = notification(&row());
        assert_eq!(line, "7\t1970-01-01T00:00:00.000Z\tunread\tnormal\torders\t\tA B\tone two");
    }

    #[test]
    fn a_live_line_is_one_line_without_colours_unless_asked() {
        let time = Utc.timestamp_millis_opt(0).single();
        assert_eq!(live(&row(), time, false), "00:00:00  orders  A B  one two  #7");
        assert!(live(&row(), time, true).contains("\u{1b}[1mA B\u{1b}[0m"));
    }

    #[test]
    fn the_beginning_is_cut_between_characters() {
        assert_eq!(beginning("äöü", 2), "äö…");
        assert_eq!(beginning("äöü", 3), "äöü");
    }
}
