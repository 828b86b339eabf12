//! Traps of the live connection: one test a trap, against a server that misbehaves on command.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use tidings_api::{Confirmation, Notification, SourceState, SourceStatus};
use tidings_tests::config::SOURCE;
use tidings_tests::faulty_server::{FaultyServer, LONE_SURROGATE};
use tidings_tests::scene::{Scene, remote_ids};
use tidings_tests::wait::{DEADLINE, LONG, until};

#[tokio::test]
async fn lost_frames_lose_no_notification() -> Result<()> {
    let scene = Scene::online().await?;
    scene.server.faults(|faults| faults.keep_one_frame_in = 10);
    for n in 0..100 {
        scene.server.notify(&format!("perdida {n}"));
    }
    let rows = scene.wait_for_confirmed(100).await?;
    assert_eq!(remote_ids(&rows).len(), 100, "each is there exactly once");
    Ok(())
}

#[tokio::test]
async fn a_deaf_socket_is_caught_by_asking_the_list() -> Result<()> {
    let scene = Scene::online().await?;
    scene.server.faults(|faults| faults.deaf = true);
    scene.server.notify("nadie escucha");
    scene.wait_for_confirmed(1).await?;
    scene.session.popups.wait_for_shown(1, DEADLINE).await?;
    Ok(())
}

#[tokio::test]
async fn a_connection_is_renewed_before_the_server_goes_deaf() -> Result<()> {
    let scene = Scene::online_with("sync.recycle_after = \"2s\"\n").await?;
    until("a second handshake", LONG, async || {
        (scene.server.requests("GET", "/ws/notificaciones/") >= 2).then_some(())
    })
    .await?;
    scene.server.wait_for_sockets(1).await?;
    Ok(())
}

#[tokio::test]
async fn a_refused_handshake_is_told_and_not_hammered() -> Result<()> {
    let server = FaultyServer::start().await?;
    server.faults(|faults| faults.refuse_handshake = true);
    let scene = Scene::start(server, "").await?;
    let refused = |status: &SourceStatus| {
        matches!(status.state, SourceState::Rejected | SourceState::NeedsLogin)
    };
    let status = scene.daemon.wait_for_source(SOURCE, "the refusal", refused).await?;
    assert!(status.last_error.contains("403"), "the person reads what the server said: {status:?}");
    let handshakes = || scene.server.requests("GET", "/ws/notificaciones/");
    let before = handshakes();
    // The absence of something can only be watched for a while.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(handshakes() <= before + 1, "waits minutes after a 403, not moments");

    // The person has mended it and says so.
    scene.server.faults(|faults| faults.refuse_handshake = false);
    scene.daemon.sources().await?.reconnect(SOURCE).await?;
    scene.daemon.wait_for_state(SOURCE, SourceState::Online).await?;
    Ok(())
}

#[tokio::test]
async fn a_doubled_frame_leaves_one_row_and_one_popup_on_the_screen() -> Result<()> {
    let scene = Scene::online().await?;
    scene.server.faults(|faults| faults.doubled_frames = true);
    scene.server.notify("dos veces");
    scene.wait_for_confirmed(1).await?;
    // The echo looked like news until the list had only one.
    until("the echo's popup to go", LONG, async || {
        let popups = &scene.session.popups;
        (popups.shown().len() == popups.closed().len() + 1).then_some(())
    })
    .await
}

#[tokio::test]
async fn a_rolled_back_notification_is_marked_as_unconfirmed_and_stops_waiting() -> Result<()> {
    let scene = Scene::online().await?;
    scene.server.send_frame("nunca existió");
    let unconfirmed = |rows: &[Notification]| {
        rows.len() == 1 && rows[0].confirmation == Confirmation::Unconfirmed
    };
    let deadline = Duration::from_secs(60);
    scene.daemon.wait_for_rows(SOURCE, "the unconfirmed row", deadline, unconfirmed).await?;
    assert_eq!(scene.session.popups.shown().len(), 1, "it was shown once, at once");
    Ok(())
}

#[tokio::test]
async fn a_frame_before_its_commit_finds_its_row_later() -> Result<()> {
    let scene = Scene::online().await?;
    scene.server.faults(|faults| faults.commit_after = Duration::from_secs(2));
    scene.server.notify("confirmada tarde");
    scene.session.popups.wait_for_shown(1, DEADLINE).await?;
    scene.wait_for_confirmed(1).await?;
    assert_eq!(scene.session.popups.shown().len(), 1, "the late row is the same notification");
    Ok(())
}

#[tokio::test]
async fn frames_that_are_not_json_are_shown_or_skipped_and_never_stop_the_connection() -> Result<()>
{
    let scene = Scene::online().await?;
    scene.server.insert("solo texto");
    scene.server.send_text("solo texto");
    for odd in ["{\"message\": 7}", "{\"message\": null}", "{}", "[]", "{\"a\":", "\u{0}", ""] {
        scene.server.send_text(odd);
    }
    scene.server.send_text(r#"{"message": "media \ud83c"}"#);
    scene.server.send_binary(&[0xff, 0x00, 0xfe]);
    scene.server.notify("después de todo");

    let both = |rows: &[Notification]| {
        ["solo texto", "después de todo"].iter().all(|text| {
            rows.iter().filter(|row| row.body == *text && row.remote_id.is_some()).count() == 1
        })
    };
    scene.daemon.wait_for_rows(SOURCE, "the two real rows", LONG, both).await?;
    assert_eq!(
        scene.server.requests("GET", "/ws/notificaciones/"),
        1,
        "a bad frame fails alone: the connection lives on"
    );
    Ok(())
}

#[tokio::test]
async fn a_lone_surrogate_spoils_neither_its_row_nor_the_page() -> Result<()> {
    let scene = Scene::online().await?;
    scene.server.insert("vecina de página");
    scene.server.notify(&format!("media {LONE_SURROGATE} cara"));
    let rows = scene.wait_for_confirmed(2).await?;
    let texts: BTreeSet<&str> = rows.iter().map(|row| row.body.as_str()).collect();
    assert_eq!(texts, BTreeSet::from(["media \u{fffd} cara", "vecina de página"]));
    let shown = scene.session.popups.wait_for_shown(2, DEADLINE).await?;
    assert_eq!(shown.len(), 2, "frame and row are one notification");
    Ok(())
}

#[tokio::test]
async fn a_text_of_a_megabyte_is_kept_within_limits_and_stops_nothing() -> Result<()> {
    let scene = Scene::online().await?;
    let huge = "ñ".repeat(512 * 1024);
    scene.server.notify(&huge);
    scene.server.notify("pequeña");
    let rows = scene.wait_for_confirmed(2).await?;
    let big = rows.iter().find(|row| row.body != "pequeña").unwrap();
    assert!(big.body.len() <= tidings_api::limits::BODY_BYTES, "cut to the limit of a body");
    assert!(big.body.starts_with("ñññ"), "and still itself");
    Ok(())
}

#[tokio::test]
async fn a_reset_and_a_close_are_followed_by_a_new_connection() -> Result<()> {
    let scene = Scene::online().await?;
    scene.server.reset_sockets();
    scene.server.wait_for_sockets(0).await?;
    scene.server.wait_for_sockets(1).await?;
    scene.server.notify("tras el RST");
    scene.wait_for_confirmed(1).await?;

    scene.server.close(1012);
    scene.server.wait_for_sockets(0).await?;
    scene.server.wait_for_sockets(1).await?;
    scene.server.notify("tras el 1012");
    scene.wait_for_confirmed(2).await?;
    Ok(())
}

#[tokio::test]
async fn a_half_open_connection_is_dropped_and_dialled_again() -> Result<()> {
    let lines = "websocket.ping_after = \"1s\"\nwebsocket.ping_timeout = \"1s\"\n";
    let scene = Scene::online_with(lines).await?;
    scene.server.freeze();
    scene.server.wait_for_sockets(0).await?;
    scene.server.wait_for_sockets(1).await?;
    scene.server.notify("otra vez en línea");
    scene.session.popups.wait_for_shown(1, DEADLINE).await?;
    Ok(())
}
