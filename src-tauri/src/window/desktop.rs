//! How the desktop looks, by the settings of its portal.

use std::time::Duration;

use ashpd::desktop::settings::Settings;
use futures_util::StreamExt;
use tauri::AppHandle;
use tidings_app::page::{APPEARANCE, Appearance, Happening};
use tokio::sync::watch;
use zbus::Connection;

use crate::presence::tell;

/// How long the page waits for a portal that is still starting; what it says later is told as a change.
const PATIENCE: Duration = Duration::from_millis(300);

/// What the portal has said last; `None` before it has been asked. Clones are the same.
#[derive(Clone, Debug, Default)]
pub(crate) struct Desktop(watch::Sender<Option<Appearance>>);

impl Desktop {
    /// How it looks now. Without a portal nothing is known.
    pub(crate) async fn appearance(&self) -> Appearance {
        let mut receiver = self.0.subscribe();
        let asked = tokio::time::timeout(PATIENCE, receiver.wait_for(Option::is_some)).await;
        asked
            .ok()
            .and_then(Result::ok)
            .and_then(|appearance| appearance.clone())
            .unwrap_or_default()
    }

    /// Follows the portal, if there is one.
    pub(crate) async fn follow(self, app: AppHandle, connection: Connection) {
        if let Err(error) = self.follow_portal(&app, connection).await {
            tracing::debug!(%error, "no portal tells how the desktop looks");
            self.note(&app, Appearance::default());
        }
    }

    async fn follow_portal(&self, app: &AppHandle, connection: Connection) -> ashpd::Result<()> {
        let portal = Settings::with_connection(connection).await?;
        // Before the first look, so that no change is missed.
        let changes = portal.receive_setting_changed().await?;
        let mut changes = std::pin::pin!(
            changes.filter(|setting| { std::future::ready(setting.namespace() == APPEARANCE) })
        );
        loop {
            let mut settings = portal.read_all(&[APPEARANCE]).await?;
            let settings = settings.remove(APPEARANCE).unwrap_or_default();
            self.note(app, Appearance::from_portal(&settings));
            if changes.next().await.is_none() {
                return Ok(());
            }
        }
    }

    fn note(&self, app: &AppHandle, appearance: Appearance) {
        let before = self.0.send_replace(Some(appearance.clone()));
        if before.as_ref() != Some(&appearance) {
            tell(app, &Happening::Appearance { appearance });
        }
    }
}
