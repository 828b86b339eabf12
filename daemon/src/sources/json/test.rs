//! One look at the server beside the running connection, told step by step.

use crate::net::websocket::{self, Refusal};
use crate::sources::TestReport;
use crate::sources::json::client::Client;
use crate::sources::json::profile::Profile;
use crate::sources::json::session::opening;
use crate::sources::trouble::Trouble;

/// Tries what a connection needs, in its order.
pub(super) async fn run(profile: &Profile, client: &Client) -> TestReport {
    let mut report = TestReport { ok: true, steps: Vec::new() };
    let signed_in = client.sign_in().await.map(|()| "credentials are ready".to_owned());
    report.note("sign-in", signed_in);
    if report.ok && !profile.spec.identity.url.is_empty() {
        report.note("identity", identity(profile, client).await);
    }
    if report.ok && !profile.spec.list.url.is_empty() {
        report.note("list", list(profile, client).await);
    }
    if report.ok && !profile.spec.websocket.url.is_empty() {
        report.note("websocket", websocket(profile, client).await);
    }
    report
}

async fn identity(profile: &Profile, client: &Client) -> Result<String, Trouble> {
    client.proves_identity(&client.url(&profile.spec.identity.url)?).await?;
    Ok("the server knows us".to_owned())
}

async fn list(profile: &Profile, client: &Client) -> Result<String, Trouble> {
    let answer = client.json(&client.url(&profile.spec.list.url)?).await?;
    let items = profile.items(&answer).ok_or_else(|| {
        Trouble::Rejected("the answer holds no list where list.items looks for it".to_owned())
    })?;
    let readable = items.iter().filter(|item| profile.mapping.row(item, 0).is_some()).count();
    if readable < items.len() {
        let unreadable = items.len() - readable;
        return Err(Trouble::Rejected(format!(
            "{unreadable} of {} rows have no id; check item.id",
            items.len()
        )));
    }
    Ok(format!("{readable} notifications on the first page"))
}

async fn websocket(profile: &Profile, client: &Client) -> Result<String, Trouble> {
    let opening = opening(profile, client)?;
    let socket = websocket::open(opening, client.http.tls(), client.clock.now()).await;
    match socket {
        Ok(socket) => {
            drop(socket);
            Ok("connected".to_owned())
        }
        Err(refusal) => Err(Trouble::Rejected(words(&refusal))),
    }
}

/// A refused handshake in words.
#[must_use]
pub(super) fn words(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Unreachable(why) | Refusal::NoWebSocket(why) | Refusal::Invalid(why) => why.clone(),
        Refusal::Unauthorized => "the WebSocket refuses the credentials (401)".to_owned(),
        Refusal::Forbidden => "the WebSocket is refused (403) though the list is not: check websocket.origin against the server's ALLOWED_HOSTS, and that its consumer accepts these credentials".to_owned(),
        Refusal::LoginPage => "the WebSocket leads to the login page".to_owned(),
        Refusal::Later { status, .. } => format!("the server cannot serve the WebSocket now ({status})"),
    }
}
