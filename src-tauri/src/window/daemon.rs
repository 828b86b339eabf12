//! The daemon, as the commands reach it.

use tidings_api::{
    Control1Proxy, Inbox1Proxy, Post1Proxy, Preferences1Proxy, Quiet1Proxy, Sources1Proxy,
    Targets1Proxy, names,
};
use tidings_app::page::Failure;
use tokio::sync::watch;
use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::proxy::{CacheProperties, Defaults, ProxyImpl};

use crate::commands::Answer;

/// A connection, and whether the daemon is at its other end. Clones are the same.
///
/// A call to an absent daemon would start it; a person who has stopped it must be asked first.
#[derive(Clone, Debug)]
pub(crate) struct Daemon {
    connection: Connection,
    here: watch::Sender<bool>,
}

impl Daemon {
    /// Looks whether the daemon is there.
    pub(crate) async fn on(connection: &Connection) -> zbus::Result<Self> {
        let daemon = Self { connection: connection.clone(), here: watch::Sender::new(false) };
        daemon.note(daemon.is_here().await?);
        Ok(daemon)
    }

    /// Whether it is there at this moment.
    pub(crate) async fn is_here(&self) -> zbus::Result<bool> {
        let bus = DBusProxy::new(&self.connection).await?;
        Ok(bus.name_has_owner(names::BUS_NAME.try_into()?).await?)
    }

    /// The connection.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Notes that it came or went; whether that is news.
    pub(crate) fn note(&self, here: bool) -> bool {
        self.here.send_replace(here) != here
    }

    /// The same over a connection whose calls wait as long as it takes: for servers, people and large files.
    pub(crate) async fn patient(&self) -> Answer<Self> {
        let connection = Connection::session().await?;
        Ok(Self { connection, here: self.here.clone() })
    }

    /// Starts it, as the bus knows how, and waits until it is there.
    pub(crate) async fn start(&self) -> Answer<()> {
        let bus = DBusProxy::new(&self.connection).await?;
        let name = names::BUS_NAME.try_into().map_err(zbus::Error::from)?;
        bus.start_service_by_name(name, 0).await.map_err(|error| {
            Failure::unavailable(format!(
                "the daemon cannot be started ({error}); is Tidings installed? `tidingsd` in a terminal shows more"
            ))
        })?;
        Ok(())
    }

    /// `Inbox1`.
    pub(crate) async fn inbox(&self) -> Answer<Inbox1Proxy<'static>> {
        self.proxy().await
    }

    /// `Sources1`.
    pub(crate) async fn sources(&self) -> Answer<Sources1Proxy<'static>> {
        self.proxy().await
    }

    /// `Targets1`.
    pub(crate) async fn targets(&self) -> Answer<Targets1Proxy<'static>> {
        self.proxy().await
    }

    /// `Preferences1`.
    pub(crate) async fn preferences(&self) -> Answer<Preferences1Proxy<'static>> {
        self.proxy().await
    }

    /// `Quiet1`.
    pub(crate) async fn quiet(&self) -> Answer<Quiet1Proxy<'static>> {
        self.proxy().await
    }

    /// `Control1`.
    pub(crate) async fn control(&self) -> Answer<Control1Proxy<'static>> {
        self.proxy().await
    }

    /// `Post1`.
    pub(crate) async fn post(&self) -> Answer<Post1Proxy<'static>> {
        self.proxy().await
    }

    async fn proxy<P>(&self) -> Answer<P>
    where
        P: ProxyImpl<'static> + Defaults + From<zbus::Proxy<'static>>,
    {
        if !*self.here.borrow() {
            return Err(Failure::away());
        }
        let builder = P::builder(&self.connection).cache_properties(CacheProperties::No);
        Ok(builder.build().await?)
    }
}
