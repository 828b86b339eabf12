use std::collections::HashMap;
use std::fmt::Write;

use chrono::Local;
use tidings_api::{Action, Notification, Row};

use crate::arguments::ShowArguments;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome, complain};
use crate::output::line::{BOLD, DIM, paint};
use crate::output::{self, Output, clean, time};

/// Prints notifications in full, in the order asked for.
pub(crate) async fn run(
    arguments: &ShowArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let daemon = Daemon::connect().await?;
    let answer = daemon.inbox().await?.get(&arguments.ids).await?;
    let found: HashMap<i64, Notification> =
        answer.into_iter().map(|Row(row)| (row.id, row)).collect();
    let (mut rows, mut missing) = (Vec::new(), Vec::new());
    for id in &arguments.ids {
        match found.get(id) {
            Some(row) => rows.push(row),
            None => missing.push(id.to_string()),
        }
    }
    if arguments.json {
        output.json(&rows)?;
    } else {
        let now = output::now();
        let pages: Vec<String> = rows
            .iter()
            .map(|row| page(row, output.terminal.then_some(&now), output.color))
            .collect();
        if !pages.is_empty() {
            output.line(&pages.join("\n\n"))?;
        }
    }
    if missing.is_empty() {
        return Ok(Outcome::Done);
    }
    complain(&format!(
        "no notification with id {}; `tidings list` prints them",
        missing.join(", ")
    ));
    Ok(Outcome::Negative)
}

/// `name: value` lines, an empty line, the body. Without a present, times are ISO for programs.
fn page(row: &Notification, now: Option<&chrono::DateTime<Local>>, color: bool) -> String {
    let when = |millis: i64| now.map_or_else(|| time::iso(millis), |now| time::full(millis, now));
    let approximate = if row.sent_at_approximate { " (zone not given)" } else { "" };
    let texts = [
        ("id", row.id.to_string()),
        ("source", row.source.clone()),
        ("topic", row.topic.clone()),
        ("app", row.app.clone()),
        ("urgency", row.urgency.to_string()),
        ("title", row.title.clone()),
        ("url", row.url.clone()),
        ("icon", row.icon.clone()),
        ("actor", row.actor.clone()),
        ("verb", row.verb.clone()),
        ("object", row.action_object.clone()),
        ("place", row.activity_target.clone()),
        ("tags", row.tags.join(", ")),
        ("actions", row.actions.iter().map(button).collect::<Vec<_>>().join(", ")),
        ("progress", row.progress.map_or_else(String::new, |percent| format!("{percent}%"))),
        ("key", row.key.clone()),
        ("remote id", row.remote_id.clone().unwrap_or_default()),
        ("confirmation", row.confirmation.as_str().to_owned()),
        ("posted by", row.posted_by.clone()),
        ("data", row.data.clone()),
        ("received", when(row.received_at)),
        ("sent", row.sent_at.map_or_else(String::new, |at| when(at) + approximate)),
    ];
    let times = [
        ("seen", row.seen_at),
        ("read", row.read_at),
        ("done", row.done_at),
        ("saved", row.saved_at),
        ("snoozed until", row.snoozed_until),
        ("acted", row.acted_at),
        ("retracted", row.retracted_at),
        ("expires", row.expires_at),
    ];
    let mut page = String::new();
    let mut field = |name: &str, value: &str, style: &str| {
        if !value.is_empty() {
            let name = paint(&format!("{name:>13}:"), DIM, color);
            // Writing to a String cannot fail.
            let _ = writeln!(page, "{name} {}", paint(&clean::line(value), style, color));
        }
    };
    for (name, value) in &texts {
        field(name, value, if *name == "title" { BOLD } else { "0" });
    }
    for (name, at) in times {
        field(name, &at.map_or_else(String::new, when), "0");
    }
    if row.occurrences > 1 {
        field("occurrences", &format!("{}, last {}", row.occurrences, when(row.last_at)), "0");
    }
    if row.body.is_empty() {
        return page.trim_end().to_owned();
    }
    page + "\n" + clean::block(&row.body).trim_end()
}

fn button(action: &Action) -> String {
    let url = if action.url.is_empty() { String::new() } else { format!(" <{}>", action.url) };
    format!("{}={}{url}", action.id, action.label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_shows_what_is_there_and_leaves_out_what_is_not() {
        let row = Notification {
            id: 5,
            source: "ci".into(),
            title: "Broken\u{1b}[2J".into(),
            body: "line one\nline two".into(),
            actions: vec![Action { id: "log".into(), label: "Log".into(), url: String::new() }],
            read_at: Some(0),
            ..Notification::default()
        };
        let page = page(&row, None, false);
        assert!(page.contains("title: Broken\n"), "{page}");
        assert!(page.contains("actions: log=Log\n"), "the id is what `invoke` wants: {page}");
        assert!(page.contains("read: 1970-01-01T00:00:00.000Z"), "{page}");
        assert!(page.ends_with("\n\nline one\nline two"), "the body keeps its lines: {page}");
        assert!(!page.contains("topic"), "{page}");
    }
}
