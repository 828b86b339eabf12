use clap::{Args, Subcommand};
use serde_json::Value;

use crate::parse;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct TargetsArguments {
    #[command(subcommand)]
    pub(crate) command: Option<TargetsCommand>,
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TargetsCommand {
    /// List the kinds that a target can be of
    Kinds(TargetKindsArguments),
    /// Add a target to the configuration file
    Add(TargetAddArguments),
    /// Take a target out of the configuration file, with its records and its secret
    Remove(TargetArguments),
    /// Switch a target on, in the configuration file
    Enable(TargetArguments),
    /// Switch a target off, in the configuration file
    Disable(TargetArguments),
    /// Send again after a pause for wrong credentials
    Resume(TargetResumeArguments),
    /// Send a test message and say what the provider answered
    Test(TargetTestArguments),
}

#[derive(Debug, Args)]
pub(crate) struct TargetArguments {
    /// Name of the target, as `tidings targets` prints it
    pub(crate) name: String,
}

#[derive(Debug, Args)]
pub(crate) struct TargetKindsArguments {
    /// Print one JSON array, with the fields of each form
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TargetAddArguments {
    /// What the target is to be called
    pub(crate) name: String,
    /// Keys of the configuration, like host=mail.example.org
    #[arg(value_name = "KEY=VALUE", value_parser = parse::setting::setting)]
    pub(crate) settings: Vec<(String, Value)>,
    /// Where it leads to, as `tidings targets kinds` lists them
    #[arg(long)]
    pub(crate) kind: String,
    /// Its token or password is in the keyring, where `tidings secret set` puts it
    #[arg(long)]
    pub(crate) secret_in_keyring: bool,
    /// Print what is stored, as one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TargetResumeArguments {
    /// Name of the target, as `tidings targets` prints it
    pub(crate) name: String,
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TargetTestArguments {
    /// Name of the target, as `tidings targets` prints it
    #[arg(value_name = "TARGET")]
    pub(crate) name: String,
    /// An address in the words of the target; without one it is every record that receives
    pub(crate) address: Option<String>,
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RoutesArguments {
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}
