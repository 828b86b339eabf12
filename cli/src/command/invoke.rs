use std::io::{IsTerminal, Write, stderr, stdin};

use tidings_api::{DictWriter, RemoteAction, Row, platform_data};

use crate::arguments::InvokeArguments;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::{Output, clean};

/// Chooses a button. What it sends is shown and asked for first; what it copies is printed.
pub(crate) async fn run(
    arguments: &InvokeArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let daemon = Daemon::connect().await?;
    let inbox = daemon.inbox().await?;
    let row = inbox.get(&[arguments.id]).await?.pop();
    let remote = row.and_then(|Row(row)| RemoteAction::find(&row.data, &arguments.action));
    let mut data = DictWriter::default();
    if let Some(question) = remote.as_ref().and_then(RemoteAction::question) {
        if !arguments.yes && !wanted(&question)? {
            return Ok(Outcome::Negative);
        }
        data.put("confirmed", question);
    }
    let mut data = data.finish();
    data.extend(platform_data(token().as_deref()));
    inbox.invoke(arguments.id, &arguments.action, data).await?;
    if let Some(RemoteAction::Copy { value }) = remote {
        output.line(&clean::line(&value))?;
    }
    Ok(Outcome::Done)
}

/// Chooses an action of a notification; the token of whoever started us lets what opens come to the front.
pub(super) async fn invoke(id: i64, action: &str) -> Result<Outcome, Failure> {
    let daemon = Daemon::connect().await?;
    daemon.inbox().await?.invoke(id, action, platform_data(token().as_deref())).await?;
    Ok(Outcome::Done)
}

/// Asks whoever sits at the terminal. Without one nobody can say yes.
fn wanted(question: &str) -> Result<bool, Failure> {
    let question = clean::line(question);
    if !stdin().is_terminal() {
        return Err(Failure::Usage(format!(
            "the button sends a request: {question}; say --yes where that is wanted"
        )));
    }
    let failed = |error: std::io::Error| Failure::failed(format!("the question failed: {error}"));
    let mut terminal = stderr();
    write!(terminal, "This sends {question}. Go on? [y/N] ").map_err(failed)?;
    terminal.flush().map_err(failed)?;
    let mut answer = String::new();
    stdin().read_line(&mut answer).map_err(failed)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// The activation token that this program was started with, if any.
pub(super) fn token() -> Option<String> {
    std::env::var("XDG_ACTIVATION_TOKEN").ok()
}
