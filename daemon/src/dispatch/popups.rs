//! Shows and closes popups, one after the other, and wakes up when a delivery falls due.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tidings_api::{Millis, Notification};
use tokio::sync::mpsc;
use tracing::{debug, warn};

use crate::clock::Clock;
use crate::desktop::{Notifier, Popup, Shown, Slot};
use crate::dispatch::figures::Figures;
use crate::dispatch::summary;
use crate::model::{NotificationId, PopupOrder};
use crate::store::{Claimed, DeliveryEnd, Store, SummaryOrder};

/// More than this many of one source falling due together are announced in a summary.
const DUE_AT_ONCE: usize = 5;
/// Without a popup server a popup waits so long for its next try; the server's arrival wakes it sooner.
const ABSENT_RETRY: Millis = 10 * 60 * 1000;
/// What has waited so long for a popup server is no news any more.
const ABSENT_GIVE_UP: Millis = 60 * 60 * 1000;
/// The longest sleep, so that a clock step or a suspend delays a scheduled popup by a minute at most.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

enum Command {
    Show(Box<PopupOrder>),
    Close(NotificationId),
    Due(Millis),
    ServerAppeared,
}

/// Hands work to the [`PopupWorker`]. Cheap to clone; nothing waits.
#[derive(Clone, Debug)]
pub struct PopupQueue {
    commands: mpsc::UnboundedSender<Command>,
}

impl PopupQueue {
    /// A queue and the end that the worker reads.
    #[must_use]
    pub fn new() -> (Self, PopupCommands) {
        let (commands, receiver) = mpsc::unbounded_channel();
        (Self { commands }, PopupCommands(receiver))
    }

    pub(super) fn show(&self, order: PopupOrder) {
        self.send(Command::Show(Box::new(order)));
    }

    pub(super) fn close(&self, id: NotificationId) {
        self.send(Command::Close(id));
    }

    pub(super) fn due(&self, at: Millis) {
        self.send(Command::Due(at));
    }

    pub(super) fn server_appeared(&self) {
        self.send(Command::ServerAppeared);
    }

    fn send(&self, command: Command) {
        // The worker ends with the daemon; what it no longer shows is claimed and told as in doubt.
        let _gone = self.commands.send(command);
    }
}

/// The worker's end of a [`PopupQueue`].
#[derive(Debug)]
pub struct PopupCommands(mpsc::UnboundedReceiver<Command>);

impl std::fmt::Debug for Command {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Show(order) => write!(f, "Show({})", order.id.0),
            Self::Close(id) => write!(f, "Close({})", id.0),
            Self::Due(at) => write!(f, "Due({at})"),
            Self::ServerAppeared => f.write_str("ServerAppeared"),
        }
    }
}

/// Shows popups in the order of their commits.
#[derive(Debug)]
pub struct PopupWorker<N> {
    /// Where claims and outcomes are recorded.
    pub store: Store,
    /// The popup server.
    pub notifier: Arc<N>,
    /// What time it is.
    pub clock: Clock,
    /// What the daemon measures.
    pub figures: Arc<Figures>,
}

impl<N: Notifier> PopupWorker<N> {
    /// Runs until the queue is dropped. What fell due while the daemon was away comes first.
    pub async fn run(self, PopupCommands(mut commands): PopupCommands) {
        let mut wake_at = self.show_due(false).await;
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    Some(Command::Show(order)) => self.show(*order).await,
                    Some(Command::Close(id)) => self.notifier.close(Slot::Notification(id)).await,
                    Some(Command::Due(at)) => wake_at = earlier(wake_at, at),
                    Some(Command::ServerAppeared) => wake_at = self.show_due(true).await,
                    None => return,
                },
                () = sleep_until(&self.clock, wake_at) => {
                    if wake_at.is_some_and(|at| at <= self.clock.now()) {
                        wake_at = self.show_due(false).await;
                    }
                }
            }
        }
    }

    async fn show(&self, order: PopupOrder) {
        let (delivery, received_at, arrived) =
            (order.delivery_id, order.received_at, order.arrived);
        let shown = self.notifier.show(popup(order)).await;
        if shown == Shown::Shown {
            self.figures.popup_shown(arrived.map(|arrived| arrived.elapsed()));
        }
        self.record(vec![(Claimed::Popup(delivery), self.end(shown, received_at))]).await;
    }

    /// Shows everything that is due and answers when to look again.
    async fn show_due(&self, waiting_for_server: bool) -> Option<Millis> {
        let due = match self.store.claim_due(waiting_for_server).await {
            Ok(due) => due,
            Err(error) => {
                warn!(%error, "due popups could not be claimed; trying again in a minute");
                return Some(self.clock.now() + 60_000);
            }
        };
        let mut by_source: BTreeMap<String, Vec<PopupOrder>> = BTreeMap::new();
        for order in due.popups {
            by_source.entry(order.source.clone()).or_default().push(order);
        }
        for (source, orders) in by_source {
            if orders.len() > DUE_AT_ONCE {
                self.show_crowd(source, orders).await;
            } else {
                for order in orders {
                    self.show(order).await;
                }
            }
        }
        for order in due.summaries {
            let newest_at = order.newest.iter().map(|row| row.received_at).max();
            let shown = self.notifier.show(summary_popup(&order)).await;
            let end = self.end(shown, newest_at.unwrap_or_else(|| self.clock.now()));
            self.record(vec![(Claimed::Summary(order.claim), end)]).await;
        }
        due.next_at
    }

    /// Many popups of one source that fell due together, for example while no popup server was running.
    async fn show_crowd(&self, source: String, orders: Vec<PopupOrder>) {
        let newest_at = orders.iter().map(|order| order.received_at).max();
        let newest = orders.iter().rev().take(3).map(|order| Notification {
            title: order.title.clone(),
            body: order.body.clone(),
            urgency: order.urgency,
            ..Notification::default()
        });
        let count = u32::try_from(orders.len()).unwrap_or(u32::MAX);
        let crowd = SummaryOrder { claim: 0, source, count, newest: newest.collect() };
        let shown = self.notifier.show(summary::popup(&crowd)).await;
        let end = self.end(shown, newest_at.unwrap_or_else(|| self.clock.now()));
        let ends = orders.iter().map(|order| (Claimed::Popup(order.delivery_id), end.clone()));
        self.record(ends.collect()).await;
    }

    fn end(&self, shown: Shown, received_at: Millis) -> DeliveryEnd {
        match shown {
            Shown::Shown | Shown::Coalesced => DeliveryEnd::Delivered,
            Shown::Absent if self.clock.now() - received_at < ABSENT_GIVE_UP => {
                DeliveryEnd::Retry(self.clock.now() + ABSENT_RETRY)
            }
            Shown::Absent => DeliveryEnd::Failed("no popup server was running for an hour".into()),
            Shown::Failed(why) => DeliveryEnd::Failed(why),
        }
    }

    async fn record(&self, ends: Vec<(Claimed, DeliveryEnd)>) {
        debug!(?ends, "popups ended");
        if let Err(error) = self.store.record(ends).await {
            // The claim stays: at the next start it is told as in doubt, never shown twice.
            warn!(%error, "the outcome of a popup could not be recorded");
        }
    }
}

/// A summary of one is that one.
fn summary_popup(order: &SummaryOrder) -> Popup {
    match &order.newest[..] {
        [only] if order.count == 1 => Popup {
            slot: Slot::Notification(NotificationId(only.id)),
            source: only.source.clone(),
            app: only.app.clone(),
            title: only.title.clone(),
            body: only.body.clone(),
            urgency: only.urgency,
            icon: only.icon.clone(),
            actions: only.actions.clone(),
            progress: only.progress,
            transient: false,
        },
        _ => summary::popup(order),
    }
}

fn popup(order: PopupOrder) -> Popup {
    Popup {
        slot: Slot::Notification(order.id),
        source: order.source,
        app: order.app,
        title: order.title,
        body: order.body,
        urgency: order.urgency,
        icon: order.icon,
        actions: order.actions,
        progress: order.progress,
        transient: order.transient,
    }
}

fn earlier(one: Option<Millis>, other: Millis) -> Option<Millis> {
    Some(one.map_or(other, |one| one.min(other)))
}

/// Sleeps until the wall clock shows `at`, in steps, because a monotonic timer stands still while the machine is
/// suspended. Without `at` it sleeps for ever: an idle daemon must not wake up.
async fn sleep_until(clock: &Clock, at: Option<Millis>) {
    let Some(at) = at else { return std::future::pending().await };
    let left = u64::try_from(at - clock.now()).unwrap_or_default();
    tokio::time::sleep(Duration::from_millis(left).min(LONGEST_SLEEP)).await;
}
