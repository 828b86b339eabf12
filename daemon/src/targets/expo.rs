//! Expo: a push notification to an app that was made with Expo, by way of Expo's servers.
//!
//! A ticket says that Expo has the message, a receipt says later that Apple or Google have it. Expo has no key against
//! duplicates; `collapseId` (iPhone) and `tag` (Android) make a repeat take the place of the first on the screen.

mod address;
mod answer;
mod spec;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use http::{HeaderMap, Method};
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;
use serde_json::json;
use tidings_api::{FieldKind, FormField, Millis};
use url::Url;

use crate::config::{KeyProblem, TargetConfig};
use crate::net::http::{Http, Request};
use crate::targets::answer::sensitive;
use crate::targets::registry::Deps;
use crate::targets::reply::why;
use crate::targets::secret::Secret;
use crate::targets::settings::{field, words};
use crate::targets::{AddressForm, Confirmation, Kind, Message, Outcome, Sending, Target};
use spec::Spec;

/// Push notifications through Expo.
pub const KIND: Kind = Kind {
    name: "expo",
    title: "Phone (Expo)",
    description: "A push notification to an app of yours that was made with Expo.",
    secret: "token",
    address: Some(AddressForm {
        label: "Expo push token",
        example: "ExponentPushToken[xxxxxxxxxxxxxxxxxxxxxx]",
        normalize: address::normalize,
        verified: false,
    }),
    fields,
    check: |settings, _| check(settings),
    build,
    // Expo allows six requests at once.
    concurrency: 4,
    repeatable: true,
    retry_after: Duration::from_secs(30),
    // Expo's documentation: look for receipts fifteen minutes after sending.
    confirm_after: Some(Duration::from_secs(15 * 60)),
    only_in_the_file: false,
};

/// Receipts asked for at once; Expo's documentation allows 1000, and its own libraries ask for so many.
const RECEIPTS: usize = 300;
const JSON: &str = "application/json";

struct Expo {
    spec: Spec,
    secret: Secret,
    http: Http,
}

fn fields() -> Vec<FormField> {
    let choice = |key: &str, words: &[&str], help: &str| FormField {
        choices: words.iter().map(|word| (*word).to_owned()).collect(),
        default: words.first().copied().unwrap_or_default().to_owned(),
        advanced: true,
        ..field(key, FieldKind::Choice, help)
    };
    let text = |key: &str, example: &str, help: &str| FormField {
        example: example.to_owned(),
        advanced: true,
        ..field(key, FieldKind::Text, help)
    };
    vec![
        FormField {
            default: spec::SOUND.to_owned(),
            ..field(
                "sound",
                FieldKind::Text,
                "The sound that the app has under this name, or \"none\".",
            )
        },
        text("channel_id", "alerts", "The notification channel of the app, on Android."),
        text("category_id", "orders", "The category of the app's buttons."),
        choice(
            "priority",
            &spec::PRIORITIES,
            "How soon it is delivered; \"auto\" follows the urgency.",
        ),
        choice(
            "interruption_level",
            &spec::LEVELS,
            "How much an iPhone lets it interrupt; \"auto\" follows the urgency.",
        ),
        text("badge", "1", "The number on the icon of the app."),
        FormField {
            default: "28d".to_owned(),
            ..text("ttl", "1d", "How long a phone that is off is waited for.")
        },
        FormField {
            default: spec::SERVER.to_owned(),
            advanced: true,
            ..field("url", FieldKind::Url, "Another server that speaks Expo's API.")
        },
    ]
}

fn check(settings: &toml::Table) -> Vec<KeyProblem> {
    Spec::read(settings).err().unwrap_or_default()
}

fn build(config: &TargetConfig, deps: &Deps) -> Result<Box<dyn Target>, String> {
    let spec = Spec::read(&config.settings).map_err(|problems| words(&problems))?;
    let secret = Secret::new(config, Arc::clone(&deps.secrets));
    Ok(Box::new(Expo { spec, secret, http: deps.http.clone() }))
}

impl Target for Expo {
    fn deliver<'a>(&'a self, message: &'a Message) -> Sending<'a, Outcome> {
        Box::pin(self.send(message))
    }

    fn confirm<'a>(
        &'a self,
        receipts: &'a [String],
    ) -> Sending<'a, Result<Vec<Confirmation>, String>> {
        Box::pin(self.ask_all(receipts))
    }
}

impl Expo {
    async fn send(&self, message: &Message) -> Outcome {
        let headers = match self.headers().await {
            Ok(headers) => headers,
            Err(outcome) => return outcome,
        };
        let body = Some((JSON, self.spec.payload(message)));
        let url = self.url("send");
        let request = Request { method: Method::POST, url, headers, body };
        match self.http.call(request, message.now).await {
            Ok(reply) => answer::of_sending(&reply),
            Err(error) => error.into(),
        }
    }

    /// What could not be learned about later ones is asked again another time.
    async fn ask_all(&self, receipts: &[String]) -> Result<Vec<Confirmation>, String> {
        let mut known = Vec::new();
        for some in receipts.chunks(RECEIPTS) {
            match self.ask(some).await {
                Ok(confirmations) => known.extend(confirmations),
                Err(why) if known.is_empty() => return Err(why),
                Err(_) => break,
            }
        }
        known.resize(receipts.len(), Confirmation::Pending);
        Ok(known)
    }

    async fn ask(&self, receipts: &[String]) -> Result<Vec<Confirmation>, String> {
        let headers = self.headers().await.map_err(why)?;
        let body = Some((JSON, json!({ "ids": receipts }).to_string().into_bytes()));
        let url = self.url("getReceipts");
        let request = Request { method: Method::POST, url, headers, body };
        // The time is for dates in `Retry-After` alone, and when to ask again is not for Expo to say.
        let reply = self.http.call(request, Millis::default()).await;
        answer::of_asking(&reply.map_err(|error| error.to_string())?, receipts)
    }

    fn url(&self, call: &str) -> Url {
        let mut url = self.spec.url.clone();
        // The settings let nothing but http and https in, which have a path.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["--", "api", "v2", "push", call]);
        }
        url
    }

    async fn headers(&self) -> Result<HeaderMap, Outcome> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(JSON));
        if self.secret.is_configured() {
            let token = self.secret.read().await?;
            let credentials = Zeroizing::new(format!("Bearer {}", token.expose_secret()));
            headers.insert(AUTHORIZATION, sensitive(&credentials)?);
        }
        Ok(headers)
    }
}
