//! What leads into the window: clicks on popups and `tidings open`, with and without the app.

use anyhow::{Result, ensure};
use tidings_api::{Dict, names};
use tidings_tests::session::Session;
use tidings_tests::tidings::tidings;
use tidings_tests::tray::{Tray, next_window, windows};
use tidings_tests::tray_host::TrayHost;
use tidings_tests::wait::{DEADLINE, until};

#[tokio::test]
async fn a_click_on_a_popup_without_a_link_shows_the_notification() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let panel = TrayHost::start(session.connect().await?).await?;
    let _tray = Tray::start(&session, &[])?;
    panel.item().await?;

    let id = daemon.post("Disk full").await?;
    let popup = session.popups.wait_for_shown(1, DEADLINE).await?.remove(0);
    session.popups.token(popup.id, "token-3").await?;
    session.popups.invoke(popup.id, "default").await?;
    let expected = ("token-3".to_owned(), format!("--place inbox/{id}"));
    ensure!(next_window(&session, 0).await? == expected, "{:?}", windows(&session));
    ensure!(daemon.get(id).await?.acted_at.is_some(), "a click is an answer");

    let url = zbus::zvariant::Value::from("https://example.org/7").try_into()?;
    let options = Dict::from([("url".to_owned(), url)]);
    daemon.post1().await?.post("With a link", "", options).await?;
    let popup = session.popups.wait_for_shown(2, DEADLINE).await?.remove(1);
    session.popups.invoke(popup.id, "default").await?;
    until("the browser", DEADLINE, async || session.opened().into_iter().next()).await?;
    ensure!(windows(&session).len() == 1, "a link goes to the browser alone");
    Ok(())
}

#[tokio::test]
async fn the_command_opens_the_window_where_there_is_an_app() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let without = tidings(&session, &["open"]).await?;
    ensure!(without.code == Some(3), "{without:?}");
    ensure!(without.stderr.contains("tidings-app"), "says what to do: {without:?}");
    let id = daemon.post("Disk full").await?.to_string();
    ensure!(tidings(&session, &["open", &id]).await?.code == Some(0), "as before there was an app");

    let panel = TrayHost::start(session.connect().await?).await?;
    let _tray = Tray::start(&session, &[])?;
    panel.item().await?;
    ensure!(tidings(&session, &["open"]).await?.code == Some(0));
    ensure!(next_window(&session, 0).await?.1 == "--place inbox");
    ensure!(tidings(&session, &["open", "--settings"]).await?.code == Some(0));
    ensure!(next_window(&session, 1).await?.1 == "--place settings");
    ensure!(tidings(&session, &["open", &id]).await?.code == Some(0));
    ensure!(next_window(&session, 2).await?.1 == format!("--place inbox/{id}"));
    ensure!(tidings(&session, &["open", "--settings", &id]).await?.code == Some(2));
    Ok(())
}

#[tokio::test]
async fn the_bus_starts_the_app_by_its_file() -> Result<()> {
    let services = tempfile::tempdir()?;
    let session =
        Session::on(tidings_tests::bus::PrivateBus::with_services(services.path())?).await?;
    let _daemon = session.daemon().await?;
    // Brings program and window to where the file says; ended, it leaves the name to the bus.
    drop(Tray::start(&session, &[])?);
    let connection = session.connect().await?;
    let bus = zbus::fdo::DBusProxy::new(&connection).await?;
    let environment = session.environment()?;
    let environment = environment.iter().filter_map(|(key, value)| Some((*key, value.to_str()?)));
    bus.update_activation_environment(environment.collect()).await?;
    let template = "src-tauri/linux/org.tidings.Tidings.service.in";
    let text = std::fs::read_to_string(tidings_tests::programs::workspace().join(template))?;
    let text = text.replace("@bindir@", &session.home().join("bin").display().to_string());
    std::fs::write(services.path().join("org.tidings.Tidings.service"), text)?;
    bus.reload_config().await?;

    ensure!(tidings(&session, &["open", "--settings"]).await?.code == Some(0));
    ensure!(next_window(&session, 0).await?.1 == "--place settings");
    let process = bus.get_connection_unix_process_id(names::APPLICATION_ID.try_into()?).await?;
    drop(session);
    until("the app to end with its bus", DEADLINE, async || {
        (!std::path::Path::new(&format!("/proc/{process}")).exists()).then_some(())
    })
    .await
}
