use crate::arguments::UndoArguments;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::Output;

/// Takes one triage call back, and prints how many rows were restored.
pub(crate) async fn run(
    arguments: &UndoArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let daemon = Daemon::connect().await?;
    let restored = daemon.inbox().await?.undo(arguments.token).await?;
    if output.terminal {
        output.line(&format!("{restored} restored."))?;
    } else {
        output.line(&restored.to_string())?;
    }
    Ok(Outcome::Done)
}
