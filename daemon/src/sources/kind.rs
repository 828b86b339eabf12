use tidings_api::SourceKind;

use crate::config::{KeyProblem, SourceConfig};
use crate::sources::Source;
use crate::sources::registry::{Deps, Summary};

/// How a source is built.
pub type Build = fn(&SourceConfig, &Deps) -> Result<Box<dyn Source>, String>;

/// A kind of source: what the rest of the daemon knows of it.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// The word in the configuration.
    pub name: &'static str,
    /// Its form, or one for each of its presets.
    pub forms: fn() -> Vec<SourceKind>,
    /// Checks settings without connecting. Empty means that `build` would accept them.
    pub check: fn(&toml::Table) -> Vec<KeyProblem>,
    /// Summarises settings for a list of sources; what is missing or wrong stays empty.
    pub summary: fn(&toml::Table) -> Summary,
    /// Builds a source. The error is for a person: what is wrong and what to do.
    pub build: Build,
}
