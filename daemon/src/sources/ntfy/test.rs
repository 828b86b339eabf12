//! Trying the settings out, in words.

use http::Method;
use serde_json::Value;

use crate::net::http::Meaning;
use crate::net::websocket::Refusal;
use crate::sources::TestReport;
use crate::sources::lenient;
use crate::sources::ntfy::access::{self, Answers};
use crate::sources::ntfy::{Ntfy, polled};
use crate::sources::trouble::Trouble;

pub(super) async fn run(ntfy: &Ntfy) -> TestReport {
    let mut report = TestReport::default();
    match steps(ntfy, &mut report.steps).await {
        Ok(all) => report.ok = all,
        Err(trouble) => report.steps.push(trouble.why().to_owned()),
    }
    report
}

/// Answers whether everything that is configured would arrive.
async fn steps(ntfy: &Ntfy, steps: &mut Vec<String>) -> Result<bool, Trouble> {
    steps.push(health(ntfy).await?);
    let access = access::ask(&ntfy.server, &ntfy.spec.topics, &Answers::default()).await?;
    for topic in &access.allowed {
        steps.push(format!("topic \"{topic}\" may be read"));
    }
    if !access.refused.is_empty() {
        steps.push(access.words(&ntfy.advice()));
    }
    if access.allowed.is_empty() {
        return Ok(false);
    }
    match ntfy.open(&access.allowed).await? {
        Ok(_link) => {
            steps.push(format!("{}: the WebSocket is connected", ntfy.server.place()));
            Ok(access.refused.is_empty())
        }
        Err(Refusal::NoWebSocket(why)) => {
            // That is how its messages come then.
            let path = format!("{}/json?poll=1&since=none", access.allowed.join(","));
            ntfy.server.lines(&path).await?;
            steps.push(polled(&why));
            steps.push(format!("{}: asking for messages works", ntfy.server.place()));
            Ok(access.refused.is_empty())
        }
        Err(refusal) => Err(ntfy.server.turned_away(refusal)),
    }
}

/// What the server says of itself. One that says nothing may be healthy.
async fn health(ntfy: &Ntfy) -> Result<String, Trouble> {
    let place = ntfy.server.place();
    let reply = ntfy.server.ask(Method::GET, "v1/health", None).await?;
    let said = (reply.meaning(None) == Meaning::Content).then(|| lenient::parse(&reply.body));
    let healthy = said.flatten().and_then(|said| said.get("healthy").and_then(Value::as_bool));
    Ok(match healthy {
        Some(true) => format!("{place}: the server is healthy"),
        Some(false) => format!("{place}: the server says that it is not healthy; look at its log"),
        None => format!("{place}: answered {} when asked for its health", reply.status),
    })
}
