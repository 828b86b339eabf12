use super::all;
use crate::command::targets::beside_the_desktop;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::{self, Output, line, table};

/// Prints the records, of one target or of all.
pub(super) async fn run(
    target: Option<&str>,
    as_json: bool,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let target = target.unwrap_or_default();
    beside_the_desktop(target, "it has no records")?;
    let rows = all(&Daemon::connect().await?.targets().await?, target).await?;
    if as_json {
        output.json(&rows)?;
    } else if !output.terminal {
        rows.iter().try_for_each(|row| output.line(&line::record(row)))?;
    } else if rows.is_empty() {
        output.line("No record; `tidings records add TARGET ADDRESS` adds one.")?;
    } else {
        output.line(&table::records(&rows, &output::now(), output.color))?;
    }
    Ok(Outcome::Done)
}
