use tidings_api::SecretPlace;

use super::{all, all_kinds, troubles};
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::{self, Output, line, table};

/// Prints every target with its state; the desktop is the first.
pub(super) async fn targets(as_json: bool, output: &mut Output) -> Result<Outcome, Failure> {
    let daemon = Daemon::connect().await?;
    let mut rows = all(&daemon).await?;
    let troubles = troubles(&daemon, &rows, |place| place == SecretPlace::Keyring).await;
    for row in &mut rows {
        if let Some(trouble) = troubles.get(&row.name) {
            row.why = trouble.words();
        }
    }
    if as_json {
        output.json(&rows)?;
    } else if output.terminal {
        let kinds = all_kinds(&daemon).await?;
        output.line(&table::targets(&rows, &kinds, &output::now(), output.color))?;
    } else {
        rows.iter().try_for_each(|row| output.line(&line::target(row)))?;
    }
    Ok(Outcome::Done)
}

/// Prints the kinds.
pub(super) async fn kinds(as_json: bool, output: &mut Output) -> Result<Outcome, Failure> {
    let kinds = all_kinds(&Daemon::connect().await?).await?;
    if as_json {
        output.json(&kinds)?;
    } else if output.terminal {
        output.line(&table::target_kinds(&kinds, output.color))?;
    } else {
        kinds.iter().try_for_each(|kind| output.line(&line::target_kind(kind)))?;
    }
    Ok(Outcome::Done)
}
