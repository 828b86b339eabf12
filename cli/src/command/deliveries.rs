use tidings_api::{Delivery, DeliveryFilter, Targets1Proxy, limits};

use crate::arguments::DeliveriesArguments;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::{self, Output, line, table};

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
    let targets = Daemon::connect().await?.targets().await?;
    let rows = pages(&targets, &filter, arguments.limit).await?;
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

/// Reads page after page until there are `limit` rows; 0 = all.
async fn pages(
    targets: &Targets1Proxy<'_>,
    filter: &DeliveryFilter,
    limit: usize,
) -> Result<Vec<Delivery>, Failure> {
    let limit = if limit == 0 { usize::MAX } else { limit };
    let mut rows = Vec::new();
    let mut cursor = String::new();
    while rows.len() < limit {
        let missing = u32::try_from(limit - rows.len()).unwrap_or(u32::MAX);
        let (page, next) =
            targets.deliveries(filter.to_dict(), &cursor, missing.min(limits::PAGE)).await?;
        for row in page {
            rows.push(Delivery::from_dict(row)?);
        }
        if next.is_empty() || next == cursor {
            break;
        }
        cursor = next;
    }
    rows.truncate(limit);
    Ok(rows)
}
