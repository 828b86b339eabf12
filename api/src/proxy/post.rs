use std::collections::HashMap;

use zbus::proxy;

use crate::Dict;

/// Posts notifications from this machine.
#[proxy(
    interface = "org.tidings.Tidings.Post1",
    default_service = "org.tidings.Tidings.Daemon1",
    default_path = "/org/tidings/Tidings/Daemon1"
)]
pub trait Post1 {
    /// Stores a notification durably and returns its id; the popup follows.
    fn post(&self, title: &str, body: &str, options: Dict) -> zbus::Result<i64>;

    /// The same for tools that cannot send variants: every option is a text.
    fn post_text(&self, title: &str, body: &str, options: HashMap<&str, &str>)
    -> zbus::Result<i64>;

    /// Stores up to 1,000 notifications in one transaction: all or none.
    fn post_many(&self, notifications: Vec<Dict>) -> zbus::Result<Vec<i64>>;

    /// Takes back what this machine posted under the key; returns how many rows that were.
    fn withdraw(&self, key: &str) -> zbus::Result<u32>;

    /// A button or the popup itself was chosen, or a reply typed. Sent to the poster alone.
    #[zbus(signal)]
    fn invoked(&self, id: i64, action: &str, details: Dict) -> zbus::Result<()>;

    /// The popup is gone: `expired`, `dismissed`, `closed` or `undefined`. Sent to the poster alone.
    #[zbus(signal)]
    fn closed(&self, id: i64, reason: &str) -> zbus::Result<()>;
}
