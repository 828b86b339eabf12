//! An HTTP request to any address: JSON of the notification, or whatever a template makes of it. Signed, if wanted, as
//! Standard Webhooks 1.0 has it.

mod answer;
mod request;
mod sign;
mod spec;

use std::time::Duration;

use secrecy::SecretString;
use tidings_api::{FieldKind, FormField};
use url::Url;

use crate::config::{Security, TargetConfig};
use crate::net::http::Http;
use crate::net::{dial, guard};
use crate::targets::registry::Deps;
use crate::targets::secret::Secret;
use crate::targets::settings::{field, words};
use crate::targets::{AddressForm, Kind, Message, Outcome, Sending, Target};
use spec::Spec;

/// The kind `webhook`.
pub const KIND: Kind = Kind {
    name: "webhook",
    title: "Webhook",
    description: "Calls an address of yours with the notification as JSON, or as a template of yours makes it.",
    secret: "token",
    address: Some(AddressForm {
        label: "URL",
        example: "https://hooks.example.org/tidings",
        normalize: address,
        verified: false,
    }),
    fields,
    check: |settings, _| Spec::read(settings).err().unwrap_or_default(),
    build: |config, deps| Ok(Box::new(Webhook::new(config, deps)?)),
    concurrency: 4,
    // Every attempt at a message carries the same Idempotency-Key and webhook-id, by which a receiver knows it again.
    repeatable: true,
    retry_after: Duration::from_secs(60),
    confirm_after: None,
    only_in_the_file: false,
};

/// A longer address is none that a server takes.
const ADDRESS_MAX: usize = 2048;

fn fields() -> Vec<FormField> {
    let advanced = |key, kind, default: &str, example: &str, help| FormField {
        default: default.to_owned(),
        example: example.to_owned(),
        advanced: true,
        ..field(key, kind, help)
    };
    vec![
        FormField {
            example: "https://hooks.example.org".to_owned(),
            ..field(
                "url",
                FieldKind::Url,
                "The only server that is called; needed where there is a secret, which goes nowhere else.",
            )
        },
        advanced(
            "auth",
            FieldKind::Text,
            "none",
            "header:X-Api-Key",
            "How the secret travels: bearer, basic, or header: and the name of one.",
        ),
        advanced("username", FieldKind::Text, "", "ana", "The user name, with basic."),
        FormField {
            default: "false".to_owned(),
            ..field(
                "sign",
                FieldKind::Flag,
                "Sign each request with the secret, as Standard Webhooks has it.",
            )
        },
        FormField {
            choices: spec::METHODS.map(str::to_owned).to_vec(),
            ..advanced("method", FieldKind::Choice, "POST", "", "The method of the request.")
        },
        advanced(
            "template",
            FieldKind::Text,
            "",
            "{\"text\": {{ title }}}",
            "What is sent instead of all fields as JSON; every value writes itself with its quotes.",
        ),
        advanced(
            "content_type",
            FieldKind::Text,
            "application/json",
            "text/plain",
            "What the template makes.",
        ),
    ]
}

/// Checks an address and writes it in one way. Whether its host may be called is decided when it is.
fn address(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.len() > ADDRESS_MAX {
        return Err(format!("the address is longer than {ADDRESS_MAX} bytes"));
    }
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "https" | "http"));
    let mut url = url
        .filter(Url::has_host)
        .ok_or("the address is not a whole one, like https://hooks.example.org/tidings")?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(
            "the address has a user name or a password in it; take it out and use `auth` and the secret of the target"
                .to_owned(),
        );
    }
    url.set_fragment(None);
    Ok(url.into())
}

/// One way of calling.
#[derive(Debug)]
struct Webhook {
    spec: Spec,
    secret: Secret,
    http: Http,
    security: Security,
}

impl Webhook {
    fn new(config: &TargetConfig, deps: &Deps) -> Result<Self, String> {
        Ok(Self {
            spec: Spec::read(&config.settings).map_err(|problems| words(&problems))?,
            secret: Secret::new(config, deps.secrets.clone()),
            http: deps.http.clone(),
            security: deps.security.clone(),
        })
    }

    async fn call(&self, message: &Message) -> Outcome {
        match self.attempt(message).await {
            Ok(outcome) | Err(outcome) => outcome,
        }
    }

    /// `Err` = without a request.
    async fn attempt(&self, message: &Message) -> Result<Outcome, Outcome> {
        let Ok(url) = Url::parse(&message.address) else {
            let why = "the address of this record is not a URL".to_owned();
            return Err(Outcome::Refused { why });
        };
        let place = dial::place(&url);
        self.check_server(&url).map_err(|why| Outcome::Refused { why })?;
        let secret = self.secret().await?;
        let request = request::of(&self.spec, message, url, secret.as_ref())?;
        match self.http.send_guarded(request, &self.security, message.now).await {
            Ok(reply) => Ok(answer::judge(&reply, &place)),
            Err(error) => Ok(error.into()),
        }
    }

    /// A record is typed in by whoever may add one; the secret is its owner's, for one server.
    fn check_server(&self, url: &Url) -> Result<(), String> {
        match &self.spec.server {
            Some(server) if server.origin() != url.origin() => Err(format!(
                "{} is not the server of this target, which `url` names: {}; make another target for it",
                dial::place(url),
                server.origin().ascii_serialization()
            )),
            Some(_) | None => Ok(()),
        }
    }

    async fn secret(&self) -> Result<Option<SecretString>, Outcome> {
        if !self.spec.uses_secret() {
            return Ok(None);
        }
        self.secret.read().await.map(Some)
    }
}

impl Target for Webhook {
    fn deliver<'a>(&'a self, message: &'a Message) -> Sending<'a, Outcome> {
        Box::pin(self.call(message))
    }

    fn admits(&self, address: &str) -> Result<(), String> {
        let url = Url::parse(address).map_err(|_| "the address is not a URL".to_owned())?;
        self.check_server(&url)?;
        guard::admit(&url, &self.security).map(drop)
    }
}

#[cfg(test)]
mod tests;
