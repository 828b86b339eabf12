use clap::Args;
use tidings_api::{Action, KeyMode, Urgency};

use crate::parse::action::action;
use crate::parse::time::{Moment, Span};

const EXAMPLES: &str = "\
Examples:
  tidings post \"Backup finished\" \"42 GB in 12 minutes\" --topic backups --icon drive-harddisk
  df -h | tidings post \"Disks\" -
  tidings post \"Upload\" --key upload --mode silent --progress 40
  tidings post \"Stand-up\" --at 09:25 --expires 1h
  tidings post \"Deploy?\" --action yes=Deploy --action no=Cancel --wait=10m
  tidings post \"What did you do today?\" --action inline-reply=Reply --wait >> diary
  tidings post \"Build failed\" --action log=\"Open the log\"=https://ci.example.org/42
  jq -c '{title: .subject, body: .text}' mails.json | tidings post --many

The id is printed. With --wait the chosen action or the typed reply is printed instead;
nothing is printed and the exit code is 1 when there was none.";

/// What describes one notification, which with `--many` the lines do.
const ONE: [&str; 22] = [
    "title",
    "body",
    "topic",
    "app",
    "urgency",
    "key",
    "mode",
    "icon",
    "url",
    "actions",
    "actor",
    "verb",
    "action_object",
    "activity_target",
    "tags",
    "progress",
    "transient",
    "expires",
    "at",
    "targets",
    "store_only",
    "data",
];

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct PostArguments {
    /// One line, at most 512 characters
    #[arg(required_unless_present = "many")]
    pub(crate) title: Option<String>,
    /// Plain text, any number of lines, at most 64 KiB; `-` reads it from standard input
    pub(crate) body: Option<String>,

    /// The subdivision it belongs to, e.g. backups
    #[arg(long, short)]
    pub(crate) topic: Option<String>,
    /// Name of the posting program, as a person knows it
    #[arg(long)]
    pub(crate) app: Option<String>,
    /// How much it wants to interrupt: low, normal, high or critical
    #[arg(long, short, value_name = "URGENCY")]
    pub(crate) urgency: Option<Urgency>,
    /// Identity of an evolving notification: the same key again changes the same row
    #[arg(long, short)]
    pub(crate) key: Option<String>,
    /// What the same key again does: new (a row of its own), update (unread again), silent
    #[arg(long, value_name = "MODE")]
    pub(crate) mode: Option<KeyMode>,
    /// Icon name of the desktop's theme, or path of a local image, e.g. ./logo.png
    #[arg(long, short)]
    pub(crate) icon: Option<String>,
    /// Opened by a click: http, https or mailto
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// A button; with a URL it opens that. `default` is a click on the popup itself,
    /// `inline-reply` asks for a line of text. Repeatable
    #[arg(long = "action", short, value_name = "ID=LABEL[=URL]", value_parser = action)]
    pub(crate) actions: Vec<Action>,
    /// Who did it
    #[arg(long)]
    pub(crate) actor: Option<String>,
    /// What was done
    #[arg(long)]
    pub(crate) verb: Option<String>,
    /// To what it was done
    #[arg(long, value_name = "OBJECT")]
    pub(crate) action_object: Option<String>,
    /// Where it was done
    #[arg(long, value_name = "PLACE")]
    pub(crate) activity_target: Option<String>,
    /// A free label. Repeatable
    #[arg(long = "tag", value_name = "TAG")]
    pub(crate) tags: Vec<String>,
    /// A percentage from 0 to 100
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) progress: Option<u8>,
    /// Ask the popup server not to keep it; the inbox keeps it all the same
    #[arg(long)]
    pub(crate) transient: bool,
    /// Not worth showing after that: a duration (2h), a time (18:30) or RFC 3339
    #[arg(long, value_name = "WHEN")]
    pub(crate) expires: Option<Moment>,
    /// Deliver then: a duration from now (10m), a time (18:30) or RFC 3339
    #[arg(long, value_name = "WHEN")]
    pub(crate) at: Option<Moment>,
    /// Deliver to exactly this target, whatever the routes say. Repeatable
    #[arg(
        long = "to",
        visible_alias = "target",
        value_name = "TARGET",
        conflicts_with = "store_only"
    )]
    pub(crate) targets: Vec<String>,
    /// Put it into the inbox and deliver it nowhere
    #[arg(long)]
    pub(crate) store_only: bool,
    /// Any JSON text, given back untouched, at most 64 KiB
    #[arg(long, value_name = "JSON")]
    pub(crate) data: Option<String>,

    /// Wait for a choice, a reply or the end of the popup, at most this long (e.g. --wait=5m)
    #[arg(
        long,
        value_name = "TIMEOUT",
        num_args = 0..=1,
        require_equals = true,
        conflicts_with = "many"
    )]
    #[expect(clippy::option_option, reason = "clap's form of an option with an optional value")]
    pub(crate) wait: Option<Option<Span>>,
    /// Read JSON lines from standard input and post them in batches; keys as in the options
    #[arg(long, conflicts_with_all = ONE)]
    pub(crate) many: bool,
    /// Print JSON instead of the bare id or answer
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct WithdrawArguments {
    /// The key it was posted under
    pub(crate) key: String,
}
