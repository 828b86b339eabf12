//! The words of a summary popup.

use tidings_api::{Notification, Urgency, names};

use crate::desktop::text::isolate;
use crate::desktop::{Popup, Slot};
use crate::store::{SummaryOf, SummaryOrder};

/// A title in a summary is cut here, so that three fit into one popup.
const LINE_CHARACTERS: usize = 60;
/// So many sources are named after quiet.
const SOURCES: usize = 5;

/// One popup for all notifications of the order.
pub(super) fn popup(order: &SummaryOrder) -> Popup {
    let (slot, source, title, lines) = match &order.of {
        SummaryOf::Source(name) => {
            let title = format!("{} new from {}", order.count, isolate(display_name(name)));
            (Slot::Summary(name.clone()), name.as_str(), title, newest(order))
        }
        SummaryOf::Quiet(sources) => {
            let title = format!("{} new while it was quiet", order.count);
            (Slot::AfterQuiet, names::LOCAL_SOURCE, title, sources_of(sources, order))
        }
    };
    Popup {
        slot,
        source: source.to_owned(),
        app: String::new(),
        title,
        body: lines.join("\n"),
        urgency: order.newest.iter().map(|row| row.urgency).max().unwrap_or(Urgency::Normal),
        icon: String::new(),
        actions: Vec::new(),
        progress: None,
        transient: false,
    }
}

/// The newest titles, and how many more there are.
fn newest(order: &SummaryOrder) -> Vec<String> {
    let shown = u32::try_from(order.newest.len()).unwrap_or(u32::MAX);
    let mut lines: Vec<String> = order.newest.iter().map(line).collect();
    if let Some(rest) = order.count.checked_sub(shown).filter(|rest| *rest > 0) {
        lines.push(format!("and {rest} more"));
    }
    lines
}

/// How many from each source; of a few, what they say.
fn sources_of(sources: &[(String, u32)], order: &SummaryOrder) -> Vec<String> {
    if usize::try_from(order.count) == Ok(order.newest.len()) {
        return newest(order);
    }
    let mut lines: Vec<String> = sources
        .iter()
        .take(SOURCES)
        .map(|(name, count)| format!("{}: {count}", isolate(display_name(name))))
        .collect();
    let rest: u32 = sources.iter().skip(SOURCES).map(|(_, count)| count).sum();
    if rest > 0 {
        lines.push(format!("and {rest} from others"));
    }
    lines
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
        let of = SummaryOf::Source("orders".into());
        SummaryOrder { claim: 1, of, count, newest, ids: Vec::new(), opt_outs: 0 }
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

    #[test]
    fn after_quiet_each_source_is_told_with_its_number() {
        let of = SummaryOf::Quiet(vec![("ci".into(), 4), (names::LOCAL_SOURCE.into(), 1)]);
        let popup = popup(&SummaryOrder { of, ..order(5, &["b", "a"]) });
        assert_eq!(popup.title, "5 new while it was quiet");
        assert_eq!(popup.body, "\u{2068}ci\u{2069}: 4\n\u{2068}this computer\u{2069}: 1");
        assert_eq!(popup.slot, Slot::AfterQuiet, "one popup, whatever the number of sources");
    }

    #[test]
    fn the_little_that_came_during_quiet_is_told_in_its_own_words() {
        let of = SummaryOf::Quiet(vec![("ci".into(), 2)]);
        assert_eq!(popup(&SummaryOrder { of, ..order(2, &["b", "a"]) }).body, "b\na");
    }
}
