use serde::Serialize;
use tidings_api::{Filter, StateChange, View};

use crate::arguments::{MarkArguments, SwitchArguments};
use crate::command::list;
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::newest::newest_id;
use crate::output::{self, Output};

/// What read, unread, done, save, snooze and delete print with `--json`.
#[derive(Debug, Serialize)]
pub(super) struct Triaged {
    /// How many rows really changed.
    pub(super) changed: u32,
    /// Takes it back with `tidings undo`; 0 = nothing to take back.
    pub(super) undo: u64,
}

/// Marks as read.
pub(crate) async fn read(
    arguments: &MarkArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    mark(arguments, View::Unread, StateChange::READ, "marked as read", output).await
}

/// Marks as unread.
pub(crate) async fn unread(
    arguments: &MarkArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    mark(arguments, View::Inbox, StateChange::UNREAD, "marked as unread", output).await
}

/// Marks as dealt with, or takes that back.
pub(crate) async fn done(
    arguments: &SwitchArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let change = StateChange { done: Some(!arguments.off), ..StateChange::default() };
    let (view, words) =
        if arguments.off { (View::Done, "back in the inbox") } else { (View::Inbox, "done") };
    mark(&arguments.mark, view, change, words, output).await
}

/// Keeps for good, or takes that back.
pub(crate) async fn save(
    arguments: &SwitchArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let change = StateChange { saved: Some(!arguments.off), ..StateChange::default() };
    let (view, words) =
        if arguments.off { (View::Saved, "no longer saved") } else { (View::Inbox, "saved") };
    mark(&arguments.mark, view, change, words, output).await
}

async fn mark(
    arguments: &MarkArguments,
    view: View,
    change: StateChange,
    words: &str,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let daemon = Daemon::connect().await?;
    let inbox = daemon.inbox().await?;
    let triaged = if arguments.all {
        let filter: Filter = list::filter(&arguments.filter, view, &output::now());
        let up_to = newest_id(&inbox).await?;
        let (changed, undo) =
            inbox.set_state_where(filter.to_dict(), up_to, change.to_dict()).await?;
        Triaged { changed, undo }
    } else {
        let (changed, undo) = inbox.set_state(&arguments.ids, change.to_dict()).await?;
        Triaged { changed: u32::try_from(changed.len()).unwrap_or(u32::MAX), undo }
    };
    print(&triaged, words, arguments.json, output)
}

/// A sentence for a person, `changed<TAB>undo` for a program, or JSON.
pub(super) fn print(
    triaged: &Triaged,
    words: &str,
    json: bool,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let Triaged { changed, undo } = triaged;
    if json {
        output.json(&[triaged])?;
    } else if !output.terminal {
        output.line(&format!("{changed}\t{undo}"))?;
    } else if *undo == 0 {
        output.line(&format!("{changed} {words}."))?;
    } else {
        output.line(&format!("{changed} {words}. Take it back with: tidings undo {undo}"))?;
    }
    Ok(Outcome::Done)
}
