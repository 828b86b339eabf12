//! HTTP: one set of settings, no redirects followed, answers classed by what to do next.

mod call;
mod lines;

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER, SET_COOKIE};
use http::{HeaderMap, Method};
use reqwest::dns::Resolve;
use reqwest::redirect;
use rustls::ClientConfig;
use tidings_api::Millis;
use url::Url;

use crate::net::guard::PublicNames;
use crate::net::names::Names;
use crate::net::tls;

pub use self::call::{Answer, CallError, GuardedError};
pub use self::lines::Lines;

/// Largest answer that is read.
pub const BODY_MAX: usize = 32 * 1024 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
const READ_TIMEOUT: Duration = Duration::from_secs(30);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(120);
const POOL_IDLE: Duration = Duration::from_secs(30);
/// How often a kept HTTP/2 connection is asked whether it still stands.
const PING: Duration = Duration::from_secs(60);

/// The HTTP client of the process, with the TLS configuration it shares with the WebSockets.
#[derive(Clone, Debug)]
pub struct Http {
    client: reqwest::Client,
    /// Dials public addresses only, and directly.
    public: reqwest::Client,
    /// What `https` is tunnelled through.
    proxy: Option<reqwest::Proxy>,
    tls: Arc<ClientConfig>,
}

/// A request without anything that may be logged.
pub struct Request {
    /// `GET`, `POST`, ...
    pub method: Method,
    /// May hold a token: never part of a message.
    pub url: Url,
    /// May hold credentials.
    pub headers: HeaderMap,
    /// Content type and content. A content type among the headers goes before this one.
    pub body: Option<(&'static str, Vec<u8>)>,
}

/// An answer, read to its end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    /// Status code.
    pub status: u16,
    /// Where a redirect leads.
    pub location: Option<String>,
    /// Media type, lower case, without parameters.
    pub content_type: String,
    /// How long the server wants to be left alone.
    pub retry_after: Option<Duration>,
    /// Cookies as the server set them: `name=value; attributes`.
    pub cookies: Vec<String>,
    /// Every header, for what a provider tells there. May hold what must not be logged.
    pub headers: HeaderMap,
    /// The content.
    pub body: Vec<u8>,
}

/// What an answer means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// 2xx with something else than a page for people.
    Content,
    /// A redirect to a login page.
    LoginPage,
    /// A redirect elsewhere.
    Redirect,
    /// 2xx with a page for people where data was expected.
    Html,
    /// 401.
    Unauthorized,
    /// 403 for want of a CSRF token or of a trusted origin.
    ForbiddenCsrf,
    /// 403 for another reason.
    Forbidden,
    /// 429 or 503: later.
    Busy,
    /// Another 5xx.
    ServerFault,
    /// Any other status.
    Unexpected,
}

impl Http {
    /// Sets up the client.
    pub fn new() -> Result<Self, String> {
        Self::assemble(&|name| std::env::var(name).ok(), Arc::new(Names))
    }

    /// Like [`Self::new`], with other variables than those of the process, and other names.
    fn assemble(
        variable: &dyn Fn(&str) -> Option<String>,
        names: Arc<dyn Resolve>,
    ) -> Result<Self, String> {
        let tls = tls::client_config()?;
        let proxy = tunnel(variable)?;
        let own = through(proxy.as_ref(), client(&tls, Arc::clone(&names)));
        // A proxy would look names up itself, and dial what it likes.
        let public = client(&tls, Arc::new(PublicNames::new(names)));
        Ok(Self { client: build(own)?, public: build(public)?, proxy, tls })
    }

    /// A client of its own with the same settings that speaks HTTP/2 and nothing else. It keeps one connection to each server,
    /// looked after by a ping a minute, until it is dropped.
    ///
    /// Only here is `h2` offered in TLS (ALPN): what is shared with the WebSockets offers nothing, and they stay HTTP/1.1.
    pub fn http2(&self) -> Result<Self, String> {
        let mut tls = ClientConfig::clone(&self.tls);
        tls.alpn_protocols = vec![b"h2".to_vec()];
        let own = through(self.proxy.as_ref(), client(&tls, Arc::new(Names)))
            .http2_prior_knowledge()
            .http2_keep_alive_interval(PING)
            .http2_keep_alive_timeout(CONNECT_TIMEOUT)
            .http2_keep_alive_while_idle(true)
            .pool_idle_timeout(None);
        Ok(Self { client: build(own)?, ..self.clone() })
    }

    /// The TLS configuration, for connections that are not HTTP.
    #[must_use]
    pub const fn tls(&self) -> &Arc<ClientConfig> {
        &self.tls
    }
}

fn client(tls: &ClientConfig, names: Arc<dyn Resolve>) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .no_proxy()
        .tls_backend_preconfigured(tls.clone())
        .dns_resolver(names)
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT)
        .timeout(TOTAL_TIMEOUT)
        .pool_idle_timeout(POOL_IDLE)
        .pool_max_idle_per_host(1)
        .user_agent(concat!("Tidings/", env!("CARGO_PKG_VERSION")))
}

fn through(
    proxy: Option<&reqwest::Proxy>,
    builder: reqwest::ClientBuilder,
) -> reqwest::ClientBuilder {
    match proxy {
        Some(proxy) => builder.proxy(proxy.clone()),
        None => builder,
    }
}

fn build(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, String> {
    builder.build().map_err(|error| format!("the HTTP client could not be set up: {error}"))
}

impl Reply {
    /// Classes the answer. `login_path` is the path of the login page, if there is one.
    #[must_use]
    pub fn meaning(&self, login_path: Option<&str>) -> Meaning {
        match self.status {
            200..=299 if self.content_type == "text/html" => Meaning::Html,
            200..=299 => Meaning::Content,
            300..=399 if self.leads_to_login(login_path) => Meaning::LoginPage,
            300..=399 => Meaning::Redirect,
            401 => Meaning::Unauthorized,
            403 if self.speaks_of_csrf() => Meaning::ForbiddenCsrf,
            403 => Meaning::Forbidden,
            429 | 503 => Meaning::Busy,
            500..=599 => Meaning::ServerFault,
            _ => Meaning::Unexpected,
        }
    }

    fn leads_to_login(&self, login_path: Option<&str>) -> bool {
        let Some(location) = &self.location else { return false };
        let path = location.split(['?', '#']).next().unwrap_or_default();
        let path = path
            .split_once("://")
            .map_or(path, |(_, rest)| rest.find('/').map_or("/", |slash| &rest[slash..]));
        let same = login_path
            .is_some_and(|login| path.trim_end_matches('/') == login.trim_end_matches('/'));
        same || path.split('/').any(|part| matches!(part, "login" | "signin" | "sign-in"))
    }

    fn speaks_of_csrf(&self) -> bool {
        let start = &self.body[..self.body.len().min(16 * 1024)];
        String::from_utf8_lossy(start).to_lowercase().contains("csrf")
    }
}

/// `Retry-After` in its two forms: seconds, or a date.
#[must_use]
pub fn retry_after(value: &str, now: Millis) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = DateTime::parse_from_rfc2822(value).ok()?.timestamp_millis();
    Some(Duration::from_millis(u64::try_from(date.saturating_sub(now)).unwrap_or_default()))
}

/// Status and headers of an answer, its content still to come.
#[must_use]
pub fn head(status: u16, headers: &HeaderMap, now: Millis) -> Reply {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let media = |value: &str| value.split(';').next().unwrap_or_default().trim().to_lowercase();
    Reply {
        status,
        location: text(LOCATION).map(str::to_owned),
        content_type: text(CONTENT_TYPE).map(media).unwrap_or_default(),
        retry_after: text(RETRY_AFTER).and_then(|value| retry_after(value, now)),
        cookies: headers
            .get_all(SET_COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok().map(str::to_owned))
            .collect(),
        headers: headers.clone(),
        body: Vec::new(),
    }
}

/// The proxy that the user's session names, for `https` alone, which it tunnels unread. `http` is spoken with this machine
/// and with hosts that the user allowed by name: a proxy would read the credentials, and `localhost` is another machine
/// there.
fn tunnel(variable: &dyn Fn(&str) -> Option<String>) -> Result<Option<reqwest::Proxy>, String> {
    const NAMES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    let first =
        |names: &[&str]| names.iter().find_map(|name| variable(name).filter(|v| !v.is_empty()));
    let Some(address) = first(&NAMES) else { return Ok(None) };
    // The address may hold a password.
    let proxy = reqwest::Proxy::https(address)
        .map_err(|_| "the proxy in HTTPS_PROXY or ALL_PROXY is no address".to_owned())?;
    let direct = first(&["NO_PROXY", "no_proxy"]).unwrap_or_default();
    let direct = format!("localhost,127.0.0.0/8,::1,{direct}");
    Ok(Some(proxy.no_proxy(reqwest::NoProxy::from_string(&direct))))
}

#[cfg(test)]
mod tests;
