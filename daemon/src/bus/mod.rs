//! The D-Bus service: one file an interface. Handlers take `&self`, ask the store and answer; none blocks.

mod callers;
mod changed;
pub mod control;
mod descriptor;
mod inbox;
mod post;
mod poster;
mod preferences;
mod quiet;
mod source_forms;
mod sources;
mod target_check;
mod target_forms;
mod target_trial;
mod targets;
mod transfer;
mod verification;

use std::sync::Arc;

use tidings_api::{Error, names};
use tokio::sync::{mpsc, watch};
use tracing::info;
use zbus::Connection;
use zbus::fdo::{RequestNameFlags, RequestNameReply};

use crate::clock::Clock;
use crate::config::LiveConfig;
use crate::dispatch::actions::{Actions, PosterNotice};
use crate::dispatch::outbound::Dispatcher;
use crate::dispatch::rules::PopupRules;
use crate::dispatch::{Changes, PopupQueue};
use crate::images::Images;
use crate::quiet::Quiet;
use crate::sources::supervisor::Supervisor;
use crate::store::{Store, StoreError};

pub use control::Control1;

/// What the interfaces serve.
pub struct Service {
    /// The inbox.
    pub store: Store,
    /// What time it is.
    pub clock: Clock,
    /// Carries out clicks from history.
    pub actions: Actions,
    /// Images that belong to what servers send.
    pub images: Images,
    /// The daemon's own affairs.
    pub control: Control1,
    /// The remote sources.
    pub sources: Supervisor,
    /// The running configuration.
    pub config: Arc<LiveConfig>,
    /// Committed changes, for the `Changed` signal.
    pub changes: mpsc::UnboundedReceiver<Changes>,
    /// Names of sources whose state changed.
    pub source_changes: mpsc::UnboundedReceiver<String>,
    /// Whether it is quiet.
    pub quiet: Quiet,
    /// The popups that are on their way.
    pub popups: PopupQueue,
    /// What the popup policy follows.
    pub rules: watch::Sender<Arc<PopupRules>>,
    /// What posters are told.
    pub notices: mpsc::UnboundedReceiver<PosterNotice>,
    /// The targets beside the desktop.
    pub dispatcher: Dispatcher,
    /// Names of targets whose records or deliveries changed.
    pub target_changes: mpsc::UnboundedReceiver<String>,
}

/// Serves every interface on the connection, then takes the well-known name: whoever finds the name finds all of it.
pub async fn serve(connection: &Connection, service: Service) -> Result<(), ServeError> {
    let Service {
        store,
        clock,
        actions,
        images,
        control,
        sources,
        config,
        changes,
        source_changes,
        quiet,
        popups,
        rules,
        notices,
        dispatcher,
        target_changes,
    } = service;
    let server = connection.object_server();
    let path = names::OBJECT_PATH;
    server.at(path, post::Post1::new(store.clone(), clock.clone(), dispatcher.clone())).await?;
    server.at(path, inbox::Inbox1 { store: store.clone(), actions, images }).await?;
    let stage = Arc::clone(&control.stage);
    server.at(path, control).await?;
    server.at(path, sources::Sources1::new(stage, sources, Arc::clone(&config))).await?;
    let targets = targets::Targets1::new(
        store.clone(),
        clock.clone(),
        Arc::clone(&config),
        dispatcher.clone(),
    );
    server.at(path, targets).await?;
    let (opt_outs, versions) = (store.follow_opt_outs(), config.subscribe());
    let preferences = preferences::Preferences1 {
        store,
        clock: clock.clone(),
        config,
        popups,
        dispatcher,
        rules,
    };
    server.at(path, preferences).await?;
    let status = quiet.subscribe();
    server.at(path, quiet::Quiet1 { quiet, clock }).await?;
    tokio::spawn(preferences::announce(connection.clone(), opt_outs, versions));
    tokio::spawn(quiet::announce(connection.clone(), status));
    tokio::spawn(changed::announce_inbox(connection.clone(), changes));
    tokio::spawn(sources::announce(connection.clone(), source_changes));
    tokio::spawn(targets::announce(connection.clone(), target_changes));
    tokio::spawn(poster::tell_posters(connection.clone(), notices));
    take_name(connection).await
}

/// Why the service could not be offered.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The bus refused.
    #[error("the session bus refused the service: {0}")]
    Bus(#[from] zbus::Error),
    /// Another daemon is running.
    #[error(
        "the bus name {} is taken: another tidingsd is running in this session; end that one first",
        names::BUS_NAME
    )]
    NameTaken,
}

async fn take_name(connection: &Connection) -> Result<(), ServeError> {
    let flags = RequestNameFlags::DoNotQueue.into();
    match connection.request_name_with_flags(names::BUS_NAME, flags).await {
        Ok(RequestNameReply::PrimaryOwner | RequestNameReply::AlreadyOwner) => {
            info!(name = names::BUS_NAME, "serving");
            Ok(())
        }
        Ok(RequestNameReply::InQueue | RequestNameReply::Exists) | Err(zbus::Error::NameTaken) => {
            Err(ServeError::NameTaken)
        }
        Err(error) => Err(error.into()),
    }
}

/// A store's failure in the words of the contract.
fn failed(error: StoreError) -> Error {
    match error {
        StoreError::Database(_) => Error::Storage(error.to_string()),
        StoreError::Invalid(message) => Error::InvalidArgs(message),
        StoreError::NotFound(message) => Error::NotFound(message),
        StoreError::Conflict(message) => Error::Conflict(message),
        StoreError::TooLarge(message) => Error::TooLarge(message),
        StoreError::Closed => Error::Unavailable(error.to_string()),
    }
}
