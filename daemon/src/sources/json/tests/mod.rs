//! The running source against a server on loopback and a real inbox, one trap a test.

mod live;
mod server;
mod signing;

use std::path::PathBuf;
use std::pin::Pin;
use std::time::Duration;

use secrecy::SecretString;
use tempfile::TempDir;
use tidings_api::{Filter, Notification, SourceState, StateChange};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::*;
use crate::config::SecretOrigin;
use crate::dispatch::admission::Admission;
use crate::images::Images;
use crate::model::{Marking, SourceId};
use crate::net::http::Http;
use crate::secrets::SecretError;
use crate::sources::json::tests::server::Server;
use crate::sources::{Health, Nudge, Secrets};
use crate::store::Store;

const DEADLINE: Duration = Duration::from_secs(20);
pub(super) const SECRET: &str = "s3cr3t-of-maria";

/// Always the same secret, whatever is asked.
struct Known(&'static str);

impl Secrets for Known {
    fn secret<'a>(
        &'a self,
        _source: &'a str,
        _origin: &'a SecretOrigin,
    ) -> Pin<Box<dyn Future<Output = Result<SecretString, SecretError>> + Send + 'a>> {
        Box::pin(std::future::ready(Ok(SecretString::from(self.0))))
    }
}

/// One run of a source.
pub(super) struct Scene {
    pub(super) server: Server,
    pub(super) store: Store,
    pub(super) id: SourceId,
    health: watch::Receiver<Health>,
    nudges: mpsc::Sender<Nudge>,
    cancel: CancellationToken,
    run: JoinHandle<Exit>,
    _folder: TempDir,
}

impl Scene {
    pub(super) async fn start(server: Server, settings: &str) -> Self {
        Self::start_with(server, settings, SECRET).await
    }

    pub(super) async fn start_with(server: Server, settings: &str, secret: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inbox.db");
        let (store, mut committed) =
            Store::open(&path, Clock::System, Admission::default()).unwrap();
        tokio::spawn(async move { while committed.recv().await.is_some() {} });
        let mut table: toml::Table = settings.parse().unwrap();
        table.insert("url".to_owned(), server.url().into());
        let sync: toml::Table = "reconcile_every = \"1s\"\ndebounce = \"50ms\"".parse().unwrap();
        table.insert("sync".to_owned(), sync.into());
        let config = config(table);
        let deps = Deps {
            http: Http::new().unwrap(),
            secrets: Arc::new(Known(secret)),
            security: Security::default(),
            images: Images::new("/no/images".into()),
        };
        let mut source = JsonSource::new(&config, &deps).unwrap();
        let record = store.register_source("orders", "json", Marking::Read, "").await.unwrap();
        let (health, seen) = watch::channel(Health::default());
        let (nudges, nudged) = mpsc::channel(4);
        let cancel = CancellationToken::new();
        let context = SourceContext {
            record: record.clone(),
            store: store.clone(),
            clock: Clock::System,
            cancel: cancel.clone(),
            nudges: nudged,
            health,
        };
        let run = tokio::spawn(async move { source.run(context).await });
        Self { server, store, id: record.id, health: seen, nudges, cancel, run, _folder: folder }
    }

    /// Starts and waits until the first catch-up is done.
    pub(super) async fn online(server: Server, settings: &str) -> Self {
        let mut scene = Self::start(server, settings).await;
        let online = scene.health.wait_for(|health| health.state == SourceState::Online);
        tokio::time::timeout(DEADLINE, online).await.unwrap().unwrap();
        scene
    }

    /// Waits until the rows, newest first, are as wanted.
    pub(super) async fn rows(&self, wanted: impl Fn(&[Notification]) -> bool) -> Vec<Notification> {
        let end = tokio::time::Instant::now() + DEADLINE;
        loop {
            let rows = self.store.list(Filter::default(), String::new(), 500).await.unwrap().rows;
            if wanted(&rows) {
                return rows;
            }
            assert!(tokio::time::Instant::now() < end, "the rows never came to be: {rows:#?}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub(super) async fn mark_read(&self, row: &Notification) {
        let id = crate::model::NotificationId(row.id);
        self.store.set_state(vec![id], StateChange::READ).await.unwrap();
        self.nudges.send(Nudge::Marks).await.unwrap();
    }

    pub(super) async fn marks_are_gone(&self) {
        let end = tokio::time::Instant::now() + DEADLINE;
        while self.store.pending_mark_count(self.id).await.unwrap() > 0 {
            assert!(tokio::time::Instant::now() < end, "the queue of marks never drained");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Waits until the last error holds these words.
    pub(super) async fn health_says(&self, words: &str) {
        let mut health = self.health.clone();
        let told = health.wait_for(|health| health.last_error.contains(words));
        tokio::time::timeout(DEADLINE, told).await.unwrap().unwrap();
    }

    /// Waits for the run to end by itself. No secret may be in what it says.
    pub(super) async fn exit(self) -> Exit {
        let exit = tokio::time::timeout(DEADLINE, self.run).await.expect("the run ends").unwrap();
        let health = format!("{:?}", self.health.borrow());
        assert!(!format!("{exit:?} {health}").contains(SECRET), "{exit:?} {health}");
        exit
    }

    pub(super) async fn cancelled(self) -> Exit {
        self.cancel.cancel();
        self.exit().await
    }
}

pub(super) fn config(settings: toml::Table) -> SourceConfig {
    SourceConfig {
        name: "orders".to_owned(),
        kind: "json".to_owned(),
        enabled: true,
        popups: true,
        min_urgency: tidings_api::Urgency::Low,
        break_quiet: false,
        notice_after: None,
        secret: Some(SecretOrigin::File(PathBuf::from("unused"))),
        settings,
    }
}

pub(super) fn confirmed(rows: &[Notification], count: usize) -> bool {
    rows.len() == count && rows.iter().all(|row| row.remote_id.is_some())
}
