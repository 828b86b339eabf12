use tidings_api::{Millis, StateChange};

use crate::arguments::SnoozeArguments;
use crate::command::mark::{self, Triaged};
use crate::connection::Daemon;
use crate::exit::{Failure, Outcome};
use crate::output::{self, Output, time};

/// What the daemon takes for waking by hand: a time that has come for good.
const AWAKE: Millis = 0;

/// Puts off until a time, or wakes what was put off as it was before.
pub(crate) async fn run(
    arguments: &SnoozeArguments,
    output: &mut Output,
) -> Result<Outcome, Failure> {
    let (until, words) = match until(arguments, &output::now())? {
        Some(until) => (until, format!("snoozed until {}", time::full(until, &output::now()))),
        None => (AWAKE, "awake again".to_owned()),
    };
    let change = StateChange { snoozed_until: Some(until), ..StateChange::default() };
    let daemon = Daemon::connect().await?;
    let (changed, undo) = daemon.inbox().await?.set_state(&arguments.ids, change.to_dict()).await?;
    let triaged = Triaged { changed: u32::try_from(changed.len()).unwrap_or(u32::MAX), undo };
    mark::print(&triaged, &words, arguments.json, output)
}

/// When it wakes; `None` = now. A time that has passed would wake it unasked.
fn until(
    arguments: &SnoozeArguments,
    now: &chrono::DateTime<chrono::Local>,
) -> Result<Option<Millis>, Failure> {
    let Some(until) = arguments.until().map(|moment| moment.after(now)) else { return Ok(None) };
    if until <= now.timestamp_millis() {
        return Err(Failure::Usage(
            "the time to wake at has passed; give a later one, or --off to wake it now".into(),
        ));
    }
    Ok(Some(until))
}
