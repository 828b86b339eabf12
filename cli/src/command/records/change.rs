use tidings_api::DictWriter;

use crate::arguments::{RecordArguments, RecordDescribeArguments};
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::Output;

/// Has a record receive, or not. What is on its way there when it is switched off may end first.
pub(super) async fn enable(
    arguments: &RecordArguments,
    active: bool,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let id = arguments.id;
    let mut change = DictWriter::default();
    change.put("active", active);
    Daemon::connect().await?.targets().await?.update_record(id, change.finish()).await?;
    let then = if active { "on" } else { "off; what waited for it is not sent" };
    output.told(&format!("Record {id} is switched {then}."))?;
    Ok(Outcome::Done)
}

/// Says what a record is called.
pub(super) async fn describe(
    arguments: &RecordDescribeArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let mut change = DictWriter::default();
    change.put("description", arguments.text.as_str());
    Daemon::connect().await?.targets().await?.update_record(arguments.id, change.finish()).await?;
    output.told(&format!("Record {} is described.", arguments.id))?;
    Ok(Outcome::Done)
}

/// Takes a record out.
pub(super) async fn remove(
    arguments: &RecordArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    Daemon::connect().await?.targets().await?.remove_record(arguments.id).await?;
    output.told(&format!(
        "Record {} is removed, with what was sent there and what waited.",
        arguments.id
    ))?;
    Ok(Outcome::Done)
}
