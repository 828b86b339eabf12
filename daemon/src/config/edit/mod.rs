//! Edits on behalf of clients. What the user wrote around the edited value stays as it is, and what the loader would
//! refuse never reaches the file.

mod entries;
mod file;
mod live;
mod remove;
mod route;
mod settings;
mod source;
mod table;
mod target;
#[cfg(test)]
mod tests;
mod value;

use std::io;
use std::path::PathBuf;

pub use self::settings::Setting;
use super::load::MAX_BYTES;
use super::problem::ConfigErrors;

/// Why the file was not edited. It is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// No `[[source]]`, or no `[[target]]`, has that name.
    #[error("{}: there is no {what} \"{name}\"", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
        /// `source` or `target`.
        what: &'static str,
        /// The name asked for.
        name: String,
    },
    /// Another one has that name.
    #[error("name: there is a {what} \"{name}\" already; choose another name")]
    NameTaken {
        /// `source` or `target`.
        what: &'static str,
        /// The name asked for.
        name: String,
    },
    /// A value that no configuration can hold.
    #[error("{key}: {problem}")]
    BadValue {
        /// The key, dotted.
        key: String,
        /// What is wrong with it, without quoting it.
        problem: &'static str,
    },
    /// The file would be larger than what is read.
    #[error("settings: the file would be larger than {MAX_BYTES} bytes with them")]
    TooLarge,
    /// The loader would refuse the file with the edit in it.
    #[error("{}", .0.advice())]
    Refused(ConfigErrors),
    /// The file has mistakes at the moment.
    #[error("{}: the file has mistakes: mend them first, then try again", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
    },
    /// The file or its folder is read-only, as in the Nix store.
    #[error("{}: the file is read-only: change it where it is made", path.display())]
    ReadOnly {
        /// The file, symbolic links resolved.
        path: PathBuf,
    },
    /// Somebody else wrote the file in the meantime.
    #[error("{}: the file was changed by another program at the same moment: try again", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}
