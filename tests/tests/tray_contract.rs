//! The tray against parts of the contract alone, played on a private bus: quiet, the language, and systemd.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, ensure};
use tidings_api::names;
use tidings_tests::session::Session;
use tidings_tests::tray::Tray;
use tidings_tests::tray_host::{TrayHost, TrayItem};
use tidings_tests::wait::{DEADLINE, until};
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{OwnedObjectPath, Value};
use zbus::{Connection, fdo, interface};

/// What `Quiet1.Set` was called with, in order.
type Asked = Arc<Mutex<Vec<i64>>>;

/// A daemon that only knows quiet.
struct Quiet {
    until: i64,
    asked: Asked,
}

#[interface(name = "org.tidings.Tidings.Quiet1")]
impl Quiet {
    async fn set(
        &mut self,
        until: i64,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> fdo::Result<()> {
        self.until = until;
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).push(until);
        self.active_changed(&emitter).await?;
        self.until_changed(&emitter).await?;
        Ok(())
    }

    #[zbus(property)]
    async fn active(&self) -> bool {
        self.until != 0
    }

    #[zbus(property)]
    async fn until(&self) -> i64 {
        self.until
    }
}

async fn daemon(connection: &Connection) -> Result<Asked> {
    let asked = Asked::default();
    let quiet = Quiet { until: 0, asked: Arc::clone(&asked) };
    connection.object_server().at(names::OBJECT_PATH, quiet).await?;
    connection.request_name(names::BUS_NAME).await?;
    Ok(asked)
}

async fn next(asked: &Asked, before: usize) -> Result<i64> {
    until("a call of Quiet1.Set", DEADLINE, async || {
        asked.lock().unwrap_or_else(PoisonError::into_inner).get(before).copied()
    })
    .await
}

/// The smallest picture as bytes: enough to tell two icons apart.
async fn picture(item: &TrayItem) -> Result<Vec<[u8; 4]>> {
    Ok(item.pictures().await?.into_iter().next().context("no picture")?.pixels)
}

#[tokio::test]
async fn quiet_is_chosen_seen_and_ended() -> Result<()> {
    let session = Session::start().await?;
    let service = session.connect().await?;
    let asked = daemon(&service).await?;
    let panel = TrayHost::start(session.connect().await?).await?;
    let _tray = Tray::start(&session, &[])?;
    let item = panel.item().await?;
    item.wait_for_title("Nothing unread").await?;
    let loud = picture(&item).await?;

    item.choose("For 1 hour").await?;
    let now = chrono::Utc::now().timestamp_millis();
    let lasts = next(&asked, 0).await? - now;
    ensure!((lasts - 3_600_000).abs() < 60_000, "an hour of {lasts} ms");
    item.wait_for_text("Quiet until ").await?;
    ensure!(picture(&item).await? != loud, "the icon must say that popups wait");
    let ends =
        |line: &tidings_tests::tray_host::Line| line.label.starts_with("Turn off quiet (until ");
    let line = until("the end in the menu", DEADLINE, async || {
        item.menu().await.ok()?.into_iter().find(|line| ends(line))
    });
    item.choose(&line.await?.label).await?;
    ensure!(next(&asked, 1).await? == 0, "0 ends quiet");
    item.wait_for_line("Until I turn it off").await?;
    until("the icon to be as before", DEADLINE, async || {
        (picture(&item).await.ok()? == loud).then_some(())
    })
    .await?;

    item.secondary_activate().await?;
    ensure!(next(&asked, 2).await? == -1, "a middle click lasts until the next");
    item.wait_for_line("Turn off quiet").await?;
    item.secondary_activate().await?;
    ensure!(next(&asked, 3).await? == 0);
    Ok(())
}

/// A daemon that only knows settings.
struct Preferences {
    language: Arc<Mutex<&'static str>>,
}

#[interface(name = "org.tidings.Tidings.Preferences1")]
impl Preferences {
    async fn get(&self) -> HashMap<String, Value<'static>> {
        let language = *self.language.lock().unwrap_or_else(PoisonError::into_inner);
        [("app.language".to_owned(), Value::from(language))].into()
    }
}

#[tokio::test]
async fn the_language_of_the_settings_wins_over_the_environments() -> Result<()> {
    let session = Session::start().await?;
    let service = session.connect().await?;
    let language = Arc::new(Mutex::new("es"));
    let preferences = Preferences { language: Arc::clone(&language) };
    service.object_server().at(names::OBJECT_PATH, preferences).await?;
    service.request_name(names::BUS_NAME).await?;
    let panel = TrayHost::start(session.connect().await?).await?;
    let _tray = Tray::start(&session, &[])?;
    let item = panel.item().await?;
    item.wait_for_title("Nada sin leer").await?;
    item.wait_for_line("Ajustes").await?;

    *language.lock().unwrap_or_else(PoisonError::into_inner) = "";
    let (path, interface) = (names::OBJECT_PATH, names::PREFERENCES);
    service.emit_signal(None::<&str>, path, interface, "Changed", &()).await?;
    item.wait_for_title("Nothing unread").await
}

/// Plays the user's service manager: every process is the daemon's unit.
struct Manager {
    stopped: Arc<Mutex<Vec<String>>>,
}

#[interface(name = "org.freedesktop.systemd1.Manager")]
impl Manager {
    #[zbus(name = "GetUnitByPID")]
    async fn get_unit_by_pid(&self, _process: u32) -> fdo::Result<OwnedObjectPath> {
        unit_path()
    }

    async fn stop_unit(&self, name: String, _mode: &str) -> fdo::Result<OwnedObjectPath> {
        self.stopped.lock().unwrap_or_else(PoisonError::into_inner).push(name);
        unit_path()
    }
}

struct Unit;

#[interface(name = "org.freedesktop.systemd1.Unit")]
impl Unit {
    #[zbus(property)]
    async fn id(&self) -> &str {
        "tidingsd.service"
    }
}

const UNIT: &str = "/org/freedesktop/systemd1/unit/tidingsd_2eservice";

fn unit_path() -> fdo::Result<OwnedObjectPath> {
    OwnedObjectPath::try_from(UNIT).map_err(|error| fdo::Error::Failed(error.to_string()))
}

#[tokio::test]
async fn a_daemon_that_systemd_runs_is_stopped_by_systemd() -> Result<()> {
    let session = Session::start().await?;
    let systemd = session.connect().await?;
    let stopped = Arc::new(Mutex::new(Vec::new()));
    let manager = Manager { stopped: Arc::clone(&stopped) };
    systemd.object_server().at("/org/freedesktop/systemd1", manager).await?;
    systemd.object_server().at(UNIT, Unit).await?;
    systemd.request_name("org.freedesktop.systemd1").await?;
    let daemon = session.daemon().await?;
    let panel = TrayHost::start(session.connect().await?).await?;
    let _tray = Tray::start(&session, &[])?;
    let item = panel.item().await?;

    item.choose("Stop receiving").await?;
    let stopped = until("systemd to be asked", DEADLINE, async || {
        stopped.lock().unwrap_or_else(PoisonError::into_inner).first().cloned()
    });
    ensure!(stopped.await? == "tidingsd.service", "another unit was stopped");
    daemon.post("Still here").await.context("it was killed behind systemd's back")?;
    Ok(())
}
