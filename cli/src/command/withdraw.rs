use crate::arguments::WithdrawArguments;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::Output;

/// Takes back what was posted under a key, and prints how many rows that were.
pub(crate) async fn run(
    arguments: &WithdrawArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let daemon = Daemon::connect().await?;
    let withdrawn = daemon.post().await?.withdraw(&arguments.key).await?;
    output.line(&withdrawn.to_string())?;
    Ok(if withdrawn == 0 { Outcome::Negative } else { Outcome::Done })
}
