use chrono::Local;
use tidings_api::{Filter, Inbox1Proxy, Notification, Row, View, limits};

use crate::arguments::{FilterArguments, ListArguments};
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::{self, Output, line, table};

/// Prints a selection of the inbox, newest first.
pub(crate) async fn run(
    arguments: &ListArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let filter = filter(&arguments.filter, arguments.view.or(View::Inbox), &output::now());
    let daemon = Daemon::connect().await?;
    let rows = pages(&daemon.inbox().await?, &filter, arguments.limit).await?;
    print(&rows, arguments.json, output)?;
    Ok(Outcome::Done)
}

/// The conditions of the command line as the daemon takes them.
pub(super) fn filter(
    arguments: &FilterArguments,
    view: View,
    now: &chrono::DateTime<Local>,
) -> Filter {
    Filter {
        view,
        source: arguments.source.clone(),
        topic: arguments.topic.clone(),
        key: arguments.key.clone(),
        min_urgency: arguments.urgency,
        tag: arguments.tag.clone(),
        text: None,
        since: arguments.since.map(|moment| moment.before(now)),
        until: arguments.until.map(|moment| moment.before(now)),
    }
}

/// Reads page after page until there are `limit` rows; 0 = all.
pub(super) async fn pages(
    inbox: &Inbox1Proxy<'_>,
    filter: &Filter,
    limit: usize,
) -> Result<Vec<Notification>, Failure> {
    let limit = if limit == 0 { usize::MAX } else { limit };
    let mut rows = Vec::new();
    let mut cursor = String::new();
    while rows.len() < limit {
        let missing = u32::try_from(limit - rows.len()).unwrap_or(u32::MAX);
        let (page, next, _) =
            inbox.list(filter.to_dict(), &cursor, missing.min(limits::PAGE)).await?;
        rows.extend(page.into_iter().map(|Row(row)| row));
        if next.is_empty() || next == cursor {
            break;
        }
        cursor = next;
    }
    rows.truncate(limit);
    Ok(rows)
}

/// A table for a person, lines for a program, or JSON.
pub(super) fn print(rows: &[Notification], json: bool, output: &mut Output) -> Result<(), Failure> {
    if json {
        return output.json(rows);
    }
    if !output.terminal {
        return rows.iter().try_for_each(|row| output.line(&line::notification(row)));
    }
    if rows.is_empty() {
        return output.line("Nothing here.");
    }
    output.line(&table::notifications(rows, &output::now(), output.color))
}
