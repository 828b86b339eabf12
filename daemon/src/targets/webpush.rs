//! Web Push: an encrypted message to the push service of a browser (RFC 8030), which only that browser can read (RFC 8291), from
//! a sender that proves by its key to be the one that the browser has subscribed to (RFC 8292).

mod answer;
mod payload;
mod seal;
mod subscription;
mod vapid;

use std::time::Duration;

use http::header::{AUTHORIZATION, CONTENT_ENCODING, HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use tidings_api::{FieldKind, FormField, Millis, Urgency};
use url::Url;

pub use vapid::public_key;

use crate::config::{KeyProblem, Security, TargetConfig};
use crate::net::http::{Http, Request};
use crate::net::{dial, guard};
use crate::targets::registry::Deps;
use crate::targets::secret::Secret;
use crate::targets::settings::{Settings, field, words};
use crate::targets::{AddressForm, Kind, Message, Outcome, Sending, Target, handle};
use subscription::Subscription;
use vapid::VapidKey;

/// The kind `webpush`.
pub const KIND: Kind = Kind {
    name: "webpush",
    title: "Web Push",
    description: "Sends to browsers that have subscribed on a page of yours, encrypted for each.",
    secret: "token",
    address: Some(AddressForm {
        label: "Subscription",
        example: "{\"endpoint\":\"https://…\",\"keys\":{\"p256dh\":\"…\",\"auth\":\"…\"}}",
        normalize: subscription::normalize,
        verified: false,
    }),
    fields,
    check: |settings, _| Spec::read(settings).err().unwrap_or_default(),
    build: |config, deps| Ok(Box::new(WebPush::new(config, deps)?)),
    concurrency: 4,
    // A repeated message has the Topic of the first and replaces it at the push service; one that was shown already is
    // replaced in the browser, by the tag.
    repeatable: true,
    retry_after: Duration::from_secs(60),
    confirm_after: None,
    only_in_the_file: false,
};

const BINARY: &str = "application/octet-stream";
/// How long a push service keeps a message for a browser that is not there, unless said otherwise.
const TTL: Duration = Duration::from_secs(24 * 60 * 60);
/// What push services keep at most.
const LONGEST_TTL: Duration = Duration::from_secs(28 * 24 * 60 * 60);

fn fields() -> Vec<FormField> {
    vec![
        FormField {
            required: true,
            example: "mailto:ana@example.org".to_owned(),
            ..field(
                "subject",
                FieldKind::Text,
                "Where the operators of push services reach you: mailto: or https:.",
            )
        },
        FormField {
            default: "1d".to_owned(),
            example: "2h".to_owned(),
            advanced: true,
            ..field(
                "ttl",
                FieldKind::Text,
                "How long a message waits for a browser that is not running, where the notification itself does not say.",
            )
        },
    ]
}

/// The settings.
struct Spec {
    subject: String,
    ttl: Duration,
}

impl Spec {
    fn read(table: &toml::Table) -> Result<Self, Vec<KeyProblem>> {
        let mut settings = Settings::new("webpush", table);
        let subject = settings.required("subject", "mailto:ana@example.org");
        if !subject.is_empty() && !is_reachable(subject) {
            settings.problem("subject", "`subject` begins with mailto: or https:");
        }
        let ttl = settings.duration("ttl", TTL);
        if ttl > LONGEST_TTL {
            settings.problem("ttl", "`ttl` is at most \"28d\": no push service keeps longer");
        }
        settings.finish()?;
        Ok(Self { subject: subject.to_owned(), ttl })
    }
}

fn is_reachable(subject: &str) -> bool {
    Url::parse(subject).is_ok_and(|url| match url.scheme() {
        "mailto" => url.path().contains('@'),
        "https" => url.has_host(),
        _ => false,
    })
}

/// One sender.
#[derive(Debug)]
struct WebPush {
    subject: String,
    ttl: Duration,
    secret: Secret,
    http: Http,
    security: Security,
}

impl WebPush {
    fn new(config: &TargetConfig, deps: &Deps) -> Result<Self, String> {
        let Spec { subject, ttl } =
            Spec::read(&config.settings).map_err(|problems| words(&problems))?;
        Ok(Self {
            subject,
            ttl,
            secret: Secret::new(config, deps.secrets.clone()),
            http: deps.http.clone(),
            security: deps.security.clone(),
        })
    }

    async fn push(&self, message: &Message) -> Outcome {
        let key = match self.key().await {
            Ok(key) => key,
            Err(outcome) => return outcome,
        };
        let subscription = match Subscription::parse(&message.address) {
            Ok(subscription) => subscription,
            // It was checked when it was stored.
            Err(why) => return Outcome::Refused { why },
        };
        let place = dial::place(&subscription.endpoint);
        let request = match self.request(message, subscription, &key) {
            Ok(request) => request,
            Err(why) => return Outcome::Refused { why: format!("{place}: {why}") },
        };
        match self.http.send_guarded(request, &self.security, message.now).await {
            Ok(reply) => answer::judge(&reply, &place, &key.public()),
            Err(error) => error.into(),
        }
    }

    async fn key(&self) -> Result<VapidKey, Outcome> {
        let secret = self.secret.read().await?;
        VapidKey::read(&secret).map_err(|why| Outcome::Misconfigured { why })
    }

    fn request(
        &self,
        message: &Message,
        subscription: Subscription,
        key: &VapidKey,
    ) -> Result<Request, String> {
        let proof = key.proof(&subscription.endpoint, &self.subject, message.now)?;
        let body = seal::seal(payload::of(message), &subscription)?;
        let topic = HeaderValue::try_from(handle::of(&[&message.identity], 32));
        let headers = HeaderMap::from_iter([
            (AUTHORIZATION, proof),
            (CONTENT_ENCODING, HeaderValue::from_static("aes128gcm")),
            (HeaderName::from_static("ttl"), HeaderValue::from(self.seconds(message))),
            (
                HeaderName::from_static("urgency"),
                HeaderValue::from_static(urgency(message.urgency)),
            ),
            (HeaderName::from_static("topic"), topic.map_err(|error| error.to_string())?),
        ]);
        let url = subscription.endpoint;
        Ok(Request { method: Method::POST, url, headers, body: Some((BINARY, body)) })
    }

    /// How long the push service shall keep it, in seconds. 0 = deliver at once or not at all.
    fn seconds(&self, message: &Message) -> u64 {
        let left = |end: Millis| {
            let left = u64::try_from(end.saturating_sub(message.now)).unwrap_or_default();
            Duration::from_millis(left).min(LONGEST_TTL)
        };
        message.expires_at.map_or(self.ttl, left).as_secs()
    }
}

/// The words of RFC 8030, section 5.3.
const fn urgency(urgency: Urgency) -> &'static str {
    match urgency {
        Urgency::Low => "low",
        Urgency::Normal => "normal",
        Urgency::High | Urgency::Critical => "high",
    }
}

impl Target for WebPush {
    fn deliver<'a>(&'a self, message: &'a Message) -> Sending<'a, Outcome> {
        Box::pin(self.push(message))
    }

    fn admits(&self, address: &str) -> Result<(), String> {
        let Subscription { endpoint, .. } = Subscription::parse(address)?;
        guard::admit(&endpoint, &self.security).map(drop)
    }
}

#[cfg(test)]
mod tests;
