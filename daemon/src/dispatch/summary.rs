//! The words of a summary popup.

use tidings_api::{Notification, Urgency, names};

use crate::desktop::text::isolate;
use crate::desktop::{Popup, Slot};
use crate::store::SummaryOrder;

/// A title in a summary is cut here, so that three fit into one popup.
const LINE_CHARACTERS: usize = 60;

/// One popup for all notifications of the order.
pub(super) fn popup(order: &SummaryOrder) -> Popup {
    let source = display_name(&order.source);
    let shown = u32::try_from(order.newest.len()).unwrap_or(u32::MAX);
    let mut lines: Vec<String> = order.newest.iter().map(line).collect();
    if let Some(rest) = order.count.checked_sub(shown).filter(|rest| *rest > 0) {
        lines.push(format!("and {rest} more"));
    }
    Popup {
        slot: Slot::Summary(order.source.clone()),
        source: order.source.clone(),
        app: String::new(),
        title: format!("{} new from {}", order.count, isolate(source)),
        body: lines.join("\n"),
        urgency: order.newest.iter().map(|row| row.urgency).max().unwrap_or(Urgency::Normal),
        icon: String::new(),
        actions: Vec::new(),
        progress: None,
        transient: false,
    }
}

fn display_name(source: &str) -> &str {
    if source == names::LOCAL_SOURCE { "this computer" } else { source }
}

fn line(row: &Notification) -> String {
    let text = if row.title.is_empty() { &row.body } else { &row.title };
    let first = text.lines().next().unwrap_or_default();
    if first.chars().count() <= LINE_CHARACTERS {
        return first.to_owned();
    }
    first.chars().take(LINE_CHARACTERS - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(count: u32, titles: &[&str]) -> SummaryOrder {
        let newest = titles
            .iter()
            .map(|title| Notification { title: (*title).to_owned(), ..Notification::default() })
            .collect();
        SummaryOrder { claim: 1, source: "orders".into(), count, newest, ids: Vec::new() }
    }

    #[test]
    fn tells_how_many_the_newest_and_how_many_more() {
        let popup = popup(&order(12, &["c", "b", "a"]));
        assert_eq!(
            popup.title, "12 new from \u{2068}orders\u{2069}",
            "a name cannot turn our words around"
        );
        assert_eq!(popup.body, "c\nb\na\nand 9 more");
    }

    #[test]
    fn a_long_or_many_lined_title_takes_one_short_line() {
        let long = "x".repeat(500) + "\nsecond";
        let popup = popup(&order(1, &[&long]));
        assert_eq!(popup.body.lines().count(), 1, "one notification, one line");
        assert_eq!(popup.body.chars().count(), LINE_CHARACTERS);
    }
}
