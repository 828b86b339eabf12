use serde_json::json;

use crate::arguments::{RecordArguments, RecordVerifyArguments};
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome, complain};
use crate::output::Output;

/// Enters the code; a wrong one is the answer no.
pub(super) async fn verify(
    arguments: &RecordVerifyArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let RecordVerifyArguments { id, code, json } = arguments;
    let verified = Daemon::connect().await?.targets().await?.verify(*id, code).await?;
    if *json {
        output.json(&[json!({ "verified": verified })])?;
    } else if !verified {
        complain(&format!(
            "that is not the code that was sent to record {id}; after five wrong ones \
             `tidings records send-code {id}` sends another"
        ));
    } else if output.terminal {
        output.line(&format!("Record {id} receives from now on."))?;
    }
    Ok(if verified { Outcome::Done } else { Outcome::Negative })
}

/// Sends another code.
pub(super) async fn send(
    arguments: &RecordArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let id = arguments.id;
    Daemon::connect_patiently().await?.targets().await?.send_code(id).await?;
    if output.terminal {
        output.line(&how_to_enter(id, "the address"))?;
    }
    Ok(Outcome::Done)
}

/// What to do with the code that is on its way.
pub(super) fn how_to_enter(id: i64, address: &str) -> String {
    format!(
        "A code was sent to {address}; it is good for ten minutes. \
         Enter it with: tidings records verify {id} CODE"
    )
}
