//! A source at work under its supervisor, for the tests of each kind: a real inbox, real connections on loopback, and
//! everything that would have popped up written down.

pub(crate) mod server;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use secrecy::SecretString;
use tempfile::TempDir;
use tidings_api::{Filter, Notification, SourceState, SourceStatus, StateChange, View};
use tokio::time::Instant;

use crate::clock::Clock;
use crate::config::{Config, SecretOrigin, Security, SourceConfig};
use crate::dispatch::admission::Admission;
use crate::images::Images;
use crate::model::{NotificationId, SourceId};
use crate::net::http::Http;
use crate::secrets::SecretError;
use crate::sources::registry::{self, Deps};
use crate::sources::supervisor::Supervisor;
use crate::sources::{Nudge, Secrets};
use crate::store::Store;

pub(crate) const DEADLINE: Duration = Duration::from_secs(20);
pub(crate) const SECRET: &str = "s3cr3t-of-maria";
const NAME: &str = "home";

/// Always the same secret, whatever is asked.
struct Known;

impl Secrets for Known {
    fn secret<'a>(
        &'a self,
        _source: &'a str,
        _origin: &'a SecretOrigin,
    ) -> Pin<Box<dyn Future<Output = Result<SecretString, SecretError>> + Send + 'a>> {
        Box::pin(std::future::ready(Ok(SecretString::from(SECRET))))
    }
}

/// How often each notification popped up by itself, by occurrence.
type Popups = Arc<Mutex<BTreeMap<(i64, String), u32>>>;

/// One source of one kind and its inbox.
pub(crate) struct Scene {
    pub(crate) store: Store,
    pub(crate) supervisor: Supervisor,
    pub(crate) clock: Clock,
    popups: Popups,
    config: Config,
    folder: TempDir,
}

impl Scene {
    /// Starts a source of this kind with these settings, and a secret where `with_secret`.
    pub(crate) async fn start(kind: &str, settings: &str, with_secret: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self::open(folder, config(kind, settings, with_secret)).await
    }

    /// Starts it and waits until it has caught up.
    pub(crate) async fn online(kind: &str, settings: &str) -> Self {
        let scene = Self::start(kind, settings, true).await;
        scene.state(SourceState::Online).await;
        scene
    }

    /// Ends the daemon's part and begins it again on the same database, as a restart does.
    pub(crate) async fn restarted(self) -> Self {
        self.supervisor.shutdown().await;
        self.store.close().await;
        Self::open(self.folder, self.config).await
    }

    /// The same with other settings, as after an edit of the configuration.
    pub(crate) async fn with_settings(mut self, kind: &str, settings: &str) -> Self {
        let with_secret = self.config.sources[0].secret.is_some();
        self.config = config(kind, settings, with_secret);
        self.supervisor.apply(&self.config).await;
        self
    }

    async fn open(folder: TempDir, config: Config) -> Self {
        let path = folder.path().join("inbox.db");
        let clock = Clock::System;
        let (store, mut committed) =
            Store::open(&path, clock.clone(), Admission::default()).unwrap();
        let popups = Popups::default();
        let noted = Arc::clone(&popups);
        tokio::spawn(async move {
            while let Some(committed) = committed.recv().await {
                let mut noted = noted.lock().unwrap();
                for popup in committed.popups {
                    *noted.entry((popup.id.0, popup.title + &popup.body)).or_default() += 1;
                }
            }
        });
        let deps = Deps {
            http: Http::new().unwrap(),
            secrets: Arc::new(Known),
            security: Security::default(),
            images: Images::new(folder.path().join("images")),
        };
        let (supervisor, mut changes) = Supervisor::new(store.clone(), clock.clone(), deps);
        tokio::spawn(async move { while changes.recv().await.is_some() {} });
        supervisor.apply(&config).await;
        Self { store, supervisor, clock, popups, config, folder }
    }

    /// The state of the source.
    pub(crate) async fn status(&self) -> SourceStatus {
        self.supervisor.list().await.pop().expect("there is one source")
    }

    /// Waits until the source is in this state.
    pub(crate) async fn state(&self, wanted: SourceState) -> SourceStatus {
        self.until(|status| status.state == wanted).await
    }

    /// Waits until the last error holds these words. No secret may be in it.
    pub(crate) async fn says(&self, words: &str) -> SourceStatus {
        let status = self.until(|status| status.last_error.contains(words)).await;
        assert!(!status.last_error.contains(SECRET), "{}", status.last_error);
        status
    }

    pub(crate) async fn until(&self, wanted: impl Fn(&SourceStatus) -> bool) -> SourceStatus {
        let end = Instant::now() + DEADLINE;
        loop {
            let status = self.status().await;
            if wanted(&status) {
                return status;
            }
            assert!(Instant::now() < end, "the source never came there: {status:#?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Every row, the newest first.
    pub(crate) async fn all(&self) -> Vec<Notification> {
        let mut rows = Vec::new();
        let mut cursor = String::new();
        loop {
            let everything = Filter { view: View::All, ..Filter::default() };
            let page = self.store.list(everything, cursor, 500).await.unwrap();
            rows.extend(page.rows);
            cursor = page.next;
            if cursor.is_empty() {
                return rows;
            }
        }
    }

    /// Waits until the rows, newest first, are as wanted.
    pub(crate) async fn rows(&self, wanted: impl Fn(&[Notification]) -> bool) -> Vec<Notification> {
        let end = Instant::now() + DEADLINE;
        loop {
            let rows = self.all().await;
            if wanted(&rows) {
                return rows;
            }
            assert!(Instant::now() < end, "the rows never came to be: {rows:#?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// What popped up, with how often; once each is as it should be.
    pub(crate) fn popups(&self) -> BTreeMap<(i64, String), u32> {
        self.popups.lock().unwrap().clone()
    }

    /// Waits until so many have popped up: a row can be read before its popup is handed over.
    pub(crate) async fn popped(&self, times: usize) -> BTreeMap<(i64, String), u32> {
        let end = Instant::now() + DEADLINE;
        loop {
            let popups = self.popups();
            if popups.len() >= times {
                assert_eq!(popups.len(), times, "no more than that: {popups:?}");
                return popups;
            }
            assert!(Instant::now() < end, "{times} were to pop up: {popups:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Drops the connection and dials at once.
    pub(crate) fn reconnect(&self) {
        assert!(self.supervisor.reconnect(NAME), "the source is running");
    }

    /// Does with a row what a person does, and wakes the source.
    pub(crate) async fn change(&self, row: &Notification, change: StateChange) {
        self.store.set_state(vec![NotificationId(row.id)], change).await.unwrap();
        self.supervisor.nudge(self.id().await, Nudge::Marks);
    }

    /// Waits until no mark waits any more.
    pub(crate) async fn marks_are_gone(&self) {
        self.until(|status| status.pending_marks == 0).await;
    }

    /// The source's row.
    pub(crate) async fn id(&self) -> SourceId {
        let kind = self.config.sources[0].kind.clone();
        let marking = registry::summary(&self.config.sources[0]).marking;
        self.store.register_source(NAME, &kind, marking, "").await.unwrap().id
    }
}

fn config(kind: &str, settings: &str, with_secret: bool) -> Config {
    let settings: toml::Table = settings.parse().unwrap();
    let problems = registry::check(kind, &settings);
    assert!(problems.is_empty(), "the settings are right: {problems:?}");
    let source = SourceConfig {
        name: NAME.to_owned(),
        kind: kind.to_owned(),
        enabled: true,
        popups: true,
        min_urgency: tidings_api::Urgency::Low,
        break_quiet: false,
        notice_after: None,
        secret: with_secret.then(|| SecretOrigin::File(PathBuf::from("unused"))),
        settings,
    };
    Config { sources: vec![source], ..Config::default() }
}
