use zbus::proxy;
use zbus::zvariant::OwnedFd;

use crate::Dict;

/// Do-not-disturb: popups wait, the inbox does not.
#[proxy(
    interface = "org.tidings.Tidings.Quiet1",
    default_service = "org.tidings.Tidings.Daemon1",
    default_path = "/org/tidings/Tidings/Daemon1"
)]
pub trait Quiet1 {
    /// Quiet until then; 0 ends what the user switched on and the schedule's current span, -1 lasts until switched off.
    fn set(&self, until: i64) -> zbus::Result<()>;

    /// Quiet while the descriptor is open, for a program that says who it is and why.
    fn inhibit(&self, who: &str, why: &str) -> zbus::Result<OwnedFd>;

    /// Whether it is quiet.
    #[zbus(property)]
    fn active(&self) -> zbus::Result<bool>;

    /// All reasons: `kind`, `until`, `who`, `why`.
    #[zbus(property)]
    fn reasons(&self) -> zbus::Result<Vec<Dict>>;

    /// When it ends by itself; 0 = not quiet, -1 = not by itself.
    #[zbus(property)]
    fn until(&self) -> zbus::Result<i64>;
}
