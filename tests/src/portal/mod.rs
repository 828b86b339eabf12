//! A desktop portal that only says how the desktop looks, and says so again when that changes.

mod settings;

use anyhow::{Context, Result};
use zbus::Connection;

use self::settings::{APPEARANCE, Settings, value};

const NAME: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";

/// What the desktop prefers, as the portal numbers it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Light on dark.
    Dark = 1,
    /// Dark on light.
    Light = 2,
}

/// The portal; it leaves the bus with its connection.
#[derive(Debug)]
pub struct Portal {
    connection: Connection,
}

impl Portal {
    /// Takes the portal's name on `connection`, which must be its own.
    pub async fn start(connection: Connection, scheme: Scheme) -> Result<Self> {
        connection.object_server().at(PATH, Settings { scheme }).await?;
        connection.request_name(NAME).await.context("taking the name of the portal")?;
        Ok(Self { connection })
    }

    /// The person switches the desktop over.
    pub async fn prefer(&self, scheme: Scheme) -> Result<()> {
        let settings = self.connection.object_server().interface::<_, Settings>(PATH).await?;
        settings.get_mut().await.scheme = scheme;
        let emitter = settings.signal_emitter();
        Settings::setting_changed(emitter, APPEARANCE, "color-scheme", &value(scheme)).await?;
        Ok(())
    }
}
