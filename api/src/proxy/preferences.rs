use zbus::proxy;

use crate::Dict;

/// What the user does not want where, and the settings that the window shows.
#[proxy(
    interface = "org.tidings.Tidings.Preferences1",
    default_service = "org.tidings.Tidings.Daemon1",
    default_path = "/org/tidings/Tidings/Daemon1"
)]
pub trait Preferences1 {
    /// The settings of `config.toml` that clients may edit, as dotted keys.
    fn get(&self) -> zbus::Result<Dict>;

    /// Changes settings in `config.toml`, keeping comments; all or none.
    fn set(&self, settings: Dict) -> zbus::Result<()>;

    /// Every opt-out that stands, the broadest first.
    fn opt_outs(&self) -> zbus::Result<Vec<Dict>>;

    /// Keeps a scope away from a target (empty = all). Options: `until` x. Answers how many waiting deliveries it stopped.
    fn opt_out(&self, scope: Dict, target: &str, options: Dict) -> zbus::Result<u32>;

    /// Takes back the opt-out of exactly this scope and target; `false` = there was none. What it stopped stays stopped.
    fn opt_in(&self, scope: Dict, target: &str) -> zbus::Result<bool>;

    /// The names of the targets that there are.
    fn targets(&self) -> zbus::Result<Vec<String>>;

    /// A setting or an opt-out is another.
    #[zbus(signal)]
    fn changed(&self) -> zbus::Result<()>;
}
