use std::path::PathBuf;

use clap::{Args, Subcommand};
use clap_complete::Shell;

#[derive(Debug, Args)]
pub(crate) struct TopicsArguments {
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct StatisticsArguments {
    /// Over how many days, up to this moment
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u16).range(1..=400))]
    pub(crate) days: u16,
    /// Whose days and hours, as an IANA name such as Europe/Madrid; this machine's where it is not given
    #[arg(long)]
    pub(crate) zone: Option<String>,
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct StatusArguments {
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DoctorArguments {
    /// Show a test popup too; past the daemon where that is away
    #[arg(long)]
    pub(crate) popup: bool,
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TransferArguments {
    /// The file; `-` is standard output or input
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct CompletionsArguments {
    /// bash, elvish, fish, powershell or zsh
    pub(crate) shell: Shell,
}

#[derive(Debug, Args)]
pub(crate) struct ManArguments {
    /// Where the pages go, e.g. ~/.local/share/man/man1; created when missing
    pub(crate) directory: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct SecretArguments {
    #[command(subcommand)]
    pub(crate) command: SecretCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SecretCommand {
    /// Store the secret of a source or a target, asked for without echo or read from standard input
    Set(SecretNameArguments),
    /// Remove the secret of a source or a target
    Delete(SecretNameArguments),
}

#[derive(Debug, Args)]
pub(crate) struct SecretNameArguments {
    /// Name of the source or target in the configuration
    pub(crate) name: String,
}
