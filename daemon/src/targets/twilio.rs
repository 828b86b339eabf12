//! Twilio: a text message (SMS) to a phone number.
//!
//! Facts: Twilio's Messages resource of the API version 2010-04-01, which has no idempotency key. What was answered with a
//! fault of the server, or not answered at all, may have been sent and is not sent again.

mod answer;
mod spec;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{StreamExt as _, stream};
use http::header::{ACCEPT, AUTHORIZATION, HeaderValue};
use http::{HeaderMap, Method};
use secrecy::ExposeSecret;
use secrecy::zeroize::Zeroizing;
use spec::{Sender, Spec};
use tidings_api::{FieldKind, FormField, Millis};
use url::Url;
use url::form_urlencoded::Serializer;

use crate::config::{KeyProblem, TargetConfig};
use crate::net::http::{Http, Request};
use crate::targets::answer::sensitive;
use crate::targets::registry::Deps;
use crate::targets::reply::why;
use crate::targets::secret::Secret;
use crate::targets::settings::{field, words};
use crate::targets::{AddressForm, Confirmation, Kind, Message, Outcome, Sending, Target};

/// SMS through Twilio.
pub const KIND: Kind = Kind {
    name: "twilio",
    title: "SMS (Twilio)",
    description: "A text message to a phone number, through your account at Twilio.",
    secret: "password",
    address: Some(AddressForm {
        label: "Phone number",
        example: "+34 600 123 456",
        normalize: spec::phone_number,
        verified: true,
    }),
    fields,
    check: |settings, _| check(settings),
    build,
    // Twilio sends a message a second from most numbers and queues the rest: more at once only run into its limits.
    concurrency: 1,
    repeatable: false,
    retry_after: Duration::from_secs(60),
    confirm_after: Some(Duration::from_secs(15)),
    only_in_the_file: false,
};

/// Questions that are open at once: several hundred messages are asked for within one attempt's time.
const QUESTIONS: usize = 4;
const FORM: &str = "application/x-www-form-urlencoded";

struct Twilio {
    spec: Spec,
    secret: Secret,
    http: Http,
}

fn fields() -> Vec<FormField> {
    vec![
        FormField {
            required: true,
            example: "AC…".to_owned(),
            ..field("account_sid", FieldKind::Text, "The Account SID, from Twilio's console.")
        },
        FormField {
            example: "+15005550006".to_owned(),
            ..field(
                "from",
                FieldKind::Text,
                "The number or name that the message comes from; or a Messaging Service instead.",
            )
        },
        FormField {
            example: "MG…".to_owned(),
            ..field(
                "messaging_service_sid",
                FieldKind::Text,
                "The Messaging Service that sends the message, instead of a number.",
            )
        },
        FormField {
            example: "SK…".to_owned(),
            advanced: true,
            ..field(
                "api_key_sid",
                FieldKind::Text,
                "The SID of an API key, if the password is the secret of one and not the account's auth token.",
            )
        },
        FormField {
            default: spec::CHARACTERS.to_string(),
            advanced: true,
            ..field(
                "max_characters",
                FieldKind::Text,
                "A longer text is cut; each 160 characters or so cost one message.",
            )
        },
        FormField {
            example: "4h".to_owned(),
            advanced: true,
            ..field(
                "validity_period",
                FieldKind::Text,
                "How long Twilio may try, at most 10 hours.",
            )
        },
        FormField {
            default: spec::SERVER.to_owned(),
            advanced: true,
            ..field("url", FieldKind::Url, "Another server that speaks Twilio's API.")
        },
    ]
}

fn check(settings: &toml::Table) -> Vec<KeyProblem> {
    Spec::read(settings).err().unwrap_or_default()
}

fn build(config: &TargetConfig, deps: &Deps) -> Result<Box<dyn Target>, String> {
    let spec = Spec::read(&config.settings).map_err(|problems| words(&problems))?;
    let secret = Secret::new(config, Arc::clone(&deps.secrets));
    if !secret.is_configured() {
        return Err(format!(
            "no password is configured; add `password = \"keyring\"` and run `tidings secret set {}`, or set password_file or password_command",
            config.name
        ));
    }
    Ok(Box::new(Twilio { spec, secret, http: deps.http.clone() }))
}

impl Target for Twilio {
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

impl Twilio {
    async fn send(&self, message: &Message) -> Outcome {
        let headers = match self.headers().await {
            Ok(headers) => headers,
            Err(outcome) => return outcome,
        };
        let url = self.url(&["Messages.json"]);
        let body = Some((FORM, self.form(message).into_bytes()));
        let request = Request { method: Method::POST, url, headers, body };
        match self.http.call(request, message.now).await {
            Ok(reply) => answer::of_sending(&reply),
            Err(error) => error.into(),
        }
    }

    /// What could not be learned about later ones is asked again another time.
    async fn ask_all(&self, receipts: &[String]) -> Result<Vec<Confirmation>, String> {
        let headers = self.headers().await.map_err(why)?;
        let questions: Vec<_> =
            receipts.iter().map(|receipt| self.ask(receipt, headers.clone())).collect();
        let mut answers = stream::iter(questions).buffered(QUESTIONS);
        let mut known = Vec::new();
        while let Some(answer) = answers.next().await {
            match answer {
                Ok(confirmation) => known.push(confirmation),
                Err(why) if known.is_empty() => return Err(why),
                Err(_) => break,
            }
        }
        known.resize(receipts.len(), Confirmation::Pending);
        Ok(known)
    }

    async fn ask(&self, receipt: &str, headers: HeaderMap) -> Result<Confirmation, String> {
        let url = self.url(&["Messages", &format!("{receipt}.json")]);
        let request = Request { method: Method::GET, url, headers, body: None };
        // The time is for dates in `Retry-After` alone, and when to ask again is not for Twilio to say.
        let reply = self.http.call(request, Millis::default()).await;
        answer::of_asking(&reply.map_err(|error| error.to_string())?)
    }

    /// Without `.json` this API answers with XML.
    fn url(&self, path: &[&str]) -> Url {
        let mut url = self.spec.url.clone();
        let account = ["2010-04-01", "Accounts", &self.spec.account_sid];
        // The settings let nothing but http and https in, which have a path.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(account).extend(path);
        }
        url
    }

    async fn headers(&self) -> Result<HeaderMap, Outcome> {
        let secret = self.secret.read().await?;
        let pair = Zeroizing::new(format!("{}:{}", self.spec.user(), secret.expose_secret()));
        let credentials = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, sensitive(&credentials)?);
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        Ok(headers)
    }

    fn form(&self, message: &Message) -> String {
        let mut form = Serializer::new(String::new());
        form.append_pair("To", &message.address);
        match &self.spec.sender {
            Sender::Number(number) => form.append_pair("From", number),
            Sender::Service(service) => form.append_pair("MessagingServiceSid", service),
        };
        form.append_pair("Body", &spec::text(message, self.spec.characters));
        if let Some(seconds) = self.spec.validity(message) {
            form.append_pair("ValidityPeriod", &seconds.to_string());
        }
        form.finish()
    }
}
