//! Which topics the server lets us read.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use http::Method;
use tokio::time::Instant;

use crate::net::http::Meaning;
use crate::sources::live::Server;
use crate::sources::trouble::Trouble;

/// Answers are kept no longer than this for the next attempt: who may read what can change meanwhile.
const KEPT_FOR: Duration = Duration::from_secs(3_600);

/// The server's answer, topic by topic.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Access {
    /// May be read.
    pub(super) allowed: Vec<String>,
    /// May not, with the status of the answer.
    pub(super) refused: Vec<(String, u16)>,
}

impl Access {
    /// What a person should know of the refused ones, and what to do.
    pub(super) fn words(&self, advice: &str) -> String {
        let each = self.refused.iter().map(|(topic, status)| refusal(topic, *status));
        format!(
            "{}: {advice}, or take what may not be read out of `topics`",
            each.collect::<Vec<_>>().join(", ")
        )
    }
}

/// One refusal, in words.
pub(super) fn refusal(topic: &str, status: u16) -> String {
    format!("topic \"{topic}\" is refused ({status})")
}

/// What was answered before a server that limits requests wanted no more of them, so that the next attempt goes on there.
#[derive(Debug, Default)]
pub(super) struct Answers(Mutex<Partial>);

#[derive(Debug, Default)]
struct Partial {
    /// When the first of them came.
    since: Option<Instant>,
    /// By topic; `None` = it may be read, else the status of the refusal.
    topics: BTreeMap<String, Option<u16>>,
}

impl Answers {
    /// Those of the topics that are not answered.
    fn open<'t>(&self, topics: &'t [String]) -> Vec<&'t str> {
        let mut partial = self.partial();
        if partial.since.is_none_or(|since| since.elapsed() > KEPT_FOR) {
            *partial = Partial { since: Some(Instant::now()), ..Partial::default() };
        }
        let all = topics.iter().map(String::as_str);
        all.filter(|topic| !partial.topics.contains_key(*topic)).collect()
    }

    fn note(&self, topics: &[&str], refused: Option<u16>) {
        let answered = topics.iter().map(|topic| ((*topic).to_owned(), refused));
        self.partial().topics.extend(answered);
    }

    /// All that was answered; what comes next is asked anew.
    fn take(&self, topics: &[String]) -> Access {
        let Partial { topics: answered, .. } = std::mem::take(&mut *self.partial());
        let mut access = Access::default();
        for topic in topics {
            match answered.get(topic) {
                Some(None) => access.allowed.push(topic.clone()),
                Some(Some(status)) => access.refused.push((topic.clone(), *status)),
                None => {}
            }
        }
        access
    }

    /// All is to be asked anew.
    pub(super) fn forget(&self) {
        *self.partial() = Partial::default();
    }

    fn partial(&self) -> MutexGuard<'_, Partial> {
        // Each answer is a fact of its own: a panic leaves nothing half-done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Finds the topics that are refused by halving the list (`GET /<topics>/auth`), since a server limits requests: one among
/// eighty takes about a dozen questions. What a limit interrupts is kept for the next attempt.
pub(super) async fn ask(
    server: &Server,
    topics: &[String],
    answers: &Answers,
) -> Result<Access, Trouble> {
    let open = answers.open(topics);
    match halve(server, &open, answers).await {
        Ok(()) => Ok(answers.take(topics)),
        Err(trouble) => {
            if !matches!(trouble, Trouble::Transient { .. }) {
                answers.forget();
            }
            Err(trouble)
        }
    }
}

async fn halve(server: &Server, topics: &[&str], answers: &Answers) -> Result<(), Trouble> {
    // With the refusal of the whole list, where it has been heard already.
    let mut lists = vec![(topics, None)];
    while let Some((list, heard)) = lists.pop() {
        if list.is_empty() {
            continue;
        }
        let refused = match heard {
            Some(status) => Some(status),
            None => refused(server, list).await?,
        };
        if refused.is_none() || list.len() == 1 {
            answers.note(list, refused);
            continue;
        }
        let (first, second) = list.split_at(list.len() / 2);
        match self::refused(server, first).await? {
            None => {
                answers.note(first, None);
                // So it is the second half that the refusal was about.
                lists.push((second, refused));
            }
            Some(status) => {
                lists.push((second, None));
                lists.push((first, Some(status)));
            }
        }
    }
    Ok(())
}

/// Asks for some topics at once; the server refuses them all with the status of one. An answer that the credentials
/// themselves are wrong ends everything: who is refused too often is banned.
async fn refused(server: &Server, topics: &[&str]) -> Result<Option<u16>, Trouble> {
    let path = format!("{}/auth", topics.join(","));
    let reply = server.ask(Method::GET, &path, None).await?;
    match reply.meaning(None) {
        Meaning::Content => Ok(None),
        Meaning::Unauthorized if server.login().is_configured() => Err(server.refused(&reply)),
        Meaning::Unauthorized | Meaning::Forbidden | Meaning::ForbiddenCsrf => {
            Ok(Some(reply.status))
        }
        Meaning::LoginPage
        | Meaning::Redirect
        | Meaning::Html
        | Meaning::Busy
        | Meaning::ServerFault
        | Meaning::Unexpected => Err(server.refused(&reply)),
    }
}
