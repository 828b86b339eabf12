//! The settings of a webhook.

use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use serde_json::{Value, json};
use url::Url;

use crate::config::KeyProblem;
use crate::dispatch::template::FUNCTIONS;
use crate::targets::settings::Settings;
use crate::template::Template;

/// Methods that carry a body and may be repeated by their `Idempotency-Key`.
pub(super) const METHODS: [&str; 2] = ["POST", "PUT"];
const JSON: &str = "application/json";
/// By this name a template uses the secret.
const SECRET: &str = "secret";
/// What else a template may use.
pub(super) const NAMES: [&str; 13] = [
    "id", "identity", "source", "topic", "key", "title", "body", "urgency", "url", "tags", "actor",
    "count", "at",
];
/// Headers that belong to the connection, or that a webhook sets itself.
const RESERVED: [&str; 14] = [
    "connection",
    "content-length",
    "content-type",
    "expect",
    "host",
    "idempotency-key",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "webhook-id",
    "webhook-signature",
    "webhook-timestamp",
];

/// How to call.
#[derive(Debug)]
pub(super) struct Spec {
    /// The only server that is called; `None` = any, for there is no secret to give away.
    pub(super) server: Option<Url>,
    /// One of [`METHODS`].
    pub(super) method: &'static str,
    /// What the body is.
    pub(super) content_type: HeaderValue,
    /// What makes the body; `None` = all fields as JSON.
    pub(super) template: Option<Template>,
    /// Further headers.
    pub(super) headers: Vec<(HeaderName, Template)>,
    /// How the secret proves who we are.
    pub(super) auth: Auth,
    /// Whether requests are signed with it.
    pub(super) sign: bool,
}

/// How a secret travels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Auth {
    /// It does not.
    None,
    /// `Authorization: Bearer …`.
    Bearer,
    /// `Authorization: Basic …`, with this user.
    Basic(String),
    /// Alone, in a header of its own.
    Header(HeaderName),
}

impl Spec {
    /// Reads the settings; everything that is wrong with them.
    pub(super) fn read(table: &toml::Table) -> Result<Self, Vec<KeyProblem>> {
        let mut settings = Settings::new("webhook", table);
        let server = settings.url("url", "");
        let auth = read_auth(&mut settings);
        let sign = settings.flag("sign", false);
        let method = settings.choice("method", &METHODS);
        let content_type = settings.text("content_type").unwrap_or(JSON);
        let template = read_template(&mut settings, content_type);
        let content_type = media_type(content_type).unwrap_or_else(|| {
            settings.problem("content_type", "`content_type` is a media type, like \"text/plain\"");
            HeaderValue::from_static(JSON)
        });
        let headers = read_headers(&mut settings, &auth);
        let spec = Self { server, method, content_type, template, headers, auth, sign };
        spec.check_secret(&mut settings);
        settings.finish().map(|()| spec)
    }

    /// Whether a request needs the secret.
    pub(super) fn uses_secret(&self) -> bool {
        self.sign || self.sends_secret()
    }

    /// Whether the body is JSON.
    pub(super) fn is_json(&self) -> bool {
        self.content_type.to_str().is_ok_and(is_json)
    }

    fn sends_secret(&self) -> bool {
        let mut templates = self.headers.iter().map(|(_, template)| template).chain(&self.template);
        self.auth != Auth::None || templates.any(|template| template.names().contains(SECRET))
    }

    fn check_secret(&self, settings: &mut Settings<'_>) {
        if self.uses_secret() && self.server.is_none() {
            settings.problem(
                "url",
                "`url` is missing: the server that the secret is for, and that alone is called; write for example url = \"https://hooks.example.org\"",
            );
        }
        if self.sign && self.sends_secret() {
            settings.problem(
                "sign",
                "`sign` keeps the secret to itself, and `auth` or a template sends it along; choose one",
            );
        }
    }
}

fn read_auth(settings: &mut Settings<'_>) -> Auth {
    let auth = settings.text("auth").unwrap_or("none");
    let username = settings.text("username");
    let read = match (auth, username) {
        ("basic", None) => {
            settings.problem("username", "`username` is missing, which `auth = \"basic\"` needs");
            return Auth::None;
        }
        ("basic", Some(name)) if name.contains(':') => {
            settings.problem("username", "`username` has a colon in it, which ends a name");
            return Auth::None;
        }
        ("basic", Some(name)) => return Auth::Basic(name.to_owned()),
        ("none", _) => Some(Auth::None),
        ("bearer", _) => Some(Auth::Bearer),
        (other, _) => other.strip_prefix("header:").and_then(header_name).map(Auth::Header),
    };
    if username.is_some() {
        settings.problem("username", "`username` says nothing without `auth = \"basic\"`");
    }
    if read.is_none() {
        settings.problem(
            "auth",
            "`auth` is none, bearer, basic, or header: and the name of one that is not set already, like \"header:X-Api-Key\"",
        );
    }
    read.unwrap_or(Auth::None)
}

/// The name of a header that may be set.
fn header_name(text: &str) -> Option<HeaderName> {
    let name = HeaderName::try_from(text.trim()).ok()?;
    let reserved = RESERVED.contains(&name.as_str()) || name.as_str().starts_with("proxy-");
    (!reserved).then_some(name)
}

fn read_headers(settings: &mut Settings<'_>, auth: &Auth) -> Vec<(HeaderName, Template)> {
    let taken = match auth {
        Auth::None => None,
        Auth::Bearer | Auth::Basic(_) => Some(AUTHORIZATION),
        Auth::Header(name) => Some(name.clone()),
    };
    let mut headers: Vec<(HeaderName, Template)> = Vec::new();
    for (written, value) in settings.texts("headers") {
        let name = header_name(written).filter(|name| {
            Some(name) != taken.as_ref() && headers.iter().all(|(other, _)| other != name)
        });
        let Some(name) = name else {
            settings.problem(
                "headers",
                format!(
                    "`headers` cannot set \"{}\": it is no name of a header, or is set already",
                    written.escape_debug()
                ),
            );
            continue;
        };
        // Without the words of the template engine, which repeat what may be a secret in the wrong place.
        let compiled = Template::compile(value).map_err(|_| "it is no template".to_owned());
        let checked = compiled.and_then(known).and_then(|template| {
            let made = samples().iter().try_for_each(|sample| template.try_on(sample).map(drop));
            made.map(|()| template).map_err(|_| {
                "it can never be rendered: what it calls is not there, takes something else, or does not end"
                    .to_owned()
            })
        });
        match checked {
            Ok(template) => headers.push((name, template)),
            Err(why) => settings.problem("headers", format!("`headers`, {name}: {why}")),
        }
    }
    headers
}

fn read_template(settings: &mut Settings<'_>, content_type: &str) -> Option<Template> {
    let text = settings.text("template")?;
    let compiled = match content_type {
        json if is_json(json) => Template::compile_json(text),
        markup if is_markup(markup) => Template::compile_markup(text),
        _ => Template::compile(text),
    };
    let checked = compiled.and_then(known).and_then(|template| {
        for sample in samples() {
            // What fails over made-up values may be right for those that come.
            let Some(made) = template.try_on(&sample)? else { continue };
            if is_json(content_type) && serde_json::from_str::<Value>(&made).is_err() {
                return Err("it makes no JSON; values bring their quotes along, so write {\"text\": {{ title }}} and not {\"text\": \"{{ title }}\"}".to_owned());
            }
        }
        Ok(template)
    });
    checked.map_err(|why| settings.problem("template", format!("`template`: {why}"))).ok()
}

/// The template, if every name in it is one that a message has.
fn known(template: Template) -> Result<Template, String> {
    let known = |name: &str| NAMES.contains(&name) || FUNCTIONS.contains(&name) || name == SECRET;
    match template.names().into_iter().find(|name| !known(name)) {
        Some(unknown) => {
            let names = NAMES.join(", ");
            Err(format!("there is no `{unknown}`; a template may use {names} and {SECRET}"))
        }
        None => Ok(template),
    }
}

/// A message that breaks what can be broken, and one that has nothing but its title.
fn samples() -> [Value; 2] {
    let text = "a \"b\" \\ {c}\n<d>";
    let whole = json!({
        "id": 1, "identity": "a-1", "source": text, "topic": text, "key": text, "title": text, "body": text,
        "urgency": "high", "url": "https://example.org/?a=1&b=2", "tags": [text, text], "actor": text, "count": 2,
        "at": 1_700_000_000_000_i64, "secret": text,
    });
    let bare = json!({
        "id": 1, "identity": "a-1", "source": "local", "topic": "", "key": "", "title": "a", "body": "",
        "urgency": "normal", "url": "", "tags": [], "actor": "", "count": 1,
        "at": 1_700_000_000_000_i64, "secret": text,
    });
    [whole, bare]
}

fn media_type(text: &str) -> Option<HeaderValue> {
    let (kind, form) = text.split_once('/')?;
    let whole = !kind.trim().is_empty() && !form.trim().is_empty() && text.is_ascii();
    HeaderValue::try_from(text).ok().filter(|_| whole)
}

/// The type without its parameters, in small letters.
fn media(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_json(content_type: &str) -> bool {
    let media = media(content_type);
    media.ends_with("/json") || media.ends_with("+json")
}

fn is_markup(content_type: &str) -> bool {
    let media = media(content_type);
    media.ends_with("/xml") || media.ends_with("+xml") || media == "text/html"
}
