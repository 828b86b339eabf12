//! Firebase Cloud Messaging (FCM, HTTP v1): a push notification to an app of a Firebase project.
//!
//! FCM has no key against duplicates. `collapse_key` is not one: it does nothing for messages that FCM shows itself, and of
//! others FCM keeps only four keys for a phone that is off. What makes a repeat harmless is its place on the screen:
//! `notification.tag` on Android and in browsers, `apns-collapse-id` on an iPhone. So messages can be repeated.
//! <https://firebase.google.com/docs/cloud-messaging/customize-messages/collapsible-message-types>

mod access;
mod account;
mod answer;
mod spec;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;
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
use access::Access;
use account::Account;
use spec::Spec;

/// Push notifications through Firebase.
pub const KIND: Kind = Kind {
    name: "fcm",
    title: "Phone (Firebase)",
    description: "A push notification to an app of yours, through Firebase Cloud Messaging.",
    secret: "token",
    address: Some(AddressForm {
        label: "Registration token",
        example: "fXa1bC…:APA91b…",
        normalize: spec::registration_token,
        verified: false,
    }),
    fields,
    check: |settings, _| check(settings),
    build,
    concurrency: 4,
    repeatable: true,
    // Google asks for a second, doubling; nobody waits for a second try that closely.
    retry_after: Duration::from_secs(10),
    confirm_after: None,
    only_in_the_file: false,
};

const JSON: &str = "application/json";

struct Fcm {
    spec: Spec,
    secret: Secret,
    http: Http,
    access: Kept<Access>,
}

/// All but `service_account_file`, which is for the owner of `config.toml` to name.
fn fields() -> Vec<FormField> {
    let text = |key: &str, example: &str, help: &str| FormField {
        example: example.to_owned(),
        advanced: true,
        ..field(key, FieldKind::Text, help)
    };
    vec![
        text("channel_id", "alerts", "The notification channel of the app, on Android."),
        FormField {
            default: spec::SOUND.to_owned(),
            ..text("sound", "", "The sound that the app has under this name, or \"none\".")
        },
        FormField {
            default: "28d".to_owned(),
            ..text("ttl", "1d", "How long a phone that is off is waited for.")
        },
        FormField {
            default: spec::SERVER.to_owned(),
            advanced: true,
            ..field("url", FieldKind::Url, "Another server that speaks FCM's API.")
        },
    ]
}

fn check(settings: &toml::Table) -> Vec<KeyProblem> {
    Spec::read(settings).err().unwrap_or_default()
}

fn build(config: &TargetConfig, deps: &Deps) -> Result<Box<dyn Target>, String> {
    let spec = Spec::read(&config.settings).map_err(|problems| words(&problems))?;
    let secret = Secret::new(config, Arc::clone(&deps.secrets));
    match (spec.service_account_file.is_some(), secret.is_configured()) {
        (true, true) => {
            return Err(
                "the service account is in service_account_file and in a secret; keep one of them"
                    .to_owned(),
            );
        }
        (false, false) => {
            return Err(format!(
                "no service account is configured; set service_account_file, or add `token = \"keyring\"` and run `tidings secret set {}` with its JSON on one line",
                config.name
            ));
        }
        (true, false) | (false, true) => {}
    }
    Ok(Box::new(Fcm { spec, secret, http: deps.http.clone(), access: Kept::default() }))
}

impl Target for Fcm {
    fn deliver<'a>(&'a self, message: &'a Message) -> Sending<'a, Outcome> {
        Box::pin(async move { self.send(message).await.unwrap_or_else(|outcome| outcome) })
    }
}

impl Fcm {
    /// Sends, and once again with a new access token if the one in use is refused. `Err` is an outcome too: that nothing
    /// was answered.
    async fn send(&self, message: &Message) -> Result<Outcome, Outcome> {
        let access = self.access.get(message.now, self.sign_in(message.now)).await?;
        let reply = self.post(message, &access.token).await?;
        if !answer::refuses_access(&reply) {
            return Ok(answer::of(&reply));
        }
        let access = self.access.renew(&access, message.now, self.sign_in(message.now)).await?;
        let reply = self.post(message, &access.token).await?;
        Ok(answer::of(&reply))
    }

    async fn post(&self, message: &Message, access: &Access) -> Result<Reply, Outcome> {
        let bearer = Zeroizing::new(format!("Bearer {}", access.token.expose_secret()));
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, sensitive(&bearer)?);
        let body = Some((JSON, self.spec.payload(message)));
        let url = self.spec.url(&access.project);
        let request = Request { method: Method::POST, url, headers, body };
        Ok(self.http.call(request, message.now).await?)
    }

    /// The account is read each time, once an hour, and its key is not kept.
    async fn sign_in(&self, now: Millis) -> Result<Fresh<Access>, Outcome> {
        let text = match &self.spec.service_account_file {
            Some(path) => secrets::document(path)
                .await
                .map_err(|error| Outcome::Misconfigured { why: error.to_string() })?,
            None => self.secret.read().await?,
        };
        let account = Account::read(&text).map_err(|why| Outcome::Misconfigured { why })?;
        access::grant(&self.http, &account, now).await
    }
}
