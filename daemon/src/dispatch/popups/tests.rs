use tempfile::TempDir;
use tidings_api::StateChange;
use tokio::task::JoinHandle;

use super::*;
use crate::desktop::PopupServer;
use crate::desktop::recorder::Recorder;
use crate::dispatch::admission::Admission;
use crate::dispatch::committed::{Listeners, fan_out};
use crate::dispatch::outbound::outbox::Outbox;
use crate::model::Incoming;

const NOW: Millis = 1_800_000_000_000;
const PATIENCE: Duration = Duration::from_secs(10);

/// A worker before a recorded screen, fed by a store of its own.
struct Scene<N> {
    store: Store,
    screen: Arc<N>,
    clock: Clock,
    popups: PopupQueue,
    stop: CancellationToken,
    worker: JoinHandle<()>,
    _folder: TempDir,
}

impl<N: Notifier + std::fmt::Debug + 'static> Scene<N> {
    fn new(screen: N) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::steered(NOW);
        let path = folder.path().join("inbox.db");
        let (store, commits) = Store::open(&path, clock.clone(), Admission::default()).unwrap();
        let (popups, commands) = PopupQueue::new();
        let figures = Arc::new(Figures::default());
        let listeners = Listeners {
            popups: popups.clone(),
            changes: mpsc::unbounded_channel().0,
            marked: mpsc::unbounded_channel().0,
            outbox: Outbox::default(),
            targets: mpsc::unbounded_channel().0,
            figures: Arc::clone(&figures),
        };
        tokio::spawn(fan_out(commits, listeners));
        let screen = Arc::new(screen);
        let worker = PopupWorker {
            store: store.clone(),
            notifier: Arc::clone(&screen),
            clock: clock.clone(),
            figures,
        };
        let stop = CancellationToken::new();
        let worker = tokio::spawn(worker.run(commands, stop.clone()));
        Self { store, screen, clock, popups, stop, worker, _folder: folder }
    }

    async fn post(&self, count: usize) -> Vec<NotificationId> {
        let post = Incoming { title: "news".into(), received_at: NOW, ..Incoming::default() };
        self.store.post(vec![post; count]).await.unwrap()
    }

    /// The last word about the delivery of a row.
    async fn status(&self, id: NotificationId) -> String {
        let explained = self.store.explain(id).await.unwrap();
        let status = explained.last().and_then(|dict| dict.get("status"));
        status.and_then(|status| <&str>::try_from(status).ok()).unwrap_or_default().to_owned()
    }

    async fn wait_for_status(&self, id: NotificationId, status: &str) {
        until(async || self.status(id).await == status).await;
    }
}

async fn until(mut holds: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("it never came to pass");
}

#[tokio::test]
async fn a_summary_leaves_once_all_that_it_tells_of_is_read() {
    let (recorder, _events) = Recorder::new();
    let scene = Scene::new(recorder);
    let ids = scene.post(12).await;
    scene.clock.advance(60_000);
    let summary = Slot::Summary("local".into());
    until(async || scene.screen.on_screen(&summary).is_some()).await;

    let (last, others) = ids.split_last().unwrap();
    scene.store.set_state(others.to_vec(), StateChange::READ).await.unwrap();
    let first = Slot::Notification(others[0]);
    until(async || scene.screen.closed().contains(&first)).await;
    assert!(scene.screen.on_screen(&summary).is_some(), "one of them is still unread");
    scene.store.set_state(vec![*last], StateChange::READ).await.unwrap();
    until(async || scene.screen.on_screen(&summary).is_none()).await;
}

#[tokio::test]
async fn dismissing_a_summary_is_seeing_all_of_it() {
    let (recorder, _events) = Recorder::new();
    let scene = Scene::new(recorder);
    scene.post(12).await;
    scene.clock.advance(60_000);
    let summary = Slot::Summary("local".into());
    until(async || scene.screen.on_screen(&summary).is_some()).await;
    assert_eq!(scene.store.counts().unseen, 12);
    scene.popups.summary_dismissed(summary);
    until(async || scene.store.counts().unseen == 5).await;
    assert_eq!(scene.store.counts().unread, 12, "dismissed is not read");
}

#[tokio::test]
async fn a_summary_in_the_place_of_another_tells_of_both_while_that_one_stands() {
    let (recorder, _events) = Recorder::new();
    let scene = Scene::new(recorder);
    let slot = Slot::Summary("local".into());
    let told = || -> Option<u32> {
        let title = scene.screen.on_screen(&slot)?.title;
        title.split(' ').next()?.parse().ok()
    };
    scene.post(12).await;
    scene.clock.advance(60_000);
    until(async || told().is_some()).await;
    let first = told().unwrap();
    scene.post(20).await;
    scene.clock.advance(60_000);
    scene.popups.server_appeared();
    until(async || told() > Some(first)).await;
    let both = told().unwrap();
    assert!(both > 20, "{first}, then {both}: more than came the second time");

    scene.popups.summary_gone(slot.clone());
    scene.post(20).await;
    scene.clock.advance(60_000);
    scene.popups.server_appeared();
    until(async || told() != Some(both)).await;
    assert!(told() <= Some(20), "what has left the screen is not told again");
}

#[tokio::test]
async fn a_server_that_is_too_busy_to_be_asked_gets_the_popup_later() {
    let (recorder, _events) = Recorder::new();
    recorder.answer(Shown::Busy("GetCapabilities: no answer".into()));
    let scene = Scene::new(recorder);
    let id = scene.post(1).await[0];
    scene.wait_for_status(id, "RETRY").await;
    scene.screen.answer(Shown::Shown);
    scene.clock.advance(BUSY_RETRY);
    // The worker sleeps by the clock of the machine; this wakes it.
    scene.popups.server_appeared();
    scene.wait_for_status(id, "DELIVERED").await;
}

/// A screen that takes a popup for as long as it is told to.
#[derive(Debug, Default)]
struct Slow {
    asked: tokio::sync::Notify,
    go_on: tokio::sync::Notify,
}

impl Notifier for Slow {
    async fn show(&self, _: Popup) -> Shown {
        self.asked.notify_one();
        self.go_on.notified().await;
        Shown::Shown
    }

    async fn close(&self, _: Slot) {}

    async fn server(&self) -> PopupServer {
        PopupServer::default()
    }
}

#[tokio::test]
async fn what_was_not_shown_at_the_end_is_shown_after_the_next_start() {
    let scene = Scene::new(Slow::default());
    let ids = scene.post(3).await;
    scene.screen.asked.notified().await;
    scene.stop.cancel();
    scene.screen.go_on.notify_one();
    until(async || scene.worker.is_finished()).await;
    scene.wait_for_status(ids[0], "DELIVERED").await;
    let due = scene.store.claim_due(false).await.unwrap();
    let left: Vec<_> = due.popups.iter().map(|popup| popup.id).collect();
    assert_eq!(left, ids[1..], "nobody has seen these");
}
