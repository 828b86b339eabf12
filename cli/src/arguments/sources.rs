use clap::{Args, Subcommand};
use serde_json::Value;

use crate::parse;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct SourcesArguments {
    #[command(subcommand)]
    pub(crate) command: Option<SourcesCommand>,
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SourcesCommand {
    /// Connect once beside the running connection and say what the server answered
    Test(SourceTestArguments),
    /// Drop the connection and dial at once
    Reconnect(SourceArguments),
    /// Switch a source on, in the configuration file
    Enable(SourceArguments),
    /// Switch a source off, in the configuration file
    Disable(SourceArguments),
    /// Add a source to the configuration file
    Add(SourceAddArguments),
    /// Take a source out of the configuration file; its notifications stay
    Remove(SourceArguments),
    /// List the kinds and presets that a source can be of
    Kinds(SourceKindsArguments),
}

#[derive(Debug, Args)]
pub(crate) struct SourceArguments {
    /// Name of the source, as `tidings sources` prints it
    pub(crate) name: String,
}

#[derive(Debug, Args)]
pub(crate) struct SourceTestArguments {
    /// Name of the source, as `tidings sources` prints it
    pub(crate) name: String,
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SourceAddArguments {
    /// What the source is to be called
    pub(crate) name: String,
    /// Which protocol the server speaks
    #[arg(long, default_value = "json")]
    pub(crate) kind: String,
    /// The family of servers it belongs to, as `tidings sources kinds` lists them
    #[arg(long)]
    pub(crate) preset: Option<String>,
    /// Address of the server
    #[arg(long)]
    pub(crate) url: String,
    /// A further key of the configuration, like auth.username=ana; repeatable, and the same key again makes a list
    #[arg(long, value_name = "KEY=VALUE", value_parser = parse::setting::setting)]
    pub(crate) set: Vec<(String, Value)>,
    /// The server needs no token or password
    #[arg(long)]
    pub(crate) no_secret: bool,
    /// Print what is stored, as one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SourceKindsArguments {
    /// Print one JSON array, with the fields of each form
    #[arg(long)]
    pub(crate) json: bool,
}
