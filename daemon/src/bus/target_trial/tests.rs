use std::path::Path;
use std::sync::Arc;

use secrecy::SecretString;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;

use super::*;
use crate::config::{self, Config, Security};
use crate::dispatch::admission::Admission;
use crate::dispatch::outbound::Dispatcher;
use crate::net::http::Http;
use crate::secrets::Given;
use crate::sources::registry::CONFIG_KINDS;
use crate::targets::registry::Deps;

const PATIENCE: Duration = Duration::from_secs(20);

/// A server that answers with the status that ends the path, below `/held/` only when it is let go on.
struct Receiver {
    port: u16,
    /// A permit for each request that has come in below `/held/`.
    came: Arc<Semaphore>,
    /// It answers as many of them as there are permits.
    goes_on: Arc<Semaphore>,
}

impl Receiver {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (came, goes_on) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let (held, released) = (Arc::clone(&came), Arc::clone(&goes_on));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer(stream, Arc::clone(&held), Arc::clone(&released)));
            }
        });
        Self { port, came, goes_on }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    async fn has_a_request(&self) {
        tokio::time::timeout(PATIENCE, self.came.acquire()).await.unwrap().unwrap().forget();
    }
}

async fn answer(mut stream: TcpStream, came: Arc<Semaphore>, goes_on: Arc<Semaphore>) {
    let mut request = Vec::new();
    // The body is JSON in one piece.
    while !request.ends_with(b"}") && stream.read_buf(&mut request).await.unwrap() > 0 {}
    let request = String::from_utf8(request).unwrap();
    let path = request.split(' ').nth(1).unwrap();
    if path.starts_with("/held/") {
        came.add_permits(1);
        goes_on.acquire().await.unwrap().forget();
    }
    let status = path.rsplit('/').next().unwrap();
    let head = format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
}

struct Scene {
    store: Store,
    dispatcher: Dispatcher,
    trial: Arc<Trial>,
    receiver: Receiver,
    _folder: TempDir,
}

impl Scene {
    /// A webhook called `hook`, without a record.
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Clock::steered(1_800_000_000_000);
        let path = folder.path().join("inbox.db");
        let (store, mut committed) =
            Store::open(&path, clock.clone(), Admission::default()).unwrap();
        tokio::spawn(async move { while committed.recv().await.is_some() {} });
        let deps = Deps {
            http: Http::new().unwrap(),
            secrets: Arc::new(Given(SecretString::from(""))),
            security: Security::default(),
        };
        let rules = watch::channel(Arc::default()).0;
        let dispatcher = Dispatcher::new(store.clone(), clock.clone(), deps, rules);
        let trial = Arc::new(Trial::new(store.clone(), clock, dispatcher.outbox().clone()));
        let scene =
            Self { store, dispatcher, trial, receiver: Receiver::new().await, _folder: folder };
        scene.dispatcher.apply(&with_hook("")).await;
        scene
    }

    async fn add(&self, path: &str, active: bool) {
        let record = Record {
            target: "hook".into(),
            address: self.receiver.url(path),
            active,
            verified: true,
            ..Record::default()
        };
        self.store.add_record(record).await.unwrap();
    }

    /// Whether all went well.
    async fn test(&self, address: &str) -> bool {
        self.trial.run(&with_hook("").targets[0], address).await.unwrap().0
    }

    fn begin_to_test(&self) -> JoinHandle<bool> {
        let trial = Arc::clone(&self.trial);
        tokio::spawn(async move { trial.run(&with_hook("").targets[0], "").await.unwrap().0 })
    }

    async fn is_paused(&self) -> bool {
        !self.store.pauses().await.unwrap().is_empty()
    }
}

fn with_hook(keys: &str) -> Config {
    let text = format!(
        "[security]\nallow_private_hosts = [\"127.0.0.1\"]\n[[target]]\nname = \"hook\"\nkind = \"webhook\"\n{keys}"
    );
    config::parse(&text, Path::new("config.toml"), &CONFIG_KINDS).unwrap()
}

#[tokio::test]
async fn a_refusal_where_nobody_receives_says_nothing_of_the_target() {
    let scene = Scene::new().await;
    scene.add("/200", true).await;
    scene.add("/403", false).await;
    assert!(!scene.test(&scene.receiver.url("/401")).await);
    assert!(!scene.is_paused().await, "a slip of the pen holds nothing back");
    assert!(!scene.test(&scene.receiver.url("/403")).await);
    assert!(!scene.is_paused().await, "nor does a record that is switched off");
    scene.add("/401", true).await;
    assert!(!scene.test(&scene.receiver.url("/401")).await);
    assert!(scene.is_paused().await, "what is queued would be refused as the test was");
}

#[tokio::test]
async fn one_refusal_pauses_the_target_whoever_answers_last() {
    let scene = Scene::new().await;
    scene.add("/401", true).await;
    scene.add("/held/200", true).await;
    let test = scene.begin_to_test();
    scene.receiver.has_a_request().await;
    scene.receiver.goes_on.add_permits(1);
    assert!(!test.await.unwrap(), "one of the two was refused");
    assert!(scene.is_paused().await, "the acceptance of another record mends nothing");
}

#[tokio::test]
async fn what_is_accepted_ends_a_pause() {
    let scene = Scene::new().await;
    scene.store.pause_target("hook".into(), "401".into()).await.unwrap();
    scene.add("/200", true).await;
    assert!(scene.test("").await);
    assert!(!scene.is_paused().await);
}

#[tokio::test]
async fn a_late_answer_says_nothing_of_the_target_as_it_is_now() {
    let scene = Scene::new().await;
    scene.add("/held/401", true).await;
    let test = scene.begin_to_test();
    scene.receiver.has_a_request().await;
    scene.dispatcher.apply(&with_hook("enabled = false")).await;
    scene.dispatcher.apply(&with_hook("")).await;
    scene.receiver.goes_on.add_permits(1);
    assert!(!test.await.unwrap());
    assert!(!scene.is_paused().await, "it was asked before somebody mended it");
}

#[tokio::test]
async fn a_late_answer_says_nothing_of_another_target_of_the_same_name() {
    let scene = Scene::new().await;
    scene.add("/held/401", true).await;
    let test = scene.begin_to_test();
    scene.receiver.has_a_request().await;
    scene.dispatcher.apply(&Config::default()).await;
    scene.store.forget_target("hook".into()).await.unwrap();
    scene.receiver.goes_on.add_permits(1);
    assert!(!test.await.unwrap());
    assert!(!scene.is_paused().await, "what comes next under this name begins unpaused");
}
