use serde::Serialize;
use tidings_api::{Dict, Fields, Millis};

use crate::exit::Failure;

/// What `Control1.Stats` answers. Keys of a newer daemon are ignored, absent ones are `null` in JSON.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Stats {
    /// Version of the daemon.
    pub(crate) version: String,
    /// Version of the D-Bus contract.
    pub(crate) api_version: u32,
    /// When the daemon started.
    pub(crate) started_at: Option<Millis>,
    /// The daemon's clock.
    pub(crate) now: Option<Millis>,
    /// The inbox on disk.
    pub(crate) database_path: String,
    /// Its size.
    pub(crate) database_bytes: Option<i64>,
    /// Rows that are not deleted.
    pub(crate) notifications: Option<i64>,
    /// Unread in the inbox.
    pub(crate) unread: Option<i64>,
    /// Unseen in the inbox.
    pub(crate) unseen: Option<i64>,
    /// Grows with every committed change.
    pub(crate) revision: Option<i64>,
    /// Name of the running popup server; `null` = none.
    pub(crate) popup_server: Option<String>,
    /// Its version.
    pub(crate) popup_server_version: Option<String>,
    /// Who makes it.
    pub(crate) popup_server_vendor: Option<String>,
    /// Version of the Desktop Notifications Specification that it follows.
    pub(crate) popup_spec_version: Option<String>,
    /// What it can show.
    pub(crate) popup_capabilities: Vec<String>,
    /// The configuration file.
    pub(crate) config_path: String,
    /// What is wrong with it; `null` = nothing.
    pub(crate) config_error: Option<String>,
    /// Configured sources.
    pub(crate) sources: Option<i64>,
    /// Notifications received since the start, from sources and posts.
    pub(crate) received: Option<i64>,
    /// Events that sources could not hand over.
    pub(crate) dropped_events: Option<i64>,
    /// Popups shown since the start.
    pub(crate) popups_shown: Option<i64>,
    /// Median time from a frame of a server to its popup, in microseconds.
    pub(crate) frame_to_popup_p50_us: Option<i64>,
}

impl Stats {
    /// Reads the answer of the daemon.
    pub(crate) fn from_dict(dict: Dict) -> Result<Self, Failure> {
        let mut fields = Fields::new("stats", dict);
        let api_version = fields.integer("api_version")?.and_then(|n| u32::try_from(n).ok());
        Ok(Self {
            version: fields.text("version")?.unwrap_or_default(),
            api_version: api_version.unwrap_or_default(),
            started_at: fields.integer("started_at")?,
            now: fields.integer("now")?,
            database_path: fields.text("database_path")?.unwrap_or_default(),
            database_bytes: fields.integer("database_bytes")?,
            notifications: fields.integer("notifications")?,
            unread: fields.integer("unread")?,
            unseen: fields.integer("unseen")?,
            revision: fields.integer("revision")?,
            popup_server: fields.text("popup_server")?,
            popup_server_version: fields.text("popup_server_version")?,
            popup_server_vendor: fields.text("popup_server_vendor")?,
            popup_spec_version: fields.text("popup_spec_version")?,
            popup_capabilities: fields.texts("popup_capabilities")?.unwrap_or_default(),
            config_path: fields.text("config_path")?.unwrap_or_default(),
            config_error: fields.text("config_error")?,
            sources: fields.integer("sources")?,
            received: fields.integer("received")?,
            dropped_events: fields.integer("dropped_events")?,
            popups_shown: fields.integer("popups_shown")?,
            frame_to_popup_p50_us: fields.integer("frame_to_popup_p50_us")?,
        })
    }
}
