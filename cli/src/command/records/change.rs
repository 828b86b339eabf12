use tidings_api::DictWriter;

use crate::arguments::{RecordArguments, RecordDescribeArguments};
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};

/// Has a record receive, or not. What is on its way there when it is switched off may end first.
pub(super) async fn enable(arguments: &RecordArguments, active: bool) -> Result<Outcome, Failure> {
    let mut change = DictWriter::default();
    change.put("active", active);
    Daemon::connect().await?.targets().await?.update_record(arguments.id, change.finish()).await?;
    Ok(Outcome::Done)
}

/// Says what a record is called.
pub(super) async fn describe(arguments: &RecordDescribeArguments) -> Result<Outcome, Failure> {
    let mut change = DictWriter::default();
    change.put("description", arguments.text.as_str());
    Daemon::connect().await?.targets().await?.update_record(arguments.id, change.finish()).await?;
    Ok(Outcome::Done)
}

/// Takes a record out.
pub(super) async fn remove(arguments: &RecordArguments) -> Result<Outcome, Failure> {
    Daemon::connect().await?.targets().await?.remove_record(arguments.id).await?;
    Ok(Outcome::Done)
}
