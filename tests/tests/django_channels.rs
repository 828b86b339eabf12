//! The daemon against a real Django, Channels and daphne server: a frame is a hint, the list is the truth.

use anyhow::{Result, ensure};
use std::collections::BTreeSet;
use tidings_api::{Confirmation, Notification, SourceState, StateChange};
use tidings_tests::config::{self, SOURCE};
use tidings_tests::django::{DjangoServer, User};
use tidings_tests::session::Session;
use tidings_tests::tidingsd::Tidingsd;
use tidings_tests::wait::{DEADLINE, LONG, until};

/// A signed-in daemon whose socket is open.
struct Shop {
    session: Session,
    server: DjangoServer,
    user: User,
    daemon: Tidingsd,
}

async fn shop() -> Result<Shop> {
    shop_with(&[]).await
}

async fn shop_with(settings: &[(&'static str, &'static str)]) -> Result<Shop> {
    let server = DjangoServer::start_with(settings).await?;
    let user = server.user("maria").await?;
    let session = Session::start().await?;
    session.configure(&config::django(&session, &server, &user)?)?;
    let daemon = session.daemon().await?;
    daemon.wait_for_state(SOURCE, SourceState::Online).await?;
    Ok(Shop { session, server, user, daemon })
}

fn bodies(rows: &[Notification]) -> Vec<&str> {
    rows.iter().map(|row| row.body.as_str()).collect()
}

#[tokio::test]
async fn a_live_frame_becomes_one_row_and_one_popup() -> Result<()> {
    let shop = shop().await?;
    let ids = shop.server.notify(&shop.user, &["Pedido 17 enviado \u{1f389}"]).await?;

    let shown = shop.session.popups.wait_for_shown(1, DEADLINE).await?;
    let words = format!("{} {}", shown[0].summary, shown[0].body);
    assert!(words.contains("Pedido 17 enviado \u{1f389}"), "the popup has the text: {words}");

    let confirmed =
        |rows: &[Notification]| rows.len() == 1 && rows[0].confirmation == Confirmation::Confirmed;
    let rows = shop.daemon.wait_for_rows(SOURCE, "the confirmed row", LONG, confirmed).await?;
    assert_eq!(rows[0].remote_id, Some(ids[0].to_string()), "the list gave it its identity");
    assert!(!rows[0].read, "nobody has read it");
    assert_eq!(shop.session.popups.shown().len(), 1, "confirming a row raises no second popup");
    Ok(())
}

#[tokio::test]
async fn a_thousand_at_once_all_arrive_although_the_channel_layer_drops_most_frames() -> Result<()>
{
    let shop = shop().await?;
    let texts: Vec<String> = (0..1000).map(|n| format!("Stock bajo {n}")).collect();
    shop.server.burst(&shop.user, &texts).await?;

    let complete = |rows: &[Notification]| {
        rows.len() == 1000 && rows.iter().all(|row| row.remote_id.is_some())
    };
    let rows = shop.daemon.wait_for_rows(SOURCE, "a thousand rows", LONG, complete).await?;
    let distinct: BTreeSet<&str> = bodies(&rows).into_iter().collect();
    assert_eq!(distinct.len(), 1000, "each text is there exactly once");

    let popups = shop.session.popups.shown();
    assert!(popups.len() < 30, "a burst is summarised, not shown one by one: {}", popups.len());
    Ok(())
}

#[tokio::test]
async fn rows_of_another_process_arrive_without_any_frame() -> Result<()> {
    let shop = shop().await?;
    shop.server.notify_from_another_process(&shop.user, &["de cron", "de celery"]).await?;
    let both = |rows: &[Notification]| rows.len() == 2;
    let rows = shop.daemon.wait_for_rows(SOURCE, "the rows of cron", LONG, both).await?;
    assert!(bodies(&rows).contains(&"de cron"), "the list is asked even when no frame comes");
    shop.session.popups.wait_for_shown(1, DEADLINE).await?;
    Ok(())
}

#[tokio::test]
async fn reading_here_reads_there_with_explicit_ids() -> Result<()> {
    let shop = shop().await?;
    let ids = shop.server.notify(&shop.user, &["uno", "dos"]).await?;
    let both =
        |rows: &[Notification]| rows.iter().filter(|row| row.remote_id.is_some()).count() == 2;
    let rows = shop.daemon.wait_for_rows(SOURCE, "both rows", LONG, both).await?;
    let first = rows.iter().find(|row| row.body == "uno").map(|row| row.id).unwrap();
    shop.daemon.inbox().await?.set_state(&[first], StateChange::READ.to_dict()).await?;

    until("the mark on the server", LONG, async || {
        let rows = shop.server.rows(&shop.user).await.ok()?;
        rows.iter().any(|row| row.leida).then_some(())
    })
    .await?;
    let read: Vec<i64> = shop
        .server
        .rows(&shop.user)
        .await?
        .iter()
        .filter(|row| row.leida)
        .map(|row| row.id)
        .collect();
    assert_eq!(read, ids[..1], "only the row that was read here is read there");
    for body in shop.server.mark_requests().await? {
        assert_eq!(body["ids"], serde_json::json!([ids[0]]), "ids are explicit: [] means all");
    }
    let drained = |status: &tidings_api::SourceStatus| status.pending_marks == 0;
    shop.daemon.wait_for_source(SOURCE, "an empty queue of marks", drained).await?;
    Ok(())
}

#[tokio::test]
async fn reading_there_reads_here_and_takes_the_popup_away() -> Result<()> {
    let shop = shop().await?;
    let ids = shop.server.notify(&shop.user, &["leer en la web"]).await?;
    let popup = shop.session.popups.wait_for_shown(1, DEADLINE).await?[0].id;
    let known = |rows: &[Notification]| rows.iter().any(|row| row.remote_id.is_some());
    shop.daemon.wait_for_rows(SOURCE, "the row", LONG, known).await?;
    shop.server.read_elsewhere(&ids).await?;

    let read = |rows: &[Notification]| rows.len() == 1 && rows[0].read;
    shop.daemon.wait_for_rows(SOURCE, "the row read here", LONG, read).await?;
    until("the popup to go", DEADLINE, async || {
        shop.session.popups.closed().contains(&popup).then_some(())
    })
    .await?;
    assert!(shop.server.mark_requests().await?.is_empty(), "the echo is not sent back");
    Ok(())
}

#[tokio::test]
async fn marks_made_offline_survive_a_restart_of_the_daemon() -> Result<()> {
    let mut shop = shop().await?;
    shop.server.notify(&shop.user, &["sin conexion"]).await?;
    let known = |rows: &[Notification]| rows.iter().any(|row| row.remote_id.is_some());
    let rows = shop.daemon.wait_for_rows(SOURCE, "the row", LONG, known).await?;
    shop.server.stop().await?;

    shop.daemon.inbox().await?.set_state(&[rows[0].id], StateChange::READ.to_dict()).await?;
    let waiting = |status: &tidings_api::SourceStatus| status.pending_marks == 1;
    shop.daemon.wait_for_source(SOURCE, "one waiting mark", waiting).await?;
    ensure!(shop.daemon.terminate().await?.success(), "the daemon ends cleanly");

    let daemon = shop.session.daemon().await?;
    daemon.wait_for_source(SOURCE, "the mark after the restart", waiting).await?;
    shop.server.resume().await?;
    daemon.sources().await?.reconnect(SOURCE).await?;
    until("the mark on the server", LONG, async || {
        let rows = shop.server.rows(&shop.user).await.ok()?;
        rows.iter().all(|row| row.leida).then_some(())
    })
    .await?;
    assert!(daemon.get(rows[0].id).await?.read, "the local read wins over the server's old state");
    Ok(())
}

#[tokio::test]
async fn a_restarted_server_is_found_again_with_all_that_was_missed() -> Result<()> {
    let mut shop = shop().await?;
    shop.server.stop().await?;
    let down = |status: &tidings_api::SourceStatus| status.state != SourceState::Online;
    let status = shop.daemon.wait_for_source(SOURCE, "the loss of the server", down).await?;
    assert!(!status.last_error.is_empty(), "a person is told why: {status:?}");
    shop.server.notify_from_another_process(&shop.user, &["mientras tanto"]).await?;
    shop.server.resume().await?;

    // By itself: no call to Reconnect.
    let missed = |rows: &[Notification]| rows.len() == 1;
    shop.daemon.wait_for_rows(SOURCE, "the missed row", LONG, missed).await?;
    shop.daemon.wait_for_state(SOURCE, SourceState::Online).await?;
    shop.server.notify(&shop.user, &["en vivo otra vez"]).await?;
    let both = |rows: &[Notification]| rows.len() == 2;
    shop.daemon.wait_for_rows(SOURCE, "a live row after the restart", LONG, both).await?;
    Ok(())
}

#[tokio::test]
async fn a_logout_is_noticed_although_the_socket_stays_open() -> Result<()> {
    let shop = shop().await?;
    shop.server.notify(&shop.user, &["antes"]).await?;
    let one = |rows: &[Notification]| rows.iter().any(|row| row.remote_id.is_some());
    shop.daemon.wait_for_rows(SOURCE, "the row", LONG, one).await?;

    shop.server.logout(&shop.user).await?;
    let status = shop.daemon.wait_for_state(SOURCE, SourceState::NeedsLogin).await?;
    assert!(!status.last_error.is_empty(), "a person is told what to do: {status:?}");
    assert!(!status.last_error.contains(&shop.user.token), "without the secret: {status:?}");
    assert!(!shop.daemon.rows(SOURCE).await?[0].read, "a closed door is not a read notification");
    Ok(())
}

#[tokio::test]
async fn the_origin_check_of_channels_lets_the_daemon_in() -> Result<()> {
    let shop = shop_with(&[("SHOP_ORIGIN_VALIDATOR", "1")]).await?;
    assert_eq!(shop.server.open_sockets(&shop.user).await?, 1, "the handshake carried an Origin");
    shop.server.notify(&shop.user, &["con origen"]).await?;
    shop.session.popups.wait_for_shown(1, DEADLINE).await?;
    Ok(())
}

#[tokio::test]
async fn history_from_before_the_first_connection_raises_no_popup() -> Result<()> {
    let server = DjangoServer::start().await?;
    let user = server.user("maria").await?;
    server.notify(&user, &["antiguo 1", "antiguo 2", "antiguo 3"]).await?;
    let session = Session::start().await?;
    session.configure(&config::django(&session, &server, &user)?)?;
    let daemon = session.daemon().await?;
    let three = |rows: &[Notification]| rows.len() == 3;
    daemon.wait_for_rows(SOURCE, "the history", LONG, three).await?;
    daemon.wait_for_state(SOURCE, SourceState::Online).await?;

    server.notify(&user, &["nuevo"]).await?;
    let shown = session.popups.wait_for_shown(1, DEADLINE).await?;
    let words = format!("{} {}", shown[0].summary, shown[0].body);
    assert!(words.contains("nuevo"), "the first popup is the first news: {words}");
    Ok(())
}
