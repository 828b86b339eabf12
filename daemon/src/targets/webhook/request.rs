//! The request of a message.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use crate::net::http::Request;
use crate::targets::answer::sensitive;
use crate::targets::webhook::sign;
use crate::targets::webhook::spec::{Auth, Spec};
use crate::targets::{Message, Outcome};
use crate::template::Template;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Makes the request. `secret` is there if the spec uses it. `Err` is what becomes of the message without one.
pub(super) fn of(
    spec: &Spec,
    message: &Message,
    url: Url,
    secret: Option<&SecretString>,
) -> Result<Request, Outcome> {
    let values = values(message, secret.filter(|_| !spec.sign));
    let body = body(spec, message, &values)?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, spec.content_type.clone());
    headers.insert(IDEMPOTENCY_KEY, plain(&message.identity, "Idempotency-Key")?);
    for (name, template) in &spec.headers {
        let value = render(template, &values, "a header")?;
        // It may hold the secret.
        let mut value = plain(&value, name.as_str())?;
        value.set_sensitive(true);
        headers.insert(name.clone(), value);
    }
    if let Some(secret) = secret {
        prove(&mut headers, spec, message, &body, secret)?;
    }
    let method = if spec.method == "PUT" { Method::PUT } else { Method::POST };
    // The content type is among the headers.
    Ok(Request { method, url, headers, body: Some(("", body)) })
}

/// What templates use.
fn values(message: &Message, secret: Option<&SecretString>) -> Value {
    let mut values = fields(message);
    if let (Some(secret), Some(values)) = (secret, values.as_object_mut()) {
        values.insert("secret".to_owned(), secret.expose_secret().into());
    }
    values
}

/// What is sent without a template.
fn fields(message: &Message) -> Value {
    json!({
        "id": message.notification,
        "identity": message.identity,
        "source": message.source,
        "topic": message.topic,
        "key": message.key,
        "title": message.title,
        "body": message.body,
        "urgency": message.urgency.as_str(),
        "url": message.url,
        "tags": message.tags,
        "actor": message.actor,
        "count": message.count,
        "at": message.at,
    })
}

fn body(spec: &Spec, message: &Message, values: &Value) -> Result<Vec<u8>, Outcome> {
    let Some(template) = &spec.template else {
        return Ok(fields(message).to_string().into_bytes());
    };
    let body = render(template, values, "`template`")?;
    if spec.is_json() && serde_json::from_str::<Value>(&body).is_err() {
        let why = "`template` makes no JSON of this notification".to_owned();
        return Err(Outcome::Refused { why });
    }
    Ok(body.into_bytes())
}

/// The words of the template engine may repeat what it was rendering.
fn render(template: &Template, values: &Value, what: &str) -> Result<String, Outcome> {
    template.render(values).map_err(|_| Outcome::Refused {
        why: format!("{what} of the target cannot be rendered over this notification"),
    })
}

/// A value that may come from a sender: a line break in it would be a header of their own.
fn plain(text: &str, name: &str) -> Result<HeaderValue, Outcome> {
    HeaderValue::try_from(text).map_err(|_| Outcome::Refused {
        why: format!("the header {name} would have a line break or a control character in it"),
    })
}

fn prove(
    headers: &mut HeaderMap,
    spec: &Spec,
    message: &Message,
    body: &[u8],
    secret: &SecretString,
) -> Result<(), Outcome> {
    let proof = match &spec.auth {
        Auth::None => None,
        Auth::Bearer => Some((AUTHORIZATION, format!("Bearer {}", secret.expose_secret()))),
        Auth::Basic(name) => {
            let pair = BASE64_STANDARD.encode(format!("{name}:{}", secret.expose_secret()));
            Some((AUTHORIZATION, format!("Basic {pair}")))
        }
        Auth::Header(name) => Some((name.clone(), secret.expose_secret().to_owned())),
    };
    if let Some((name, value)) = proof {
        headers.insert(name, sensitive(&value)?);
    }
    if spec.sign {
        let signed = sign::headers(secret, &message.identity, message.now, body);
        headers.extend(signed.map_err(|why| Outcome::Misconfigured { why })?);
    }
    Ok(())
}
