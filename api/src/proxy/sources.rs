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

    /// The state of the source with this name is another.
    #[zbus(signal)]
    fn changed(&self, source: &str) -> zbus::Result<()>;
}
