use tidings_api::Millis;

use crate::inbox::Facets;

/// Row id of a source in the database. Stable over renames of nothing: a source is its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub i64);

/// Row id of a notification; what the bus calls `id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NotificationId(pub i64);

/// Which rows of a source count as dealt with on its server, and so what a mark that is sent there says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Marking {
    /// Nothing is sent.
    #[default]
    Nothing,
    /// What is read: the server keeps a reading state of its own.
    Read,
    /// What is read, done or deleted: the server knows one "cleared" for all of them.
    ReadOrDone,
    /// What is done or deleted: the server forgets it then.
    Done,
}

impl Marking {
    /// Whether a row in this state is marked on the server.
    #[must_use]
    pub const fn covers(self, facets: &Facets) -> bool {
        let read = facets.read_at.is_some();
        let done = facets.done_at.is_some() || facets.deleted_at.is_some();
        match self {
            Self::Nothing => false,
            Self::Read => read,
            Self::ReadOrDone => read || done,
            Self::Done => done,
        }
    }

    /// Whether marks are sent at all.
    #[must_use]
    pub const fn is_sent(self) -> bool {
        !matches!(self, Self::Nothing)
    }

    /// Whether the server can be told that a row counts as dealt with no more.
    #[must_use]
    pub const fn is_taken_back(self) -> bool {
        matches!(self, Self::Read)
    }

    /// Whether a mark says something about all that is, or will be, in the thread of its row.
    #[must_use]
    pub const fn is_for_threads(self) -> bool {
        matches!(self, Self::ReadOrDone | Self::Done)
    }

    /// The word in the database; what sends nothing keeps none of its own.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing | Self::Read => "read",
            Self::ReadOrDone => "read-or-done",
            Self::Done => "done",
        }
    }
}

/// What the store remembers about a source between two runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceRecord {
    /// Its row.
    pub id: SourceId,
    /// Its name in the configuration.
    pub name: String,
    /// Grows when the server's database was found to have been reset: remote ids start again then.
    pub epoch: i64,
    /// Where to resume, in the source's own words.
    pub marker: Option<String>,
    /// When it first caught up; what is older is history and raises no popup.
    pub first_connected_at: Option<Millis>,
}
