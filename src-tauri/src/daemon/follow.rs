//! Follows the daemon's signals, and the daemon itself as it comes and goes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use futures_util::{Stream, StreamExt};
use tidings_api::{Result, names};
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tracing::{debug, info, warn};
use zbus::Connection;
use zbus::fdo::{DBusProxy, PropertiesProxy};
use zbus::names::{BusName, OwnedUniqueName};

use crate::controller::{Here, News, Tick};
use crate::daemon::reader::Reader;
use crate::language::Language;

/// Tells everything about the daemon until nobody listens any more.
///
/// # Errors
///
/// When the bus does not let itself be followed; then nothing would ever be told.
pub async fn follow(
    connection: Connection,
    environment: Language,
    ticks: mpsc::UnboundedSender<Tick>,
) -> zbus::Result<()> {
    let bus = DBusProxy::new(&connection).await?;
    let name = BusName::try_from(names::BUS_NAME)?;
    // Before the first question, so that no change falls between.
    let mut changes = bus.receive_name_owner_changed_with_args(&[(0, names::BUS_NAME)]).await?;
    let mut owner = bus.get_name_owner(name).await.ok().map(|owner| owner.into_inner().into());
    loop {
        let mut attending = JoinSet::new();
        match owner.take() {
            Some(owner) => {
                let attend = attend(connection.clone(), owner, environment, ticks.clone());
                attending.spawn(attend);
            }
            None => tell(&ticks, News::Away),
        }
        let Some(change) = changes.next().await else { return Ok(()) };
        let new_owner = change.args()?.new_owner.to_owned();
        owner = new_owner.as_ref().map(|owner| owner.to_owned().into());
    }
}

/// What changed since it was last read; marks that come together are one.
#[derive(Debug, Default)]
struct Stale {
    inbox: Notify,
    sources: Notify,
    quiet: Notify,
    preferences: Notify,
    newest_id: AtomicI64,
}

/// Follows one daemon until the task is dropped.
async fn attend(
    connection: Connection,
    owner: OwnedUniqueName,
    environment: Language,
    ticks: mpsc::UnboundedSender<Tick>,
) {
    info!(owner = owner.as_str(), "the daemon is there");
    let stale = Arc::new(Stale::default());
    let reader = match Reader::new(&connection, &owner).await {
        Ok(reader) => reader,
        Err(error) => return warn!(%error, "the daemon cannot be asked"),
    };
    let _listening = match listen(&connection, &owner, &reader, &stale).await {
        Ok(listening) => listening,
        Err(error) => return warn!(%error, "the daemon's signals cannot be followed"),
    };
    let language = read("language", reader.language().await).flatten();
    tell(&ticks, News::Language(language.unwrap_or(environment)));
    let here = Here {
        inbox: read("inbox", reader.inbox(0).await).unwrap_or_default(),
        sources: read("sources", reader.sources().await).unwrap_or_default(),
        quiet: read("quiet", reader.quiet().await).unwrap_or_default(),
    };
    stale.newest_id.fetch_max(here.inbox.newest_id, Ordering::Relaxed);
    tell(&ticks, News::Here(Box::new(here)));
    loop {
        let news = tokio::select! {
            () = stale.inbox.notified() => {
                let known = stale.newest_id.load(Ordering::Relaxed);
                let inbox = read("inbox", reader.inbox(known).await);
                inbox.map(|inbox| {
                    stale.newest_id.fetch_max(inbox.newest_id, Ordering::Relaxed);
                    News::Inbox(inbox)
                })
            }
            () = stale.sources.notified() => {
                read("sources", reader.sources().await).map(News::Sources)
            }
            () = stale.quiet.notified() => read("quiet", reader.quiet().await).map(News::Quiet),
            () = stale.preferences.notified() => {
                let language = read("language", reader.language().await);
                language.map(|language| News::Language(language.unwrap_or(environment)))
            }
        };
        if let Some(news) = news {
            tell(&ticks, news);
        }
    }
}

/// Listens to every signal in a task of its own: one that is not emptied would stop the whole connection.
async fn listen(
    connection: &Connection,
    owner: &OwnedUniqueName,
    reader: &Reader,
    stale: &Arc<Stale>,
) -> zbus::Result<JoinSet<()>> {
    let mut listening = JoinSet::new();
    let mut inbox = reader.inbox.receive_changed().await?;
    let marks = Arc::clone(stale);
    listening.spawn(async move {
        while let Some(signal) = inbox.next().await {
            if let Ok(changed) = signal.args() {
                let newest = changed.added.iter().copied().max().unwrap_or(0);
                marks.newest_id.fetch_max(newest, Ordering::Relaxed);
            }
            marks.inbox.notify_one();
        }
    });
    let sources = reader.sources.receive_changed().await?;
    let marks = Arc::clone(stale);
    listening.spawn(each(sources, move || marks.sources.notify_one()));
    let preferences = reader.preferences.receive_changed().await?;
    let marks = Arc::clone(stale);
    listening.spawn(each(preferences, move || marks.preferences.notify_one()));
    let properties = PropertiesProxy::builder(connection)
        .destination(owner.clone())?
        .path(names::OBJECT_PATH)?
        .build()
        .await?;
    let quiet = properties.receive_properties_changed_with_args(&[(0, names::QUIET)]).await?;
    let marks = Arc::clone(stale);
    listening.spawn(each(quiet, move || marks.quiet.notify_one()));
    Ok(listening)
}

async fn each<S: Stream + Unpin>(mut signals: S, mark: impl Fn()) {
    while signals.next().await.is_some() {
        mark();
    }
}

/// What was read; of a daemon that has just left, or is older than the question, nothing.
fn read<T>(what: &str, answer: Result<T>) -> Option<T> {
    answer.inspect_err(|error| debug!(what, %error, "not told by the daemon")).ok()
}

fn tell(ticks: &mpsc::UnboundedSender<Tick>, news: News) {
    // The controller ends with the program, and then there is nobody to tell.
    let _gone = ticks.send(Tick::News(news));
}
