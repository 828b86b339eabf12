//! `tidings records`: the addresses at targets, listed and changed.

mod add;
mod change;
mod code;
mod list;

use tidings_api::{Record, Targets1Proxy};

use crate::arguments::{RecordsArguments, RecordsCommand};
use crate::exit::{Failure, Outcome};
use crate::output::Output;

/// Lists the records, or does what was asked with one.
pub(crate) async fn run(
    arguments: &RecordsArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    match &arguments.command {
        None => list::run(arguments.target.as_deref(), arguments.json, output).await,
        Some(RecordsCommand::Add(record)) => add::run(record, output).await,
        Some(RecordsCommand::Verify(record)) => code::verify(record, output).await,
        Some(RecordsCommand::SendCode(record)) => code::send(record, output).await,
        Some(RecordsCommand::Enable(record)) => change::enable(record, true, output).await,
        Some(RecordsCommand::Disable(record)) => change::enable(record, false, output).await,
        Some(RecordsCommand::Remove(record)) => change::remove(record, output).await,
        Some(RecordsCommand::Describe(record)) => change::describe(record, output).await,
    }
}

/// The records of a target; of all for an empty name.
pub(super) async fn all(targets: &Targets1Proxy<'_>, target: &str) -> Result<Vec<Record>, Failure> {
    let rows = targets.records(target).await?;
    Ok(rows.into_iter().map(Record::from_dict).collect::<Result<_, _>>()?)
}
