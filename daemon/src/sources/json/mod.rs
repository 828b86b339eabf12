//! The declarative kind: any server that sends JSON over a WebSocket, lists it over HTTP, or both. What is particular
//! to a server is data: a preset, with the user's keys laid over it. `docs/sources-json.md` is the reference.
//!
//! A frame is a hint, the list is the truth: frames become provisional rows and popups at once, the list confirms
//! them, finds what was missed, and tells what was read elsewhere.

mod auth;
mod client;
mod field;
mod form;
mod keys;
mod list;
mod mapping;
mod marker;
mod marks;
mod matching;
mod pager;
mod preset;
mod profile;
mod reconcile;
mod session;
mod spec;
mod template;
mod test;
mod value;

use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use crate::clock::Clock;
use crate::config::KeyProblem;
use crate::config::{Security, SourceConfig};
use crate::model::Marking;
use crate::sources::json::auth::Auth;
use crate::sources::json::client::Client;
use crate::sources::json::profile::Profile;
use crate::sources::lenient;
use crate::sources::registry::{Deps, Summary};
use crate::sources::schedule::Peace;
use crate::sources::{Exit, Kind, Source, SourceContext, TestReport};

pub use preset::PRESETS;

/// The kind `json`.
pub const KIND: Kind = Kind {
    name: NAME,
    forms: form::kinds,
    check,
    summary,
    build: |config, deps| Ok(Box::new(JsonSource::new(config, deps)?)),
};

/// The word for this kind in the configuration.
const NAME: &str = "json";

/// A configured source of this kind. Cookies live as long as it does.
#[derive(Debug)]
pub struct JsonSource {
    profile: Arc<Profile>,
    client: Arc<Client>,
    security: Security,
    /// How long the server wants to be left alone.
    peace: Peace,
}

impl JsonSource {
    /// Checks the settings; the error is for a person.
    pub fn new(config: &SourceConfig, deps: &Deps) -> Result<Self, String> {
        let profile = Profile::new(&config.settings).map_err(|problems| {
            problems.into_iter().map(|problem| problem.message).collect::<Vec<_>>().join("; ")
        })?;
        profile.check_transport(&deps.security)?;
        let auth = Auth::new(
            profile.spec.auth.clone(),
            &config.name,
            config.secret.clone(),
            Arc::clone(&deps.secrets),
        );
        let client = Client {
            http: deps.http.clone(),
            base: profile.base.clone(),
            auth,
            clock: Clock::System,
        };
        Ok(Self {
            profile: Arc::new(profile),
            client: Arc::new(client),
            security: deps.security.clone(),
            peace: Peace::default(),
        })
    }
}

impl Source for JsonSource {
    fn run<'a>(
        &'a mut self,
        context: SourceContext,
    ) -> Pin<Box<dyn Future<Output = Exit> + Send + 'a>> {
        Box::pin(session::run(self, context))
    }

    fn forget(&mut self) {
        self.client.auth.forget();
        self.peace = Peace::default();
    }

    fn test<'a>(&'a self) -> Pin<Box<dyn Future<Output = TestReport> + Send + 'a>> {
        Box::pin(test::run(&self.profile, &self.client))
    }
}

/// Checks settings without connecting; see [`crate::sources::registry::check`].
#[must_use]
pub fn check(settings: &toml::Table) -> Vec<KeyProblem> {
    Profile::new(settings).err().unwrap_or_default()
}

/// Summarises settings for a list of sources.
#[must_use]
pub fn summary(settings: &toml::Table) -> Summary {
    let Ok(profile) = Profile::new(settings) else { return Summary::default() };
    Summary {
        preset: profile.spec.preset.clone(),
        url: profile.base.to_string(),
        marking: if profile.mark_read.is_some() { Marking::Read } else { Marking::Nothing },
    }
}

/// Reads bytes as a frame, as an answer of the list and as the rows in it, for a fuzz target: nothing may panic.
pub fn fuzz_frame(data: &[u8]) {
    static PROFILE: OnceLock<Option<Profile>> = OnceLock::new();
    let profile = PROFILE.get_or_init(|| {
        let settings = [("preset", "django-notifications"), ("url", "https://fuzz.example")];
        let settings = settings.map(|(key, value)| (key.to_owned(), toml::Value::from(value)));
        Profile::new(&toml::Table::from_iter(settings)).ok()
    });
    let Some(profile) = profile else { return };
    let _frame = profile.mapping.frame(data, 0);
    if let Some(answer) = lenient::parse(data) {
        let items = profile.items(&answer).unwrap_or_default();
        let _rows = items.into_iter().filter_map(|item| profile.mapping.row(item, 0)).count();
        let _row = profile.mapping.row(&answer, 0);
    }
}

#[cfg(test)]
mod tests;
