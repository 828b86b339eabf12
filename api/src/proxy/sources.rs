use zbus::proxy;

use crate::Dict;

/// Watches and steers the remote sources.
#[proxy(
    interface = "org.tidings.Tidings.Sources1",
    default_service = "org.tidings.Tidings.Daemon1",
    default_path = "/org/tidings/Tidings/Daemon1"
)]
pub trait Sources1 {
    /// Every configured source with its state.
    fn list(&self) -> zbus::Result<Vec<Dict>>;

    /// Connects once beside the running connection and says what the server answered.
    fn test(&self, source: &str) -> zbus::Result<Dict>;

    /// Drops the connection and dials at once, whatever it was waiting for.
    fn reconnect(&self, source: &str) -> zbus::Result<()>;

    /// Switches a source on or off, in the configuration file.
    fn set_enabled(&self, source: &str, enabled: bool) -> zbus::Result<()>;

    /// The kinds and presets there are, with the fields of their forms, as JSON.
    fn kinds(&self) -> zbus::Result<String>;

    /// One source as its form edits it, as JSON; without its secret.
    fn get(&self, source: &str) -> zbus::Result<String>;

    /// Adds a source to the configuration file.
    fn add(&self, settings: &str) -> zbus::Result<()>;

    /// Changes a source in the configuration file, keeping its other keys and the comments.
    fn update(&self, settings: &str) -> zbus::Result<()>;

    /// Takes a source out of the configuration file and its secret out of the keyring; its notifications stay.
    fn remove(&self, source: &str) -> zbus::Result<()>;

    /// Like `Test`, for settings that are not stored. An empty secret means the stored one.
    fn test_settings(&self, settings: &str, secret: &str) -> zbus::Result<Dict>;

    /// Stores the secret of a source in the keyring and dials again. It is never answered by any call.
    fn set_secret(&self, source: &str, secret: &str) -> zbus::Result<()>;

    /// The state of the source with this name is another.
    #[zbus(signal)]
    fn changed(&self, source: &str) -> zbus::Result<()>;
}
