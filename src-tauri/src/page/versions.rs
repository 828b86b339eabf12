use serde::Serialize;
use tidings_api::{Dict, Error, Fields};

/// Versions and places, for "about".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "typescript", derive(ts_rs::TS))]
pub struct Versions {
    /// Of this program.
    pub app: String,
    /// Of the daemon; empty while it is away, like all that follows.
    pub daemon: String,
    /// Of the contract between them.
    pub api: u32,
    /// Where the inbox is.
    pub database_path: String,
    /// Where the configuration is.
    pub config_path: String,
    /// What is wrong with the configuration.
    pub config_error: String,
    /// Who shows the popups.
    pub popup_server: String,
}

impl Versions {
    /// What is known without the daemon.
    #[must_use]
    pub fn of_the_app() -> Self {
        Self { app: env!("CARGO_PKG_VERSION").to_owned(), ..Self::default() }
    }

    /// Reads the answer of `Stats`.
    ///
    /// # Errors
    ///
    /// A value is not of the contract.
    pub fn from_stats(stats: Dict) -> Result<Self, Error> {
        let mut fields = Fields::new("stats", stats);
        let api = fields.integer("api_version")?.and_then(|n| u32::try_from(n).ok());
        let mut text = |key: &str| fields.text(key).map(Option::unwrap_or_default);
        Ok(Self {
            daemon: text("version")?,
            database_path: text("database_path")?,
            config_path: text("config_path")?,
            config_error: text("config_error")?,
            popup_server: text("popup_server")?,
            api: api.unwrap_or_default(),
            ..Self::of_the_app()
        })
    }
}
