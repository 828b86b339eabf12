use std::str::FromStr;

use clap::Args;
use tidings_api::Scope;

use crate::parse::time::{Moment, Span};

/// What an opt-out is about.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "What it is about")]
pub(crate) struct ScopeArguments {
    /// This source; without it everything. `local` is what this machine posts
    #[arg(long, short)]
    pub(crate) source: Option<String>,
    /// Only this topic of the source
    #[arg(long, short, requires = "source", conflicts_with = "key")]
    pub(crate) topic: Option<String>,
    /// Only what evolves under this key: mutes one thread
    #[arg(long, short, requires = "source")]
    pub(crate) key: Option<String>,
    /// Keep it away from this target only; without it from all
    #[arg(long, value_name = "TARGET", default_value = "", hide_default_value = true)]
    pub(crate) target: String,
}

impl ScopeArguments {
    pub(crate) fn scope(&self) -> Scope {
        Scope { source: self.source.clone(), topic: self.topic.clone(), key: self.key.clone() }
    }
}

#[derive(Debug, Args)]
pub(crate) struct OptOutArguments {
    #[command(flatten)]
    pub(crate) scope: ScopeArguments,
    /// End by itself after so long: 8h, 30m, 2d
    #[arg(long = "for", value_name = "DURATION")]
    pub(crate) length: Option<Span>,
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct OptInArguments {
    #[command(flatten)]
    pub(crate) scope: ScopeArguments,
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct OptOutsArguments {
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct QuietArguments {
    /// on, off, a duration (1h), or until with a time
    #[arg(value_name = "WANTED")]
    pub(crate) wanted: Option<QuietWord>,
    /// After `until`: a time (07:00), a date or RFC 3339
    #[arg(value_name = "TIME")]
    pub(crate) time: Option<Moment>,
    /// Print one JSON array
    #[arg(long)]
    pub(crate) json: bool,
}

/// The first word after `tidings quiet`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QuietWord {
    /// Until it is switched off.
    On,
    /// Not any more.
    Off,
    /// For so long.
    For(Span),
    /// A time follows.
    Until,
}

impl FromStr for QuietWord {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "on" => Ok(Self::On),
            "off" => Ok(Self::Off),
            "until" => Ok(Self::Until),
            other => other.parse().map(Self::For).map_err(|_| {
                format!("\"{other}\" is not on, off, until or a duration like 1h or 90m")
            }),
        }
    }
}
