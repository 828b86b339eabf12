//! Tells the poster of a notification, and nobody else, what became of it.

use tidings_api::{DictWriter, names};
use tokio::sync::mpsc;
use tracing::debug;
use zbus::Connection;
use zbus::names::{BusName, UniqueName};
use zbus::object_server::SignalEmitter;

use crate::bus::post::Post1;
use crate::dispatch::actions::{PosterEvent, PosterNotice};

/// Runs until nothing can be clicked any more.
pub(super) async fn tell_posters(
    connection: Connection,
    mut notices: mpsc::UnboundedReceiver<PosterNotice>,
) {
    while let Some(notice) = notices.recv().await {
        let id = notice.id.0;
        // Most posters are scripts that have left long ago; the bus drops what is addressed to them.
        if let Err(error) = tell(&connection, notice).await {
            debug!(id, %error, "the poster could not be told");
        }
    }
}

async fn tell(connection: &Connection, notice: PosterNotice) -> zbus::Result<()> {
    let poster = UniqueName::try_from(notice.poster)?;
    let emitter = SignalEmitter::new(connection, names::OBJECT_PATH)?
        .set_destination(BusName::Unique(poster));
    match notice.event {
        PosterEvent::Invoked { action, reply, activation_token } => {
            let mut details = DictWriter::default();
            details.optional("reply", reply);
            details.optional("activation-token", activation_token);
            Post1::invoked(&emitter, notice.id.0, &action, details.finish()).await
        }
        PosterEvent::Closed { reason } => Post1::closed(&emitter, notice.id.0, reason).await,
    }
}
