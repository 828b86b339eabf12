use zbus::proxy;
use zbus::zvariant::Value;

use crate::Dict;

/// The tray app, or the window under its own name, as the freedesktop specification lets any program be asked.
#[proxy(
    interface = "org.freedesktop.Application",
    default_service = "org.tidings.Tidings",
    default_path = "/org/tidings/Tidings"
)]
pub trait Application {
    /// Shows the inbox.
    fn activate(&self, platform_data: Dict) -> zbus::Result<()>;

    /// Shows the place that the URI names, e.g. `tidings:inbox/42`.
    fn open(&self, uris: &[&str], platform_data: Dict) -> zbus::Result<()>;

    /// One of `open-inbox`, `open-settings`, `open-statistics`, `quit`.
    fn activate_action(
        &self,
        action_name: &str,
        parameter: &[Value<'_>],
        platform_data: Dict,
    ) -> zbus::Result<()>;
}
