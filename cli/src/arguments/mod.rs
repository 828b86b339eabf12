//! The command line as clap reads it: one struct a command, no behaviour.

mod deliveries;
mod inbox;
mod post;
mod preferences;
mod records;
mod service;
mod sources;
mod targets;

use clap::{Parser, Subcommand};

pub(crate) use deliveries::{DeliveriesArguments, DeliveryIdsArguments};
pub(crate) use inbox::{
    CountArguments, DeleteArguments, FilterArguments, InvokeArguments, ListArguments,
    MarkArguments, OpenArguments, SearchArguments, ShowArguments, SnoozeArguments, SwitchArguments,
    UndoArguments, WatchArguments,
};
pub(crate) use post::{PostArguments, WithdrawArguments};
pub(crate) use preferences::{
    OptInArguments, OptOutArguments, OptOutsArguments, QuietArguments, QuietWord,
};
pub(crate) use records::{
    RecordAddArguments, RecordArguments, RecordDescribeArguments, RecordVerifyArguments,
    RecordsArguments, RecordsCommand,
};
pub(crate) use service::{
    CompletionsArguments, DoctorArguments, ManArguments, SecretArguments, SecretCommand,
    StatisticsArguments, StatusArguments, TopicsArguments, TransferArguments,
};
pub(crate) use sources::{
    SourceAddArguments, SourceArguments, SourceTestArguments, SourcesArguments, SourcesCommand,
};
pub(crate) use targets::{
    RoutesArguments, TargetAddArguments, TargetArguments, TargetResumeArguments,
    TargetTestArguments, TargetsArguments, TargetsCommand,
};

use crate::output::ColorChoice;

const EXAMPLES: &str = "\
Examples:
  tidings post \"Backup finished\" \"42 GB in 12 minutes\" --topic backups
  make 2>&1 | tail -20 | tidings post \"Build\" - --urgency high
  tidings post \"Deploy?\" --action yes=Deploy --action no=Cancel --wait=10m
  tidings list --unread
  tidings search disk full --json | jq -r '.[].title'
  tidings watch --source orders
  tidings read --all
  tidings doctor

Exit codes: 0 fine, 1 failed, 2 wrong usage, 3 the daemon cannot be reached.";

/// Post, read and search desktop notifications
#[derive(Debug, Parser)]
#[command(name = "tidings", version, after_help = EXAMPLES, arg_required_else_help = true)]
pub(crate) struct Arguments {
    /// When to use colours; NO_COLOR in the environment means never
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorChoice,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Post a notification
    Post(Box<PostArguments>),
    /// Take back what was posted under a key
    Withdraw(WithdrawArguments),
    /// List notifications, newest first
    List(ListArguments),
    /// Show notifications in full
    Show(ShowArguments),
    /// Search title, body, topic and actor
    Search(SearchArguments),
    /// Count notifications
    Count(CountArguments),
    /// List the topics with their unread notifications, the last used first
    Topics(TopicsArguments),
    /// Say how many came when, from where, and how soon they were read
    Statistics(StatisticsArguments),
    /// Print notifications as they arrive, one line each
    Watch(WatchArguments),
    /// Mark as read
    Read(MarkArguments),
    /// Mark as unread
    Unread(MarkArguments),
    /// Mark as dealt with: leaves the inbox until it happens again
    Done(SwitchArguments),
    /// Keep for good: no retention deletes it
    Save(SwitchArguments),
    /// Put off: leaves the inbox and comes back as news
    Snooze(SnoozeArguments),
    /// Take back one read, unread, done, save, snooze or delete
    Undo(UndoArguments),
    /// Delete notifications
    Delete(DeleteArguments),
    /// Do what a click on the notification would, or open the window
    Open(OpenArguments),
    /// Choose a button of a notification
    Invoke(InvokeArguments),
    /// Say why a notification did or did not pop up, and where else it went
    Explain(ShowArguments),
    /// Keep a source, a topic or a thread from popping up, or away from a target
    OptOut(OptOutArguments),
    /// Take an opt-out back
    OptIn(OptInArguments),
    /// List the opt-outs that stand
    OptOuts(OptOutsArguments),
    /// Say whether popups wait, or make them
    Quiet(QuietArguments),
    /// List the remote sources, or steer one
    Sources(SourcesArguments),
    /// List the targets beside the desktop, or steer one
    Targets(TargetsArguments),
    /// Send a test message to a target: short for `targets test`
    Test(TargetTestArguments),
    /// List the addresses at targets, or change one
    Records(RecordsArguments),
    /// List what was sent, or is to be, the newest first
    Deliveries(DeliveriesArguments),
    /// Send deliveries again: what failed, was not sent or waits
    Retry(DeliveryIdsArguments),
    /// Give up deliveries that wait
    Cancel(DeliveryIdsArguments),
    /// Say which notifications go where
    Routes(RoutesArguments),
    /// Keep the secret of a source or a target in the keyring
    Secret(SecretArguments),
    /// Say how the daemon is, in a few lines
    Status(StatusArguments),
    /// Find what is wrong, and say what to do
    Doctor(DoctorArguments),
    /// Write the whole inbox to a file as JSON lines
    Export(TransferArguments),
    /// Read an export; what is already there is left alone
    Import(TransferArguments),
    /// Print the completions of a shell
    Completions(CompletionsArguments),
    /// Print the manual page, or write one page a command into a directory
    Man(ManArguments),
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definition_of_the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_command_and_every_option_explains_itself() {
        fn check(command: &clap::Command) {
            assert!(command.get_about().is_some(), "{} has no help", command.get_name());
            for argument in command.get_arguments() {
                assert!(
                    argument.get_help().is_some(),
                    "{} {} has no help",
                    command.get_name(),
                    argument.get_id()
                );
            }
            command.get_subcommands().for_each(check);
        }
        check(&Arguments::command());
    }
}
