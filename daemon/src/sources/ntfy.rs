//! Topics of an ntfy server. One WebSocket for all of them brings what is new; what was missed is asked for by time, with
//! an overlap, and told apart by its id. `docs/sources-ntfy.md` is the reference. Sources of protocol facts: the ntfy
//! documentation ("Subscribe via API", "Updating + deleting notifications") and its server, 2.19.

mod access;
mod action;
mod catch_up;
mod clear;
mod marker;
mod message;
mod settings;
mod tags;
mod test;

use std::sync::{Arc, Mutex, PoisonError};

use tidings_api::{FieldKind, FormField, SourceKind};

use crate::config::SourceConfig;
use crate::net::link::Link;
use crate::net::websocket::Refusal;
use crate::sources::live::{
    self, CatchUp, CaughtUp, Heard, Live, Login, Marked, Moment, Opened, Protocol, Server,
};
use crate::sources::ntfy::access::{Access, Answers};
use crate::sources::ntfy::settings::Spec;
use crate::sources::registry::{Deps, Summary};
use crate::sources::trouble::Trouble;
use crate::sources::{Kind, TestReport, Times};
use crate::store::PendingMark;
use crate::targets::settings::{field, words};

/// The kind `ntfy`.
pub const KIND: Kind = Kind {
    name: NAME,
    forms: || vec![form()],
    check: |settings| Spec::read(settings).err().unwrap_or_default(),
    summary: |settings| Summary {
        preset: String::new(),
        url: settings::url(settings),
        marking: settings::marking(settings),
    },
    build: |config, deps| Ok(Box::new(Live::new(Ntfy::new(config, deps)?))),
};

/// The word for this kind in the configuration.
const NAME: &str = "ntfy";

fn form() -> SourceKind {
    let mut fields = vec![
        live::url_field("", "https://ntfy.example.org", "Address of the ntfy server."),
        FormField {
            required: true,
            example: "backups".to_owned(),
            ..field("topics", FieldKind::List, "The topics to follow, one a line.")
        },
        FormField {
            example: "ana".to_owned(),
            advanced: true,
            ..field(
                "username",
                FieldKind::Text,
                "Your user name on the server, where the secret is a password and not an access token.",
            )
        },
        FormField {
            default: "false".to_owned(),
            advanced: true,
            ..field(
                "sync_read",
                FieldKind::Flag,
                "Whether what you read or finish here is cleared on your other devices; needs a server from 2.16 and write access.",
            )
        },
        FormField {
            default: settings::OVERLAP.to_owned(),
            example: settings::OVERLAP.to_owned(),
            advanced: true,
            ..field(
                "overlap",
                FieldKind::Text,
                "How far before the newest known message the server is asked again, so that late ones are found.",
            )
        },
    ];
    fields.extend(live::time_fields(settings::RECONCILE_EVERY));
    SourceKind {
        kind: NAME.to_owned(),
        preset: String::new(),
        title: "ntfy".to_owned(),
        description: "Topics of ntfy.sh or of an ntfy server of your own.".to_owned(),
        secret: "token".to_owned(),
        fields,
    }
}

/// One ntfy server.
#[derive(Debug)]
struct Ntfy {
    /// What the source is called.
    name: String,
    server: Server,
    spec: Spec,
    /// The topics that the connection brings: those of the configuration without what the server refuses.
    followed: Mutex<Vec<String>>,
    /// Which of them may be read, as far as an attempt has come that was interrupted.
    answers: Answers,
}

impl Ntfy {
    fn new(config: &SourceConfig, deps: &Deps) -> Result<Self, String> {
        let (spec, url) = Spec::read(&config.settings).map_err(|problems| words(&problems))?;
        let login = Login::new(config, spec.scheme.clone(), Arc::clone(&deps.secrets));
        let server = Server::new(url, login, &deps.http, &deps.security)?;
        let followed = Mutex::new(spec.topics.clone());
        let name = config.name.clone();
        Ok(Self { name, server, spec, followed, answers: Answers::default() })
    }

    fn followed(&self) -> Vec<String> {
        // What is under this lock is replaced as a whole: a panic leaves nothing half-done.
        self.followed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn follow(&self, topics: Vec<String>) {
        *self.followed.lock().unwrap_or_else(PoisonError::into_inner) = topics;
    }

    async fn ask_for_access(&self) -> Result<Access, Trouble> {
        access::ask(&self.server, &self.spec.topics, &self.answers).await
    }

    /// Connects to what may be read: to all of it, where the secret was an old one until now.
    async fn connect_to(&self, access: Access) -> Result<Opened, Trouble> {
        if access.allowed.is_empty() {
            return Err(self.none_allowed(&access));
        }
        match self.open(&access.allowed).await? {
            Ok(link) => {
                let complaint = (!access.refused.is_empty()).then(|| access.words(&self.advice()));
                self.follow(access.allowed);
                Ok(Opened { link, first: Vec::new(), complaint })
            }
            Err(Refusal::NoWebSocket(why)) => self.poll(access, &why),
            Err(refusal) => Err(self.server.turned_away(refusal)),
        }
    }

    /// Does without a WebSocket: a proxy before the server passes none.
    fn poll(&self, access: Access, why: &str) -> Result<Opened, Trouble> {
        if access.allowed.is_empty() {
            return Err(self.none_allowed(&access));
        }
        let mut complaint = polled(why);
        if !access.refused.is_empty() {
            complaint = format!("{complaint}; {}", access.words(&self.advice()));
        }
        self.follow(access.allowed);
        Ok(Opened { link: self.server.no_link(), first: Vec::new(), complaint: Some(complaint) })
    }

    fn none_allowed(&self, access: &Access) -> Trouble {
        Trouble::NeedsLogin(format!("{}: {}", self.server.place(), access.words(&self.advice())))
    }

    /// What to do about topics that are refused.
    fn advice(&self) -> String {
        if self.server.login().is_configured() {
            return "give this account read access on the server and reconnect".to_owned();
        }
        format!(
            "nobody is signed in here, so write `token = \"keyring\"` in this source and run `tidings secret set {}`",
            self.name
        )
    }

    /// Opens the WebSocket. Nothing is asked of the past here: what is sent while the connection is being made comes twice
    /// and in any order then, and the catch-up brings it in its own.
    async fn open(&self, topics: &[String]) -> Result<Result<Link, Refusal>, Trouble> {
        let path = format!("{}/ws", topics.join(","));
        self.server.open(&path, self.spec.policy).await
    }
}

impl Protocol for Ntfy {
    fn times(&self) -> Times {
        self.spec.times
    }

    fn login(&self) -> &Login {
        self.server.login()
    }

    fn forget(&self) {
        self.server.login().forget();
        self.answers.forget();
    }

    async fn connect(&self) -> Result<Opened, Trouble> {
        let refusal = match self.open(&self.spec.topics).await? {
            Ok(link) => {
                self.follow(self.spec.topics.clone());
                return Ok(Opened { link, first: Vec::new(), complaint: None });
            }
            Err(refusal) => refusal,
        };
        match refusal {
            // One topic that is refused is reason enough for the server to refuse them all.
            Refusal::Unauthorized | Refusal::Forbidden => {
                self.server.login().forget();
                let access = self.ask_for_access().await?;
                self.connect_to(access).await
            }
            Refusal::NoWebSocket(why) => {
                let access = self.ask_for_access().await?;
                self.poll(access, &why)
            }
            Refusal::Unreachable(_)
            | Refusal::LoginPage
            | Refusal::Later { .. }
            | Refusal::Invalid(_) => Err(self.server.turned_away(refusal)),
        }
    }

    fn read(&self, message: &[u8], moment: Moment) -> Heard {
        message::heard(message, moment.now)
    }

    async fn catch_up(&self, catch_up: &CatchUp) -> Result<CaughtUp, Trouble> {
        let (followed, configured) = (self.followed(), &self.spec.topics);
        catch_up::run(&self.server, &followed, configured, self.spec.overlap, catch_up).await
    }

    async fn mark(&self, mark: &PendingMark) -> Result<Marked, Trouble> {
        clear::send(&self.server, mark).await
    }

    async fn test(&self) -> TestReport {
        test::run(self).await
    }
}

/// What it means that there is no WebSocket.
fn polled(why: &str) -> String {
    format!(
        "{why}, so it is asked every minute and messages come later: let the proxy before the server pass WebSockets"
    )
}

/// Reads bytes as a message, for a fuzz target: nothing may panic.
pub fn fuzz_message(data: &[u8]) {
    let _heard = message::heard(data, 0);
}

#[cfg(test)]
mod tests;
