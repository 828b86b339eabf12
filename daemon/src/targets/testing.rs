//! What the tests of targets over HTTP share.

pub(super) mod keys;

use std::sync::Arc;

use secrecy::SecretString;
use tidings_api::Urgency;
use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::config::{SecretOrigin, Security, TargetConfig};
use crate::net::http::Http;
use crate::secrets::Given;
use crate::targets::registry::Deps;
use crate::targets::{Confirmation, Kind, Message, Outcome, Target};

/// A target called `t` with these settings; its host may be this machine.
pub(super) fn target(kind: &Kind, settings: &str, secret: Option<&str>) -> Box<dyn Target> {
    let deps = deps(secret.unwrap_or_default(), &["127.0.0.1"]);
    build(kind, settings, secret, &deps).unwrap()
}

pub(super) fn build(
    kind: &Kind,
    settings: &str,
    secret: Option<&str>,
    deps: &Deps,
) -> Result<Box<dyn Target>, String> {
    let config = TargetConfig {
        name: "t".to_owned(),
        kind: kind.name.to_owned(),
        enabled: true,
        title: None,
        body: None,
        max_retries: 6,
        retry_interval: None,
        burst: 10,
        refill: std::time::Duration::from_secs(60),
        digest: None,
        quiet: false,
        secret: secret.map(|_| SecretOrigin::Keyring),
        settings: settings.parse().unwrap(),
    };
    (kind.build)(&config, deps)
}

pub(super) fn deps(secret: &str, private_hosts: &[&str]) -> Deps {
    Deps {
        http: Http::new().unwrap(),
        secrets: Arc::new(Given(SecretString::from(secret))),
        security: Security {
            allow_private_hosts: private_hosts.iter().map(|&host| host.to_owned()).collect(),
            ..Security::default()
        },
    }
}

/// What the kind finds wrong with the settings.
pub(super) fn problems(kind: &Kind, settings: &str) -> Vec<String> {
    let found = (kind.check)(&settings.parse().unwrap(), &Security::default());
    found.into_iter().map(|problem| problem.message).collect()
}

/// A message with something in every field.
pub(super) fn message(address: &str) -> Message {
    Message {
        address: address.to_owned(),
        identity: "0123abcd-1".to_owned(),
        title: "Disk full".to_owned(),
        body: "98 % of /var; \"ähm\" 🎉\nnext line".to_owned(),
        urgency: Urgency::High,
        url: "https://nas.example/disks?id=1&x=2".to_owned(),
        source: "nas".to_owned(),
        topic: "disks".to_owned(),
        key: "var".to_owned(),
        tags: vec!["disk".to_owned(), "a b".to_owned()],
        actor: "ana".to_owned(),
        notification: 42,
        count: 3,
        at: 1_700_000_000_000,
        expires_at: None,
        now: 1_700_000_060_000,
    }
}

/// A server that gives one answer to everything.
pub(super) async fn answering(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

/// The one request that a server has got.
pub(super) async fn request(server: &MockServer) -> Request {
    let mut seen = server.received_requests().await.unwrap();
    assert_eq!(seen.len(), 1, "one request a message");
    seen.remove(0)
}

/// A header of a request; empty if it has none.
pub(super) fn header<'r>(request: &'r Request, name: &str) -> &'r str {
    let mut values = request.headers.get_all(name).iter();
    let value = values.next().map_or("", |value| value.to_str().unwrap());
    assert!(values.next().is_none(), "{name} is there once");
    value
}

/// An outcome in one word, and what it says.
pub(super) fn class(outcome: &Outcome) -> (&'static str, &str) {
    match outcome {
        Outcome::Accepted { .. } => ("accepted", ""),
        Outcome::Retry { why, .. } => ("retry", why),
        Outcome::Unknown { why } => ("unknown", why),
        Outcome::Gone { why } => ("gone", why),
        Outcome::Refused { why } => ("refused", why),
        Outcome::OptedOut { why } => ("opted out", why),
        Outcome::Misconfigured { why } => ("misconfigured", why),
    }
}

/// A confirmation in one word.
pub(super) const fn fate(confirmation: &Confirmation) -> &'static str {
    match confirmation {
        Confirmation::Pending => "pending",
        Confirmation::Delivered => "delivered",
        Confirmation::Failed { .. } => "failed",
        Confirmation::Refused { .. } => "refused",
        Confirmation::Gone { .. } => "gone",
        Confirmation::OptedOut { .. } => "opted out",
        Confirmation::Misconfigured { .. } => "misconfigured",
        Confirmation::Lost => "lost",
    }
}

/// A server that takes a request and closes the connection without an answer; its address.
pub(super) async fn silent() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // Enough to know that the request has begun to arrive.
            let _read = tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 1024]).await;
        }
    });
    format!("http://{address}")
}

/// The address of a server that is not there.
pub(super) async fn absent() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}
