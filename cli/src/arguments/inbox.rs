use clap::{ArgGroup, Args};
use tidings_api::{Urgency, View};

use crate::parse::id::id;
use crate::parse::time::{Moment, Span};

/// Conditions that commands on many notifications share; all must hold.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Conditions")]
pub(crate) struct FilterArguments {
    /// Of this source; `local` is what this machine posted
    #[arg(long, short)]
    pub(crate) source: Option<String>,
    /// Of this topic
    #[arg(long, short)]
    pub(crate) topic: Option<String>,
    /// Posted under this key
    #[arg(long, short)]
    pub(crate) key: Option<String>,
    /// Of this urgency or above: low, normal, high, critical
    #[arg(long, short, value_name = "URGENCY")]
    pub(crate) urgency: Option<Urgency>,
    /// With this tag
    #[arg(long)]
    pub(crate) tag: Option<String>,
    /// At or after: a duration back (2h), a time (08:00), a date or RFC 3339
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<Moment>,
    /// Before: a duration back (2h), a time (08:00), a date or RFC 3339
    #[arg(long, value_name = "WHEN")]
    pub(crate) until: Option<Moment>,
}

/// Which selection to start from.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Views")]
#[command(group = ArgGroup::new("selection").multiple(false))]
pub(crate) struct ViewArguments {
    /// inbox, unread, unseen, saved, snoozed, done or all
    #[arg(long, value_name = "VIEW", group = "selection")]
    view: Option<View>,
    /// What is not read
    #[arg(long, group = "selection")]
    unread: bool,
    /// Everything, done and snoozed too
    #[arg(long, group = "selection")]
    all: bool,
    /// What is dealt with
    #[arg(long, group = "selection")]
    done: bool,
    /// What is saved
    #[arg(long, group = "selection")]
    saved: bool,
    /// What is put off until later
    #[arg(long, group = "selection")]
    snoozed: bool,
}

impl ViewArguments {
    /// The chosen view, or the one the command starts from.
    pub(crate) fn or(&self, default: View) -> View {
        let shorthands =
            [(self.unread, View::Unread), (self.all, View::All), (self.done, View::Done)];
        shorthands
            .into_iter()
            .chain([(self.saved, View::Saved), (self.snoozed, View::Snoozed)])
            .find_map(|(given, view)| given.then_some(view))
            .or(self.view)
            .unwrap_or(default)
    }
}

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    #[command(flatten)]
    pub(crate) view: ViewArguments,
    #[command(flatten)]
    pub(crate) filter: FilterArguments,
    /// At most this many; 0 = all
    #[arg(long, short = 'n', default_value_t = 50)]
    pub(crate) limit: usize,
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SearchArguments {
    /// All of these words must occur; the last may be the beginning of a word
    #[arg(required = true)]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) list: ListArguments,
}

#[derive(Debug, Args)]
pub(crate) struct CountArguments {
    #[command(flatten)]
    pub(crate) view: ViewArguments,
    #[command(flatten)]
    pub(crate) filter: FilterArguments,
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct WatchArguments {
    /// Of this source; `local` is what this machine posted
    #[arg(long, short)]
    pub(crate) source: Option<String>,
    /// Of this topic
    #[arg(long, short)]
    pub(crate) topic: Option<String>,
    /// Of this urgency or above: low, normal, high, critical
    #[arg(long, short, value_name = "URGENCY")]
    pub(crate) urgency: Option<Urgency>,
    /// With this tag
    #[arg(long)]
    pub(crate) tag: Option<String>,
    /// Print this many of the newest first
    #[arg(long, short = 'n', default_value_t = 0)]
    pub(crate) last: u32,
    /// Print JSON, one object a line
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArguments {
    /// Ids, as `tidings list` prints them
    #[arg(required = true, value_name = "ID", value_parser = id)]
    pub(crate) ids: Vec<i64>,
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct OpenArguments {
    /// Id, as `tidings list` prints it; without one the window is opened
    #[arg(value_parser = id)]
    pub(crate) id: Option<i64>,
    /// Open the window at its settings
    #[arg(long, conflicts_with = "id")]
    pub(crate) settings: bool,
}

#[derive(Debug, Args)]
pub(crate) struct InvokeArguments {
    /// Id, as `tidings list` prints it
    #[arg(value_parser = id)]
    pub(crate) id: i64,
    /// Id of the button, as `tidings show` prints it
    pub(crate) action: String,
    /// Send the request behind the button without asking
    #[arg(long)]
    pub(crate) yes: bool,
}

/// Ids, or everything that meets the conditions.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("which").args(["ids", "all"]).required(true))]
pub(crate) struct MarkArguments {
    /// Ids, as `tidings list` prints them
    #[arg(value_name = "ID", value_parser = id, conflicts_with = "FilterArguments")]
    pub(crate) ids: Vec<i64>,
    /// All of the inbox that meet the conditions and exist at this moment
    #[arg(long)]
    pub(crate) all: bool,
    #[command(flatten)]
    pub(crate) filter: FilterArguments,
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SwitchArguments {
    #[command(flatten)]
    pub(crate) mark: MarkArguments,
    /// Take the mark away instead
    #[arg(long)]
    pub(crate) off: bool,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("when").args(["span", "moment", "off"]).required(true))]
pub(crate) struct SnoozeArguments {
    /// Ids, as `tidings list` prints them
    #[arg(required = true, value_name = "ID", value_parser = id)]
    pub(crate) ids: Vec<i64>,
    /// For so long: 1h, 90m, 3d
    #[arg(long = "for", value_name = "DURATION")]
    span: Option<Span>,
    /// Until then: a time of day (18:30), a date, or RFC 3339
    #[arg(long = "until", value_name = "WHEN")]
    moment: Option<Moment>,
    /// Wake it now, as it was before
    #[arg(long)]
    off: bool,
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

impl SnoozeArguments {
    /// When it wakes; `None` = now.
    pub(crate) fn until(&self) -> Option<Moment> {
        self.span.map(Moment::Away).or(self.moment)
    }
}

#[derive(Debug, Args)]
pub(crate) struct UndoArguments {
    /// The number that read, unread, done, save, snooze or delete printed
    pub(crate) token: u64,
}

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("which").args(["ids", "older_than"]).required(true))]
pub(crate) struct DeleteArguments {
    /// Ids, as `tidings list` prints them
    #[arg(value_name = "ID", value_parser = id, conflicts_with_all = ["FilterArguments", "ViewArguments"])]
    pub(crate) ids: Vec<i64>,
    /// All of the view that meet the conditions and last occurred before: a duration (30d), a
    /// date or RFC 3339
    #[arg(long, value_name = "AGE", conflicts_with = "until")]
    pub(crate) older_than: Option<Moment>,
    #[command(flatten)]
    pub(crate) view: ViewArguments,
    #[command(flatten)]
    pub(crate) filter: FilterArguments,
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}
