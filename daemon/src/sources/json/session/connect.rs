//! Signing in and opening the WebSocket, and what a refusal means.

use crate::net::link::Link;
use crate::net::liveness::Policy;
use crate::net::websocket::{self, Opening, Refusal};
use crate::sources::Exit;
use crate::sources::json::client::Client;
use crate::sources::json::profile::Profile;
use crate::sources::json::session::{Session, fetch};
use crate::sources::json::test::words;
use crate::sources::trouble::Trouble;

/// How the handshake is to look, with credentials.
pub(in crate::sources::json) fn opening(
    profile: &Profile,
    client: &Client,
) -> Result<Opening, Trouble> {
    let spec = &profile.spec.websocket;
    let mut url = client.url(&spec.url)?;
    let scheme = if matches!(url.scheme(), "https" | "wss") { "wss" } else { "ws" };
    url.set_scheme(scheme)
        .map_err(|()| Trouble::Rejected("websocket.url is no address".to_owned()))?;
    let origin = match spec.origin.as_str() {
        "none" => None,
        "auto" => websocket::own_origin(&url),
        written => Some(written.to_owned()),
    };
    let mut headers = client.auth.headers()?;
    for (name, value) in &spec.headers {
        let name = http::HeaderName::try_from(name.as_str());
        let value = http::HeaderValue::try_from(value.as_str());
        let (Ok(name), Ok(value)) = (name, value) else {
            return Err(Trouble::Rejected(
                "websocket.headers holds what no header can carry".to_owned(),
            ));
        };
        headers.insert(name, value);
    }
    client.auth.sign_url(&mut url);
    let subprotocols =
        spec.subprotocols.iter().cloned().chain(client.auth.subprotocols()).collect();
    Ok(Opening { url, origin, subprotocols, headers })
}

impl Session<'_> {
    /// Signs in and opens the WebSocket, if there is one. A refusal that may have several causes is looked into by
    /// asking the list, which also brings what there is to get, and one more try.
    pub(super) async fn connect(&mut self) -> Result<Option<Link>, Exit> {
        if !self.client.auth.is_ready() {
            self.client.sign_in().await?;
        }
        if self.profile.spec.websocket.url.is_empty() {
            return Ok(None);
        }
        let refusal = match self.dial().await? {
            Ok(link) => return Ok(Some(link)),
            Err(refusal) => refusal,
        };
        match refusal {
            Refusal::Unreachable(why) => return Err(Trouble::transient(why).into()),
            Refusal::Later { retry_after, .. } => {
                return Err(Exit::Transient { why: words(&refusal), retry_after });
            }
            Refusal::Invalid(why) => return Err(Exit::Rejected { why }),
            Refusal::Unauthorized
            | Refusal::Forbidden
            | Refusal::LoginPage
            | Refusal::NoWebSocket(_) => {}
        }
        if self.profile.spec.list.url.is_empty() {
            return Err(refused(&refusal));
        }
        let fetched = fetch::run(self.job()).await?;
        self.apply(fetched).await?;
        self.dial().await?.map(Some).map_err(|again| refused(&again))
    }

    async fn dial(&self) -> Result<Result<Link, Refusal>, Exit> {
        let opening = opening(&self.profile, &self.client)?;
        let spec = &self.profile.spec.websocket;
        let policy = Policy { ping_after: spec.ping_after.0, ping_timeout: spec.ping_timeout.0 };
        let opened = websocket::open(opening, self.client.http.tls(), self.cx.clock.now()).await;
        Ok(opened.map(|socket| Link::new(socket, policy, self.cx.clock.clone())))
    }
}

fn refused(refusal: &Refusal) -> Exit {
    let why = words(refusal);
    match refusal {
        Refusal::Unauthorized | Refusal::LoginPage => Exit::NeedsLogin { why },
        Refusal::Unreachable(_) => Trouble::transient(why).into(),
        Refusal::Later { retry_after, .. } => Exit::Transient { why, retry_after: *retry_after },
        Refusal::Forbidden | Refusal::NoWebSocket(_) | Refusal::Invalid(_) => {
            Exit::Rejected { why }
        }
    }
}
