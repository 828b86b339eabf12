//! HTTP for sources: one client, no redirects followed, answers classed by what to do next.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER, SET_COOKIE};
use http::{HeaderMap, Method};
use reqwest::redirect;
use rustls::ClientConfig;
use tidings_api::Millis;
use url::Url;

use crate::net::names::Names;
use crate::net::{dial, tls};

/// Largest answer that is read.
pub const BODY_MAX: usize = 32 * 1024 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(20);
const READ_TIMEOUT: Duration = Duration::from_secs(30);
const TOTAL_TIMEOUT: Duration = Duration::from_secs(120);
const POOL_IDLE: Duration = Duration::from_secs(30);

/// The HTTP client of the process, with the TLS configuration it shares with the WebSockets.
#[derive(Clone, Debug)]
pub struct Http {
    client: reqwest::Client,
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
    /// Content type and content.
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
        Self::with_environment(&|name| std::env::var(name).ok())
    }

    /// Like [`Self::new`], with other variables than those of the process.
    fn with_environment(variable: &dyn Fn(&str) -> Option<String>) -> Result<Self, String> {
        let tls = tls::client_config()?;
        let mut builder = reqwest::Client::builder().no_proxy();
        if let Some(proxy) = tunnel(variable)? {
            builder = builder.proxy(proxy);
        }
        let client = builder
            .tls_backend_preconfigured(ClientConfig::clone(&tls))
            .dns_resolver(Names)
            .redirect(redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .read_timeout(READ_TIMEOUT)
            .timeout(TOTAL_TIMEOUT)
            .pool_idle_timeout(POOL_IDLE)
            .pool_max_idle_per_host(1)
            .user_agent(concat!("Tidings/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| format!("the HTTP client could not be set up: {error}"))?;
        Ok(Self { client, tls })
    }

    /// The TLS configuration, for connections that are not HTTP.
    #[must_use]
    pub const fn tls(&self) -> &Arc<ClientConfig> {
        &self.tls
    }

    /// Sends a request and reads the answer. The error names host and cause, never the URL.
    pub async fn send(&self, request: Request, now: Millis) -> Result<Reply, String> {
        let place = dial::place(&request.url);
        let fault = |error: reqwest::Error| format!("{place}: {}", cause(error));
        let mut builder = self.client.request(request.method, request.url).headers(request.headers);
        if let Some((content_type, body)) = request.body {
            builder = builder.header(CONTENT_TYPE, content_type).body(body);
        }
        let mut response = builder.send().await.map_err(fault)?;
        let mut reply = head(response.status().as_u16(), response.headers(), now);
        while let Some(chunk) = response.chunk().await.map_err(fault)? {
            if reply.body.len() + chunk.len() > BODY_MAX {
                return Err(format!("{place}: the answer is larger than {} MiB", BODY_MAX >> 20));
            }
            reply.body.extend_from_slice(&chunk);
        }
        Ok(reply)
    }
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

/// The innermost cause in words: reqwest's own words are "error sending request".
fn cause(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return "no answer in time".to_owned();
    }
    let error = error.without_url();
    let mut innermost: &dyn std::error::Error = &error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    innermost.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(status: u16, location: Option<&str>, content_type: &str, body: &str) -> Reply {
        Reply {
            status,
            location: location.map(str::to_owned),
            content_type: content_type.to_owned(),
            body: body.as_bytes().to_vec(),
            ..Reply::default()
        }
    }

    #[test]
    fn answers_are_classed_by_what_to_do() {
        let cases = [
            (reply(200, None, "application/json", "{}"), Meaning::Content),
            (reply(200, None, "text/html", "<form>"), Meaning::Html),
            (reply(302, Some("/accounts/login/?next=/x"), "", ""), Meaning::LoginPage),
            (reply(302, Some("https://h.example/accounts/login/"), "", ""), Meaning::LoginPage),
            (reply(302, Some("/entrar/?next=/x"), "", ""), Meaning::LoginPage),
            (reply(301, Some("/list/"), "", ""), Meaning::Redirect),
            (reply(302, Some("/catalogin/"), "", ""), Meaning::Redirect),
            (reply(401, None, "", ""), Meaning::Unauthorized),
            (reply(403, None, "text/html", "CSRF verification failed"), Meaning::ForbiddenCsrf),
            (reply(403, None, "", ""), Meaning::Forbidden),
            (reply(429, None, "", ""), Meaning::Busy),
            (reply(503, None, "", ""), Meaning::Busy),
            (reply(500, None, "", ""), Meaning::ServerFault),
            (reply(404, None, "", ""), Meaning::Unexpected),
        ];
        for (reply, expected) in cases {
            assert_eq!(
                reply.meaning(Some("/entrar/")),
                expected,
                "{} {:?}",
                reply.status,
                reply.location
            );
        }
    }

    #[test]
    fn retry_after_is_read_in_seconds_and_as_a_date() {
        let now = DateTime::parse_from_rfc2822("Wed, 21 Oct 2026 07:28:00 GMT")
            .unwrap()
            .timestamp_millis();
        assert_eq!(retry_after("120", now), Some(Duration::from_secs(120)));
        assert_eq!(
            retry_after("Wed, 21 Oct 2026 07:29:00 GMT", now),
            Some(Duration::from_secs(60))
        );
        assert_eq!(
            retry_after("Wed, 21 Oct 2020 07:29:00 GMT", now),
            Some(Duration::ZERO),
            "past = now"
        );
        assert_eq!(retry_after("soon", now), None);
    }

    #[tokio::test]
    async fn redirect_is_not_followed_and_errors_hide_the_url() {
        let server = wiremock::MockServer::start().await;
        wiremock::Mock::given(wiremock::matchers::path("/list/"))
            .respond_with(
                wiremock::ResponseTemplate::new(302).insert_header("Location", "/accounts/login/"),
            )
            .mount(&server)
            .await;
        let http = Http::new().unwrap();
        let request = |url: &str| Request {
            method: Method::GET,
            url: Url::parse(url).unwrap(),
            headers: HeaderMap::new(),
            body: None,
        };
        let reply = http.send(request(&format!("{}/list/", server.uri())), 0).await.unwrap();
        assert_eq!(reply.meaning(None), Meaning::LoginPage, "followed, it would be a 200 of HTML");
        let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = closed.local_addr().unwrap().port();
        drop(closed);
        let why = http
            .send(request(&format!("http://127.0.0.1:{port}/?token=SECRET")), 0)
            .await
            .unwrap_err();
        assert!(!why.contains("SECRET") && why.contains("127.0.0.1"), "{why}");
    }

    #[tokio::test]
    async fn proxy_sees_neither_plain_requests_nor_those_to_this_machine() {
        let server = wiremock::MockServer::start().await;
        wiremock::Mock::given(wiremock::matchers::any())
            .respond_with(wiremock::ResponseTemplate::new(204))
            .mount(&server)
            .await;
        let proxy = wiremock::MockServer::start().await;
        let variable = |name: &str| name.to_lowercase().ends_with("proxy").then(|| proxy.uri());
        let http = Http::with_environment(&variable).unwrap();
        let request = |url: String| Request {
            method: Method::GET,
            url: Url::parse(&url).unwrap(),
            headers: HeaderMap::new(),
            body: None,
        };
        let reply = http.send(request(format!("{}/list/", server.uri())), 0).await.unwrap();
        assert_eq!(reply.status, 204, "the answer comes from the server itself");
        let local = server.uri().replace("http:", "https:");
        assert!(http.send(request(local), 0).await.is_err(), "the server speaks no TLS");
        let tunnelled = http.send(request("https://h.invalid/list/".to_owned()), 0).await;
        assert!(tunnelled.is_err(), "the proxy opens no tunnel");
        let seen = proxy.received_requests().await.unwrap();
        assert!(seen.iter().all(|asked| asked.method.as_str() == "CONNECT"), "{seen:?}");
    }
}
