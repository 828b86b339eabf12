//! The native notifier and a fake popup server on a bus of their own.

use anyhow::{Context, Result, ensure};
use tidings_api::Urgency;
use tidings_daemon::desktop::freedesktop::Freedesktop;
use tidings_daemon::desktop::{CloseReason, Notifier, Popup, PopupEvent, PopupEvents, Shown, Slot};
use tidings_daemon::images::Images;
use tidings_daemon::model::NotificationId;

use crate::bus::PrivateBus;
use crate::popup_server::{PopupServer, Shown as Arrived};
use crate::wait::DEADLINE;

/// A bus, a fake server on it, and the notifier under test with its events.
#[derive(Debug)]
pub struct Screen {
    /// Under test.
    pub notifier: Freedesktop,
    /// What it tells.
    pub events: PopupEvents,
    /// The fake.
    pub server: PopupServer,
    /// Where they meet.
    pub bus: PrivateBus,
}

impl Screen {
    /// With the server in place.
    pub async fn start() -> Result<Self> {
        let mut screen = Self::without_server().await?;
        screen.server.own_name().await?;
        ensure!(screen.event().await? == PopupEvent::Restarted, "the server's arrival is told");
        Ok(screen)
    }

    /// With a server that does not own the name yet.
    pub async fn without_server() -> Result<Self> {
        let bus = PrivateBus::start()?;
        let server = PopupServer::prepare(bus.connect().await?);
        let (notifier, events) =
            Freedesktop::start(bus.connect().await?, Images::new("/no/images".into())).await?;
        Ok(Self { notifier, events, server, bus })
    }

    /// Shows a popup; fails only when that hangs.
    pub async fn show(&self, popup: Popup) -> Result<Shown> {
        let show = self.notifier.show(popup);
        tokio::time::timeout(DEADLINE, show).await.context("showing a popup hangs")
    }

    /// Shows a popup that the server must take; how it arrived there.
    pub async fn shown(&self, popup: Popup) -> Result<Arrived> {
        let slot = popup.slot.clone();
        let answer = self.show(popup).await?;
        ensure!(answer == Shown::Shown, "{slot:?} was not shown: {answer:?}");
        self.server.shown().pop().context("the server was not asked")
    }

    /// The next event.
    pub async fn event(&mut self) -> Result<PopupEvent> {
        let event = tokio::time::timeout(DEADLINE, self.events.recv()).await;
        event.context("no event came")?.context("the notifier ended")
    }

    /// Proves that nothing came: an event that is provoked afterwards comes first.
    pub async fn nothing_before(&mut self, id: u32, slot: &Slot) -> Result<()> {
        self.server.invoke(id, "proof").await?;
        let event = self.event().await?;
        ensure!(event == clicked(slot, "proof", None), "something came before: {event:?}");
        Ok(())
    }
}

/// The slot of a notification.
#[must_use]
pub fn slot(id: i64) -> Slot {
    Slot::Notification(NotificationId(id))
}

/// A popup without anything special.
#[must_use]
pub fn popup(id: i64) -> Popup {
    Popup {
        slot: slot(id),
        source: "orders".into(),
        app: String::new(),
        title: format!("Order {id}"),
        body: "A body".into(),
        urgency: Urgency::Normal,
        icon: String::new(),
        actions: Vec::new(),
        progress: None,
        transient: false,
    }
}

/// The event of a click.
#[must_use]
pub fn clicked(slot: &Slot, action: &str, token: Option<&str>) -> PopupEvent {
    PopupEvent::Clicked {
        slot: slot.clone(),
        action: action.into(),
        activation_token: token.map(str::to_owned),
    }
}

/// The event of a popup that left.
#[must_use]
pub fn closed(slot: &Slot, reason: CloseReason) -> PopupEvent {
    PopupEvent::Closed { slot: slot.clone(), reason }
}
