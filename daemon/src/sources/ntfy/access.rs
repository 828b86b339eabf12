//! Which topics the server lets us read.

use http::Method;

use crate::net::http::Meaning;
use crate::sources::live::Server;
use crate::sources::trouble::Trouble;

/// The server's answer, topic by topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Access {
    /// May be read.
    pub(super) allowed: Vec<String>,
    /// May not, with the status of the answer.
    pub(super) refused: Vec<(String, u16)>,
}

impl Access {
    /// What a person should know of the refused ones.
    pub(super) fn words(&self) -> String {
        let each = self.refused.iter().map(|(topic, status)| refusal(topic, *status));
        format!(
            "{}: give this account read access on the server and reconnect, or take what may not be read out of `topics`",
            each.collect::<Vec<_>>().join(", ")
        )
    }
}

/// One refusal, in words.
pub(super) fn refusal(topic: &str, status: u16) -> String {
    format!("topic \"{topic}\" is refused ({status})")
}

/// Asks for each topic by itself (`GET /<topic>/auth`). A server limits how often one may be refused, so one answer that the
/// credentials themselves are wrong ends it.
pub(super) async fn ask(server: &Server, topics: &[String]) -> Result<Access, Trouble> {
    let mut access = Access::default();
    for topic in topics {
        let reply = server.ask(Method::GET, &format!("{topic}/auth"), None).await?;
        match reply.meaning(None) {
            Meaning::Content => access.allowed.push(topic.clone()),
            Meaning::Unauthorized if server.login().is_configured() => {
                return Err(server.refused(&reply));
            }
            Meaning::Unauthorized | Meaning::Forbidden | Meaning::ForbiddenCsrf => {
                access.refused.push((topic.clone(), reply.status));
            }
            Meaning::LoginPage
            | Meaning::Redirect
            | Meaning::Html
            | Meaning::Busy
            | Meaning::ServerFault
            | Meaning::Unexpected => return Err(server.refused(&reply)),
        }
    }
    Ok(access)
}
