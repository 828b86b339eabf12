use zbus::proxy;

use crate::Dict;

/// Ways out beside the desktop: targets, their addresses, what was sent, and which notifications go where.
#[proxy(
    interface = "org.tidings.Tidings.Targets1",
    default_service = "org.tidings.Tidings.Daemon1",
    default_path = "/org/tidings/Tidings/Daemon1"
)]
pub trait Targets1 {
    /// Every target with its state; `desktop` is the first.
    fn list(&self) -> zbus::Result<Vec<Dict>>;

    /// The kinds there are, with the fields of their forms, as JSON.
    fn kinds(&self) -> zbus::Result<String>;

    /// One target as its form edits it, as JSON; without its secret.
    fn get(&self, target: &str) -> zbus::Result<String>;

    /// Adds a target to the configuration file.
    fn add(&self, settings: &str) -> zbus::Result<()>;

    /// Changes a target in the configuration file, keeping its other keys and the comments.
    fn update(&self, settings: &str) -> zbus::Result<()>;

    /// Takes a target out of the configuration file, with its secret and its records. What waits for it is not sent.
    fn remove(&self, target: &str) -> zbus::Result<()>;

    /// Switches a target on or off, in the configuration file.
    fn set_enabled(&self, target: &str, enabled: bool) -> zbus::Result<()>;

    /// Stores the secret of a target in the keyring. It is never answered by any call.
    fn set_secret(&self, target: &str, secret: &str) -> zbus::Result<()>;

    /// Sends a test message and says what the provider answered. An empty address means every active record.
    fn test(&self, target: &str, address: &str) -> zbus::Result<Dict>;

    /// Looks whether its secret can be read, without sending anything. Answers what is in the way and what to do; empty =
    /// nothing.
    fn check_secret(&self, target: &str) -> zbus::Result<String>;

    /// Sends again after a pause for wrong credentials; `false` = it was not paused.
    fn resume(&self, target: &str) -> zbus::Result<bool>;

    /// The records of a target; of all for an empty name.
    fn records(&self, target: &str) -> zbus::Result<Vec<Dict>>;

    /// Adds a record. Options: `description` s, `trusted` b (needs no code). Answers its id.
    fn add_record(&self, target: &str, address: &str, options: Dict) -> zbus::Result<i64>;

    /// Changes a record: `description` s, `active` b.
    fn update_record(&self, record: i64, change: Dict) -> zbus::Result<()>;

    /// Takes a record out, with what was sent to it and what waits for it.
    fn remove_record(&self, record: i64) -> zbus::Result<()>;

    /// Sends a code to the address of a record, which is good for ten minutes.
    fn send_code(&self, record: i64) -> zbus::Result<()>;

    /// Enters the code that arrived there; `false` = it is not the one.
    fn verify(&self, record: i64, code: &str) -> zbus::Result<bool>;

    /// One page of deliveries, the newest first. `cursor` is empty or the `next` of the page before.
    fn deliveries(
        &self,
        filter: Dict,
        cursor: &str,
        limit: u32,
    ) -> zbus::Result<(Vec<Dict>, String)>;

    /// Tries again what failed, was suppressed or waits; answers how many that were.
    fn retry(&self, deliveries: &[i64]) -> zbus::Result<u32>;

    /// Gives up what waits; answers how many that were.
    fn cancel(&self, deliveries: &[i64]) -> zbus::Result<u32>;

    /// Which notifications go where, as JSON.
    fn routes(&self) -> zbus::Result<String>;

    /// Replaces the routes in the configuration file.
    fn set_routes(&self, routes: &str) -> zbus::Result<()>;

    /// The target with this name, its records or its deliveries are others.
    #[zbus(signal)]
    fn changed(&self, target: &str) -> zbus::Result<()>;
}
