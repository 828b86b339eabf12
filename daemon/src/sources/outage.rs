//! Tells the user, once, that a source has been without a connection for too long. A server that is away for a minute is
//! nobody's business, one that nobody hears of for a day is.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Local};
use tidings_api::{KeyMode, SourceState, SourceStatus};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tracing::warn;

use crate::clock::Clock;
use crate::model::Incoming;
use crate::sources::supervisor::Supervisor;
use crate::store::Store;

/// The thread of the notice: there is one for all sources, and it changes in place.
const KEY: &str = "tidings/outage";
/// After a change the sources are looked at this much later.
const SETTLE: Duration = Duration::from_secs(1);
/// What needs the user is told this soon, since time alone does not mend it.
const NEEDS_YOU: Duration = Duration::from_secs(120);

/// What is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Notice {
    /// These sources are without a connection, and the user has not heard of all of them.
    News(Vec<SourceStatus>),
    /// Some of those that the user has heard of.
    Fewer(Vec<SourceStatus>),
    /// All is well again.
    Over,
}

/// The sources that are without a connection. Pure: time is passed in, and stands still while the machine sleeps.
#[derive(Debug, Default)]
struct Outages {
    since: BTreeMap<String, Instant>,
    told: Vec<String>,
    /// Whether a notice of an earlier run was looked for.
    looked: bool,
}

impl Outages {
    /// Looks at all sources. Answers what is to be told, and when to look again.
    fn look(
        &mut self,
        sources: &[SourceStatus],
        patience: &dyn Fn(&str) -> Option<Duration>,
        now: Instant,
    ) -> (Option<Notice>, Option<Instant>) {
        let broken: Vec<&SourceStatus> = sources.iter().filter(|s| is_broken(s.state)).collect();
        self.since.retain(|name, _| broken.iter().any(|source| source.name == *name));
        let mut next = None::<Instant>;
        let mut overdue = Vec::new();
        for source in broken {
            let since = *self.since.entry(source.name.clone()).or_insert(now);
            let Some(patience) = patience(&source.name) else { continue };
            let due =
                since + if needs_you(source.state) { NEEDS_YOU.min(patience) } else { patience };
            if due <= now {
                overdue.push(source.clone());
            } else {
                next = Some(next.map_or(due, |next| next.min(due)));
            }
        }
        (self.notice(overdue, sources), next)
    }

    fn notice(&mut self, overdue: Vec<SourceStatus>, all: &[SourceStatus]) -> Option<Notice> {
        let names: Vec<String> = overdue.iter().map(|source| source.name.clone()).collect();
        let news = names.iter().any(|name| !self.told.contains(name));
        let fewer = names.len() < self.told.len();
        if names.is_empty() {
            let healthy = all.iter().all(|source| !is_broken(source.state));
            let leftover = !self.looked && healthy;
            self.looked |= healthy;
            let over = !self.told.is_empty() || leftover;
            self.told.clear();
            return over.then_some(Notice::Over);
        }
        self.told = names;
        match (news, fewer) {
            (true, _) => Some(Notice::News(overdue)),
            (false, true) => Some(Notice::Fewer(overdue)),
            (false, false) => None,
        }
    }
}

/// Follows the sources. Every change is passed on to whoever announces it.
pub(crate) async fn follow(
    supervisor: Supervisor,
    store: Store,
    clock: Clock,
    mut changes: mpsc::UnboundedReceiver<String>,
    announced: mpsc::UnboundedSender<String>,
) {
    let mut outages = Outages::default();
    let mut next = None;
    loop {
        tokio::select! {
            changed = changes.recv() => {
                let Some(name) = changed else { return };
                // Nobody listens during shutdown.
                let _unheard = announced.send(name);
                // At a start all sources change at about the same time: one look is enough for all of them.
                let soon = Instant::now() + SETTLE;
                next = Some(next.map_or(soon, |next: Instant| next.min(soon)));
                continue;
            }
            () = at(next) => {}
        }
        let sources = supervisor.states();
        let patience = |name: &str| supervisor.patience(name);
        let (notice, look_again) = outages.look(&sources, &patience, Instant::now());
        next = look_again;
        if let Some(notice) = notice
            && let Err(error) = tell(&store, &clock, notice).await
        {
            warn!(%error, "the state of the sources could not be told");
        }
    }
}

async fn tell(
    store: &Store,
    clock: &Clock,
    notice: Notice,
) -> Result<(), crate::store::StoreError> {
    let (sources, mode) = match notice {
        Notice::Over => return store.withdraw(KEY).await.map(drop),
        Notice::News(sources) => (sources, KeyMode::Update),
        Notice::Fewer(sources) => (sources, KeyMode::Silent),
    };
    let notice = Incoming {
        key: KEY.to_owned(),
        mode,
        app: "Tidings".to_owned(),
        title: title(&sources),
        body: sources.iter().map(line).collect::<Vec<_>>().join("\n"),
        received_at: clock.now(),
        ..Incoming::default()
    };
    store.post(vec![notice]).await.map(drop)
}

fn title(sources: &[SourceStatus]) -> String {
    match sources {
        [one] if needs_you(one.state) => format!("{} needs you", one.name),
        [one] => format!("No connection to {}", one.name),
        many => format!("No connection to {} sources", many.len()),
    }
}

fn line(source: &SourceStatus) -> String {
    let since = source.last_proof_of_life.unwrap_or(source.since);
    let since = DateTime::from_timestamp_millis(since).map(|since| since.with_timezone(&Local));
    let since = since.map(|since| since.format("%e %b %H:%M").to_string()).unwrap_or_default();
    let why = if source.last_error.is_empty() { "no answer" } else { &source.last_error };
    let step = if needs_you(source.state) { "; `tidings doctor` says what to do" } else { "" };
    format!("{}: nothing since {}; {why}{step}", source.name, since.trim())
}

const fn is_broken(state: SourceState) -> bool {
    !matches!(state, SourceState::Online | SourceState::Silent | SourceState::Disabled)
}

const fn needs_you(state: SourceState) -> bool {
    matches!(state, SourceState::NeedsLogin | SourceState::Rejected)
}

async fn at(next: Option<Instant>) {
    match next {
        Some(next) => tokio::time::sleep_until(next).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(900);
    const MINUTE: Duration = Duration::from_secs(60);

    fn status(name: &str, state: SourceState) -> SourceStatus {
        SourceStatus { name: name.to_owned(), state, ..SourceStatus::default() }
    }

    fn look(
        outages: &mut Outages,
        sources: &[(&str, SourceState)],
        now: Instant,
    ) -> (Option<String>, Option<Instant>) {
        let list: Vec<_> = sources.iter().map(|(name, state)| status(name, *state)).collect();
        let (notice, next) = outages.look(&list, &|_| Some(PATIENCE), now);
        let words = notice.map(|notice| match notice {
            Notice::News(sources) => format!("news: {}", title(&sources)),
            Notice::Fewer(sources) => format!("fewer: {}", title(&sources)),
            Notice::Over => "over".to_owned(),
        });
        (words, next)
    }

    #[test]
    fn a_long_outage_is_told_once_and_its_end_takes_the_notice_back() {
        use SourceState::{Connecting, Online, Waiting};
        let (mut outages, start) = (Outages::default(), Instant::now());
        assert_eq!(look(&mut outages, &[("home", Waiting)], start), (None, Some(start + PATIENCE)));
        let later = start + PATIENCE - MINUTE;
        assert_eq!(
            look(&mut outages, &[("home", Connecting)], later).0,
            None,
            "dialling is no cure"
        );
        let due = start + PATIENCE;
        let told = look(&mut outages, &[("home", Waiting)], due);
        assert_eq!(told, (Some("news: No connection to home".to_owned()), None));
        for hours in 1..50 {
            let again = look(&mut outages, &[("home", Waiting)], due + hours * 60 * MINUTE);
            assert_eq!(again, (None, None), "a notice, not a nag");
        }
        let over = look(&mut outages, &[("home", Online)], due + 51 * 60 * MINUTE);
        assert_eq!(over, (Some("over".to_owned()), None));
        assert_eq!(look(&mut outages, &[("home", Online)], due + 52 * 60 * MINUTE).0, None);
    }

    #[test]
    fn a_short_outage_is_nobodys_business_and_the_next_one_begins_anew() {
        use SourceState::{Online, Waiting};
        let (mut outages, start) = (Outages { looked: true, ..Outages::default() }, Instant::now());
        for round in 0..20 {
            let at = start + round * 16 * MINUTE;
            assert_eq!(look(&mut outages, &[("home", Waiting)], at).0, None);
            assert_eq!(look(&mut outages, &[("home", Online)], at + 14 * MINUTE).0, None);
        }
    }

    #[test]
    fn what_needs_the_user_is_told_soon() {
        let (mut outages, start) = (Outages::default(), Instant::now());
        let refused = [("home", SourceState::NeedsLogin)];
        assert_eq!(look(&mut outages, &refused, start).1, Some(start + NEEDS_YOU));
        let told = look(&mut outages, &refused, start + NEEDS_YOU).0;
        assert_eq!(told.as_deref(), Some("news: home needs you"));
    }

    #[test]
    fn several_outages_are_one_notice_that_follows_them() {
        use SourceState::{Online, Waiting};
        let (mut outages, start) = (Outages::default(), Instant::now());
        let both = [("home", Waiting), ("orders", Waiting)];
        look(&mut outages, &both, start);
        let told = look(&mut outages, &both, start + PATIENCE).0;
        assert_eq!(told.as_deref(), Some("news: No connection to 2 sources"));
        let one = [("home", Online), ("orders", Waiting)];
        let told = look(&mut outages, &one, start + PATIENCE + MINUTE).0;
        assert_eq!(told.as_deref(), Some("fewer: No connection to orders"));
        let none = [("home", Online), ("orders", SourceState::Disabled)];
        let told = look(&mut outages, &none, start + PATIENCE + 2 * MINUTE).0;
        assert_eq!(told.as_deref(), Some("over"), "what is switched off is not missed");
    }

    #[test]
    fn who_never_wants_to_know_is_not_told_and_an_old_notice_is_taken_back_once() {
        let (mut outages, start) = (Outages::default(), Instant::now());
        let away = [status("home", SourceState::Waiting)];
        outages.look(&away, &|_| None, start);
        let (notice, next) = outages.look(&away, &|_| None, start + 100 * PATIENCE);
        assert_eq!((notice, next), (None, None));
        let back = [status("home", SourceState::Online)];
        assert_eq!(outages.look(&back, &|_| None, start).0, Some(Notice::Over));
        assert_eq!(outages.look(&back, &|_| None, start).0, None);
    }
}
