//! Opening links through a desktop portal, as far as a portal can be played on a private bus.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use tidings_daemon::desktop::open::{OpenError, Opener};
use tidings_tests::bus::PrivateBus;
use tidings_tests::wait::DEADLINE;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};
use zbus::{Connection, connection, fdo, interface};

const REQUEST: &str = "/org/freedesktop/portal/desktop/request/1_1/t";

type Asked = Arc<Mutex<Vec<(String, HashMap<String, OwnedValue>)>>>;

/// Plays `org.freedesktop.portal.OpenURI`: keeps what it is asked and says at once that it did it.
struct Portal(Asked);

#[interface(name = "org.freedesktop.portal.OpenURI")]
impl Portal {
    #[zbus(name = "OpenURI")]
    async fn open_uri(
        &self,
        _parent_window: &str,
        uri: String,
        options: HashMap<String, OwnedValue>,
        #[zbus(connection)] connection: &Connection,
    ) -> fdo::Result<OwnedObjectPath> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((uri, options));
        let interface = "org.freedesktop.portal.Request";
        let result = (0_u32, HashMap::<String, Value<'_>>::new());
        connection.emit_signal(None::<&str>, REQUEST, interface, "Response", &result).await?;
        OwnedObjectPath::try_from(REQUEST).map_err(|error| fdo::Error::Failed(error.to_string()))
    }
}

async fn portal(bus: &PrivateBus) -> Result<(Connection, Asked)> {
    let asked = Asked::default();
    let connection = connection::Builder::address(bus.address())?
        .serve_at("/org/freedesktop/portal/desktop", Portal(Arc::clone(&asked)))?
        .name("org.freedesktop.portal.Desktop")?
        .build()
        .await?;
    Ok((connection, asked))
}

#[tokio::test]
async fn a_click_is_opened_by_the_portal_with_its_token() -> Result<()> {
    let bus = PrivateBus::start()?;
    let (_portal, asked) = portal(&bus).await?;
    let opener = Opener::Desktop(bus.connect().await?);
    let open = opener.open("https://example.org/orders/7", Some("token-1"));
    tokio::time::timeout(DEADLINE, open).await??;

    let asked = asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let [(uri, options)] = asked.as_slice() else { anyhow::bail!("opened {} times", asked.len()) };
    ensure!(uri == "https://example.org/orders/7", "opened {uri}");
    let token = options.get("activation_token").context("no token")?;
    ensure!(**token == Value::from("token-1"), "the token travelled as {token:?}");
    Ok(())
}

#[tokio::test]
async fn a_hostile_link_reaches_nobody() -> Result<()> {
    let bus = PrivateBus::start()?;
    let (_portal, asked) = portal(&bus).await?;
    let opener = Opener::Desktop(bus.connect().await?);
    for link in [
        "file:///etc/passwd",
        "javascript:alert(1)",
        "--help",
        "smb://evil.example/share",
        "mailto:a@example.org?attach=/etc/passwd",
    ] {
        let refused = opener.open(link, None).await;
        ensure!(matches!(refused, Err(OpenError::Refused(_))), "{link}: {refused:?}");
    }
    ensure!(asked.lock().unwrap_or_else(PoisonError::into_inner).is_empty(), "one was opened");
    Ok(())
}
