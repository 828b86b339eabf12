//! The settings of this kind.

use std::collections::BTreeSet;
use std::time::Duration;

use url::Url;

use crate::config::KeyProblem;
use crate::model::Marking;
use crate::net::liveness::Policy;
use crate::sources::Times;
use crate::sources::live::{Common, Scheme};
use crate::sources::ntfy::NAME;
use crate::targets::ntfy::topic;
use crate::targets::settings::Settings;

/// How often the server is asked even when all is well.
pub(super) const RECONCILE_EVERY: &str = "15m";
const RECONCILE: Duration = Duration::from_secs(15 * 60);
/// How far the past is asked for again.
pub(super) const OVERLAP: &str = "10m";
const OVERLAPPING: Duration = Duration::from_secs(10 * 60);
/// Longest list of topics: all of them stand in one path, and proxies take no longer ones.
const TOPICS_MAX: usize = 4_000;

/// What a source of this kind is configured with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Spec {
    /// At least one, none twice.
    pub(super) topics: Vec<String>,
    /// How the secret is shown.
    pub(super) scheme: Scheme,
    /// How far the past is asked for again.
    pub(super) overlap: Duration,
    pub(super) policy: Policy,
    pub(super) times: Times,
}

impl Spec {
    /// Reads them, with the server's address.
    pub(super) fn read(table: &toml::Table) -> Result<(Self, Url), Vec<KeyProblem>> {
        let mut settings = Settings::of_source(NAME, table);
        let Common { url, policy, times } = Common::read(&mut settings, "", RECONCILE);
        let topics = topics(&mut settings);
        let scheme = match settings.username() {
            None => Scheme::Bearer,
            Some(name) => Scheme::Basic { username: name.to_owned() },
        };
        // It is the marking that says whether it is on.
        let _marking = settings.flag(SYNC_READ, false);
        let overlap = settings.duration("overlap", OVERLAPPING);
        settings.finish()?;
        // Without a problem there is a URL.
        let url = url.ok_or_else(Vec::new)?;
        Ok((Self { topics, scheme, overlap, policy, times }, url))
    }
}

const SYNC_READ: &str = "sync_read";

/// Which marks made here are sent to the server.
pub(super) fn marking(table: &toml::Table) -> Marking {
    let wanted = table.get(SYNC_READ).and_then(toml::Value::as_bool).unwrap_or_default();
    if wanted { Marking::ReadOrDone } else { Marking::Nothing }
}

/// Where it connects to, as it is written.
pub(super) fn url(table: &toml::Table) -> String {
    table.get("url").and_then(toml::Value::as_str).unwrap_or_default().to_owned()
}

fn topics(settings: &mut Settings<'_>) -> Vec<String> {
    const KEY: &str = "topics";
    let written = settings.list(KEY);
    if written.is_empty() {
        settings.missing(KEY, "backups");
    }
    let (mut topics, mut known) = (Vec::new(), BTreeSet::new());
    for text in written {
        match topic(text) {
            Ok(topic) if !known.insert(topic.clone()) => {
                settings.problem(KEY, format!("`{KEY}`: \"{topic}\" is there twice"));
            }
            Ok(topic) => topics.push(topic),
            Err(why) => settings.problem(KEY, format!("`{KEY}`: {why}")),
        }
    }
    let length = topics.iter().map(|topic| topic.len() + 1).sum::<usize>();
    if length > TOPICS_MAX {
        settings.problem(
            KEY,
            format!("`{KEY}`: together they have more than {TOPICS_MAX} characters; make a second source for some of them"),
        );
    }
    topics
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "url = \"https://ntfy.example.org\"\n";

    fn read(more: &str) -> Result<Spec, Vec<String>> {
        let table = format!("{URL}{more}").parse().unwrap();
        let read = Spec::read(&table);
        read.map(|(spec, _)| spec)
            .map_err(|problems| problems.into_iter().map(|problem| problem.message).collect())
    }

    #[test]
    fn address_and_topics_are_enough() {
        let spec = read("topics = [\"backups\", \"door_bell-2\"]").unwrap();
        assert_eq!(spec.topics, ["backups", "door_bell-2"]);
        assert_eq!(spec.scheme, Scheme::Bearer);
        assert_eq!(spec.overlap, Duration::from_secs(600));
        assert_eq!(spec.times.reconcile_every, Duration::from_secs(900));
        assert_eq!(read("topics = \"one\"").unwrap().topics, ["one"], "one may stand alone");
    }

    #[test]
    fn a_user_name_makes_the_secret_a_password() {
        let spec = read("topics = \"a\"\nusername = \"ana\"").unwrap();
        assert_eq!(spec.scheme, Scheme::Basic { username: "ana".to_owned() });
        assert!(read("topics = \"a\"\nusername = \"a:b\"").unwrap_err()[0].contains("colon"));
    }

    #[test]
    fn what_is_wrong_with_topics_is_told() {
        let cases = [
            ("", "`topics` is missing"),
            ("topics = []", "`topics` is missing"),
            ("topics = [\"a\", \"b\", \"a\"]", "\"a\" is there twice"),
            ("topics = [\"v1\"]", "uses this name itself"),
            ("topics = [\"a/b\"]", "only letters"),
            ("topics = [\"a,b\"]", "only letters"),
            ("topics = [1]", "a list of texts"),
            ("topics = \"a\"\ntopic = \"b\"", "unknown key \"topic\""),
        ];
        for (more, words) in cases {
            let problems = read(more).unwrap_err();
            assert!(problems.len() == 1 && problems[0].contains(words), "{more}: {problems:?}");
        }
    }

    #[test]
    fn topics_that_fit_in_no_path_ask_for_a_second_source() {
        let list = |count: usize| {
            let names: Vec<_> = (0..count).map(|n| format!("\"{n:063}\"")).collect();
            format!("topics = [{}]", names.join(","))
        };
        assert!(read(&list(62)).is_ok());
        assert!(read(&list(63)).unwrap_err()[0].contains("make a second source"));
    }

    #[test]
    fn marks_are_sent_only_where_that_is_wanted() {
        let marking = |text: &str| marking(&text.parse().unwrap());
        assert_eq!(marking(""), Marking::Nothing);
        assert_eq!(marking("sync_read = false"), Marking::Nothing);
        assert_eq!(marking("sync_read = true"), Marking::ReadOrDone);
        assert!(read("topics = \"a\"\nsync_read = \"yes\"").is_err());
    }
}
