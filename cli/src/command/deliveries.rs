use tidings_api::names::DESKTOP_TARGET;
use tidings_api::{Delivery, DeliveryFilter, Targets1Proxy, limits};

use crate::arguments::DeliveriesArguments;
use crate::command::{records, targets};
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome, complain};
use crate::output::{self, Output, line, table};

/// A first page that is smaller is not worth a call, where some of it is passed over.
const LEAST: u32 = 50;

/// Prints deliveries, the newest first.
pub(crate) async fn run(
    arguments: &DeliveriesArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let filter = DeliveryFilter {
        target: arguments.target.clone(),
        status: arguments.status,
        record: arguments.record,
        notification: arguments.notification,
    };
    let daemon = Daemon::connect().await?;
    let targets = daemon.targets().await?;
    let is_asked_for = arguments.all || filter.target.is_some() || filter.notification.is_some();
    let shown = |row: &Delivery| is_asked_for || !was_never_for_the_screen(row);
    let rows = pages(&targets, &filter, arguments.limit, shown).await?;
    if rows.is_empty()
        && let Some(what) = missing(&daemon, &filter).await?
    {
        complain(&what);
        return Ok(Outcome::Negative);
    }
    if arguments.json {
        output.json(&rows)?;
    } else if !output.terminal {
        rows.iter().try_for_each(|row| output.line(&line::delivery(row)))?;
    } else if rows.is_empty() {
        output.line("Nothing here.")?;
    } else {
        output.line(&table::deliveries(&rows, &output::now(), output.color))?;
    }
    Ok(Outcome::Done)
}

/// What is sent elsewhere alone has a row for the screen, too, that says so. Among deliveries they would hide the others.
fn was_never_for_the_screen(row: &Delivery) -> bool {
    row.target == DESKTOP_TARGET && row.reason == "not-targeted"
}

/// What of the filter there is not, rather than nothing to show of it. What a target of before has left is shown, not missed.
async fn missing(daemon: &Daemon, filter: &DeliveryFilter) -> Result<Option<String>, Failure> {
    if let Some(name) = &filter.target
        && !targets::all(daemon).await?.iter().any(|target| target.name == *name)
    {
        return Ok(Some(format!("there is no target \"{name}\"; `tidings targets` lists them")));
    }
    if let Some(id) = filter.record
        && !records::all(&daemon.targets().await?, "").await?.iter().any(|row| row.id == id)
    {
        return Ok(Some(format!("there is no record {id}; `tidings records` lists them")));
    }
    if let Some(id) = filter.notification
        && daemon.inbox().await?.get(&[id]).await?.is_empty()
    {
        return Ok(Some(format!("there is no notification {id}; `tidings list --all` lists them")));
    }
    Ok(None)
}

/// Reads page after page until there are `limit` rows that are shown; 0 = all.
async fn pages(
    targets: &Targets1Proxy<'_>,
    filter: &DeliveryFilter,
    limit: usize,
    shown: impl Fn(&Delivery) -> bool,
) -> Result<Vec<Delivery>, Failure> {
    let limit = if limit == 0 { usize::MAX } else { limit };
    let mut rows = Vec::new();
    let mut cursor = String::new();
    // Where the first page has not been enough, most of it was passed over, and so may be the next hundreds.
    let mut length = u32::try_from(limit).unwrap_or(u32::MAX).clamp(LEAST, limits::PAGE);
    while rows.len() < limit {
        let (page, next) = targets.deliveries(filter.to_dict(), &cursor, length).await?;
        length = limits::PAGE;
        for row in page {
            rows.push(Delivery::from_dict(row)?);
        }
        rows.retain(&shown);
        if next.is_empty() || next == cursor {
            break;
        }
        cursor = next;
    }
    rows.truncate(limit);
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_meant_for_other_targets_is_passed_over() {
        let row = |target: &str, reason: &str| Delivery {
            target: target.into(),
            reason: reason.into(),
            ..Delivery::default()
        };
        assert!(was_never_for_the_screen(&row("desktop", "not-targeted")));
        for other in [row("desktop", ""), row("desktop", "quiet-manual"), row("mail", "no-record")]
        {
            assert!(!was_never_for_the_screen(&other), "{other:?}");
        }
    }
}
