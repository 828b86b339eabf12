//! Against a real mail server, and against fakes for what no library does.

mod broken;
mod delivery;
mod login;
mod outcomes;
mod server;
mod settings;
mod tls;

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use rustls::ClientConfig;
use secrecy::SecretString;

use super::Email;
use super::session::Limits;
use crate::config::{SecretOrigin, Security, TargetConfig};
use crate::net::http::Http;
use crate::secrets::Given;
use crate::targets::registry::Deps;
use crate::targets::{Message, Outcome, Target};
use server::MailServer;

const PASSWORD: &str = "correct horse";

/// A target of a server on this machine without TLS and without a login.
fn plain(server: &MailServer) -> Email {
    plain_within(server.port(), Limits::DEFAULT)
}

fn plain_within(port: u16, limits: Limits) -> Email {
    let keys = format!("server = \"smtp://127.0.0.1:{port}\"\ntls = \"none\"");
    target(&keys, None, untrusting(), limits).unwrap()
}

/// A target with these keys beside `from`.
fn target(
    keys: &str,
    password: Option<&str>,
    tls: Arc<ClientConfig>,
    limits: Limits,
) -> Result<Email, String> {
    let secret = password.map(|_| SecretOrigin::Keyring);
    let given = Given(SecretString::from(password.unwrap_or_default()));
    Email::new(&config(keys, secret), &deps(Arc::new(given)), tls, limits)
}

fn config(keys: &str, secret: Option<SecretOrigin>) -> TargetConfig {
    TargetConfig {
        name: "mail".into(),
        kind: "email".into(),
        enabled: true,
        title: None,
        body: None,
        max_retries: 3,
        retry_interval: None,
        burst: 10,
        refill: Duration::from_secs(60),
        digest: None,
        quiet: false,
        secret,
        settings: format!("from = \"Tidings <tidings@desk.example.org>\"\n{keys}").parse().unwrap(),
    }
}

fn deps(secrets: Arc<dyn crate::sources::Secrets>) -> Deps {
    // Reads the certificates of the system, of which no test here has a use.
    static HTTP: LazyLock<Http> = LazyLock::new(|| Http::new().unwrap());
    Deps {
        http: HTTP.clone(),
        secrets,
        security: Security {
            allow_insecure_hosts: vec!["mail.lab.example".into()],
            ..Security::default()
        },
    }
}

/// A configuration that trusts nobody.
fn untrusting() -> Arc<ClientConfig> {
    crate::net::tls::install_provider();
    let roots = rustls::RootCertStore::empty();
    Arc::new(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth())
}

fn message(identity: &str) -> Message {
    Message {
        address: "ana@example.org".into(),
        identity: identity.into(),
        title: "Größe überschritten".into(),
        body: "Backup of db1: 42 GB\n.\nno dot lost".into(),
        url: "https://nas.example.org/jobs/7".into(),
        source: "nas".into(),
        now: 1_795_780_800_000,
        count: 1,
        ..Message::default()
    }
}

const ACCEPTED: Outcome = Outcome::Accepted { receipt: None };

async fn deliver(target: &Email, identity: &str) -> Outcome {
    target.deliver(&message(identity)).await
}

/// The word for an outcome, and what it says.
fn told(outcome: Outcome) -> (&'static str, String) {
    match outcome {
        Outcome::Accepted { .. } => ("accepted", String::new()),
        Outcome::Retry { why, after } => {
            assert_eq!(after, None, "SMTP has no Retry-After");
            ("retry", why)
        }
        Outcome::Unknown { why } => ("unknown", why),
        Outcome::Gone { why } => ("gone", why),
        Outcome::Refused { why } => ("refused", why),
        Outcome::OptedOut { why } => ("opted out", why),
        Outcome::Misconfigured { why } => ("misconfigured", why),
    }
}
