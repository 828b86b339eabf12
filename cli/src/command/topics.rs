use tidings_api::Topic;

use crate::arguments::TopicsArguments;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::{self, Output, line, table};

/// Prints every topic with its unread notifications, the last used first.
pub(crate) async fn run(
    arguments: &TopicsArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let rows = Daemon::connect().await?.inbox().await?.topics().await?;
    let rows: Vec<Topic> =
        rows.into_iter().map(Topic::from_dict).collect::<Result<_, tidings_api::Error>>()?;
    if arguments.json {
        output.json(&rows)?;
    } else if !output.terminal {
        rows.iter().try_for_each(|row| output.line(&line::topic(row)))?;
    } else if rows.is_empty() {
        output.line("No notification had a topic so far.")?;
    } else {
        output.line(&table::topics(&rows, &output::now(), output.color))?;
    }
    Ok(Outcome::Done)
}
