//! Requests to one server: signed in, classed, and signed in again once when the session has expired.

use http::header::{ACCEPT, HeaderName, HeaderValue, ORIGIN, REFERER};
use http::{HeaderMap, Method};
use secrecy::ExposeSecret;
use serde_json::Value;
use url::Url;

use crate::clock::Clock;
use crate::net::dial;
use crate::net::http::{Http, Meaning, Reply, Request};
use crate::net::websocket;
use crate::sources::json::auth::{self, Auth};
use crate::sources::json::spec::AuthMode;
use crate::sources::lenient;
use crate::sources::trouble::Trouble;

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
/// Larger answers are parsed on a thread of their own, beside everything else that the daemon does.
const ASIDE: usize = 512 * 1024;

/// A signed-in client of one server.
#[derive(Debug)]
pub(super) struct Client {
    /// Sends.
    pub(super) http: Http,
    /// The server.
    pub(super) base: Url,
    /// Who we are.
    pub(super) auth: Auth,
    /// For `Retry-After` dates.
    pub(super) clock: Clock,
}

impl Client {
    /// An address on the server.
    pub(super) fn url(&self, path: &str) -> Result<Url, Trouble> {
        self.base.join(path).map_err(|error| Trouble::Rejected(format!("a URL is wrong: {error}")))
    }

    /// Gets credentials ready: reads the token, or signs in for a cookie.
    pub(super) async fn sign_in(&self) -> Result<(), Trouble> {
        match self.auth.spec().mode {
            AuthMode::None => Ok(()),
            AuthMode::Header | AuthMode::Query | AuthMode::Subprotocol => {
                self.auth.read_token().await.map(|_is_new| ())
            }
            AuthMode::Cookie => self.log_in().await,
        }
    }

    /// Gets JSON.
    pub(super) async fn json(&self, url: &Url) -> Result<Value, Trouble> {
        let reply = self.send(Method::GET, url, None).await?;
        let body = reply.body;
        let answer = if body.len() > ASIDE {
            tokio::task::spawn_blocking(move || lenient::parse(&body)).await.ok().flatten()
        } else {
            lenient::parse(&body)
        };
        answer.ok_or_else(|| {
            Trouble::transient(format!("{}: the answer of the list is not JSON", dial::place(url)))
        })
    }

    /// Whether a page that only we may see is shown to us.
    pub(super) async fn proves_identity(&self, url: &Url) -> Result<(), Trouble> {
        let reply = self.signed(Method::GET, url, None).await?;
        let shown = matches!(reply.meaning(self.login_path()), Meaning::Content | Meaning::Html);
        if shown { Ok(()) } else { Err(self.refused(&reply, url)) }
    }

    /// Sends a request and takes 2xx with data for an answer; everything else is trouble.
    pub(super) async fn send(
        &self,
        method: Method,
        url: &Url,
        body: Option<String>,
    ) -> Result<Reply, Trouble> {
        let reply = self.signed(method, url, body).await?;
        self.understood(reply, url)
    }

    /// Sends a request as ourselves; when the answer says that we are nobody, signs in again and repeats it, once.
    pub(super) async fn signed(
        &self,
        method: Method,
        url: &Url,
        body: Option<String>,
    ) -> Result<Reply, Trouble> {
        if !self.auth.is_ready() {
            self.sign_in().await?;
        }
        let reply = self.once(method.clone(), url, body.clone()).await?;
        if !self.is_stranger(&reply) || !self.sign_in_again().await? {
            return Ok(reply);
        }
        self.once(method, url, body).await
    }

    /// The page to which strangers are sent.
    #[must_use]
    pub(super) fn login_path(&self) -> Option<&str> {
        let spec = self.auth.spec();
        (!spec.login_url.is_empty()).then_some(spec.login_url.as_str())
    }

    async fn once(
        &self,
        method: Method,
        url: &Url,
        body: Option<String>,
    ) -> Result<Reply, Trouble> {
        let mut url = url.clone();
        let mut headers = self.auth.headers()?;
        headers.insert(ACCEPT, HeaderValue::from_static(JSON));
        if self.auth.spec().mode == AuthMode::Cookie && method != Method::GET {
            self.add_csrf(&mut headers, &url);
        }
        self.auth.sign_url(&mut url);
        let body = body.map(|body| (JSON, body.into_bytes()));
        let reply = self.http.send(Request { method, url, headers, body }, self.clock.now()).await;
        let reply = reply.map_err(Trouble::transient)?;
        self.auth.take_cookies(&reply.cookies);
        Ok(reply)
    }

    fn is_stranger(&self, reply: &Reply) -> bool {
        match reply.meaning(self.login_path()) {
            Meaning::LoginPage | Meaning::Unauthorized | Meaning::Forbidden => true,
            Meaning::Content
            | Meaning::Redirect
            | Meaning::Html
            | Meaning::ForbiddenCsrf
            | Meaning::Busy
            | Meaning::ServerFault
            | Meaning::Unexpected => false,
        }
    }

    /// `false` = there is nothing new to try.
    async fn sign_in_again(&self) -> Result<bool, Trouble> {
        match self.auth.spec().mode {
            AuthMode::None => Ok(false),
            AuthMode::Header | AuthMode::Query | AuthMode::Subprotocol => {
                self.auth.read_token().await
            }
            AuthMode::Cookie => self.log_in().await.map(|()| true),
        }
    }

    /// Django's login form: the page gives a CSRF cookie and a hidden field, the form wants both back, and success is
    /// a redirect with a session cookie and a new CSRF cookie. A wrong password is 200 with the form again.
    async fn log_in(&self) -> Result<(), Trouble> {
        let spec = self.auth.spec();
        if spec.username.is_empty() {
            return Err(Trouble::Rejected(
                "auth.username is missing; set it to sign in".to_owned(),
            ));
        }
        let password = self.auth.secret().await?;
        self.auth.forget_cookies();
        let url = self.url(&spec.login_url)?;
        let page = self.once(Method::GET, &url, None).await?;
        if !(200..300).contains(&page.status) {
            return Err(self.refused(&page, &url));
        }
        let form_token = auth::form_token(&String::from_utf8_lossy(&page.body));
        let csrf = form_token.or_else(|| {
            self.auth.cookie(&spec.csrf_cookie).map(|cookie| cookie.expose_secret().to_owned())
        });
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("csrfmiddlewaretoken", csrf.as_deref().unwrap_or_default())
            .append_pair(&spec.username_field, &spec.username)
            .append_pair(&spec.password_field, password.expose_secret())
            .finish();
        let mut headers = self.auth.headers()?;
        self.add_csrf(&mut headers, &url);
        let request = Request {
            method: Method::POST,
            url: url.clone(),
            headers,
            body: Some((FORM, form.into_bytes())),
        };
        let reply = self.http.send(request, self.clock.now()).await.map_err(Trouble::transient)?;
        self.auth.take_cookies(&reply.cookies);
        if self.auth.is_ready() && (200..400).contains(&reply.status) {
            return Ok(());
        }
        if reply.status == 200 {
            return Err(Trouble::NeedsLogin(format!(
                "{}: user \"{}\" or the password was not accepted; store the right password and reconnect",
                dial::place(&url),
                spec.username
            )));
        }
        Err(self.refused(&reply, &url))
    }

    fn add_csrf(&self, headers: &mut HeaderMap, url: &Url) {
        let spec = self.auth.spec();
        let token = self.auth.cookie(&spec.csrf_cookie);
        let name = HeaderName::try_from(spec.csrf_header.as_str()).ok();
        let value = token.and_then(|token| HeaderValue::try_from(token.expose_secret()).ok());
        if let (Some(name), Some(mut value)) = (name, value) {
            value.set_sensitive(true);
            headers.insert(name, value);
        }
        // Over https Django wants a Referer of its own origin.
        let mut referer = url.clone();
        referer.set_query(None);
        if let Ok(value) = HeaderValue::try_from(referer.as_str()) {
            headers.insert(REFERER, value);
        }
        if let Some(value) = websocket::own_origin(url).and_then(|o| HeaderValue::try_from(o).ok())
        {
            headers.insert(ORIGIN, value);
        }
    }

    fn understood(&self, reply: Reply, url: &Url) -> Result<Reply, Trouble> {
        let is_content = reply.meaning(self.login_path()) == Meaning::Content;
        if is_content { Ok(reply) } else { Err(self.refused(&reply, url)) }
    }

    /// What an answer that is none means for us.
    #[must_use]
    pub(super) fn refused(&self, reply: &Reply, url: &Url) -> Trouble {
        let (place, path, status) = (dial::place(url), url.path(), reply.status);
        match reply.meaning(self.login_path()) {
            Meaning::LoginPage => Trouble::NeedsLogin(format!(
                "{place}: {path} leads to the login page; the credentials are missing or have expired"
            )),
            Meaning::Unauthorized | Meaning::Forbidden => Trouble::NeedsLogin(format!(
                "{place}: {path} refuses the credentials ({status}); store new ones and reconnect"
            )),
            Meaning::ForbiddenCsrf => Trouble::Rejected(format!(
                "{place}: {path} refuses the request for want of a CSRF token (403); check auth.csrf_cookie and the server's CSRF_TRUSTED_ORIGINS"
            )),
            Meaning::Html => Trouble::Rejected(format!(
                "{place}: {path} answers with a web page instead of JSON; check the URL"
            )),
            Meaning::Redirect => Trouble::Rejected(format!(
                "{place}: {path} answers with a redirect ({status}); check the URL, often a slash at its end is missing"
            )),
            Meaning::Busy => Trouble::Transient {
                why: format!("{place}: the server asks to be left alone for now ({status})"),
                retry_after: reply.retry_after,
            },
            Meaning::ServerFault => {
                // Some servers answer strangers with 500: sign in afresh next time.
                self.auth.forget_cookies();
                Trouble::transient(format!("{place}: {path} failed on the server ({status})"))
            }
            Meaning::Content | Meaning::Unexpected => Trouble::Rejected(format!(
                "{place}: {path} answers {status}; check the URL and what the server expects there"
            )),
        }
    }
}
