//! What happens to the machine that a connection may not survive: it sleeps, and its network becomes another one.
//!
//! Without any of these services everything works all the same, only later: a dead connection is noticed by its silence.

mod network;
mod sleep;

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::{debug, info};
use zbus::Connection;

use crate::sources::supervisor::Supervisor;

/// Networks change in several steps; what follows within this time is told together with the first.
const SETTLE: Duration = Duration::from_secs(1);
/// And one that never settles is told this late.
const SETTLE_MAX: Duration = Duration::from_secs(3);

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Happening {
    /// The machine woke from sleep: the servers have given its connections up.
    Woke,
    /// Another network, or none: connections may be gone without a word.
    NetworkChanged,
}

/// Tells the sources what happens to the machine, for as long as the buses are there.
pub(crate) async fn follow(session: Connection, supervisor: Supervisor) {
    let (told, mut happenings) = mpsc::unbounded_channel();
    let system = Connection::system().await;
    if let Err(error) = &system {
        debug!(%error, "there is no system bus: sleep and networks are noticed by silence alone");
    }
    let system = system.ok();
    tokio::spawn(network::follow_portal(session, told.clone()));
    if let Some(system) = system {
        tokio::spawn(network::follow_network_manager(system.clone(), told.clone()));
        tokio::spawn(sleep::follow(system, told.clone()));
    }
    drop(told);
    while let Some(happening) = happenings.recv().await {
        let happening = settled(happening, &mut happenings).await;
        info!(?happening, "connections are looked after");
        match happening {
            Happening::Woke => supervisor.woke(),
            Happening::NetworkChanged => supervisor.network_changed(),
        }
    }
}

/// Waits until nothing more happens. Of a sleep and a network the sleep counts: it renews every connection.
async fn settled(first: Happening, more: &mut mpsc::UnboundedReceiver<Happening>) -> Happening {
    let mut happening = first;
    let end = Instant::now() + SETTLE_MAX;
    while happening != Happening::Woke {
        let quiet = (Instant::now() + SETTLE).min(end);
        match tokio::time::timeout_at(quiet, more.recv()).await {
            Ok(Some(next)) => happening = next,
            Ok(None) | Err(_) => break,
        }
    }
    happening
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn steps_of_one_change_are_told_together_and_waking_at_once() {
        let (told, mut happenings) = mpsc::unbounded_channel();
        for _ in 0..5 {
            told.send(Happening::NetworkChanged).unwrap();
        }
        let started = Instant::now();
        let happening = settled(Happening::NetworkChanged, &mut happenings).await;
        assert_eq!((happening, started.elapsed()), (Happening::NetworkChanged, SETTLE));
        assert!(happenings.try_recv().is_err(), "one look is enough for all of them");
        let flapping = async {
            loop {
                told.send(Happening::NetworkChanged).unwrap();
                tokio::time::sleep(SETTLE / 2).await;
            }
        };
        tokio::select! {
            () = flapping => {}
            _ = settled(Happening::NetworkChanged, &mut happenings) => {}
        }
        assert_eq!(
            started.elapsed(),
            SETTLE + SETTLE_MAX,
            "a network that flaps is looked at, too"
        );
        while happenings.try_recv().is_ok() {}
        told.send(Happening::Woke).unwrap();
        let happening = settled(Happening::NetworkChanged, &mut happenings).await;
        assert_eq!(
            (happening, started.elapsed()),
            (Happening::Woke, SETTLE + SETTLE_MAX),
            "nobody waits then"
        );
    }
}
