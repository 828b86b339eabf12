//! Shows and closes popups, one after the other, and wakes up when a delivery falls due.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tidings_api::Millis;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::clock::Clock;
use crate::desktop::{Notifier, Popup, Shown, Slot};
use crate::dispatch::figures::Figures;
use crate::dispatch::summary;
use crate::model::{NotificationId, PopupOrder};
use crate::store::{Claimed, DeliveryEnd, Store, SummaryOf, SummaryOrder};

/// Without a popup server a popup waits so long for its next try; the server's arrival wakes it sooner.
const ABSENT_RETRY: Millis = 10 * 60 * 1000;
/// A popup server that is too busy to answer is asked again then.
const BUSY_RETRY: Millis = 30 * 1000;
/// The longest sleep, so that a clock step or a suspend delays a scheduled popup by a minute at most.
const LONGEST_SLEEP: Duration = Duration::from_secs(60);

enum Command {
    Show(Box<PopupOrder>),
    Close(NotificationId),
    Due(Millis),
    ServerAppeared,
    SummaryDismissed(Slot),
    SummaryGone(Slot),
    Summary(Box<SummaryOrder>),
    Settled(oneshot::Sender<()>),
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

    pub(super) fn summary_dismissed(&self, slot: Slot) {
        self.send(Command::SummaryDismissed(slot));
    }

    /// It left the screen by itself: the next one tells of what is new since.
    pub(super) fn summary_gone(&self, slot: Slot) {
        self.send(Command::SummaryGone(slot));
    }

    /// Shows a summary that is claimed already: of what came while it was quiet.
    pub fn summary(&self, order: SummaryOrder) {
        self.send(Command::Summary(Box::new(order)));
    }

    /// Waits until the popup that is on its way has reached the screen, and all that was ordered before.
    pub async fn settled(&self) {
        let (done, settled) = oneshot::channel();
        self.send(Command::Settled(done));
        // Without a worker nothing is on its way.
        let _gone = settled.await;
    }

    fn send(&self, command: Command) {
        // The worker ends with the daemon; what comes after it is claimed and told as in doubt.
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
            Self::SummaryDismissed(slot) => write!(f, "SummaryDismissed({slot:?})"),
            Self::SummaryGone(slot) => write!(f, "SummaryGone({slot:?})"),
            Self::Summary(order) => write!(f, "Summary({})", order.claim),
            Self::Settled(_) => f.write_str("Settled"),
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

/// Which notifications the summaries on the screen still tell of.
type Summarised = HashMap<Slot, BTreeSet<NotificationId>>;

impl<N: Notifier> PopupWorker<N> {
    /// Runs until it is told to stop. What fell due while the daemon was away comes first; what is left at the end
    /// is handed back, to be shown after the next start.
    pub async fn run(self, PopupCommands(mut commands): PopupCommands, stop: CancellationToken) {
        let mut summarised = Summarised::new();
        let mut wake_at = self.show_due(false, &mut summarised).await;
        loop {
            tokio::select! {
                biased;
                () = stop.cancelled() => return self.hand_back(commands).await,
                command = commands.recv() => match command {
                    Some(Command::Show(order)) => self.show(*order).await,
                    Some(Command::Close(id)) => self.close(id, &mut summarised).await,
                    Some(Command::Due(at)) => wake_at = earlier(wake_at, at),
                    Some(Command::ServerAppeared) => {
                        wake_at = self.show_due(true, &mut summarised).await;
                    }
                    Some(Command::SummaryDismissed(slot)) => {
                        self.noticed(summarised.remove(&slot).unwrap_or_default()).await;
                    }
                    Some(Command::SummaryGone(slot)) => drop(summarised.remove(&slot)),
                    Some(Command::Summary(order)) => {
                        self.show_summary(*order, &mut summarised).await;
                    }
                    Some(Command::Settled(done)) => drop(done.send(())),
                    None => return,
                },
                () = sleep_until(&self.clock, wake_at) => {
                    if wake_at.is_some_and(|at| at <= self.clock.now()) {
                        wake_at = self.show_due(false, &mut summarised).await;
                    }
                }
            }
        }
    }

    async fn show(&self, order: PopupOrder) {
        if self.opted_out_since(order.opt_outs) {
            return self.claim_again(Claimed::Popup(order.delivery_id)).await;
        }
        let (delivery, arrived) = (order.delivery_id, order.arrived);
        let shown = self.notifier.show(popup(order)).await;
        if shown == Shown::Shown {
            self.figures.popup_shown(arrived.map(|arrived| arrived.elapsed()));
        }
        self.record(vec![(Claimed::Popup(delivery), self.end(shown))]).await;
    }

    /// Takes the popup of a row away, and a summary once all that it tells of is settled.
    async fn close(&self, id: NotificationId, summarised: &mut Summarised) {
        self.notifier.close(Slot::Notification(id)).await;
        let mut over = Vec::new();
        summarised.retain(|slot, ids| {
            let last = ids.remove(&id) && ids.is_empty();
            if last {
                over.push(slot.clone());
            }
            !last
        });
        for slot in over {
            self.notifier.close(slot).await;
        }
    }

    /// Dismissed by hand means that all of it was noticed.
    async fn noticed(&self, ids: BTreeSet<NotificationId>) {
        if let Err(error) = self.store.noticed(ids.into_iter().collect()).await {
            warn!(%error, "the rows of a dismissed summary could not be marked as seen");
        }
    }

    /// Shows everything that is due and answers when to look again.
    async fn show_due(
        &self,
        waiting_for_server: bool,
        summarised: &mut Summarised,
    ) -> Option<Millis> {
        let due = match self.store.claim_due(waiting_for_server).await {
            Ok(due) => due,
            Err(error) => {
                warn!(%error, "due popups could not be claimed; trying again in a minute");
                return Some(self.clock.now() + 60_000);
            }
        };
        for order in due.popups {
            self.show(order).await;
        }
        for order in due.summaries {
            self.show_summary(order, summarised).await;
        }
        due.next_at
    }

    async fn show_summary(&self, mut order: SummaryOrder, summarised: &mut Summarised) {
        let claimed = Claimed::Summary(order.claim);
        if self.opted_out_since(order.opt_outs) {
            return self.claim_again(claimed).await;
        }
        let mut ids: BTreeSet<NotificationId> = order.ids.drain(..).collect();
        if let SummaryOf::Source(name) = &order.of
            && let Some(standing) = summarised.get(&Slot::Summary(name.clone()))
        {
            // It takes the place of one that still stands, so it tells of all that both have to tell.
            ids.extend(standing);
            order.count = u32::try_from(ids.len()).unwrap_or(u32::MAX);
        }
        let popup = summary::popup(&order);
        let slot = popup.slot.clone();
        let shown = self.notifier.show(popup).await;
        if shown == Shown::Shown {
            summarised.insert(slot, ids);
        }
        self.record(vec![(claimed, self.end(shown))]).await;
    }

    /// Whether the opt-outs are others than those that let an order pass.
    fn opted_out_since(&self, revision: u64) -> bool {
        self.store.opt_outs().revision() != revision
    }

    /// Hands an order back. The statement that claims it the next time looks at the opt-outs that stand now.
    async fn claim_again(&self, claimed: Claimed) {
        self.record(vec![(claimed, DeliveryEnd::Retry(self.clock.now()))]).await;
    }

    /// What was claimed and not shown is nobody's doubt: it falls due again at the next start.
    async fn hand_back(&self, mut commands: mpsc::UnboundedReceiver<Command>) {
        let mut ends = Vec::new();
        while let Ok(command) = commands.try_recv() {
            let claimed = match command {
                Command::Show(order) => Claimed::Popup(order.delivery_id),
                Command::Summary(order) => Claimed::Summary(order.claim),
                Command::Close(_)
                | Command::Due(_)
                | Command::ServerAppeared
                | Command::SummaryDismissed(_)
                | Command::SummaryGone(_)
                | Command::Settled(_) => continue,
            };
            ends.push((claimed, DeliveryEnd::Retry(self.clock.now())));
        }
        if !ends.is_empty() {
            self.record(ends).await;
        }
    }

    fn end(&self, shown: Shown) -> DeliveryEnd {
        match shown {
            Shown::Shown | Shown::Coalesced => DeliveryEnd::Delivered,
            Shown::Absent => DeliveryEnd::Retry(self.clock.now() + ABSENT_RETRY),
            Shown::Busy(_) => DeliveryEnd::Retry(self.clock.now() + BUSY_RETRY),
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
    let left = u64::try_from(at.saturating_sub(clock.now())).unwrap_or_default();
    tokio::time::sleep(Duration::from_millis(left).min(LONGEST_SLEEP)).await;
}

#[cfg(test)]
mod tests;
