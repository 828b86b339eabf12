//! The notifications of a Home Assistant: a subscription tells all that there are, and then what comes and goes. What is gone
//! there was dealt with, unless the server has forgotten it at a restart. Sources of protocol facts: Home Assistant's `websocket_api` and `persistent_notification`, 2023.6 to
//! 2025.12. `docs/sources-home-assistant.md` is the reference of the keys.

mod frame;
mod settings;
mod sign_in;

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use http::Method;
use serde_json::json;
use tidings_api::{Millis, SourceKind};

use crate::config::SourceConfig;
use crate::model::{Arrival, Event, Marking, ThreadEnd};
use crate::net::liveness::Policy;
use crate::sources::home_assistant::settings::Spec;
use crate::sources::live::{
    CatchUp, CaughtUp, Heard, Live, Login, Marked, Moment, Opened, Protocol, Scheme, Server,
};
use crate::sources::registry::{Deps, Summary};
use crate::sources::trouble::Trouble;
use crate::sources::{Kind, TestReport, Times};
use crate::store::{PendingMark, Present};
use crate::targets::settings::words;

/// The kind `home-assistant`.
pub const KIND: Kind = Kind {
    name: NAME,
    forms: || vec![form()],
    check: |settings| Spec::read(settings).err().unwrap_or_default(),
    summary,
    build: |config, deps| Ok(Box::new(Live::new(HomeAssistant::new(config, deps)?))),
};

/// The word for this kind in the configuration.
const NAME: &str = "home-assistant";

/// Later than everything: what the server does not list may have been forgotten.
const NOBODY_KNOWS: Millis = Millis::MAX;

fn form() -> SourceKind {
    SourceKind {
        kind: NAME.to_owned(),
        preset: String::new(),
        title: "Home Assistant".to_owned(),
        description: "The notifications that a Home Assistant shows in its own sidebar.".to_owned(),
        secret: "token".to_owned(),
        fields: settings::fields(),
    }
}

fn summary(settings: &toml::Table) -> Summary {
    let Ok(spec) = Spec::read(settings) else { return Summary::default() };
    let marking = if spec.dismisses { Marking::Done } else { Marking::Nothing };
    Summary { preset: String::new(), url: spec.url.to_string(), marking }
}

/// One Home Assistant.
#[derive(Debug)]
struct HomeAssistant {
    server: Server,
    policy: Policy,
    times: Times,
    /// The connection has just told everything: there is nothing to ask.
    told: AtomicBool,
    /// Since when the server of the connection has run; [`NOBODY_KNOWS`] = it has not said.
    since: AtomicI64,
}

impl HomeAssistant {
    fn new(config: &SourceConfig, deps: &Deps) -> Result<Self, String> {
        let spec = Spec::read(&config.settings).map_err(|problems| words(&problems))?;
        let login = Login::new(config, Scheme::Bearer, deps.secrets.clone());
        Ok(Self {
            server: Server::new(spec.url, login, &deps.http, &deps.security)?,
            policy: spec.policy,
            times: spec.times,
            told: AtomicBool::new(false),
            since: AtomicI64::new(NOBODY_KNOWS),
        })
    }

    /// Asks over a connection of its own, for one that is open may be deaf.
    async fn ask_all(&self, catch_up: &CatchUp) -> Result<CaughtUp, Trouble> {
        // Before the question: what comes into the inbox meanwhile is not missing in the answer.
        let present = catch_up.store.present(catch_up.source, 0).await?;
        let subscribed = sign_in::subscribe(self).await.map_err(Trouble::beside_a_connection)?;
        let moment = Moment { now: catch_up.now, earlier: catch_up.arrival };
        let mut events = Vec::new();
        for message in &subscribed.first {
            let heard = frame::heard(message, moment, &self.server.place());
            events.extend(heard.events);
            let Some(all) = heard.all else { continue };
            let gone = present.iter().filter(|row| {
                !all.contains(&row.remote_id) && remembers(subscribed.since, &row.remote_id)
            });
            events.extend(gone.map(ended));
        }
        Ok(CaughtUp { events, ..CaughtUp::default() })
    }
}

/// Whether a server that runs since then would still list this notification. It keeps them in memory alone: with a restart
/// those from before are gone, and nobody has dealt with them.
fn remembers(since: Option<Millis>, remote_id: &str) -> bool {
    frame::made_at(remote_id).is_none_or(|at| at >= since.unwrap_or(NOBODY_KNOWS))
}

/// What is not there any more was dismissed. It is ended as it was known: what was made anew under its name meanwhile is
/// another one, and stays.
fn ended(row: &Present) -> Event {
    Event::EndThread {
        key: row.key.clone(),
        how: ThreadEnd::Deleted,
        event_id: format!("gone {}", row.remote_id),
        at: frame::made_at(&row.remote_id).unwrap_or_default(),
        arrival: Arrival::CatchUp,
    }
}

impl Protocol for HomeAssistant {
    fn times(&self) -> Times {
        self.times
    }

    fn login(&self) -> &Login {
        self.server.login()
    }

    async fn connect(&self) -> Result<Opened, Trouble> {
        let subscribed = sign_in::subscribe(self).await?;
        self.told.store(true, Ordering::Relaxed);
        self.since.store(subscribed.since.unwrap_or(NOBODY_KNOWS), Ordering::Relaxed);
        Ok(Opened { link: subscribed.link, first: subscribed.first, complaint: None })
    }

    fn read(&self, message: &[u8], moment: Moment) -> Heard {
        frame::heard(message, moment, &self.server.place())
    }

    fn lists(&self, remote_id: &str) -> bool {
        remembers(Some(self.since.load(Ordering::Relaxed)), remote_id)
    }

    async fn catch_up(&self, catch_up: &CatchUp) -> Result<CaughtUp, Trouble> {
        if self.told.swap(false, Ordering::Relaxed) {
            return Ok(CaughtUp::default());
        }
        self.ask_all(catch_up).await
    }

    async fn mark(&self, mark: &PendingMark) -> Result<Marked, Trouble> {
        let body = json!({ "notification_id": mark.key }).to_string().into_bytes();
        let path = "api/services/persistent_notification/dismiss";
        let reply = self.server.ask(Method::POST, path, Some(("application/json", body))).await?;
        // What is dismissed already is no error there.
        if matches!(reply.status, 200..=299) && reply.content_type != "text/html" {
            return Ok(Marked::Taken);
        }
        self.server.not_marked(&reply)
    }

    async fn test(&self) -> TestReport {
        let mut report = TestReport { ok: true, steps: Vec::new() };
        let subscribed = sign_in::subscribe(self).await;
        let moment = Moment { now: 0, earlier: Arrival::Backfill };
        let words = subscribed.map(|subscribed| {
            let heard = subscribed.first.iter().map(|message| self.read(message, moment));
            let shown: usize = heard.map(|heard| count(&heard.events)).sum();
            format!("Home Assistant {}, {shown} notifications there", subscribed.version)
        });
        report.note("subscription", words);
        if report.ok {
            // Marks go this way.
            let api = self.server.json("api/").await;
            report.note("api", api.map(|_| "reachable".to_owned()));
        }
        report
    }
}

fn count(events: &[Event]) -> usize {
    events.iter().filter(|event| matches!(event, Event::Upsert(_))).count()
}

/// Reads bytes as a message, for a fuzz target: nothing may panic.
pub fn fuzz_message(data: &[u8]) {
    let moment = Moment { now: 0, earlier: Arrival::Live };
    let _heard = frame::heard(data, moment, "fuzz.example");
}

#[cfg(test)]
mod tests;
