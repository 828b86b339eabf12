use clap::{Args, Subcommand};

use crate::parse::id::record;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct RecordsArguments {
    #[command(subcommand)]
    pub(crate) command: Option<RecordsCommand>,
    /// Only those of this target; `--` in front where it is called like a command
    #[arg(value_name = "TARGET")]
    pub(crate) target: Option<String>,
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RecordsCommand {
    /// Add an address to a target; where its owner must agree, a code is sent there
    Add(RecordAddArguments),
    /// Enter the code that arrived at the address
    Verify(RecordVerifyArguments),
    /// Send another code to the address
    SendCode(RecordArguments),
    /// Send to the address again
    Enable(RecordArguments),
    /// Send nothing to the address, and keep it
    Disable(RecordArguments),
    /// Take an address out, with what was sent there and what waits
    Remove(RecordArguments),
    /// Say what the address is called
    Describe(RecordDescribeArguments),
}

#[derive(Debug, Args)]
pub(crate) struct RecordArguments {
    /// Id of the record, as `tidings records` prints it
    #[arg(value_parser = record)]
    pub(crate) id: i64,
}

#[derive(Debug, Args)]
pub(crate) struct RecordAddArguments {
    /// Name of the target, as `tidings targets` prints it
    pub(crate) target: String,
    /// In the words of the target: an e-mail address, a phone number, a device token
    pub(crate) address: String,
    /// What you call it
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) description: String,
    /// It is yours for sure: no code is sent there
    #[arg(long)]
    pub(crate) trusted: bool,
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RecordVerifyArguments {
    /// Id of the record, as `tidings records` prints it
    #[arg(value_parser = record)]
    pub(crate) id: i64,
    /// The six digits that arrived there
    pub(crate) code: String,
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RecordDescribeArguments {
    /// Id of the record, as `tidings records` prints it
    #[arg(value_parser = record)]
    pub(crate) id: i64,
    /// What you call it; empty = nothing
    pub(crate) text: String,
}
