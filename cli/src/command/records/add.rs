use serde::Serialize;
use tidings_api::DictWriter;

use super::{all, code};
use crate::arguments::RecordAddArguments;
use crate::command::targets::beside_the_desktop;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome, complain};
use crate::output::{Output, clean};

/// `records add --json`.
#[derive(Debug, Serialize)]
struct Added {
    /// Identity of the record.
    id: i64,
    /// Whether it receives as it is.
    verified: bool,
    /// Whether a code was sent there, which is to be entered.
    code_sent: bool,
}

/// Adds a record and prints its id. Where its owner must agree first, sends the code.
pub(super) async fn run(
    arguments: &RecordAddArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let RecordAddArguments { target, address, .. } = arguments;
    beside_the_desktop(target, "it takes no addresses")?;
    let mut options = DictWriter::default();
    options.text("description", &arguments.description);
    options.optional("trusted", arguments.trusted.then_some(true));
    let targets = Daemon::connect_patiently().await?.targets().await?;
    let id = targets.add_record(target, address, options.finish()).await?;
    let rows = all(&targets, target).await?;
    let verified = rows.iter().find(|row| row.id == id).is_none_or(|row| row.verified);
    let sending =
        if verified { Ok(()) } else { targets.send_code(id).await.map_err(Failure::from) };
    let added = Added { id, verified, code_sent: !verified && sending.is_ok() };
    print(&added, address, arguments.json, output)?;
    output.flush()?;
    sending.map(|()| Outcome::Done).map_err(|why| {
        Failure::failed(format!(
            "record {id} is added, but no code could be sent there: {why}\n\
             Once that is mended, run `tidings records send-code {id}`."
        ))
    })
}

/// A sentence for a person; for a program the id, and on standard error what it must not overlook.
fn print(added: &Added, address: &str, json: bool, output: &mut Output) -> Result<(), Failure> {
    let id = added.id;
    let address = clean::line(address);
    if json {
        return output.json(&[added]);
    }
    if output.terminal {
        let receives = if added.verified { " It receives from now on." } else { "" };
        output.line(&format!("Record {id} is added.{receives}"))?;
        if added.code_sent {
            output.line(&code::how_to_enter(id, &address))?;
        }
        return Ok(());
    }
    output.line(&id.to_string())?;
    if added.code_sent {
        complain(&code::how_to_enter(id, &address));
    }
    Ok(())
}
