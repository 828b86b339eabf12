mod receipts;
mod trials;
mod unwanted;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use tempfile::TempDir;
use tidings_api::{Delivery, DeliveryFilter, Record};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use super::*;
use crate::config::RouteConfig;
use crate::dispatch::admission::Admission;
use crate::dispatch::outbound::rules::OutboundRules;
use crate::model::Incoming;
use crate::targets::{Confirmation, Message, Sending};

const NOW: Millis = 1_800_000_000_000;
const PATIENCE: Duration = Duration::from_secs(20);

type Answer = Box<dyn Fn(&Message) -> Outcome + Send>;

/// A provider that does as it is told, one message at a time.
struct Provider {
    /// What it has taken, or refused to take.
    seen: Mutex<Vec<Message>>,
    /// What it answers to a title; the rest is accepted.
    answer: Mutex<Answer>,
    /// It takes no more messages than there are permits.
    open: Semaphore,
    begun: AtomicU64,
    rested: AtomicU64,
    asked: AtomicU64,
    /// What it says later of everything it has taken; `None` = it cannot be asked.
    later: Mutex<Option<Confirmation>>,
}

impl Provider {
    fn new(permits: usize) -> Arc<Self> {
        let accepted = |_: &Message| Outcome::Accepted { receipt: Some("receipt".into()) };
        Arc::new(Self {
            seen: Mutex::default(),
            answer: Mutex::new(Box::new(accepted)),
            open: Semaphore::new(permits),
            begun: AtomicU64::new(0),
            rested: AtomicU64::new(0),
            asked: AtomicU64::new(0),
            later: Mutex::new(Some(Confirmation::Delivered)),
        })
    }

    fn answers(&self, answer: impl Fn(&Message) -> Outcome + Send + 'static) {
        *self.answer.lock().unwrap() = Box::new(answer);
    }

    fn titles(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().map(|message| message.title.clone()).collect()
    }
}

impl Target for Provider {
    fn deliver<'a>(&'a self, message: &'a Message) -> Sending<'a, Outcome> {
        Box::pin(async move {
            self.begun.fetch_add(1, Ordering::SeqCst);
            self.open.acquire().await.unwrap().forget();
            self.seen.lock().unwrap().push(message.clone());
            (self.answer.lock().unwrap())(message)
        })
    }

    fn confirm<'a>(
        &'a self,
        receipts: &'a [String],
    ) -> Sending<'a, Result<Vec<Confirmation>, String>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let later = self.later.lock().unwrap().clone().ok_or_else(|| "502".to_owned());
        Box::pin(std::future::ready(later.map(|later| vec![later; receipts.len()])))
    }

    fn rest(&self) -> Sending<'_, ()> {
        self.rested.fetch_add(1, Ordering::SeqCst);
        Box::pin(std::future::ready(()))
    }
}

struct Scene {
    store: Store,
    clock: Clock,
    rule: TargetRule,
    record: i64,
    provider: Arc<Provider>,
    commands: mpsc::UnboundedSender<Command>,
    /// Where the store's commits are told.
    due: Arc<Mutex<mpsc::UnboundedSender<Command>>>,
    stop: CancellationToken,
    lane: JoinHandle<()>,
    _folder: TempDir,
}

impl Scene {
    /// A lane with one record, one message at a time.
    async fn new(provider: Arc<Provider>) -> Self {
        Self::with(provider, true).await
    }

    async fn with(provider: Arc<Provider>, repeatable: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::steered(NOW);
        let rule = TargetRule {
            name: "mail".into(),
            enabled: true,
            has_addresses: true,
            title: None,
            body: None,
            max_retries: 3,
            retry_interval: Duration::from_secs(60),
            burst: 10_000,
            refill: Duration::from_secs(60),
            digest: None,
            quiet: false,
            repeatable,
            confirm_after: Some(Duration::from_secs(15)),
        };
        let route = RouteConfig { to: vec!["mail".into()], ..RouteConfig::default() };
        let rules = OutboundRules { targets: vec![rule.clone()], routes: vec![route] };
        let admission = Admission::default().with_outbound(watch::channel(Arc::new(rules)).1);
        let path = folder.path().join("inbox.db");
        let (store, mut committed) = Store::open(&path, clock.clone(), admission).unwrap();
        let record = Record {
            target: "mail".into(),
            address: "ana@example.org".into(),
            active: true,
            verified: true,
            ..Record::default()
        };
        let record = store.add_record(record).await.unwrap();
        let (commands, receiver) = mpsc::unbounded_channel();
        let due = Arc::new(Mutex::new(commands.clone()));
        let told = Arc::clone(&due);
        tokio::spawn(async move {
            while let Some(commit) = committed.recv().await {
                for at in commit.outbound.into_values() {
                    let _gone = told.lock().unwrap().send(Command::Due(at));
                }
            }
        });
        let stop = CancellationToken::new();
        let mut scene = Self {
            store,
            clock,
            rule,
            record,
            provider,
            commands,
            due,
            stop,
            lane: tokio::spawn(async {}),
            _folder: folder,
        };
        scene.run(receiver);
        scene
    }

    fn run(&mut self, receiver: mpsc::UnboundedReceiver<Command>) {
        let lane = Lane {
            rule: self.rule.clone(),
            concurrency: 1,
            target: Arc::clone(&self.provider) as Arc<dyn Target>,
            store: self.store.clone(),
            clock: self.clock.clone(),
        };
        self.lane = tokio::spawn(lane.run(receiver, self.stop.clone(), None));
    }

    /// Ends the lane and begins it anew, as when somebody has mended its target.
    async fn renew(&mut self) {
        self.stop.cancel();
        tokio::time::timeout(PATIENCE, &mut self.lane).await.unwrap().unwrap();
        let (commands, receiver) = mpsc::unbounded_channel();
        *self.due.lock().unwrap() = commands.clone();
        self.commands = commands;
        self.stop = CancellationToken::new();
        self.run(receiver);
    }

    async fn post(&self, titles: &[&str]) {
        let post = |title: &&str| Incoming {
            title: (*title).to_owned(),
            received_at: NOW,
            ..Incoming::default()
        };
        self.store.post(titles.iter().map(post).collect()).await.unwrap();
    }

    /// Time passes; the lane's own timer follows the clock of the machine, so it is woken.
    fn advance(&self, by: Millis) {
        self.clock.advance(by);
        self.commands.send(Command::Due(self.clock.now())).unwrap();
    }

    async fn deliveries(&self) -> Vec<Delivery> {
        let filter = DeliveryFilter { target: Some("mail".into()), ..DeliveryFilter::default() };
        let mut rows = self.store.deliveries(filter, String::new(), 500).await.unwrap().rows;
        rows.reverse();
        rows
    }

    async fn statuses(&self) -> Vec<&'static str> {
        self.deliveries().await.iter().map(|row| row.status.as_str()).collect()
    }

    async fn wait_for(&self, wanted: &[&str]) {
        let mut found = Vec::new();
        let wait = async {
            loop {
                found = self.statuses().await;
                if found == wanted {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let outcome = tokio::time::timeout(PATIENCE, wait).await;
        assert!(outcome.is_ok(), "{found:?} never became {wanted:?}");
    }

    /// Waits for everything that is on its way.
    async fn settle(&self) {
        settled(self.begin_to_settle(Unwanted::Record(self.record))).await;
    }

    fn begin_to_settle(&self, unwanted: Unwanted) -> oneshot::Receiver<()> {
        let (done, settled) = oneshot::channel();
        self.commands.send(Command::Settle(unwanted, done)).unwrap();
        settled
    }
}

async fn settled(receiver: oneshot::Receiver<()>) {
    tokio::time::timeout(PATIENCE, receiver).await.unwrap().unwrap();
}

async fn until(mut holds: impl FnMut() -> bool) {
    let wait = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(PATIENCE, wait).await.expect("it never came to pass");
}

fn retry() -> Outcome {
    Outcome::Retry { why: "later".into(), after: None }
}

#[tokio::test]
async fn what_is_due_is_sent_once_and_recorded() {
    let scene = Scene::new(Provider::new(100)).await;
    scene.post(&["a", "b", "c"]).await;
    scene.wait_for(&["DELIVERED", "DELIVERED", "DELIVERED"]).await;
    assert_eq!(scene.provider.titles(), ["a", "b", "c"], "in order, each once");
}

#[tokio::test]
async fn a_failed_attempt_is_repeated_at_its_time_with_the_same_identity() {
    let scene = Scene::new(Provider::new(100)).await;
    scene.provider.answers(|_| retry());
    scene.post(&["a"]).await;
    scene.wait_for(&["RETRY"]).await;
    scene.advance(30_000);
    scene.settle().await;
    assert_eq!(scene.provider.titles().len(), 1, "not before its time");
    scene.provider.answers(|_| Outcome::Accepted { receipt: None });
    scene.advance(60_000);
    scene.wait_for(&["DELIVERED"]).await;
    let seen = scene.provider.seen.lock().unwrap();
    assert_eq!(seen[0].identity, seen[1].identity, "the provider can tell that it is the same");
}

#[tokio::test]
async fn a_poison_row_fails_alone() {
    let scene = Scene::new(Provider::new(100)).await;
    scene.provider.answers(|message| match message.title.as_str() {
        "poison" => Outcome::Refused { why: "554 no".into() },
        _ => Outcome::Accepted { receipt: None },
    });
    scene.post(&["a", "poison", "b"]).await;
    scene.wait_for(&["DELIVERED", "DELIVERY FAILURE", "DELIVERED"]).await;
    assert_eq!(scene.deliveries().await[1].answer, "554 no");
}

#[tokio::test]
async fn what_must_not_be_there_twice_is_claimed_when_it_can_leave() {
    let scene = Scene::with(Provider::new(0), false).await;
    scene.post(&["a", "b", "c"]).await;
    until(|| scene.provider.begun.load(Ordering::SeqCst) == 1).await;
    let statuses = scene.statuses().await;
    assert_eq!(statuses, ["SENDING", "SCHEDULED", "SCHEDULED"], "a kill leaves one in doubt");
    scene.provider.open.add_permits(3);
    scene.wait_for(&["DELIVERED", "DELIVERED", "DELIVERED"]).await;
}

#[tokio::test]
async fn wrong_credentials_stop_the_lane_until_somebody_mends_them() {
    let mut scene = Scene::new(Provider::new(100)).await;
    scene.provider.answers(|_| Outcome::Misconfigured { why: "535 refused".into() });
    scene.post(&["a", "b", "c"]).await;
    scene.wait_for(&["RETRY", "SCHEDULED", "SCHEDULED"]).await;
    assert_eq!(scene.provider.titles(), ["a"], "a wrong password is tried once, not once a row");
    assert_eq!(scene.store.pauses().await.unwrap()[0].why, "535 refused");
    scene.advance(60_000);
    scene.settle().await;
    assert_eq!(scene.provider.titles().len(), 1, "nor a minute later");

    scene.provider.answers(|_| Outcome::Accepted { receipt: None });
    scene.store.resume_target("mail".into()).await.unwrap();
    scene.renew().await;
    scene.wait_for(&["DELIVERED", "DELIVERED", "DELIVERED"]).await;
    let first = &scene.deliveries().await[0];
    assert_eq!(first.retry_attempts, 1, "the pause has cost no attempt");
}

#[tokio::test]
async fn a_paused_target_tries_one_message_after_an_hour_by_itself() {
    let scene = Scene::new(Provider::new(100)).await;
    scene.provider.answers(|_| Outcome::Misconfigured { why: "401".into() });
    scene.post(&["a", "b"]).await;
    scene.wait_for(&["RETRY", "SCHEDULED"]).await;
    scene.provider.answers(|_| Outcome::Accepted { receipt: None });
    scene.advance(PROBE_AFTER);
    scene.wait_for(&["DELIVERED", "DELIVERED"]).await;
    assert!(scene.store.pauses().await.unwrap().is_empty(), "it works again, and says so");
}

#[tokio::test]
async fn what_was_claimed_and_not_sent_at_the_end_is_sent_after_the_next_start() {
    let scene = Scene::new(Provider::new(0)).await;
    scene.post(&["a", "b", "c"]).await;
    until(|| scene.provider.begun.load(Ordering::SeqCst) == 1).await;
    scene.stop.cancel();
    scene.provider.open.add_permits(1);
    tokio::time::timeout(PATIENCE, scene.lane).await.unwrap().unwrap();
    let rows =
        scene.store.deliveries(DeliveryFilter::default(), String::new(), 10).await.unwrap().rows;
    let mut found: Vec<_> =
        rows.iter().filter(|row| row.target == "mail").map(|row| row.status.as_str()).collect();
    found.reverse();
    assert_eq!(
        found,
        ["DELIVERED", "SCHEDULED", "SCHEDULED"],
        "no doubt about those that never left"
    );
    assert_eq!(scene.provider.titles(), ["a"]);
}

#[tokio::test]
async fn what_is_kept_open_is_closed_when_nothing_is_sent_for_a_while() {
    let scene = Scene::new(Provider::new(100)).await;
    scene.post(&["a"]).await;
    scene.wait_for(&["DELIVERED"]).await;
    // The timer of the lane follows the clock of the machine, which is years behind this one: it waits.
    assert_eq!(scene.provider.rested.load(Ordering::SeqCst), 0);
    scene.stop.cancel();
    until(|| scene.provider.rested.load(Ordering::SeqCst) == 1).await;
}
