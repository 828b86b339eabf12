//! Reads what the tray shows from one running daemon.

use tidings_api::{
    Filter, Inbox1Proxy, Notification, Preferences1Proxy, Quiet1Proxy, Result, Row, SourceStatus,
    Sources1Proxy, View,
};
use zbus::names::OwnedUniqueName;
use zbus::proxy::{CacheProperties, Defaults, ProxyImpl};
use zbus::{Connection, Proxy};

use crate::controller::{Headline, Inbox, Quiet, Source};
use crate::language::Language;

/// So many unread notifications stand in the menu.
const NEWEST: usize = 5;
/// The first look goes deeper, because imports and scheduled posts have high ids far down the list.
const FIRST_LOOK: u32 = 100;
const LANGUAGE: &str = "app.language";

/// Clients of one daemon, by its unique name: a call to one that has left must not start the next.
#[derive(Clone, Debug)]
pub(super) struct Reader {
    pub(super) inbox: Inbox1Proxy<'static>,
    pub(super) sources: Sources1Proxy<'static>,
    pub(super) quiet: Quiet1Proxy<'static>,
    pub(super) preferences: Preferences1Proxy<'static>,
}

impl Reader {
    pub(super) async fn new(
        connection: &Connection,
        owner: &OwnedUniqueName,
    ) -> zbus::Result<Self> {
        Ok(Self {
            inbox: proxy(connection, owner).await?,
            sources: proxy(connection, owner).await?,
            quiet: proxy(connection, owner).await?,
            preferences: proxy(connection, owner).await?,
        })
    }

    /// The inbox; `known` is the highest id that was told otherwise, 0 before any.
    pub(super) async fn inbox(&self, known: i64) -> Result<Inbox> {
        let filter = Filter { view: View::Unread, ..Filter::default() };
        let limit =
            if known == 0 { FIRST_LOOK } else { u32::try_from(NEWEST).unwrap_or(FIRST_LOOK) };
        let (unread, unseen, (rows, _, _)) = tokio::try_join!(
            self.inbox.unread_count(),
            self.inbox.unseen_count(),
            self.inbox.list(filter.to_dict(), "", limit),
        )?;
        let rows: Vec<Notification> = rows.into_iter().map(|Row(row)| row).collect();
        let newest_id = rows.iter().map(|row| row.id).chain([known]).max().unwrap_or(known);
        let newest = rows.into_iter().take(NEWEST).map(headline).collect();
        Ok(Inbox { unread, unseen, newest, newest_id })
    }

    pub(super) async fn sources(&self) -> Result<Vec<Source>> {
        let rows = self.sources.list().await?.into_iter().map(SourceStatus::from_dict);
        rows.map(|row| row.map(|row| Source { name: row.name, state: row.state })).collect()
    }

    pub(super) async fn quiet(&self) -> Result<Quiet> {
        let (active, until) = tokio::try_join!(self.quiet.active(), self.quiet.until())?;
        Ok(match (active, until) {
            (false, _) => Quiet::Off,
            (true, until) if until > 0 => Quiet::Until(until),
            (true, _) => Quiet::UntilTurnedOff,
        })
    }

    /// The language that the user chose; `None` = the one of the environment.
    pub(super) async fn language(&self) -> Result<Option<Language>> {
        let settings = self.preferences.get().await?;
        let chosen = settings.get(LANGUAGE).and_then(|value| value.downcast_ref::<&str>().ok());
        Ok(chosen.and_then(Language::of))
    }
}

async fn proxy<P>(connection: &Connection, owner: &OwnedUniqueName) -> zbus::Result<P>
where
    P: ProxyImpl<'static> + Defaults + From<Proxy<'static>>,
{
    let builder = zbus::proxy::Builder::<P>::new(connection);
    builder.destination(owner.clone())?.cache_properties(CacheProperties::No).build().await
}

/// What stands in the menu for a row: its title, or what it says where it has none.
fn headline(row: Notification) -> Headline {
    let title = if row.title.trim().is_empty() { row.body } else { row.title };
    Headline { id: row.id, title }
}
