use tidings_api::Millis;

/// Row id of a source in the database. Stable over renames of nothing: a source is its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SourceId(pub i64);

/// Row id of a notification; what the bus calls `id`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NotificationId(pub i64);

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
