//! `tidings`: post, read and search notifications from a terminal or a script.
//!
//! A thin client of the daemon's D-Bus contract. It holds no state and reads no configuration.

mod arguments;
mod command;
mod connection;
mod exit;
mod newest;
mod output;
mod parse;
mod stats;

use std::process::ExitCode;

use clap::Parser;

use crate::arguments::{Arguments, Command, SecretCommand, SourcesCommand};
use crate::command::secret::SecretAction;
use crate::exit::{Failure, Outcome};
use crate::output::Output;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut output = Output::standard(arguments.color);
    let outcome = run(arguments, &mut output).and_then(|outcome| {
        output.flush()?;
        Ok(outcome)
    });
    exit::code(outcome)
}

fn run(arguments: Arguments, output: &mut Output) -> Result<Outcome, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::failed(format!("no event loop: {error}")))?
        .block_on(Box::pin(dispatch(arguments.command, output)))
}

async fn dispatch(command: Command, output: &mut Output) -> Result<Outcome, Failure> {
    match command {
        Command::Post(arguments) => command::post::run(arguments, output).await,
        Command::Withdraw(arguments) => command::withdraw::run(&arguments, output).await,
        Command::List(arguments) => command::list::run(&arguments, output).await,
        Command::Show(arguments) => command::show::run(&arguments, output).await,
        Command::Search(arguments) => command::search::run(&arguments, output).await,
        Command::Count(arguments) => command::count::run(&arguments, output).await,
        Command::Topics(arguments) => command::topics::run(&arguments, output).await,
        Command::Statistics(arguments) => command::statistics::run(&arguments, output).await,
        Command::Watch(arguments) => command::watch::run(&arguments, output).await,
        Command::Read(arguments) => command::mark::read(&arguments, output).await,
        Command::Unread(arguments) => command::mark::unread(&arguments, output).await,
        Command::Done(arguments) => command::mark::done(&arguments, output).await,
        Command::Save(arguments) => command::mark::save(&arguments, output).await,
        Command::Snooze(arguments) => command::snooze::run(&arguments, output).await,
        Command::Undo(arguments) => command::undo::run(&arguments, output).await,
        Command::Delete(arguments) => command::delete::run(&arguments, output).await,
        Command::Open(arguments) => command::open::run(&arguments).await,
        Command::Invoke(arguments) => command::invoke::run(&arguments, output).await,
        Command::Explain(arguments) => command::explain::run(&arguments, output).await,
        Command::OptOut(arguments) => command::opt_out::out(&arguments, output).await,
        Command::OptIn(arguments) => command::opt_out::back_in(&arguments, output).await,
        Command::OptOuts(arguments) => command::opt_out::list(&arguments, output).await,
        Command::Quiet(arguments) => command::quiet::run(&arguments, output).await,
        Command::Sources(arguments) => match arguments.command {
            None => command::sources::list(arguments.json, output).await,
            Some(SourcesCommand::Test(source)) => command::sources::test(&source, output).await,
            Some(SourcesCommand::Reconnect(source)) => command::sources::reconnect(&source).await,
            Some(SourcesCommand::Enable(source)) => command::sources::enable(&source, true).await,
            Some(SourcesCommand::Disable(source)) => command::sources::enable(&source, false).await,
            Some(SourcesCommand::Add(source)) => command::sources::add(&source, output).await,
            Some(SourcesCommand::Remove(source)) => command::sources::remove(&source).await,
            Some(SourcesCommand::Kinds(kinds)) => command::sources::kinds(kinds.json, output).await,
        },
        Command::Targets(arguments) => command::targets::run(&arguments, output).await,
        Command::Test(arguments) => command::targets::test(&arguments, output).await,
        Command::Records(arguments) => command::records::run(&arguments, output).await,
        Command::Deliveries(arguments) => command::deliveries::run(&arguments, output).await,
        Command::Retry(arguments) => command::redeliver::retry(&arguments, output).await,
        Command::Cancel(arguments) => command::redeliver::cancel(&arguments, output).await,
        Command::Routes(arguments) => command::routes::run(&arguments, output).await,
        Command::Secret(arguments) => {
            let (action, name) = match arguments.command {
                SecretCommand::Set(of) => (SecretAction::Set, of.name),
                SecretCommand::Delete(of) => (SecretAction::Delete, of.name),
            };
            let answer = command::secret::run(action, &name)
                .await
                .map_err(|error| Failure::failed(format!("{error:#}")))?;
            output.line(&answer)?;
            Ok(Outcome::Done)
        }
        Command::Status(arguments) => command::status::run(&arguments, output).await,
        Command::Doctor(arguments) => command::doctor::run(&arguments, output).await,
        Command::Export(arguments) => command::export::run(&arguments, output).await,
        Command::Import(arguments) => command::import::run(&arguments, output).await,
        Command::Completions(arguments) => command::completions::run(&arguments, output),
        Command::Man(arguments) => command::man::run(&arguments, output),
    }
}
