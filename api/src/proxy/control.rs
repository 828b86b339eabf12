use zbus::proxy;
use zbus::zvariant::OwnedFd;

use crate::Dict;

/// The daemon itself.
#[proxy(
    interface = "org.tidings.Tidings.Control1",
    default_service = "org.tidings.Tidings.Daemon1",
    default_path = "/org/tidings/Tidings/Daemon1"
)]
pub trait Control1 {
    /// Reads the configuration again; an error leaves the running one in force.
    fn reload(&self) -> zbus::Result<()>;

    /// Figures and facts: version, uptime, counts, the popup server, the database, configuration errors.
    fn stats(&self) -> zbus::Result<Dict>;

    /// Shows a popup that is not stored; answers when the popup server has taken it.
    fn test_popup(&self) -> zbus::Result<()>;

    /// Plays a small working day from a server on this machine, for who wants to look around first. While it plays this
    /// changes nothing.
    fn play_demo(&self) -> zbus::Result<()>;

    /// Ends the demo and deletes its notifications for good. Without any this changes nothing.
    fn end_demo(&self) -> zbus::Result<()>;

    /// Writes the whole inbox as JSON lines to the file descriptor; answers the number of rows.
    fn export(&self, output: OwnedFd) -> zbus::Result<u64>;

    /// Reads an export; rows that are already there are left alone. Answers the number of new rows.
    fn import(&self, input: OwnedFd) -> zbus::Result<u64>;

    /// Version of the daemon.
    #[zbus(property(emits_changed_signal = "const"))]
    fn version(&self) -> zbus::Result<String>;

    /// Version of the contract.
    #[zbus(property(emits_changed_signal = "const"))]
    fn api_version(&self) -> zbus::Result<u32>;
}
