//! Assembly and shutdown: lay the foundation, connect, start, serve, wait, stop.

mod background;
mod buses;
mod effects;
mod foundation;
mod service;
mod signals;
mod sources;

use sd_notify::NotifyState;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use self::background::Background;
use self::buses::Buses;
use self::effects::Effects;
use self::foundation::Foundation;
pub use self::foundation::Options;
use self::service::service;
use self::signals::Signals;
use self::sources::Sources;
use crate::bus;
use crate::dispatch::PopupQueue;

/// Runs the daemon until a signal, until the session bus is gone, or until the inbox has failed.
pub async fn run(options: Options) -> anyhow::Result<()> {
    // Before anything else: a signal without a handler ends the process.
    let signals = Signals::listen()?;
    let (foundation, commits) = Foundation::lay(&options)?;
    let buses = Buses::connect().await?;
    let (popups, ordered) = PopupQueue::new();
    let end_of_quiet = CancellationToken::new();
    let quiet = foundation.keep_quiet(popups.clone(), end_of_quiet.clone()).await?;
    let (sources, source_changes) = Sources::start(&foundation, options.demo).await?;
    let (mut effects, told) =
        Effects::start(&foundation, commits, &buses, &sources, (popups.clone(), ordered)).await?;
    let background = Background::start(&foundation, &sources, &buses)?;

    let service = service(&foundation, &sources, source_changes, &effects, (quiet, popups), told);
    bus::serve(&buses.service, service).await?;
    tell_systemd(NotifyState::Ready);

    let end = tokio::select! {
        () = signals.asked_to_end(&foundation.config) => Ok(()),
        () = buses.gone() => Ok(()),
        failure = effects.failed() => Err(failure),
    };

    tell_systemd(NotifyState::Stopping);
    end_of_quiet.cancel();
    background.stop();
    sources.supervisor.shutdown().await;
    effects.stop().await;
    foundation.close().await;
    info!("ended");
    end
}

fn tell_systemd(state: NotifyState<'_>) {
    // Without systemd there is nobody to tell, and that is no error.
    if let Err(error) = sd_notify::notify(&[state]) {
        warn!(%error, "systemd could not be told");
    }
}
