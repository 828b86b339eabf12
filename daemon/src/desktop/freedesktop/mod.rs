//! Popups over `org.freedesktop.Notifications`, on one connection that is kept.
//!
//! The connection is kept because GNOME closes the popups of a connection that has ended, and sends
//! clicks to no other. Signals are asked for before the first popup, so no click is too fast.

mod capabilities;
mod icon;
mod markup;
mod message;
mod server;
mod signals;
mod slots;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;
use zbus::Connection;

use self::capabilities::{Cache, Capabilities};
use self::message::Message;
use self::server::{Failure, Server};
use self::signals::Signals;
use self::slots::{Handle, Slots};
use crate::desktop::{Notifier, Popup, PopupEvent, PopupEvents, PopupServer, Shown, Slot};
use crate::images::Images;

/// The popup server of a freedesktop desktop.
#[derive(Debug)]
pub struct Freedesktop {
    server: Server,
    shared: Arc<Shared>,
    images: Images,
    /// Held while a popup is shown or closed: they reach the screen in the order in which they were
    /// asked for, and closing waits for the id that is on its way.
    turn: tokio::sync::Mutex<()>,
    _listening: AbortOnDropHandle<()>,
}

/// What the listening task and the callers share; never locked across a wait.
#[derive(Debug)]
struct Shared {
    slots: Mutex<Slots>,
    capabilities: Mutex<Cache>,
    events: mpsc::UnboundedSender<PopupEvent>,
}

impl Freedesktop {
    /// Listens on `connection` and shows popups over it, with these images where a remote source names one. Works without a
    /// popup server, too, and finds one that comes later.
    ///
    /// # Errors
    ///
    /// The bus could not be asked for signals: the connection has ended.
    pub async fn start(
        connection: Connection,
        images: Images,
    ) -> zbus::Result<(Self, PopupEvents)> {
        let signals = Signals::subscribe(&connection).await?;
        let (events, received) = mpsc::unbounded_channel();
        let shared =
            Arc::new(Shared { slots: Mutex::default(), capabilities: Mutex::default(), events });
        let listening = tokio::spawn(signals.listen(Arc::clone(&shared)));
        let notifier = Self {
            server: Server::new(connection),
            shared,
            images,
            turn: tokio::sync::Mutex::default(),
            _listening: AbortOnDropHandle::new(listening),
        };
        Ok((notifier, received))
    }

    async fn put_on_screen(
        &self,
        popup: &Popup,
        capabilities: &Capabilities,
    ) -> Result<(), Failure> {
        let icon = icon::allowed(&popup.icon, &popup.source, &self.images).await;
        let message = Message::new(popup, icon, capabilities);
        let expected = Expected::new(&self.shared, &popup.slot);
        let handle = self.notify(&popup.slot, &message).await?;
        expected.shown(handle);
        Ok(())
    }

    async fn notify(&self, slot: &Slot, message: &Message) -> Result<Handle, Failure> {
        let standing = self.shared.slots().standing(slot).cloned();
        let Some(old) = standing else {
            return self.server.notify(&message.arguments(0)).await;
        };
        match self.server.notify_at(&old.server, &message.arguments(old.id)).await {
            // That popup or its whole server is gone, so there is nothing to replace any more.
            Err(Failure::InvalidArgs(_) | Failure::Absent) => {
                self.shared.slots().forget(&old);
                self.server.notify(&message.arguments(0)).await
            }
            answer @ (Ok(_) | Err(Failure::Excess | Failure::Silent(_) | Failure::Other(_))) => {
                answer
            }
        }
    }

    /// Another server may answer the next time, or this one differently.
    fn failed(&self, failure: Failure) -> Shown {
        if failure != Failure::Excess {
            self.shared.capabilities().forget();
        }
        match failure {
            Failure::Excess => Shown::Coalesced,
            Failure::Absent => Shown::Absent,
            Failure::InvalidArgs(words) | Failure::Silent(words) | Failure::Other(words) => {
                Shown::Failed(words)
            }
        }
    }

    async fn capabilities(&self) -> Result<Capabilities, Failure> {
        if let Some(known) = self.shared.capabilities().get(Instant::now()) {
            return Ok(known.clone());
        }
        let fresh = self.server.capabilities().await?;
        self.shared.capabilities().put(Instant::now(), fresh.clone());
        Ok(fresh)
    }
}

impl Notifier for Freedesktop {
    async fn show(&self, popup: Popup) -> Shown {
        let _turn = self.turn.lock().await;
        let capabilities = match self.capabilities().await {
            Ok(capabilities) => capabilities,
            // Only asked what it can do, it was not sent the popup.
            Err(Failure::Silent(words)) => return Shown::Busy(words),
            Err(failure) => return self.failed(failure),
        };
        match self.put_on_screen(&popup, &capabilities).await {
            Ok(()) => Shown::Shown,
            Err(failure) => self.failed(failure),
        }
    }

    async fn close(&self, slot: Slot) {
        let _turn = self.turn.lock().await;
        let Some(popup) = self.shared.slots().close(&slot) else { return };
        if let Err(failure) = self.server.close(&popup).await {
            tracing::debug!(?failure, "the popup to close was not there any more");
            self.shared.slots().forget(&popup);
        }
    }

    async fn server(&self) -> PopupServer {
        let Ok([name, vendor, version, spec_version]) = self.server.information().await else {
            let present = self.server.is_present().await;
            return PopupServer { present, ..PopupServer::default() };
        };
        let capabilities = self.server.capabilities().await.unwrap_or_default().into_sorted();
        PopupServer { present: true, name, vendor, version, spec_version, capabilities }
    }
}

impl Shared {
    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn capabilities(&self) -> MutexGuard<'_, Cache> {
        self.capabilities.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, events: impl IntoIterator<Item = PopupEvent>) {
        for event in events {
            // Nobody listens any more: the daemon is ending.
            let _ = self.events.send(event);
        }
    }
}

/// A `Notify` on its way. However it ends, a caller that gave up included, early events are settled.
struct Expected<'a> {
    shared: &'a Shared,
    slot: &'a Slot,
    handle: Option<Handle>,
}

impl<'a> Expected<'a> {
    fn new(shared: &'a Shared, slot: &'a Slot) -> Self {
        shared.slots().expect();
        Self { shared, slot, handle: None }
    }

    fn shown(mut self, handle: Handle) {
        self.handle = Some(handle);
    }
}

impl Drop for Expected<'_> {
    fn drop(&mut self) {
        let mut slots = self.shared.slots();
        self.shared.tell(slots.settle(self.slot, self.handle.take()));
    }
}
