//! One server over HTTP and WebSocket, signed in.

use http::{HeaderMap, Method};
use serde_json::Value;
use url::Url;

use crate::clock::Clock;
use crate::config::{Security, may_send_credentials};
use crate::net::dial;
use crate::net::http::{Answer, CallError, Http, Lines, Meaning, Reply, Request};
use crate::net::link::Link;
use crate::net::liveness::Policy;
use crate::net::websocket::{self, Opening, Refusal};
use crate::sources::lenient;
use crate::sources::live::{Login, Marked};
use crate::sources::trouble::Trouble;

/// Media type and content of a request.
pub type Body = (&'static str, Vec<u8>);

/// A part of something large.
#[derive(Clone, Debug, PartialEq)]
pub enum Portion {
    /// All that was asked for.
    Whole(Value),
    /// It is too much: how it begins.
    TooLarge(Vec<u8>),
    /// The answer broke off, or took too long: why.
    Lost(String),
}

/// A server that notifications come from.
#[derive(Debug)]
pub struct Server {
    http: Http,
    base: Url,
    login: Login,
    clock: Clock,
}

impl Server {
    /// Credentials are sent readable only where the configuration allows it; the error says how.
    pub fn new(base: Url, login: Login, http: &Http, security: &Security) -> Result<Self, String> {
        if login.is_configured() {
            may_send_credentials(&base, security)?;
        }
        Ok(Self { http: http.clone(), base, login, clock: Clock::System })
    }

    /// Who we are there.
    #[must_use]
    pub const fn login(&self) -> &Login {
        &self.login
    }

    /// Host and port, for messages.
    #[must_use]
    pub fn place(&self) -> String {
        dial::place(&self.base)
    }

    /// An address below the server's.
    pub fn url(&self, path: &str) -> Result<Url, Trouble> {
        self.base
            .join(path.trim_start_matches('/'))
            .map_err(|error| Trouble::Rejected(format!("a URL is wrong: {error}")))
    }

    /// Sends a request; any answer is one.
    pub async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<Body>,
    ) -> Result<Reply, Trouble> {
        let request = self.request(method, path, body).await?;
        self.http.send(request, self.clock.now()).await.map_err(Trouble::transient)
    }

    /// Gets JSON; everything else is trouble.
    pub async fn json(&self, path: &str) -> Result<Value, Trouble> {
        let reply = self.ask(Method::GET, path, None).await?;
        self.content(&reply)
    }

    /// Gets JSON of so many bytes at most.
    pub async fn portion(&self, path: &str, most: usize) -> Result<Portion, Trouble> {
        let request = self.request(Method::GET, path, None).await?;
        match self.http.answer(request, most, self.clock.now()).await {
            Ok(Answer::TooLarge(reply)) if reply.meaning(None) == Meaning::Content => {
                Ok(Portion::TooLarge(reply.body))
            }
            Ok(Answer::Whole(reply) | Answer::TooLarge(reply)) => {
                self.content(&reply).map(Portion::Whole)
            }
            Err(CallError::Lost(why)) => Ok(Portion::Lost(why)),
            Err(CallError::NotSent(why)) => Err(Trouble::transient(why)),
        }
    }

    fn content(&self, reply: &Reply) -> Result<Value, Trouble> {
        if reply.meaning(None) != Meaning::Content {
            return Err(self.refused(reply));
        }
        lenient::parse(&reply.body)
            .ok_or_else(|| Trouble::transient(format!("{}: the answer is no JSON", self.place())))
    }

    /// Gets an answer line by line, however long it is; everything but lines is trouble.
    pub async fn lines(&self, path: &str) -> Result<Lines, Trouble> {
        let request = self.request(Method::GET, path, None).await?;
        let answer = self.http.lines(request, self.clock.now()).await;
        match answer.map_err(|error| Trouble::transient(error.to_string()))? {
            Ok(lines) => Ok(lines),
            Err(reply) => Err(self.refused(&reply)),
        }
    }

    /// Opens a WebSocket. There is no `Origin`: we are no page of anybody's.
    pub async fn open(&self, path: &str, policy: Policy) -> Result<Result<Link, Refusal>, Trouble> {
        let mut url = self.url(path)?;
        let scheme = if url.scheme() == "https" { "wss" } else { "ws" };
        url.set_scheme(scheme)
            .map_err(|()| Trouble::Rejected("`url` is no http address".to_owned()))?;
        let opening =
            Opening { url, origin: None, subprotocols: Vec::new(), headers: self.headers().await? };
        let opened = websocket::open(opening, self.http.tls(), self.clock.now()).await;
        Ok(opened.map(|socket| Link::new(socket, policy, self.clock.clone())))
    }

    /// In the place of a WebSocket that the server does not give: it is asked every minute then.
    #[must_use]
    pub fn no_link(&self) -> Link {
        Link::absent(self.clock.clone())
    }

    /// What an answer means that is not the one that was wanted.
    #[must_use]
    pub fn refused(&self, reply: &Reply) -> Trouble {
        let (place, status) = (self.place(), reply.status);
        let said = complaint(&reply.body);
        match reply.meaning(None) {
            Meaning::Unauthorized => {
                self.login.forget();
                Trouble::NeedsLogin(self.not_let_in("the credentials are refused (401)", &said))
            }
            Meaning::LoginPage => {
                Trouble::NeedsLogin(format!("{place}: the address leads to a login page"))
            }
            Meaning::Forbidden | Meaning::ForbiddenCsrf => {
                self.login.forget();
                Trouble::NeedsLogin(self.not_let_in("access is refused (403)", &said))
            }
            Meaning::Busy | Meaning::ServerFault => Trouble::Transient {
                why: format!("{place}: answered {status}{said}"),
                retry_after: reply.retry_after,
            },
            Meaning::Content | Meaning::Html | Meaning::Redirect | Meaning::Unexpected => {
                Trouble::Rejected(format!(
                    "{place}: answered {status}{said}; is `url` the address of the server?"
                ))
            }
        }
    }

    /// What an answer to a mark means that is not the one that was wanted. Who may not write may read, and what the server
    /// fails at is not everything: only credentials that are refused, and a wish to be left alone, concern all the rest.
    pub fn not_marked(&self, reply: &Reply) -> Result<Marked, Trouble> {
        let (place, status) = (self.place(), reply.status);
        let said = complaint(&reply.body);
        match reply.meaning(None) {
            Meaning::Unauthorized | Meaning::Busy => Err(self.refused(reply)),
            Meaning::Content
            | Meaning::LoginPage
            | Meaning::Redirect
            | Meaning::Html
            | Meaning::ForbiddenCsrf
            | Meaning::Forbidden
            | Meaning::ServerFault
            | Meaning::Unexpected => Ok(Marked::Refused(format!(
                "{place}: what is done here could not be told there, it answered {status}{said}; it is tried again, or write `on_done = \"keep\"`"
            ))),
        }
    }

    /// What a refused handshake means.
    #[must_use]
    pub fn turned_away(&self, refusal: Refusal) -> Trouble {
        let place = self.place();
        match refusal {
            Refusal::Unreachable(why) => Trouble::transient(why),
            Refusal::Unauthorized => {
                self.login.forget();
                Trouble::NeedsLogin(self.not_let_in("the credentials are refused (401)", ""))
            }
            Refusal::Forbidden => {
                self.login.forget();
                Trouble::NeedsLogin(self.not_let_in("access is refused (403)", ""))
            }
            Refusal::LoginPage => {
                Trouble::NeedsLogin(format!("{place}: the address leads to a login page"))
            }
            Refusal::Later { status, retry_after } => {
                Trouble::Transient { why: format!("{place}: answered {status}"), retry_after }
            }
            Refusal::NoWebSocket(why) => Trouble::Rejected(format!(
                "{why}; is `url` the address of the server, and does a proxy before it pass WebSockets?"
            )),
            Refusal::Invalid(why) => Trouble::Rejected(why),
        }
    }

    /// Who shows nothing cannot have shown the wrong thing.
    fn not_let_in(&self, what: &str, said: &str) -> String {
        let place = self.place();
        if self.login.is_configured() {
            return format!("{place}: {what}{said}");
        }
        format!(
            "{place}: it lets nobody in without credentials{said}; write `token = \"keyring\"` in this source and run `tidings secret set {}`",
            self.login.source()
        )
    }

    async fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<Body>,
    ) -> Result<Request, Trouble> {
        Ok(Request { method, url: self.url(path)?, headers: self.headers().await?, body })
    }

    async fn headers(&self) -> Result<HeaderMap, Trouble> {
        Ok(self.login.header().await?.into_iter().collect())
    }
}

/// The words of an error answer in JSON, as all these servers give them: `error`, `errorDescription` or `message`.
fn complaint(body: &[u8]) -> String {
    const LENGTH: usize = 200;
    let Some(answer) = lenient::parse(body) else { return String::new() };
    let words = ["errorDescription", "error", "message"]
        .into_iter()
        .find_map(|key| answer.get(key).and_then(Value::as_str));
    let line = words.map(crate::sources::text::line).unwrap_or_default();
    if line.is_empty() {
        return String::new();
    }
    format!(": {}", line.chars().take(LENGTH).collect::<String>())
}
