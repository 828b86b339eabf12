use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};

use secrecy::SecretString;
use tidings_api::Urgency;

use super::*;
use crate::config::SecretOrigin;
use crate::dispatch::admission::Admission;
use crate::images::Images;
use crate::net::http::Http;
use crate::secrets::SecretError;
use crate::sources::{Exit, Secrets, SourceContext};

const DEADLINE: Duration = Duration::from_secs(10);

struct NoSecrets;

impl Secrets for NoSecrets {
    fn secret<'a>(
        &'a self,
        _source: &'a str,
        _origin: &'a SecretOrigin,
    ) -> Pin<Box<dyn Future<Output = Result<SecretString, SecretError>> + Send + 'a>> {
        Box::pin(std::future::ready(Err(SecretError::KeyringAbsent)))
    }
}

/// A source that does what its kind says, and counts its runs.
struct Acting {
    kind: String,
    runs: Arc<AtomicUsize>,
    forgotten: Arc<AtomicUsize>,
}

impl Source for Acting {
    fn run<'a>(&'a mut self, cx: SourceContext) -> Pin<Box<dyn Future<Output = Exit> + Send + 'a>> {
        self.runs.fetch_add(1, Ordering::SeqCst);
        Box::pin(async move {
            match self.kind.as_str() {
                "panics" => panic!("as the test wants it"),
                "refused" => Exit::NeedsLogin { why: "the token is old".to_owned() },
                "busy" => {
                    let hour = Some(Duration::from_secs(3_600));
                    Exit::Transient { why: "too many requests".to_owned(), retry_after: hour }
                }
                "stubborn" => std::future::pending().await,
                _ => {
                    cx.report(SourceState::Online, None);
                    cx.cancel.cancelled().await;
                    Exit::Cancelled
                }
            }
        })
    }

    fn forget(&mut self) {
        self.forgotten.fetch_add(1, Ordering::SeqCst);
    }

    fn test<'a>(&'a self) -> Pin<Box<dyn Future<Output = TestReport> + Send + 'a>> {
        Box::pin(async {
            assert_ne!(self.kind, "panics", "as the test wants it");
            TestReport { ok: true, steps: Vec::new() }
        })
    }
}

struct Scene {
    supervisor: Supervisor,
    changes: mpsc::UnboundedReceiver<String>,
    runs: Arc<AtomicUsize>,
    /// How often a source was told that its secret may be another.
    forgotten: Arc<AtomicUsize>,
    _folder: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("inbox.db");
        let (store, mut committed) =
            Store::open(&path, Clock::System, Admission::default()).unwrap();
        tokio::spawn(async move { while committed.recv().await.is_some() {} });
        let deps = Deps {
            http: Http::new().unwrap(),
            secrets: Arc::new(NoSecrets),
            security: Security::default(),
            images: Images::new("/no/images".into()),
        };
        let runs = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&runs);
        let forgotten = Arc::new(AtomicUsize::new(0));
        let noted = Arc::clone(&forgotten);
        let build: Build = Arc::new(move |config, _| {
            let (kind, runs) = (config.kind.clone(), Arc::clone(&counted));
            Ok(Box::new(Acting { kind, runs, forgotten: Arc::clone(&noted) }))
        });
        let (supervisor, changes) = Supervisor::with_build(store, Clock::System, deps, build);
        Self { supervisor, changes, runs, forgotten, _folder: folder }
    }

    async fn state(&mut self, name: &str, wanted: SourceState) -> SourceStatus {
        let wait = async {
            loop {
                let list = self.supervisor.list().await;
                if let Some(found) = list.into_iter().find(|s| s.name == name && s.state == wanted)
                {
                    return found;
                }
                self.changes.recv().await.expect("every change of state is told");
            }
        };
        tokio::time::timeout(DEADLINE, wait).await.expect("the state is reached")
    }

    fn runs(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }

    async fn has_run(&self, times: usize) {
        let again = async {
            while self.runs() < times {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(DEADLINE, again).await.expect("the sources run that often");
    }
}

fn configured(sources: &[(&str, &str)]) -> Config {
    let source = |(name, kind): &(&str, &str)| SourceConfig {
        name: (*name).to_owned(),
        kind: (*kind).to_owned(),
        enabled: true,
        popups: true,
        min_urgency: Urgency::Low,
        break_quiet: false,
        notice_after: None,
        secret: None,
        settings: toml::Table::new(),
    };
    Config { sources: sources.iter().map(source).collect(), ..Config::default() }
}

#[tokio::test]
async fn panic_in_one_source_is_told_and_hurts_no_other() {
    let mut scene = Scene::new();
    scene.supervisor.apply(&configured(&[("bad", "panics"), ("good", "calm")])).await;
    let bad = scene.state("bad", SourceState::Waiting).await;
    assert!(bad.last_error.contains("unexpectedly") && bad.retry_at.is_some(), "{bad:?}");
    scene.state("good", SourceState::Online).await;
    let report = scene.supervisor.test("bad").await.unwrap();
    assert!(!report.ok, "a panic in a test is its result");
}

#[tokio::test]
async fn refused_source_waits_for_the_user_and_reconnects_at_once_when_asked() {
    let mut scene = Scene::new();
    scene.supervisor.apply(&configured(&[("old", "refused")])).await;
    let status = scene.state("old", SourceState::NeedsLogin).await;
    assert_eq!(status.last_error, "the token is old");
    let wait = status.retry_at.unwrap() - status.since;
    assert!(wait >= 60_000, "the server is not hammered: {wait} ms");
    assert_eq!(scene.runs(), 1);
    assert!(scene.supervisor.reconnect("old"));
    scene.has_run(2).await;
    assert!(!scene.supervisor.reconnect("unknown"));
}

#[tokio::test]
async fn what_the_user_connects_anew_holds_no_old_secret() {
    for (kind, state) in [("calm", SourceState::Online), ("refused", SourceState::NeedsLogin)] {
        let mut scene = Scene::new();
        scene.supervisor.apply(&configured(&[("feed", kind)])).await;
        scene.state("feed", state).await;
        assert!(scene.supervisor.reconnect("feed"));
        scene.has_run(2).await;
        let forgotten = scene.forgotten.load(Ordering::SeqCst);
        assert_eq!(forgotten, 1, "{kind}: it reads its secret again");
    }
}

#[tokio::test]
async fn what_is_renewed_without_the_user_keeps_its_secret() {
    let mut scene = Scene::new();
    scene.supervisor.apply(&configured(&[("calm", "calm")])).await;
    scene.state("calm", SourceState::Online).await;
    scene.supervisor.woke();
    scene.has_run(2).await;
    assert_eq!(scene.forgotten.load(Ordering::SeqCst), 0, "the keyring may be locked by now");
}

#[tokio::test]
async fn waking_renews_every_connection_and_cuts_waits_short_but_those_that_servers_ask_for() {
    let mut scene = Scene::new();
    let sources = [("busy", "busy"), ("calm", "calm"), ("old", "refused")];
    scene.supervisor.apply(&configured(&sources)).await;
    scene.state("busy", SourceState::Waiting).await;
    scene.state("calm", SourceState::Online).await;
    scene.state("old", SourceState::NeedsLogin).await;
    assert_eq!(scene.runs(), 3);
    scene.supervisor.woke();
    scene.has_run(5).await;
    scene.supervisor.network_changed();
    scene.has_run(6).await;
    scene.supervisor.woke();
    scene.has_run(8).await;
    assert_eq!(scene.runs(), 8, "a live connection is only asked, and a server's wish holds");
}

#[test]
fn a_thousand_sources_start_within_a_quarter_of_a_minute_and_a_few_do_not_wait_for_it() {
    let last = |count| stagger(u32::try_from(count).unwrap() - 1, step(count));
    assert!(last(1_000) <= STAGGER_MAX, "{:?}", last(1_000));
    assert!(last(3) < 3 * STAGGER, "{:?}", last(3));
    assert_eq!(last(1), Duration::ZERO);
}

#[tokio::test]
async fn reload_touches_only_what_has_changed() {
    let mut scene = Scene::new();
    scene.supervisor.apply(&configured(&[("a", "calm"), ("b", "calm")])).await;
    let before = scene.state("a", SourceState::Online).await;
    scene.state("b", SourceState::Online).await;
    scene.supervisor.apply(&configured(&[("a", "calm"), ("b", "calmer"), ("c", "calm")])).await;
    scene.state("c", SourceState::Online).await;
    scene.state("b", SourceState::Online).await;
    assert_eq!(scene.runs(), 4, "a was left alone");
    assert_eq!(scene.state("a", SourceState::Online).await.since, before.since);
    scene.supervisor.apply(&configured(&[("a", "calm")])).await;
    let names: Vec<_> = scene.supervisor.list().await.into_iter().map(|s| s.name).collect();
    assert_eq!(names, ["a"]);
}

#[tokio::test]
async fn switched_off_source_ends_and_comes_back() {
    let mut scene = Scene::new();
    scene.supervisor.apply(&configured(&[("a", "calm")])).await;
    scene.state("a", SourceState::Online).await;
    assert!(scene.supervisor.set_enabled("a", false).await);
    scene.state("a", SourceState::Disabled).await;
    assert!(scene.supervisor.set_enabled("a", true).await);
    scene.state("a", SourceState::Online).await;
    assert!(!scene.supervisor.set_enabled("unknown", true).await);
}

#[tokio::test(start_paused = true)]
async fn shutdown_does_not_wait_for_a_stubborn_source() {
    let scene = Scene::new();
    scene.supervisor.apply(&configured(&[("deaf", "stubborn")])).await;
    let started = tokio::time::Instant::now();
    scene.supervisor.shutdown().await;
    assert!(started.elapsed() <= SHUTDOWN, "{:?}", started.elapsed());
}
