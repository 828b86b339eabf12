use chrono::{DateTime, TimeZone};
use comfy_table::{Attribute, Cell, Color};
use tidings_api::{Delivery, DeliveryStatus, Record, TargetKind, TargetState, TargetStatus};

use super::{finish, table};
use crate::output::{clean, line, reason, time};

/// Longer names, addresses and titles are cut, so that what became of them stays on the screen.
const CUT: usize = 40;

/// The targets: one row a target; why it is paused stands in words.
pub(crate) fn targets<Z: TimeZone>(
    rows: &[TargetStatus],
    kinds: &[TargetKind],
    now: &DateTime<Z>,
    color: bool,
) -> String
where
    Z::Offset: std::fmt::Display,
{
    let header = ["NAME", "KIND", "STATE", "RECORDS", "WAITING", "DELIVERED", "ROUTES", "WHY"];
    let mut table = table(color, header);
    for row in rows {
        let is_addressed = |kind: &&TargetKind| kind.kind == row.kind && kind.address.is_some();
        let records = kinds.iter().find(is_addressed).map(|_| row.records.to_string());
        let delivered = row.last_delivered_at.map(|at| time::relative(at, now));
        let since = row.since.map(|since| format!("{}: ", time::ago(&time::relative(since, now))));
        let why = format!("{}{}", since.unwrap_or_default(), clean::line(&row.why));
        table.add_row(vec![
            Cell::new(clean::line(&row.name)).add_attribute(Attribute::Bold),
            Cell::new(clean::line(&row.kind)),
            Cell::new(state(row)).fg(state_color(row)),
            Cell::new(records.unwrap_or_default()),
            Cell::new(row.waiting),
            Cell::new(delivered.unwrap_or_default()),
            Cell::new(cut(&row.routes.join(", "))),
            Cell::new(why),
        ]);
    }
    finish(&table)
}

/// The kinds that a target can be of.
pub(crate) fn target_kinds(kinds: &[TargetKind], color: bool) -> String {
    let mut table = table(color, ["KIND", "ADDRESS", "SECRET", "WHAT IT IS"]);
    for kind in kinds {
        let address = kind.address.as_ref().map(|address| clean::line(&address.label));
        table.add_row(vec![
            Cell::new(clean::line(&kind.kind)).add_attribute(Attribute::Bold),
            Cell::new(address.unwrap_or_default()),
            Cell::new(clean::line(&kind.secret)),
            Cell::new(clean::line(&format!("{}. {}", kind.title, kind.description))),
        ]);
    }
    finish(&table)
}

/// The records: one row an address.
pub(crate) fn records<Z: TimeZone>(rows: &[Record], now: &DateTime<Z>, color: bool) -> String
where
    Z::Offset: std::fmt::Display,
{
    let mut table = table(color, ["ID", "TARGET", "STATE", "ADDED", "ADDRESS", "DESCRIPTION"]);
    for row in rows {
        let state = line::record_state(row);
        let dash =
            if row.description.is_empty() || row.ended_why.is_empty() { "" } else { " — " };
        let description = format!("{}{dash}{}", row.description, row.ended_why);
        table.add_row(vec![
            Cell::new(row.id),
            Cell::new(clean::line(&row.target)).fg(Color::Cyan),
            Cell::new(state).fg(record_color(state)),
            Cell::new(time::relative(row.created_at, now)),
            Cell::new(cut(&row.address)).add_attribute(Attribute::Bold),
            Cell::new(clean::line(&description)),
        ]);
    }
    finish(&table)
}

/// The deliveries: one row a notification and address, with why it ended as it did.
pub(crate) fn deliveries<Z: TimeZone>(rows: &[Delivery], now: &DateTime<Z>, color: bool) -> String
where
    Z::Offset: std::fmt::Display,
{
    let header = ["ID", "WHEN", "TARGET", "ADDRESS", "STATUS", "TRIES", "NOTIFICATION"];
    let mut table = table(color, header);
    for row in rows {
        let why = why(row);
        let dash = if why.is_empty() { "" } else { " — " };
        table.add_row(vec![
            Cell::new(row.id),
            Cell::new(time::relative(line::delivery_time(row), now)),
            Cell::new(clean::line(&row.target)).fg(Color::Cyan),
            Cell::new(line::beginning(&clean::line(&row.address), CUT)),
            Cell::new(row.status.as_str()).fg(status_color(row.status)),
            Cell::new(tries(row)),
            Cell::new(format!("{}{}{dash}{}", cut(&row.title), together(row), clean::line(&why))),
        ]);
    }
    finish(&table)
}

/// The reason in words, what came back from the provider, or both.
fn why(row: &Delivery) -> String {
    let reason = reason::in_words(&row.reason, &row.target);
    let parts = [reason, row.answer.clone()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
}

/// What is told together with others says so, for it is no message of its own.
fn together(row: &Delivery) -> &'static str {
    match row.grouping.as_str() {
        "summary" => " (in a summary)",
        "digest" => " (in a digest)",
        _ => "",
    }
}

fn tries(row: &Delivery) -> String {
    match (row.retry_attempts, row.max_retries) {
        (0, _) => String::new(),
        (made, Some(allowed)) => format!("{made}/{allowed}"),
        (made, None) => made.to_string(),
    }
}

fn cut(text: &str) -> String {
    line::beginning(&clean::line(text), CUT)
}

/// What seems ready and has a reason why it is not says so.
fn state(row: &TargetStatus) -> &'static str {
    match row.state {
        TargetState::Ready if row.why.is_empty() => "ready",
        TargetState::Ready => "not ready",
        TargetState::Paused => "paused",
        TargetState::Disabled => "switched off",
    }
}

fn state_color(row: &TargetStatus) -> Color {
    match row.state {
        TargetState::Ready if row.why.is_empty() => Color::Green,
        TargetState::Ready | TargetState::Paused => Color::Red,
        TargetState::Disabled => Color::DarkGrey,
    }
}

fn record_color(state: &str) -> Color {
    match state {
        "receives" => Color::Green,
        "unverified" => Color::Yellow,
        "dead" => Color::Red,
        _ => Color::DarkGrey,
    }
}

const fn status_color(status: DeliveryStatus) -> Color {
    match status {
        DeliveryStatus::Delivered => Color::Green,
        DeliveryStatus::Scheduled | DeliveryStatus::Sending | DeliveryStatus::Retry => {
            Color::Yellow
        }
        DeliveryStatus::DeliveryFailure | DeliveryStatus::InactiveDevice => Color::Red,
        DeliveryStatus::OptedOut | DeliveryStatus::Suppressed => Color::DarkGrey,
    }
}

#[cfg(test)]
mod tests {
    use chrono::Utc;

    use super::*;

    #[test]
    fn a_delivery_says_why_it_ended_and_hostile_answers_do_nothing() {
        let now = Utc.timestamp_millis_opt(120_000).unwrap();
        let row = Delivery {
            id: 4,
            target: "mail".into(),
            status: DeliveryStatus::Suppressed,
            reason: "in-doubt".into(),
            answer: "no answer\u{1b}[2J".into(),
            title: "Payment timeout".into(),
            retry_attempts: 2,
            max_retries: Some(6),
            ..Delivery::default()
        };
        let text = deliveries(&[row], &now, false).replace('\n', " ");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains("SUPPRESSED 2/6 Payment timeout — nobody knows"), "{text}");
        assert!(text.contains("no answer") && !text.contains('\u{1b}'), "{text}");
    }

    #[test]
    fn what_is_told_together_looks_different_from_what_is_told_alone() {
        let now = Utc.timestamp_millis_opt(0).unwrap();
        let told = |grouping: &str| {
            let row = Delivery {
                grouping: grouping.into(),
                title: "Disk full".into(),
                scheduled_delivery: 20_500,
                ..Delivery::default()
            };
            let text = deliveries(&[row], &now, false).replace('\n', " ");
            text.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert!(told("single").ends_with("Disk full"), "{}", told("single"));
        assert!(told("digest").ends_with("Disk full (in a digest)"), "{}", told("digest"));
        assert!(told("summary").contains("in 21s"), "not now, but soon: {}", told("summary"));
    }

    #[test]
    fn what_seems_ready_and_cannot_send_says_so() {
        let now = Utc.timestamp_millis_opt(0).unwrap();
        let why = "the keyring holds no secret for \"mail\"".to_owned();
        let row = TargetStatus { name: "mail".into(), why, ..TargetStatus::default() };
        let text = targets(&[row], &[], &now, false);
        assert!(text.contains("not ready"), "{text}");
    }

    #[test]
    fn a_target_with_one_recipient_counts_no_records() {
        let now = Utc.timestamp_millis_opt(120_000).unwrap();
        let kind = |kind: &str, address| TargetKind {
            kind: kind.into(),
            address,
            ..TargetKind::default()
        };
        let kinds = [kind("bell", None), kind("email", Some(Default::default()))];
        let row = |kind: &str| TargetStatus {
            name: kind.into(),
            kind: kind.into(),
            waiting: 7,
            ..TargetStatus::default()
        };
        let text = targets(&[row("bell"), row("email")], &kinds, &now, false);
        let counts = |line: usize| text.lines().nth(line).unwrap().matches(['0', '7']).count();
        assert_eq!((counts(1), counts(2)), (1, 2), "none is missing there: {text}");
    }
}
