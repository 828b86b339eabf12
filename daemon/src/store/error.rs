use std::path::PathBuf;

/// Why the database could not be opened. The file is never touched in these cases.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Written by a newer Tidings.
    #[error(
        "{path}: written by a newer Tidings (schema {found}, this program knows {known}); the file is left as it is. Run the newer version, or move the file away to start afresh"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema version.
        found: usize,
        /// Ours.
        known: usize,
    },
    /// Not a database, or damaged.
    #[error(
        "{path}: damaged or not a Tidings database ({detail}); the file is left as it is. Restore a backup, or move the file away to start afresh"
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// SQLite's words.
        detail: String,
    },
    /// Another daemon has it.
    #[error("{path}: in use by another tidingsd; end that one first")]
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// Anything else.
    #[error("{path}: {detail}")]
    Other {
        /// The file.
        path: PathBuf,
        /// What happened.
        detail: String,
    },
}

/// Why a call to the store failed; nothing of it was changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// SQLite's words: disk full, I/O error.
    #[error("the inbox could not be written or read: {0}")]
    Database(String),
    /// The cursor, token or id is not one of ours.
    #[error("{0}")]
    Invalid(String),
    /// There is no such thing.
    #[error("{0}")]
    NotFound(String),
    /// It contradicts what is there.
    #[error("{0}")]
    Conflict(String),
    /// The answer would be.
    #[error("{0}")]
    TooLarge(String),
    /// The daemon is shutting down.
    #[error("the inbox is closed: the daemon is shutting down")]
    Closed,
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error.to_string())
    }
}
