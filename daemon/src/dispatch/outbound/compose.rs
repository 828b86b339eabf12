//! The words of a message: of one notification, of a summary, or of a digest.

use tidings_api::{Millis, Notification, Urgency, names};

use super::rules::TargetRule;
use crate::dispatch::template;
use crate::store::{Grouping, OutboundOrder};
use crate::targets::Message;

/// A title in a summary is cut here.
const LINE_CHARACTERS: usize = 120;

/// The message of an order, and what is wrong with the templates that it was to be made by.
pub(super) fn message(
    order: &OutboundOrder,
    target: &TargetRule,
    now: Millis,
) -> (Message, Option<String>) {
    let count: u32 = order.by_source.iter().map(|(_, count)| count).sum();
    let newest = order.newest.first().cloned().unwrap_or_default();
    let message = Message {
        address: order.address.clone(),
        identity: order.identity.clone(),
        urgency: order.newest.iter().map(|row| row.urgency).max().unwrap_or(Urgency::Normal),
        notification: newest.id,
        count,
        at: newest.received_at,
        now,
        ..Message::default()
    };
    let told_together = match order.grouping {
        Grouping::Single => return single(message, newest, target),
        // A summary of one is that one.
        Grouping::Summary | Grouping::Digest if count == 1 => {
            return single(message, newest, target);
        }
        Grouping::Summary => {
            let source = order.by_source.first().map(|(name, _)| name.as_str()).unwrap_or_default();
            Message {
                title: format!("{count} more from {}", display_name(source)),
                body: lines(order, count),
                source: source.to_owned(),
                ..message
            }
        }
        Grouping::Digest => Message {
            title: format!("{count} notifications: {}", sources(&order.by_source)),
            body: lines(order, count),
            ..message
        },
    };
    (told_together, None)
}

fn single(message: Message, row: Notification, target: &TargetRule) -> (Message, Option<String>) {
    let mut faults = Vec::new();
    let title = rendered("title", target.title.as_deref(), &row, &mut faults);
    let body = rendered("body", target.body.as_deref(), &row, &mut faults);
    let message = Message {
        title: title.unwrap_or_else(|| row.title.clone()),
        body: body.unwrap_or_else(|| row.body.clone()),
        url: row.url,
        source: row.source,
        topic: row.topic,
        key: row.key,
        tags: row.tags,
        actor: row.actor,
        expires_at: row.expires_at,
        ..message
    };
    (message, (!faults.is_empty()).then(|| faults.join("; ")))
}

/// By a template. One that fails on this notification is done without, and told with the delivery.
fn rendered(
    key: &str,
    template: Option<&str>,
    row: &Notification,
    faults: &mut Vec<String>,
) -> Option<String> {
    template::render(template?, row)
        .inspect_err(|why| {
            tracing::warn!(id = row.id, key, %why, "a template of a target is left out");
            faults.push(format!("the template `{key}` of the target was left out: {why}"));
        })
        .ok()
}

/// The newest titles, oldest first, and how many more there are.
fn lines(order: &OutboundOrder, count: u32) -> String {
    let several = order.by_source.len() > 1;
    let mut lines = Vec::new();
    let named = u32::try_from(order.newest.len()).unwrap_or(u32::MAX);
    if let Some(rest) = count.checked_sub(named).filter(|rest| *rest > 0) {
        lines.push(format!("{rest} earlier ones, and"));
    }
    for row in order.newest.iter().rev() {
        let text = if row.title.is_empty() { &row.body } else { &row.title };
        let first = cut(text.lines().next().unwrap_or_default());
        lines.push(if several { format!("{}: {first}", display_name(&row.source)) } else { first });
    }
    lines.join("\n")
}

fn sources(by_source: &[(String, u32)]) -> String {
    const NAMED: usize = 4;
    let mut parts: Vec<_> = by_source
        .iter()
        .take(NAMED)
        .map(|(name, count)| format!("{} {count}", display_name(name)))
        .collect();
    let rest: u32 = by_source.iter().skip(NAMED).map(|(_, count)| count).sum();
    if rest > 0 {
        parts.push(format!("others {rest}"));
    }
    parts.join(", ")
}

fn display_name(source: &str) -> &str {
    if source == names::LOCAL_SOURCE { "this computer" } else { source }
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LINE_CHARACTERS {
        return text.to_owned();
    }
    text.chars().take(LINE_CHARACTERS - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn target() -> TargetRule {
        TargetRule {
            name: "mail".into(),
            enabled: true,
            has_addresses: true,
            title: None,
            body: None,
            max_retries: 3,
            retry_interval: Duration::from_secs(60),
            burst: 10,
            refill: Duration::from_secs(60),
            digest: None,
            quiet: false,
            repeatable: true,
            confirm_after: None,
        }
    }

    fn message(order: &OutboundOrder, target: &TargetRule, now: Millis) -> Message {
        let (message, fault) = super::message(order, target, now);
        assert_eq!(fault, None);
        message
    }

    fn row(source: &str, title: &str) -> Notification {
        Notification {
            id: 7,
            source: source.into(),
            title: title.into(),
            body: "text".into(),
            received_at: 0x1234,
            ..Notification::default()
        }
    }

    fn order(
        grouping: Grouping,
        newest: Vec<Notification>,
        by_source: &[(&str, u32)],
    ) -> OutboundOrder {
        let count: u32 = by_source.iter().map(|(_, count)| count).sum();
        OutboundOrder {
            claim: 1,
            deliveries: (10..10 + i64::from(count)).collect(),
            record: 1,
            address: "ana@example.org".into(),
            grouping,
            identity: "10-1234".into(),
            newest,
            by_source: by_source.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect(),
            attempts: 1,
            allowed: 3,
            lease_until: 0,
            opt_outs: 0,
        }
    }

    #[test]
    fn a_notification_is_sent_in_its_own_words_or_by_the_templates() {
        let order = order(Grouping::Single, vec![row("ci", "Main is red")], &[("ci", 1)]);
        let plain = message(&order, &target(), 0);
        assert_eq!((plain.title.as_str(), plain.body.as_str()), ("Main is red", "text"));
        let title = Some("[{{ source }}] {{ title }}".to_owned());
        let shaped = message(&order, &TargetRule { title, ..target() }, 0);
        assert_eq!(shaped.title, "[ci] Main is red");
    }

    #[test]
    fn a_template_that_fails_on_a_notification_is_left_out_and_told() {
        let order = order(Grouping::Single, vec![row("ci", "Main is red")], &[("ci", 1)]);
        let title = Some("{% if source == 'ci' %}{{ title|shout }}{% endif %}".to_owned());
        let (told, fault) = super::message(&order, &TargetRule { title, ..target() }, 0);
        assert_eq!(told.title, "Main is red", "news goes out all the same");
        let fault = fault.unwrap();
        assert!(fault.contains("`title`") && fault.contains("shout"), "{fault}");
    }

    #[test]
    fn a_flood_of_one_source_is_told_in_one_message() {
        let newest = vec![row("ci", "c"), row("ci", "b")];
        let told = message(&order(Grouping::Summary, newest, &[("ci", 12)]), &target(), 0);
        assert_eq!(told.title, "12 more from ci");
        assert_eq!(told.body, "10 earlier ones, and\nb\nc");
    }

    #[test]
    fn a_digest_counts_each_source_and_names_what_came() {
        let newest = vec![row("local", "b"), row("ci", "a")];
        let told =
            message(&order(Grouping::Digest, newest, &[("ci", 4), ("local", 3)]), &target(), 0);
        assert_eq!(told.title, "7 notifications: ci 4, this computer 3");
        assert!(told.body.ends_with("ci: a\nthis computer: b"), "{}", told.body);
    }

    #[test]
    fn a_summary_of_one_is_that_one() {
        for grouping in [Grouping::Summary, Grouping::Digest] {
            let told = message(&order(grouping, vec![row("ci", "a")], &[("ci", 1)]), &target(), 0);
            assert_eq!(told.title, "a");
        }
    }
}
