use tidings_api::{Filter, View};

use crate::arguments::DeleteArguments;
use crate::command::list;
use crate::command::mark::{self, Triaged};
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::newest::newest_id;
use crate::output::{self, Output};

/// Deletes by id, or all that is older than asked.
pub(crate) async fn run(
    arguments: &DeleteArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let now = output::now();
    let daemon = Daemon::connect().await?;
    let inbox = daemon.inbox().await?;
    let (changed, undo) = match arguments.older_than {
        Some(age) => {
            let filter = Filter {
                until: Some(age.before(&now)),
                ..list::filter(&arguments.filter, arguments.view.or(View::All), &now)
            };
            let up_to = newest_id(&inbox).await?;
            inbox.delete_where(filter.to_dict(), up_to).await?
        }
        None => inbox.delete(&arguments.ids).await?,
    };
    mark::print(&Triaged { changed, undo }, "deleted", arguments.json, output)
}
