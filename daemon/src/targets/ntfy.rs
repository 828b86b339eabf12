//! Publishing to a topic of an ntfy server, as JSON to its root, where UTF-8 is safe. Sources of protocol facts: the ntfy
//! documentation ("Publish as JSON", "Limitations") and its server, 2.19.

mod answer;
mod publication;

use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::header::AUTHORIZATION;
use http::{HeaderMap, Method};
use secrecy::{ExposeSecret, SecretString};
use tidings_api::{FieldKind, FormField};
use url::Url;

use crate::config::{KeyProblem, TargetConfig};
use crate::net::dial;
use crate::net::http::{Http, Request};
use crate::targets::answer::sensitive;
use crate::targets::registry::Deps;
use crate::targets::secret::Secret;
use crate::targets::settings::{Settings, field, words};
use crate::targets::{AddressForm, Kind, Message, Outcome, Sending, Target};

pub(crate) use self::publication::topic;

/// The kind `ntfy`.
pub const KIND: Kind = Kind {
    name: "ntfy",
    title: "ntfy",
    description: "Publishes to topics of ntfy.sh or of an ntfy server of your own; its apps show them on phones and in browsers.",
    secret: "token",
    address: Some(AddressForm {
        label: "Topic",
        example: "ana-7f3Kq9",
        normalize: topic,
        verified: false,
    }),
    fields,
    check: |settings, _| Spec::read(settings).err().unwrap_or_default(),
    build: |config, deps| Ok(Box::new(Ntfy::new(config, deps)?)),
    concurrency: 4,
    // A repeated message has the sequence id of the first, which replaces it in the apps; a server before 2.16 shows both.
    repeatable: true,
    retry_after: Duration::from_secs(60),
    confirm_after: None,
    only_in_the_file: false,
};

const SERVER: &str = "https://ntfy.sh";
const JSON: &str = "application/json";

fn fields() -> Vec<FormField> {
    vec![
        FormField {
            default: SERVER.to_owned(),
            example: "https://ntfy.example.org".to_owned(),
            ..field("url", FieldKind::Url, "Address of the ntfy server.")
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
    ]
}

/// The settings.
struct Spec {
    url: Url,
    username: Option<String>,
}

impl Spec {
    fn read(table: &toml::Table) -> Result<Self, Vec<KeyProblem>> {
        let mut settings = Settings::new("ntfy", table);
        let url = settings.url("url", SERVER);
        let username = settings.username().map(str::to_owned);
        settings.finish()?;
        // Without a problem there is a URL.
        Ok(Self { url: url.ok_or_else(Vec::new)?, username })
    }
}

/// One ntfy server.
#[derive(Debug)]
struct Ntfy {
    url: Url,
    username: Option<String>,
    secret: Secret,
    http: Http,
}

impl Ntfy {
    fn new(config: &TargetConfig, deps: &Deps) -> Result<Self, String> {
        let Spec { url, username } =
            Spec::read(&config.settings).map_err(|problems| words(&problems))?;
        let secret = Secret::new(config, deps.secrets.clone());
        Ok(Self { url, username, secret, http: deps.http.clone() })
    }

    async fn publish(&self, message: &Message) -> Outcome {
        let headers = match self.headers().await {
            Ok(headers) => headers,
            Err(outcome) => return outcome,
        };
        let request = Request {
            method: Method::POST,
            url: self.url.clone(),
            headers,
            body: Some((JSON, publication::of(message))),
        };
        match self.http.call(request, message.now).await {
            Ok(reply) => answer::judge(&reply, &dial::place(&self.url)),
            Err(error) => error.into(),
        }
    }

    /// Who we are. Without a secret the server is asked as anybody may, unless a user is named.
    async fn headers(&self) -> Result<HeaderMap, Outcome> {
        let mut headers = HeaderMap::new();
        if self.secret.is_configured() || self.username.is_some() {
            let secret = self.secret.read().await?;
            let proof = match &self.username {
                Some(name) => basic(name, &secret),
                None => format!("Bearer {}", secret.expose_secret()),
            };
            headers.insert(AUTHORIZATION, sensitive(&proof)?);
        }
        Ok(headers)
    }
}

fn basic(name: &str, password: &SecretString) -> String {
    let pair = format!("{name}:{}", password.expose_secret());
    format!("Basic {}", BASE64_STANDARD.encode(pair))
}

impl Target for Ntfy {
    fn deliver<'a>(&'a self, message: &'a Message) -> Sending<'a, Outcome> {
        Box::pin(self.publish(message))
    }
}

#[cfg(test)]
mod tests;
