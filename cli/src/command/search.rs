use tidings_api::{Filter, View};

use crate::arguments::SearchArguments;
use crate::command::list;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::{self, Output};

/// Prints what contains all of the words, newest first. Everything is searched unless a view is given.
pub(crate) async fn run(
    arguments: &SearchArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let list = &arguments.list;
    let view = list.view.or(View::All);
    let filter = Filter {
        text: Some(arguments.words.join(" ")),
        ..list::filter(&list.filter, view, &output::now())
    };
    let daemon = Daemon::connect().await?;
    let rows = list::pages(&daemon.inbox().await?, &filter, list.limit).await?;
    list::print(&rows, list.json, output)?;
    Ok(if rows.is_empty() { Outcome::Negative } else { Outcome::Done })
}
