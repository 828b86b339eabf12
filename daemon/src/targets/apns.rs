//! Apple Push Notification service (APNs): a push notification to an app of yours on an iPhone, iPad, Mac or Watch.
//!
//! Apple speaks HTTP/2 only and wants one connection that is kept. `apns-id` and `apns-collapse-id` are the same for every
//! attempt at a message, so that a repeat takes the place of the first on the screen: messages can be repeated.
//! <https://developer.apple.com/documentation/usernotifications/sending-notification-requests-to-apns>

mod answer;
mod provider;
mod spec;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};
use tidings_api::{FieldKind, FormField, Millis};

use crate::config::{KeyProblem, TargetConfig};
use crate::net::http::{Http, Reply, Request};
use crate::secrets;
use crate::targets::answer::sensitive;
use crate::targets::registry::Deps;
use crate::targets::secret::Secret;
use crate::targets::settings::{field, words};
use crate::targets::token::{Fresh, Kept};
use crate::targets::{AddressForm, Kind, Message, Outcome, Sending, Target};
use answer::Answer;
use spec::Spec;

/// Push notifications through Apple.
pub const KIND: Kind = Kind {
    name: "apns",
    title: "Apple device (APNs)",
    description: "A push notification to an app of yours on an iPhone, iPad, Mac or Watch, straight through Apple.",
    secret: "token",
    address: Some(AddressForm {
        label: "Device token",
        example: "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0",
        normalize: spec::device_token,
        verified: false,
    }),
    fields,
    check: |settings, _| check(settings),
    build,
    concurrency: 8,
    repeatable: true,
    retry_after: Duration::from_secs(30),
    confirm_after: None,
    only_in_the_file: false,
};

const JSON: &str = "application/json";

struct Apns {
    spec: Spec,
    secret: Secret,
    /// From which the one below is made.
    http: Http,
    /// The connection, while there is something to send.
    kept: Mutex<Option<Http>>,
    token: Kept<SecretString>,
    /// Whether Apple has taken a message with this topic: then a token that is not for it is a wrong one.
    proven: AtomicBool,
}

/// All but `key_file`, which is for the owner of `config.toml` to name.
fn fields() -> Vec<FormField> {
    let required = |key: &str, example: &str, help: &str| FormField {
        required: true,
        example: example.to_owned(),
        ..field(key, FieldKind::Text, help)
    };
    let advanced = |key: &str, default: &str, help: &str| FormField {
        default: default.to_owned(),
        advanced: true,
        ..field(key, FieldKind::Text, help)
    };
    vec![
        required(
            "team_id",
            "DEF123GHIJ",
            "The ten characters of your team, from Apple's developer account.",
        ),
        required(
            "key_id",
            "ABC123DEFG",
            "The ten characters of the key, which are in the name of its file.",
        ),
        required("topic", "org.example.app", "The bundle ID of the app."),
        FormField {
            choices: spec::ENVIRONMENTS.iter().map(|word| (*word).to_owned()).collect(),
            default: spec::PRODUCTION.to_owned(),
            ..field(
                "environment",
                FieldKind::Choice,
                "\"sandbox\" for an app that was installed from Xcode.",
            )
        },
        advanced("sound", spec::SOUND, "The sound that the app has under this name, or \"none\"."),
        advanced("category", "", "The category of the app's buttons."),
        advanced("ttl", "28d", "How long a device that is off is waited for."),
        FormField {
            advanced: true,
            ..field(
                "url",
                FieldKind::Url,
                "Another server than Apple's, or its other port: https://api.push.apple.com:2197",
            )
        },
    ]
}

fn check(settings: &toml::Table) -> Vec<KeyProblem> {
    Spec::read(settings).err().unwrap_or_default()
}

fn build(config: &TargetConfig, deps: &Deps) -> Result<Box<dyn Target>, String> {
    let spec = Spec::read(&config.settings).map_err(|problems| words(&problems))?;
    let secret = Secret::new(config, Arc::clone(&deps.secrets));
    match (spec.key_file.is_some(), secret.is_configured()) {
        (true, true) => {
            return Err("the key is in key_file and in a secret; keep one of them".to_owned());
        }
        (false, false) => {
            return Err(format!(
                "no key is configured; set key_file, or add `token = \"keyring\"` and run `tidings secret set {}` with the lines of the .p8 file as one",
                config.name
            ));
        }
        (true, false) | (false, true) => {}
    }
    Ok(Box::new(Apns {
        spec,
        secret,
        http: deps.http.clone(),
        kept: Mutex::default(),
        token: Kept::default(),
        proven: AtomicBool::new(false),
    }))
}

impl Target for Apns {
    fn deliver<'a>(&'a self, message: &'a Message) -> Sending<'a, Outcome> {
        Box::pin(async move { self.send(message).await.unwrap_or_else(|outcome| outcome) })
    }

    fn rest(&self) -> Sending<'_, ()> {
        // The connection ends with its last owner.
        drop(self.kept.lock().unwrap_or_else(PoisonError::into_inner).take());
        Box::pin(std::future::ready(()))
    }
}

impl Apns {
    /// Sends, and once again with a new token if Apple says that the one in use is too old. `Err` is an outcome too: that
    /// nothing was answered.
    async fn send(&self, message: &Message) -> Result<Outcome, Outcome> {
        let token = self.token.get(message.now, self.sign(message.now)).await?;
        let answer = Answer::read(&self.post(message, &token.token).await?);
        if !answer.is_expired_token() {
            return Ok(self.outcome(&answer));
        }
        if message.now.saturating_sub(token.since) < provider::SHORTEST {
            // A newer one would be refused for being too soon.
            return Ok(self.outcome(&answer));
        }
        let token = self.token.renew(&token, message.now, self.sign(message.now)).await?;
        let answer = Answer::read(&self.post(message, &token.token).await?);
        Ok(self.outcome(&answer))
    }

    fn outcome(&self, answer: &Answer) -> Outcome {
        let outcome = answer.outcome(&self.spec, self.proven.load(Ordering::Relaxed));
        if matches!(outcome, Outcome::Accepted { .. }) {
            self.proven.store(true, Ordering::Relaxed);
        }
        outcome
    }

    async fn post(&self, message: &Message, token: &SecretString) -> Result<Reply, Outcome> {
        let bearer = Zeroizing::new(format!("bearer {}", token.expose_secret()));
        let mut headers = HeaderMap::new();
        self.spec.headers(message, &mut headers);
        headers.insert(AUTHORIZATION, sensitive(&bearer)?);
        let body = Some((JSON, self.spec.payload(message)));
        let url = self.spec.url(&message.address);
        let http = self.connection().map_err(|why| Outcome::Retry { why, after: None })?;
        Ok(http.call(Request { method: Method::POST, url, headers, body }, message.now).await?)
    }

    /// The kept connection, which is made when it is needed.
    fn connection(&self) -> Result<Http, String> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(http) = kept.as_ref() {
            return Ok(http.clone());
        }
        let http = self.http.http2()?;
        *kept = Some(http.clone());
        Ok(http)
    }

    /// The key is read each time, about once an hour, and not kept.
    async fn sign(&self, now: Millis) -> Result<Fresh<SecretString>, Outcome> {
        let misconfigured = |why| Outcome::Misconfigured { why };
        let key = match &self.spec.key_file {
            Some(path) => {
                secrets::document(path).await.map_err(|error| misconfigured(error.to_string()))?
            }
            None => self.secret.read().await?,
        };
        provider::token(&key, &self.spec.team_id, &self.spec.key_id, now).map_err(misconfigured)
    }
}
