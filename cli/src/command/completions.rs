use clap::CommandFactory;

use crate::arguments::{Arguments, CompletionsArguments};
use crate::exit::{Failure, Outcome};
use crate::output::Output;

/// Prints the completions of a shell.
pub(crate) fn run(
    arguments: &CompletionsArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    // Into memory first: clap_complete panics when its writer fails, and a pipe may be closed.
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Arguments::command(), "tidings", &mut script);
    output.bytes(&script)?;
    Ok(Outcome::Done)
}
