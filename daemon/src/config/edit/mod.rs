//! Edits on behalf of clients. What the user wrote around the edited value stays as it is.

mod file;
mod source;

use std::io;
use std::path::PathBuf;

pub use self::source::set_source_enabled;

/// Why the file was not edited. It is as it was before.
#[derive(Debug, thiserror::Error)]
pub enum EditError {
    /// No `[[source]]` has that name.
    #[error("{}: there is no source \"{name}\"", path.display())]
    NoSuchSource {
        /// The file.
        path: PathBuf,
        /// The name asked for.
        name: String,
    },
    /// The file is not TOML at the moment.
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

#[cfg(test)]
mod tests;
