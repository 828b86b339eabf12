//! The tray app against the real daemon and a panel that is played on a private bus.

use anyhow::{Context, Result, ensure};
use tidings_api::{ApplicationProxy, Dict, names, platform_data};
use tidings_tests::session::Session;
use tidings_tests::tray::{Tray, next_window, windows};
use tidings_tests::tray_host::{Picture, TrayHost, TrayItem};
use tidings_tests::wait::{DEADLINE, until};
use zbus::fdo::DBusProxy;

/// The colour of the dot and of the badge.
const AMBER: (u8, u8, u8) = (0xf7, 0xa9, 0x28);

async fn panel(session: &Session) -> Result<TrayHost> {
    TrayHost::start(session.connect().await?).await
}

fn amber(picture: &Picture) -> usize {
    picture.count(AMBER.0, AMBER.1, AMBER.2)
}

async fn amber_at_48(item: &TrayItem) -> Result<usize> {
    let pictures = item.pictures().await?;
    let picture = pictures.iter().find(|picture| picture.size == 48).context("no 48 pixels")?;
    Ok(amber(picture))
}

#[tokio::test]
async fn the_unread_appear_and_mark_all_read_clears_them() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let panel = panel(&session).await?;
    let _tray = Tray::start(&session, &[])?;
    let item = panel.item().await?;
    item.wait_for_title("Nothing unread").await?;
    ensure!(item.status().await? == "Active", "a passive icon is hidden by GNOME and Plasma");
    let sizes: Vec<i32> = item.pictures().await?.iter().map(|picture| picture.size).collect();
    ensure!(sizes == [16, 22, 24, 32, 48, 64], "drawn in {sizes:?}");
    ensure!(amber_at_48(&item).await? == 0, "a badge without anything unread");

    let first = daemon.post("Disk_full <b>").await?;
    daemon.post("Backup finished").await?;
    item.wait_for_title("2 unread, 2 new").await?;
    let line = item.wait_for_line("Disk__full <b>").await?;
    ensure!(line.enabled, "{line:?}");
    let with_dot = amber_at_48(&item).await?;
    ensure!(with_dot > 0, "no badge");

    item.choose("Mark all as read").await?;
    item.wait_for_title("Nothing unread").await?;
    ensure!(daemon.get(first).await?.read, "the daemon was not told");
    ensure!(amber_at_48(&item).await? == 0, "the badge stays");
    item.wait_for_line("Nothing unread").await?;
    Ok(())
}

#[tokio::test]
async fn clicks_open_the_inbox_a_notification_and_the_settings() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let panel = panel(&session).await?;
    let _tray = Tray::start(&session, &[])?;
    let item = panel.item().await?;
    let id = daemon.post("Disk full").await?;
    item.wait_for_line("Disk full").await?;
    ensure!(windows(&session).is_empty(), "a window that nobody asked for");

    item.activate("token-1").await?;
    let inbox = ("token-1".to_owned(), "--place inbox".to_owned());
    ensure!(next_window(&session, 0).await? == inbox, "{:?}", windows(&session));
    item.choose("Disk full").await?;
    let (token, place) = next_window(&session, 1).await?;
    ensure!(place == format!("--place inbox/{id}"), "opened {place}");
    ensure!(token == "-", "a token is good for one window, and {token} was used");
    item.choose("Settings").await?;
    ensure!(next_window(&session, 2).await?.1 == "--place settings");
    item.choose("Add a source…").await?;
    ensure!(next_window(&session, 3).await?.1 == "--place settings/sources");
    Ok(())
}

#[tokio::test]
async fn a_panel_may_come_late_and_come_again() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let panel = TrayHost::prepare(session.connect().await?).await?;
    let tray = Tray::start(&session, &[])?;
    let connection = session.connect().await?;
    let app = ApplicationProxy::new(&connection).await?;
    until("the app's name", DEADLINE, async || app.activate(Dict::new()).await.ok()).await?;
    next_window(&session, 0).await.context("without a panel the app must be reachable")?;
    until("the tray to look for a panel", DEADLINE, async || {
        tray.log().contains("waiting for one").then_some(())
    })
    .await?;

    panel.own_name().await?;
    panel.item().await?.wait_for_title("Nothing unread").await?;
    panel.stop().await?;
    daemon.post("While the panel was away").await?;
    panel.own_name().await?;
    panel.item().await?.wait_for_title("1 unread, 1 new").await
}

#[tokio::test]
async fn a_daemon_that_left_is_told_and_one_that_comes_is_followed() -> Result<()> {
    let session = Session::start().await?;
    let panel = panel(&session).await?;
    let _tray = Tray::start(&session, &[])?;
    let item = panel.item().await?;
    // Nothing on this bus can start it.
    item.wait_for_text("could not be started").await?;
    let faint = item.pictures().await?.iter().map(Picture::strongest).max();
    ensure!(faint.is_some_and(|alpha| alpha < 128), "an icon that looks alive: {faint:?}");
    item.wait_for_line("Start receiving").await?;

    let daemon = session.daemon().await?;
    item.wait_for_title("Nothing unread").await?;
    daemon.post("Hello").await?;
    item.wait_for_title("1 unread, 1 new").await?;
    daemon.terminate().await?;
    item.wait_for_text("Not receiving").await?;

    let mut daemon = session.daemon().await?;
    item.wait_for_title("1 unread, 1 new").await?;
    item.choose("Stop receiving").await?;
    let status = daemon.ended().await?;
    ensure!(status.success(), "it was killed instead of told: {status}");
    item.wait_for_text("Not receiving").await?;
    item.wait_for_line("Start receiving").await?;
    Ok(())
}

#[tokio::test]
async fn a_burst_is_counted_to_its_end() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let panel = panel(&session).await?;
    let _tray = Tray::start(&session, &[])?;
    let item = panel.item().await?;
    item.wait_for_title("Nothing unread").await?;
    let title = |n: usize| ("title", zbus::zvariant::Value::from(format!("Number {n}")));
    let rows = (0..250).map(|n| {
        let (key, value) = title(n);
        Ok(Dict::from([(key.to_owned(), value.try_into()?)]))
    });
    daemon.post1().await?.post_many(rows.collect::<Result<Vec<Dict>>>()?).await?;
    item.wait_for_title("250 unread, 250 new").await?;
    item.choose("Mark all as read").await?;
    item.wait_for_title("Nothing unread").await
}

#[tokio::test]
async fn a_second_start_shows_the_first_and_ends() -> Result<()> {
    let session = Session::start().await?;
    let _daemon = session.daemon().await?;
    let panel = panel(&session).await?;
    let mut first = Tray::start(&session, &[])?;
    let item = panel.item().await?;

    let mut second = Tray::start(&session, &[])?;
    ensure!(second.ended().await?.success(), "its log:\n{}", second.log());
    ensure!(next_window(&session, 0).await?.1 == "--place inbox");
    let mut third = Tray::start(&session, &["--place", "statistics"])?;
    ensure!(third.ended().await?.success());
    ensure!(next_window(&session, 1).await?.1 == "--place statistics");
    let mut fourth = Tray::start(&session, &["--background"])?;
    ensure!(fourth.ended().await?.success());
    ensure!(windows(&session).len() == 2, "a window at the start of the session");
    ensure!(panel.registered() == [item.owner.clone()], "a second icon: {:?}", panel.registered());

    item.choose("Quit the tray icon").await?;
    ensure!(first.ended().await?.success(), "its log:\n{}", first.log());
    let connection = session.connect().await?;
    let bus = DBusProxy::new(&connection).await?;
    ensure!(bus.name_has_owner(names::BUS_NAME.try_into()?).await?, "the daemon goes on");
    Ok(())
}

#[tokio::test]
async fn other_programs_reach_it_as_they_reach_any_application() -> Result<()> {
    let session = Session::start().await?;
    let _daemon = session.daemon().await?;
    let panel = panel(&session).await?;
    let mut tray = Tray::start(&session, &[])?;
    panel.item().await?;
    let connection = session.connect().await?;
    let app = ApplicationProxy::new(&connection).await?;

    app.open(&["tidings:inbox/42"], platform_data(Some("token-2"))).await?;
    let expected = ("token-2".to_owned(), "--place inbox/42".to_owned());
    ensure!(next_window(&session, 0).await? == expected, "{:?}", windows(&session));
    app.activate_action("open-statistics", &[], Dict::new()).await?;
    ensure!(next_window(&session, 1).await?.1 == "--place statistics");

    for uri in ["file:///etc/passwd", "tidings:../x", "tidings:inbox/1;reboot"] {
        let refused = app.open(&[uri], Dict::new()).await;
        ensure!(refused.is_err(), "{uri} was opened");
    }
    ensure!(app.activate_action("reboot", &[], Dict::new()).await.is_err());
    ensure!(windows(&session).len() == 2, "{:?}", windows(&session));

    app.activate_action("quit", &[], Dict::new()).await?;
    ensure!(tray.ended().await?.success(), "its log:\n{}", tray.log());
    Ok(())
}

#[tokio::test]
async fn the_tray_ends_with_its_session() -> Result<()> {
    let session = Session::start().await?;
    let panel = panel(&session).await?;
    let mut tray = Tray::start(&session, &[])?;
    panel.item().await?;
    drop(panel);
    drop(session);
    tray.ended().await.context("it outlives its bus")?;
    Ok(())
}
