use super::model::Security;

/// What the loader asks the kinds of sources and targets: their names, and whether the keys of a table are theirs.
///
/// A plain value, so that the configuration does not depend on the protocols.
#[derive(Clone, Copy, Debug)]
pub struct Kinds {
    /// Every kind that `kind = "..."` of a source can name.
    pub names: fn() -> Vec<&'static str>,
    /// Checks the settings of a source of a kind: everything but the keys that all sources share.
    pub check: fn(kind: &str, settings: &toml::Table) -> Vec<KeyProblem>,
    /// The same for the kinds of targets: their names.
    pub target_names: fn() -> Vec<&'static str>,
    /// Checks the settings of a target of a kind: everything but the keys that all targets share, and where the file allows
    /// to send what.
    pub check_target:
        fn(kind: &str, settings: &toml::Table, security: &Security) -> Vec<KeyProblem>,
}

impl Kinds {
    /// No kind at all: what a list of some kinds begins with.
    pub const NONE: Self = Self {
        names: Vec::new,
        check: |_, _| Vec::new(),
        target_names: Vec::new,
        check_target: |_, _, _| Vec::new(),
    };
}

/// What a kind of source or target finds wrong with a key of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyProblem {
    /// The key; a dotted path into nested tables. Of a path that is not in the file, its beginning is pointed at.
    pub key: String,
    /// What is wrong.
    pub message: String,
    /// The keys or words that would be right, for a suggestion; empty if there is none to make.
    pub known: Vec<&'static str>,
}
