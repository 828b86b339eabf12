//! What the system says to the daemon.

use std::convert::Infallible;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tracing::{info, warn};

use crate::config::LiveConfig;

pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    pub(super) fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    /// Waits for SIGTERM or SIGINT; SIGHUP reads the configuration again meanwhile.
    pub(super) async fn asked_to_end(mut self, config: &LiveConfig) {
        tokio::select! {
            _ = self.terminate.recv() => info!("asked to terminate"),
            _ = self.interrupt.recv() => info!("interrupted"),
            never = reload_on(&mut self.hang_up, config) => match never {},
        }
    }
}

async fn reload_on(hang_up: &mut Signal, config: &LiveConfig) -> Infallible {
    while hang_up.recv().await.is_some() {
        info!("asked to reload the configuration");
        if let Err(errors) = config.reload() {
            warn!("the configuration is not used: {errors}");
        }
    }
    std::future::pending().await
}
