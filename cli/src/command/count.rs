use serde::Serialize;
use tidings_api::View;

use crate::arguments::CountArguments;
use crate::command::list;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::{self, Output};

/// `count --json`.
#[derive(Debug, Serialize)]
struct Count {
    /// The selection that was counted.
    view: View,
    /// How many.
    count: u32,
}

/// Prints how many notifications meet the conditions.
pub(crate) async fn run(
    arguments: &CountArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let view = arguments.view.or(View::Inbox);
    let filter = list::filter(&arguments.filter, view, &output::now());
    let daemon = Daemon::connect().await?;
    let counts = daemon.inbox().await?.count(vec![filter.to_dict()]).await?;
    let count = *counts
        .first()
        .ok_or_else(|| Failure::failed("the daemon answered no count for one filter"))?;
    if arguments.json {
        output.json(&[Count { view, count }])?;
    } else {
        output.line(&count.to_string())?;
    }
    Ok(Outcome::Done)
}
