//! `org.freedesktop.Application` under the window's own name: there is one window, and whoever wants another gets it.

use std::time::Duration;

use anyhow::Context;
use tidings_api::{ApplicationProxy, Dict, Error, Place, activation_token, names, platform_data};
use tokio::sync::mpsc;
use zbus::proxy::CacheProperties;
use zbus::zvariant::OwnedValue;
use zbus::{Connection, interface};

use crate::presence::Presence;

/// Longer than any call that does not wait for a server or a person.
const METHOD_TIMEOUT: Duration = Duration::from_secs(30);
/// Requests that wait for the window; more than a person can make.
const WAITING: usize = 16;
/// How often a window that ends while it is asked is tried again.
const ATTEMPTS: usize = 3;

/// A request to show the window.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asked {
    /// What to show; `None` leaves the page where it is.
    place: Option<Place>,
    /// Lets the window come to the front.
    token: Option<String>,
}

/// What became of this process's wish to be the window.
#[derive(Debug)]
pub(crate) enum Start {
    /// It is the window; what others ask comes from the channel.
    First(Connection, mpsc::Receiver<Asked>),
    /// Another one is, and was asked to show the place.
    Forwarded,
}

/// Becomes the one window, or asks the one that is there.
pub(crate) async fn start(place: Option<&Place>, token: Option<&str>) -> anyhow::Result<Start> {
    for _ in 0..ATTEMPTS {
        let (asks, asked) = mpsc::channel(WAITING);
        // Served before the name is owned, so that no call finds the name without the object.
        let built = session()?
            .serve_at(names::APPLICATION_PATH, Application { asks })?
            .name(names::WINDOW_NAME)?
            // A window stays the window as long as it lives.
            .allow_name_replacements(false)
            .replace_existing_names(false)
            .build()
            .await;
        match built {
            Ok(connection) => return Ok(Start::First(connection, asked)),
            Err(zbus::Error::NameTaken) => match forward(place, token).await {
                Ok(()) => return Ok(Start::Forwarded),
                // It was closed and has ended while it was asked: its name is free.
                Err(error) => tracing::info!(%error, "the window that was there is gone"),
            },
            Err(error) => {
                return Err(error).context(
                    "connecting to the session bus; Tidings needs one, as every desktop session has it",
                );
            }
        }
    }
    anyhow::bail!("a window is there and does not answer; end the process tidings-window")
}

/// A connection to the session bus whose calls do not wait for ever.
fn session() -> zbus::Result<zbus::connection::Builder<'static>> {
    Ok(zbus::connection::Builder::session()?.method_timeout(METHOD_TIMEOUT))
}

async fn forward(place: Option<&Place>, token: Option<&str>) -> zbus::Result<()> {
    let connection = session()?.build().await?;
    let window = ApplicationProxy::builder(&connection)
        .destination(names::WINDOW_NAME)?
        .cache_properties(CacheProperties::No)
        .build()
        .await?;
    match place {
        Some(place) => window.open(&[&place.to_uri()], platform_data(token)).await,
        None => window.activate(platform_data(token)).await,
    }
}

/// Shows the window whenever somebody asks for it.
pub(crate) async fn answer(mut asked: mpsc::Receiver<Asked>, presence: Presence) {
    while let Some(Asked { place, token }) = asked.recv().await {
        presence.show(place, token);
    }
}

struct Application {
    asks: mpsc::Sender<Asked>,
}

impl Application {
    async fn ask(&self, place: Option<Place>, platform_data: Dict) -> Result<(), Error> {
        let token = activation_token(platform_data);
        let gone = |_| Error::Unavailable("the window is closing; ask again".into());
        self.asks.send(Asked { place, token }).await.map_err(gone)
    }
}

#[interface(name = "org.freedesktop.Application")]
impl Application {
    async fn activate(&self, platform_data: Dict) -> Result<(), Error> {
        self.ask(None, platform_data).await
    }

    /// Shows the last of these places, which are links of the form `tidings:PLACE`.
    async fn open(&self, uris: Vec<String>, platform_data: Dict) -> Result<(), Error> {
        let places: Vec<Place> =
            uris.iter().map(|uri| Place::from_uri(uri)).collect::<Result<_, _>>()?;
        self.ask(places.into_iter().next_back(), platform_data).await
    }

    /// The actions of the desktop file.
    async fn activate_action(
        &self,
        name: String,
        _parameter: Vec<OwnedValue>,
        platform_data: Dict,
    ) -> Result<(), Error> {
        let place = match name.as_str() {
            "open-inbox" => Place::Inbox,
            "open-settings" => Place::Settings(None),
            "open-statistics" => Place::Statistics,
            other => {
                return Err(Error::InvalidArgs(format!(
                    "action: \"{other}\" is not one of open-inbox, open-settings, open-statistics"
                )));
            }
        };
        self.ask(Some(place), platform_data).await
    }
}
