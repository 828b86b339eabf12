use serde_json::json;

use crate::arguments::DeliveryIdsArguments;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome, complain};
use crate::output::Output;

/// Sends deliveries again, and prints how many that are.
pub(crate) async fn retry(
    arguments: &DeliveryIdsArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let changed = Daemon::connect().await?.targets().await?.retry(&arguments.ids).await?;
    let why_not = "what was delivered, is on its way, never had a record, or is under an opt-out \
                   (`tidings opt-outs`) is not sent again";
    print(changed, "sent again", why_not, arguments.json, output)
}

/// Gives up deliveries, and prints how many that were.
pub(crate) async fn cancel(
    arguments: &DeliveryIdsArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let changed = Daemon::connect().await?.targets().await?.cancel(&arguments.ids).await?;
    let why_not = "only what waits can be taken back";
    print(changed, "given up", why_not, arguments.json, output)
}

fn print(
    changed: u32,
    words: &str,
    why_not: &str,
    json: bool,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    if json {
        output.json(&[json!({ "changed": changed })])?;
    } else if output.terminal && changed > 0 {
        output.line(&format!("{changed} {words}."))?;
    } else if !output.terminal {
        output.line(&changed.to_string())?;
    }
    if changed > 0 {
        return Ok(Outcome::Done);
    }
    complain(&format!("none was {words}: {why_not}; `tidings deliveries` lists them"));
    Ok(Outcome::Negative)
}
