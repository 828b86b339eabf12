//! Which colours the panel has, as far as the desktop says.

use futures_util::StreamExt;
use tokio::sync::mpsc;
use tracing::debug;
use zbus::zvariant::{OwnedValue, Value};
use zbus::{Connection, proxy};

use crate::controller::Tick;
use crate::tray::Scheme;

const APPEARANCE: &str = "org.freedesktop.appearance";
const COLOUR_SCHEME: &str = "color-scheme";

/// The desktop portal's settings.
#[proxy(
    interface = "org.freedesktop.portal.Settings",
    default_service = "org.freedesktop.portal.Desktop",
    default_path = "/org/freedesktop/portal/desktop"
)]
trait Settings {
    fn read_one(&self, namespace: &str, key: &str) -> zbus::Result<OwnedValue>;

    #[zbus(signal)]
    fn setting_changed(&self, namespace: &str, key: &str, value: Value<'_>) -> zbus::Result<()>;
}

/// How a desktop colours its panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Panel {
    /// Dark, whatever the windows are.
    Dark,
    /// Like the windows.
    LikeWindows,
    /// As a theme says that nobody tells.
    Unknown,
}

/// Tells the colours of the panel of this desktop (`XDG_CURRENT_DESKTOP`), and every change of them.
pub async fn follow(
    connection: Connection,
    desktop: String,
    ticks: mpsc::UnboundedSender<Tick>,
) -> zbus::Result<()> {
    // The controller ends with the program, and then there is nobody to tell.
    let tell = |scheme| drop(ticks.send(Tick::Scheme(scheme)));
    match panel(&desktop) {
        Panel::Dark => tell(Scheme::Dark),
        Panel::Unknown => {}
        Panel::LikeWindows => {
            let settings = SettingsProxy::new(&connection).await?;
            let of_colours = [(0, APPEARANCE), (1, COLOUR_SCHEME)];
            let mut changes = settings.receive_setting_changed_with_args(&of_colours).await?;
            tell(scheme(&*settings.read_one(APPEARANCE, COLOUR_SCHEME).await?));
            while let Some(change) = changes.next().await {
                match change.args() {
                    Ok(change) => tell(scheme(&change.value)),
                    Err(error) => debug!(%error, "a setting of the desktop cannot be read"),
                }
            }
        }
    }
    Ok(())
}

fn panel(desktop: &str) -> Panel {
    let is = |name: &str| desktop.split(':').any(|part| part.eq_ignore_ascii_case(name));
    if is("GNOME") {
        Panel::Dark
    } else if is("KDE") {
        Panel::LikeWindows
    } else {
        Panel::Unknown
    }
}

/// The portal's number: 1 prefers dark, 2 light, anything else nothing.
fn scheme(value: &Value<'_>) -> Scheme {
    match value.downcast_ref::<u32>() {
        Ok(1) => Scheme::Dark,
        Ok(2) => Scheme::Light,
        Ok(_) | Err(_) => Scheme::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_desktop_whose_panel_is_known_decides() {
        assert_eq!(panel("ubuntu:GNOME"), Panel::Dark, "its bar is dark in light mode, too");
        assert_eq!(panel("KDE"), Panel::LikeWindows);
        assert_eq!(panel("XFCE"), Panel::Unknown, "the panel has a theme of its own");
        assert_eq!(panel(""), Panel::Unknown);
    }

    #[test]
    fn the_portals_numbers_are_read_and_nonsense_decides_nothing() {
        assert_eq!(scheme(&Value::from(1_u32)), Scheme::Dark);
        assert_eq!(scheme(&Value::from(2_u32)), Scheme::Light);
        assert_eq!(scheme(&Value::from(0_u32)), Scheme::Unknown);
        assert_eq!(scheme(&Value::from("dark")), Scheme::Unknown);
    }
}
