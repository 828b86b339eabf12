//! How the desktop and other programs reach the app: `org.freedesktop.Application` under its own name.

use tidings_api::{ApplicationProxy, Dict, Error, Place, activation_token, names, platform_data};
use tokio::sync::mpsc;
use tracing::info;
use zbus::fdo::{RequestNameFlags, RequestNameReply};
use zbus::zvariant::OwnedValue;
use zbus::{Connection, interface};

use crate::controller::Tick;
use crate::tray::Choice;

/// Serves the interface; whatever it is asked becomes a choice of the person who asked.
#[derive(Debug)]
struct Application {
    ticks: mpsc::UnboundedSender<Tick>,
}

impl Application {
    fn chosen(&self, choice: Choice, platform_data: Dict) {
        let token = activation_token(platform_data);
        // The controller ends with the program, whose name is then free for the next.
        let _gone = self.ticks.send(Tick::Chosen { choice, token });
    }
}

#[interface(name = "org.freedesktop.Application")]
impl Application {
    async fn activate(&self, platform_data: Dict) {
        self.chosen(Choice::Open(Place::Inbox), platform_data);
    }

    async fn open(&self, uris: Vec<String>, platform_data: Dict) -> Result<(), Error> {
        // There is one window, so it shows the last of them.
        let Some(uri) = uris.last() else {
            return Err(Error::InvalidArgs("uris: nothing to open".into()));
        };
        self.chosen(Choice::Open(Place::from_uri(uri)?), platform_data);
        Ok(())
    }

    async fn activate_action(
        &self,
        action_name: &str,
        _parameter: Vec<OwnedValue>,
        platform_data: Dict,
    ) -> Result<(), Error> {
        self.chosen(action(action_name)?, platform_data);
        Ok(())
    }
}

/// What the action of the desktop file means.
fn action(name: &str) -> Result<Choice, Error> {
    match name {
        "open-inbox" => Ok(Choice::Open(Place::Inbox)),
        "open-settings" => Ok(Choice::Open(Place::Settings(None))),
        "open-statistics" => Ok(Choice::Open(Place::Statistics)),
        "quit" => Ok(Choice::Quit),
        other => Err(Error::InvalidArgs(format!(
            "action_name: \"{other}\" is not one of open-inbox, open-settings, open-statistics, quit"
        ))),
    }
}

/// Takes the app's name, and serves it; `false` where another instance has it already.
pub async fn claim(
    connection: &Connection,
    ticks: mpsc::UnboundedSender<Tick>,
) -> zbus::Result<bool> {
    // Served before the name is owned: the call that started this program is waiting for it.
    connection.object_server().at(names::APPLICATION_PATH, Application { ticks }).await?;
    let flags = RequestNameFlags::DoNotQueue.into();
    let reply = connection.request_name_with_flags(names::APPLICATION_ID, flags).await;
    match reply {
        Ok(RequestNameReply::PrimaryOwner | RequestNameReply::AlreadyOwner) => Ok(true),
        Ok(RequestNameReply::Exists | RequestNameReply::InQueue) | Err(zbus::Error::NameTaken) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

/// Has the instance that runs already show `place`.
pub async fn hand_over(
    connection: &Connection,
    place: &Place,
    token: Option<&str>,
) -> zbus::Result<()> {
    info!(%place, "already running");
    let running = ApplicationProxy::new(connection).await?;
    running.open(&[&place.to_uri()], platform_data(token)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_means_something_and_others_are_refused_with_the_known_ones() {
        for name in ["open-inbox", "open-settings", "open-statistics", "quit"] {
            assert!(action(name).is_ok(), "the desktop file offers {name}");
        }
        let refused = action("reboot").unwrap_err().to_string();
        assert!(refused.contains("open-statistics"), "{refused}");
    }
}
