//! The connection to the daemon.

use std::time::Duration;

use tidings_api::{
    Control1Proxy, Inbox1Proxy, Post1Proxy, Preferences1Proxy, Quiet1Proxy, Sources1Proxy,
    Targets1Proxy,
};
use zbus::Connection;
use zbus::connection::Builder;
use zbus::proxy::{CacheProperties, ProxyImpl};

use crate::exit::{Failure, METHOD_TIMEOUT};

/// Typed proxies over one connection. The bus starts the daemon at the first call if it knows how.
#[derive(Debug)]
pub(crate) struct Daemon {
    pub(crate) connection: Connection,
}

impl Daemon {
    /// Connects to the session bus; every call ends after 25 seconds.
    pub(crate) async fn connect() -> Result<Self, Failure> {
        Self::build(Some(METHOD_TIMEOUT)).await
    }

    /// For calls that may rightly take minutes, and that the user sees progressing.
    pub(crate) async fn connect_patiently() -> Result<Self, Failure> {
        Self::build(None).await
    }

    async fn build(timeout: Option<Duration>) -> Result<Self, Failure> {
        let connecting = async {
            let mut builder = Builder::session()?;
            if let Some(timeout) = timeout {
                builder = builder.method_timeout(timeout);
            }
            builder.build().await
        };
        match tokio::time::timeout(METHOD_TIMEOUT, connecting).await {
            Ok(Ok(connection)) => Ok(Self { connection }),
            Ok(Err(error)) => Err(Failure::no_bus(&error.to_string())),
            Err(_) => Err(Failure::no_bus("no answer")),
        }
    }

    pub(crate) async fn post(&self) -> Result<Post1Proxy<'static>, Failure> {
        self.proxy().await
    }

    pub(crate) async fn inbox(&self) -> Result<Inbox1Proxy<'static>, Failure> {
        self.proxy().await
    }

    pub(crate) async fn sources(&self) -> Result<Sources1Proxy<'static>, Failure> {
        self.proxy().await
    }

    pub(crate) async fn targets(&self) -> Result<Targets1Proxy<'static>, Failure> {
        self.proxy().await
    }

    pub(crate) async fn control(&self) -> Result<Control1Proxy<'static>, Failure> {
        self.proxy().await
    }

    pub(crate) async fn preferences(&self) -> Result<Preferences1Proxy<'static>, Failure> {
        self.proxy().await
    }

    pub(crate) async fn quiet(&self) -> Result<Quiet1Proxy<'static>, Failure> {
        self.proxy().await
    }

    async fn proxy<P>(&self) -> Result<P, Failure>
    where
        P: ProxyImpl<'static> + zbus::proxy::Defaults + From<zbus::Proxy<'static>>,
    {
        let builder = zbus::proxy::Builder::<P>::new(&self.connection);
        Ok(builder.cache_properties(CacheProperties::No).build().await?)
    }
}
