//! The other presets and the other ways to sign in, against the real server.

use std::time::Duration;

use anyhow::{Result, ensure};
use tidings_api::{Notification, SourceState, StateChange};
use tidings_tests::config::{self, SOURCE};
use tidings_tests::django::DjangoServer;
use tidings_tests::session::Session;
use tidings_tests::wait::{DEADLINE, LONG, until};

#[tokio::test]
async fn the_history_paths_sync_both_ways() -> Result<()> {
    let server = DjangoServer::start().await?;
    let user = server.user("maria").await?;
    let session = Session::start().await?;
    let preset = "django-channels-history";
    session.configure(&config::django_preset(&session, preset, &server, &user.token)?)?;
    let daemon = session.daemon().await?;
    daemon.wait_for_state(SOURCE, SourceState::Online).await?;
    let ids = server.notify(&user, &["uno", "dos", "tres", "cuatro", "cinco"]).await?;
    let five = |rows: &[Notification]| rows.iter().filter(|r| r.remote_id.is_some()).count() == 5;
    let rows = daemon.wait_for_rows(SOURCE, "five rows", LONG, five).await?;

    // The history shows the two newest read rows only: the first two are read there and simply vanish.
    server.read_elsewhere(&ids[..4]).await?;
    let four_read = |rows: &[Notification]| rows.iter().filter(|row| row.read).count() == 4;
    daemon.wait_for_rows(SOURCE, "four read rows", LONG, four_read).await?;

    let last = rows.iter().find(|row| row.body == "cinco").map(|row| row.id).unwrap();
    daemon.inbox().await?.set_state(&[last], StateChange::READ.to_dict()).await?;
    until("the last mark on the server", LONG, async || {
        let rows = server.rows(&user).await.ok()?;
        rows.iter().all(|row| row.leida).then_some(())
    })
    .await?;
    let requests = server.requests().await?;
    let side_effects = |request: &&serde_json::Value| {
        request["path"].as_str().is_some_and(|path| path.contains("pendientes"))
    };
    assert_eq!(
        requests.iter().filter(side_effects).count(),
        0,
        "reading must not mark all as read"
    );
    Ok(())
}

#[tokio::test]
async fn a_password_signs_in_for_a_session_cookie_and_a_csrf_token() -> Result<()> {
    let server = DjangoServer::start_with(&[("SHOP_ORIGIN_VALIDATOR", "1")]).await?;
    let user = server.user("maria").await?;
    let session = Session::start().await?;
    session.configure(&config::django_cookie(&session, "django-channels", &server, &user)?)?;
    let daemon = session.daemon().await?;
    daemon.wait_for_state(SOURCE, SourceState::Online).await?;
    assert_eq!(server.open_sockets(&user).await?, 1, "the handshake carries the session");

    server.notify(&user, &["con cookie"]).await?;
    session.popups.wait_for_shown(1, DEADLINE).await?;
    let known = |rows: &[Notification]| rows.iter().any(|row| row.remote_id.is_some());
    let rows = daemon.wait_for_rows(SOURCE, "the row", LONG, known).await?;
    daemon.inbox().await?.set_state(&[rows[0].id], StateChange::READ.to_dict()).await?;
    until("the mark on the server", LONG, async || {
        server.rows(&user).await.ok()?.iter().all(|row| row.leida).then_some(())
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn a_token_travels_in_the_way_that_the_server_wants() -> Result<()> {
    let server = DjangoServer::start().await?;
    let user = server.user("maria").await?;
    for way in [
        "auth.scheme = \"Bearer\"",
        "auth.mode = \"query\"",
        "auth.mode = \"subprotocol\"\nauth.subprotocol = \"shop-token\"",
    ] {
        let session = Session::start().await?;
        session.configure(&format!("{}{way}\n", config::django(&session, &server, &user)?))?;
        let daemon = session.daemon().await?;
        daemon.wait_for_state(SOURCE, SourceState::Online).await?;
        server.notify(&user, &[way]).await?;
        let named = |rows: &[Notification]| {
            rows.iter().any(|row| row.body == way && row.remote_id.is_some())
        };
        daemon.wait_for_rows(SOURCE, "the row by frame and list", LONG, named).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_session_that_ends_is_renewed_with_the_password() -> Result<()> {
    let server = DjangoServer::start().await?;
    let user = server.user("maria").await?;
    let session = Session::start().await?;
    session.configure(&config::django_cookie(&session, "django-channels", &server, &user)?)?;
    let daemon = session.daemon().await?;
    daemon.wait_for_state(SOURCE, SourceState::Online).await?;
    server.logout(&user).await?;
    server.notify_from_another_process(&user, &["tras el cierre"]).await?;
    let one = |rows: &[Notification]| rows.len() == 1;
    daemon.wait_for_rows(SOURCE, "a row after the new login", LONG, one).await?;
    Ok(())
}

#[tokio::test]
async fn a_wrong_password_asks_for_a_login_and_does_not_hammer() -> Result<()> {
    let server = DjangoServer::start().await?;
    let user = server.user("maria").await?;
    let session = Session::start().await?;
    let text = config::django_cookie(&session, "django-channels", &server, &user)?;
    session.secret_file("orders.token", "wrong")?;
    session.configure(&text)?;
    let daemon = session.daemon().await?;
    let status = daemon.wait_for_state(SOURCE, SourceState::NeedsLogin).await?;
    assert!(!status.last_error.contains("wrong"), "no secret in the message: {status:?}");
    let attempts = async || -> Result<usize> {
        let requests = server.requests().await?;
        let login = |request: &&serde_json::Value| {
            request["method"] == "POST" && request["path"] == "/accounts/login/"
        };
        Ok(requests.iter().filter(login).count())
    };
    let before = attempts().await?;
    // The absence of something can only be watched for a while.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(attempts().await? <= before + 1, "an account is not locked by trying again and again");
    Ok(())
}

#[tokio::test]
async fn times_without_a_zone_are_read_in_the_configured_one() -> Result<()> {
    let settings = [("SHOP_USE_TZ", "0"), ("SHOP_TIME_ZONE", "America/Lima")];
    let server = DjangoServer::start_with(&settings).await?;
    let user = server.user("maria").await?;
    let session = Session::start().await?;
    let text = config::django(&session, &server, &user)?;
    session.configure(&format!("{text}timezone = \"America/Lima\"\n"))?;
    let daemon = session.daemon().await?;
    daemon.wait_for_state(SOURCE, SourceState::Online).await?;
    server.notify(&user, &["hora de Lima"]).await?;
    let dated = |rows: &[Notification]| rows.iter().any(|row| row.sent_at.is_some());
    let rows = daemon.wait_for_rows(SOURCE, "a row with its date", LONG, dated).await?;
    let off = rows[0].sent_at.unwrap() - rows[0].received_at;
    assert!(off.abs() < 60_000, "sent and received are moments apart, not hours: {off} ms");
    assert!(rows[0].sent_at_approximate, "a time without a zone is marked as interpreted");
    Ok(())
}

#[tokio::test]
async fn the_plain_list_is_polled_and_marked_although_it_answers_500() -> Result<()> {
    let server = DjangoServer::start().await?;
    let user = server.user("maria").await?;
    let session = Session::start().await?;
    let text = config::django_cookie(&session, "django-list", &server, &user)?;
    let mark =
        "mark.read = { method = \"POST\", url = \"/mark-as-read/{{ id }}/\", one_by_one = true }";
    session.configure(&format!("{text}{mark}\n"))?;
    let daemon = session.daemon().await?;
    daemon.wait_for_state(SOURCE, SourceState::Online).await?;
    for title in ["Backup", "Invoice"] {
        let row = serde_json::json!({"username": user.name, "title": title, "message": "done"});
        server.control("plain", row).await?;
    }
    let both = |rows: &[Notification]| rows.len() == 2;
    let rows = daemon.wait_for_rows(SOURCE, "both rows", LONG, both).await?;
    let backup = rows.iter().find(|row| row.title == "Backup").unwrap();
    assert_eq!(backup.body, "done", "title and text come from their own keys");

    daemon.inbox().await?.set_state(&[backup.id], StateChange::READ.to_dict()).await?;
    let drained = |status: &tidings_api::SourceStatus| status.pending_marks == 0;
    daemon.wait_for_source(SOURCE, "an empty queue of marks", drained).await?;
    let answer = server.control("plain-rows", serde_json::json!({"username": user.name})).await?;
    let read: Vec<&serde_json::Value> =
        answer["rows"].as_array().unwrap().iter().filter(|row| row["is_read"] == true).collect();
    ensure!(read.len() == 1 && read[0]["title"] == "Backup", "only that row is read: {answer}");
    Ok(())
}

#[tokio::test]
async fn django_notifications_is_polled_and_marked() -> Result<()> {
    let server = DjangoServer::start().await?;
    let user = server.user("maria").await?;
    let session = Session::start().await?;
    session.configure(&config::django_cookie(&session, "django-notifications", &server, &user)?)?;
    let daemon = session.daemon().await?;
    daemon.wait_for_state(SOURCE, SourceState::Online).await?;
    let row = serde_json::json!({"username": user.name, "actor": "jose", "verb": "closed issue 7", "description": "It was the cable."});
    server.control("hq", row).await?;
    let one = |rows: &[Notification]| rows.len() == 1;
    let rows = daemon.wait_for_rows(SOURCE, "the row", LONG, one).await?;
    assert_eq!(rows[0].title, "jose closed issue 7", "the sentence of the activity is the title");
    assert_eq!(rows[0].actor, "jose");
    assert_eq!(rows[0].body, "It was the cable.");

    daemon.inbox().await?.set_state(&[rows[0].id], StateChange::READ.to_dict()).await?;
    until("the mark on the server", LONG, async || {
        let arguments = serde_json::json!({"username": user.name});
        let answer = server.control("hq-rows", arguments).await.ok()?;
        (answer["rows"][0]["unread"] == false).then_some(())
    })
    .await?;
    Ok(())
}

#[tokio::test]
async fn an_empty_list_for_strangers_reads_nothing() -> Result<()> {
    let server = DjangoServer::start().await?;
    let user = server.user("maria").await?;
    let session = Session::start().await?;
    let text = config::django_cookie(&session, "django-notifications", &server, &user)?;
    // One page alone: with two, the second already meets a login.
    let one_page = "list.also = []\nlist.items = \"$.unread_list[*]\"\n";
    session.configure(&format!("{text}{one_page}"))?;
    let daemon = session.daemon().await?;
    let row = serde_json::json!({"username": user.name, "actor": "jose", "verb": "left", "description": ""});
    server.control("hq", row).await?;
    let one = |rows: &[Notification]| rows.len() == 1;
    daemon.wait_for_rows(SOURCE, "the row", LONG, one).await?;

    // The password is no longer accepted, the session is gone, and the API says 200 with no rows.
    session.secret_file("orders.token", "changed elsewhere")?;
    server.logout(&user).await?;
    daemon.wait_for_state(SOURCE, SourceState::NeedsLogin).await?;
    assert!(!daemon.rows(SOURCE).await?[0].read, "\"0 unread\" for strangers is not believed");
    Ok(())
}
