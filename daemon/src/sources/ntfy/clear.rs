//! Telling the server what was dealt with here (server 2.16 on: `PUT /<topic>/<sequence>/clear`), which it passes on to all
//! other devices as a message of its own, and back to us.

use http::Method;

use crate::net::http::{Meaning, Reply};
use crate::sources::live::{Marked, Server};
use crate::sources::trouble::Trouble;
use crate::store::PendingMark;

pub(super) async fn send(server: &Server, mark: &PendingMark) -> Result<Marked, Trouble> {
    let Some((topic, path)) = path(&mark.key) else {
        tracing::debug!("a thread whose name the server would not take is cleared here alone");
        return Ok(Marked::Taken);
    };
    let reply = server.ask(Method::PUT, &path, Some(("text/plain", Vec::new()))).await?;
    judge(server, topic, &reply)
}

/// The topic and the path of a thread. What the server calls a thread is checked again: it came from there and is to lead
/// nowhere else.
fn path(key: &str) -> Option<(&str, String)> {
    let (topic, sequence) = key.split_once('/')?;
    let plain = |name: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (1..=64).contains(&name.len()) && name.bytes().all(allowed)
    };
    (plain(topic) && plain(sequence)).then(|| (topic, format!("{topic}/{sequence}/clear")))
}

/// A refused mark is no reason to end the connection: who may not write may read.
fn judge(server: &Server, topic: &str, reply: &Reply) -> Result<Marked, Trouble> {
    let status = reply.status;
    match reply.meaning(None) {
        Meaning::Content => Ok(Marked::Taken),
        Meaning::Unauthorized | Meaning::Forbidden | Meaning::ForbiddenCsrf => {
            Ok(Marked::Refused(format!(
                "no write access to topic \"{topic}\" ({status}), so what is read here stays unread on other devices: give this account write access, or write `sync_read = false`"
            )))
        }
        Meaning::Busy => Err(server.refused(reply)),
        // A fault with this one, as with a topic that nobody subscribes to (507), keeps no other one waiting.
        Meaning::ServerFault => Ok(Marked::Refused(format!(
            "the server failed to clear in topic \"{topic}\" ({status}); it is tried again"
        ))),
        Meaning::Html | Meaning::LoginPage | Meaning::Redirect | Meaning::Unexpected => {
            Ok(Marked::Refused(format!(
                "the server does not clear what is read here (it answered {status}): that needs ntfy 2.16 or newer; update it, or write `sync_read = false`"
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_leads_to_its_topic_and_nowhere_else() {
        assert_eq!(path("a/disk-1"), Some(("a", "a/disk-1/clear".to_owned())));
        for key in ["", "a", "a/", "/x", "a/b/c", "a/..", "../x", "a/x?y", "a/%2e", "a/ü"] {
            assert_eq!(path(key), None, "{key}");
        }
        assert_eq!(path(&format!("a/{}", "x".repeat(65))), None);
    }
}
