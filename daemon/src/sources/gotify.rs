//! A Gotify server, versions 2 and 3. Its stream brings new messages and nothing else, its list is paged backwards, and what
//! is deleted elsewhere is told by nobody: so the list is compared. Sources of protocol facts: the server's code and its REST
//! documentation at 2.6 and 3.0. `docs/sources-gotify.md` is the reference of the keys.

mod applications;
mod catch_up;
mod marker;
mod message;
mod page;
mod settings;
mod walk;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Method;
use http::header::HeaderName;
use tidings_api::SourceKind;

use crate::config::SourceConfig;
use crate::images::{Images, NotKept};
use crate::model::{Arrival, Event, Marking};
use crate::net::http::Reply;
use crate::net::liveness::Policy;
use crate::sources::gotify::applications::Applications;
use crate::sources::gotify::marker::Newest;
use crate::sources::gotify::message::Message;
use crate::sources::gotify::page::Page;
use crate::sources::gotify::settings::Spec;
use crate::sources::live::{
    CatchUp, CaughtUp, Heard, Live, Login, Marked, Moment, Opened, Portion, Protocol, Scheme,
    Server,
};
use crate::sources::registry::{Deps, Summary};
use crate::sources::trouble::Trouble;
use crate::sources::{Kind, TestReport, Times, lenient};
use crate::store::PendingMark;
use crate::targets::settings::words;

/// The kind `gotify`.
pub const KIND: Kind = Kind {
    name: NAME,
    forms: || vec![form()],
    check: |settings| Spec::read(settings).err().unwrap_or_default(),
    summary,
    build: |config, deps| Ok(Box::new(Live::new(Gotify::new(config, deps)?))),
};

/// The word for this kind in the configuration.
const NAME: &str = "gotify";
/// Carries the token. The server would take it in the query of the address, too, where access logs keep it.
const TOKEN_HEADER: HeaderName = HeaderName::from_static("x-gotify-key");
/// Refused images that are remembered.
const UNFIT_MOST: usize = 1_000;
/// Names and images are nice to have: nothing waits longer for them.
const APPLICATIONS_WITHIN: Duration = Duration::from_secs(5);

fn form() -> SourceKind {
    SourceKind {
        kind: NAME.to_owned(),
        preset: String::new(),
        title: "Gotify".to_owned(),
        description:
            "A Gotify server, version 2 or 3: everything that its applications send to you."
                .to_owned(),
        secret: "token".to_owned(),
        fields: settings::fields(),
    }
}

fn summary(settings: &toml::Table) -> Summary {
    let Ok(spec) = Spec::read(settings) else { return Summary::default() };
    let marking = if spec.deletes { Marking::Done } else { Marking::Nothing };
    Summary { preset: String::new(), url: spec.url.to_string(), marking }
}

/// One server.
#[derive(Debug)]
struct Gotify {
    server: Server,
    policy: Policy,
    times: Times,
    backfill: usize,
    /// Where the images of applications are kept; `None` = they are not wanted.
    images: Option<Images>,
    learnt: Mutex<Learnt>,
}

/// What is learnt on the way, and asked for again where it is lost.
#[derive(Debug, Default)]
struct Learnt {
    applications: Applications,
    /// Applications that the server was asked for on this connection.
    asked: BTreeSet<u64>,
    /// What the last catch-up has seen.
    newest: Newest,
    /// Where the server has images that are too large, or none: it gives each image a name of its own, so they stay that.
    unfit: BTreeSet<String>,
}

impl Learnt {
    fn unfit(&mut self, path: String) {
        // A server that names a new one each time is asked again, rather than all of them kept in memory.
        if self.unfit.len() >= UNFIT_MOST {
            self.unfit.clear();
        }
        self.unfit.insert(path);
    }
}

impl Gotify {
    fn new(config: &SourceConfig, deps: &Deps) -> Result<Self, String> {
        let spec = Spec::read(&config.settings).map_err(|problems| words(&problems))?;
        let scheme = match spec.username {
            Some(username) => Scheme::Basic { username },
            None => Scheme::Header(TOKEN_HEADER),
        };
        let login = Login::new(config, scheme, deps.secrets.clone());
        Ok(Self {
            server: Server::new(spec.url, login, &deps.http, &deps.security)?,
            policy: spec.policy,
            times: spec.times,
            backfill: spec.backfill,
            images: spec.images.then(|| deps.images.clone()),
            learnt: Mutex::default(),
        })
    }

    /// Asks for the names and images of the applications. Where they are not to be had the old ones stay.
    async fn learn_applications(&self) {
        if tokio::time::timeout(APPLICATIONS_WITHIN, self.ask_for_applications()).await.is_err() {
            tracing::debug!("the names and images of applications did not come in time");
        }
    }

    async fn ask_for_applications(&self) {
        let mut applications = match self.server.json("application").await {
            Ok(answer) => Applications::read(&answer),
            Err(trouble) => {
                tracing::debug!(why = trouble.why(), "the names of applications are not known");
                return;
            }
        };
        let before = self.learnt().applications.clone();
        let usable = |icon: &Path| self.images.as_ref().is_some_and(|images| images.renew(icon));
        let missing = applications.keep_icons(&before, usable);
        self.learnt().applications = applications;
        let Some(images) = &self.images else { return };
        for (application, path) in missing {
            if self.learnt().unfit.contains(&path) {
                continue;
            }
            match self.fetch_image(&path, images.clone()).await {
                Ok(Ok(icon)) => self.learnt().applications.set_icon(application, icon),
                Ok(Err(unfit)) => {
                    tracing::debug!(path, %unfit, "the image of an application is not kept");
                    self.learnt().unfit(path);
                }
                Err(why) => tracing::debug!(path, why, "the image of an application is not there"),
            }
        }
    }

    /// Fetches an image from the server itself, and from nowhere else, and says where it is kept, or why it never will be.
    async fn fetch_image(
        &self,
        path: &str,
        images: Images,
    ) -> Result<Result<String, NotKept>, String> {
        let asked = self.server.ask(Method::GET, path, None).await;
        let reply = asked.map_err(|trouble| trouble.why().to_owned())?;
        if reply.status != 200 {
            return Err(format!("the server answered {}", reply.status));
        }
        let keeping = tokio::task::spawn_blocking(move || images.keep(&reply.body));
        let kept = keeping.await.map_err(|error| error.to_string())?;
        match kept {
            Err(NotKept::Disk(error)) => Err(error.to_string()),
            kept => Ok(kept.map(|path| path.display().to_string())),
        }
    }

    /// A page of messages, the newest first; 0 = the newest of all. `since` means "ids lower than this" here. One that is too
    /// large, or does not come to its end, is asked for in smaller parts: nothing that is on the list is to stop everything else.
    async fn page(&self, since: u64) -> Result<Page, Trouble> {
        let from = if since == 0 { String::new() } else { format!("&since={since}") };
        let mut limit = page::LIMIT;
        loop {
            let path = format!("message?limit={limit}{from}");
            let portion = self.server.portion(&path, page::LARGEST).await;
            let page = match portion.map_err(Trouble::beside_a_connection)? {
                Portion::Whole(answer) => Page::read(&answer, since, limit),
                Portion::TooLarge(_) | Portion::Lost(_) if limit > 1 => {
                    limit = (limit / 4).max(1);
                    continue;
                }
                Portion::TooLarge(beginning) => {
                    tracing::warn!("a message is too large to be read and is passed over");
                    Page::passing(&beginning, since)
                }
                Portion::Lost(why) => return Err(Trouble::transient(why)),
            };
            return page.ok_or_else(|| {
                let place = self.server.place();
                Trouble::transient(format!(
                    "{place}: the list of messages is none; asked again later"
                ))
            });
        }
    }

    async fn open(&self) -> Result<Opened, Trouble> {
        let opened = self.server.open("stream", self.policy).await?;
        let link = opened.map_err(|refusal| self.server.turned_away(refusal))?;
        Ok(Opened { link, first: Vec::new(), complaint: None })
    }

    async fn steps(&self, report: &mut TestReport) {
        // A server that hides its version is one all the same.
        let version = self.server.json("version").await.ok();
        let version = version.as_ref().and_then(|answer| answer.get("version")?.as_str());
        let version = version.map_or_else(
            || "it does not tell its version".to_owned(),
            |version| format!("Gotify {}", crate::sources::text::line(version)),
        );
        report.note("server", Ok(version));
        let applications = self.server.json("application").await;
        let counted =
            applications.map(|answer| format!("{} found", answer.as_array().map_or(0, Vec::len)));
        report.note("applications", counted);
        if report.ok {
            report.note("stream", self.open().await.map(|_| "connected".to_owned()));
        }
    }

    fn learnt(&self) -> MutexGuard<'_, Learnt> {
        // What is under this lock is replaced as a whole: a panic leaves nothing half-done.
        self.learnt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Protocol for Gotify {
    fn times(&self) -> Times {
        self.times
    }

    fn login(&self) -> &Login {
        self.server.login()
    }

    async fn connect(&self) -> Result<Opened, Trouble> {
        // Without a secret every server refuses: these words say what to do about it.
        self.server.login().secret().await?;
        self.learnt().asked.clear();
        let (opened, ()) = tokio::join!(self.open(), self.learn_applications());
        opened
    }

    fn read(&self, message: &[u8], moment: Moment) -> Heard {
        let parsed = lenient::parse(message);
        let Some(found) = parsed.as_ref().and_then(Message::read) else {
            return unknown(message);
        };
        let learnt = self.learnt();
        if found.reuses_an_id(&learnt.newest) {
            // Perhaps of a new database: stored now it would overwrite what had this id before. The list decides.
            return Heard { ask: true, ..Heard::default() };
        }
        let unnamed =
            found.application.filter(|application| !learnt.applications.know(*application));
        let ask = unnamed.is_some_and(|application| !learnt.asked.contains(&application));
        let incoming = found.incoming(&learnt.applications, Arrival::Live, moment.now);
        drop(learnt);
        Heard { events: vec![Event::Upsert(Box::new(incoming))], ask, ..Heard::default() }
    }

    async fn catch_up(&self, catch_up: &CatchUp) -> Result<CaughtUp, Trouble> {
        catch_up::run(self, catch_up).await
    }

    async fn mark(&self, mark: &PendingMark) -> Result<Marked, Trouble> {
        let path = format!("message/{}", mark.remote_id);
        let reply = self.server.ask(Method::DELETE, &path, None).await?;
        if settles(&reply) { Ok(Marked::Taken) } else { self.server.not_marked(&reply) }
    }

    async fn test(&self) -> TestReport {
        let mut report = TestReport { ok: true, steps: Vec::new() };
        self.steps(&mut report).await;
        report
    }
}

/// Whether it is the server that says that a message is gone: it confirms with an empty answer, and its errors are JSON with
/// a word for them. A proxy before it answers otherwise.
fn settles(reply: &Reply) -> bool {
    let json = (reply.content_type == "application/json").then(|| lenient::parse(&reply.body));
    match (reply.status, json.flatten()) {
        (200..=299, json) => json.is_some() || reply.body.trim_ascii().is_empty(),
        (404, Some(error)) => error.get("error").is_some(),
        _ => false,
    }
}

fn unknown(message: &[u8]) -> Heard {
    let text = String::from_utf8_lossy(message).into_owned();
    Heard { events: vec![Event::Unknown { text }], ..Heard::default() }
}

/// Reads bytes as a message, as a page and as a list of applications, for a fuzz target: nothing may panic.
pub fn fuzz_message(data: &[u8]) {
    let Some(value) = lenient::parse(data) else { return };
    let applications = Applications::read(&value);
    let page = Page::read(&value, 0, page::LIMIT).map(|page| page.messages).unwrap_or_default();
    for message in Message::read(&value).into_iter().chain(page) {
        let _incoming = message.incoming(&applications, Arrival::Live, 0);
    }
}

#[cfg(test)]
mod tests;
