//! Traps of the list: pages, dates, strangers, and a database that starts again.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use chrono::{DateTime, Utc};
use tidings_api::SourceState;
use tidings_tests::config::SOURCE;
use tidings_tests::faulty_server::{FaultyServer, Shape};
use tidings_tests::scene::{Scene, remote_ids};
use tidings_tests::wait::{DEADLINE, LONG, until};

#[tokio::test]
async fn the_last_page_that_comes_again_and_again_ends_the_walk() -> Result<()> {
    let server = FaultyServer::start().await?;
    // Two full pages: the walk cannot end on a short page, and page 3 is page 2 again.
    for n in 0..40 {
        server.insert(&format!("fila {n}"));
    }
    let scene = Scene::start(server, "").await?;
    scene.wait_for_confirmed(40).await?;
    scene.wait_for_reconciles(3).await?;
    let pages = scene.server.record().requests;
    // Once it may be rows that have shifted, twice it is the end.
    let beyond = pages.iter().filter(|request| request.contains("page=5")).count();
    assert_eq!(beyond, 0, "a page that comes again and again is the end: {pages:?}");
    Ok(())
}

#[tokio::test]
async fn rows_that_shift_the_pages_are_neither_lost_nor_doubled() -> Result<()> {
    let server = FaultyServer::start().await?;
    for n in 0..70 {
        server.insert(&format!("fila {n}"));
    }
    server.faults(|faults| faults.arrive_between_pages = 2);
    let scene = Scene::start(server, "").await?;
    scene.wait_for_reconciles(4).await?;
    scene.server.faults(|faults| faults.arrive_between_pages = 0);
    let total = scene.server.rows().len();
    let rows = scene.wait_for_confirmed(total).await?;
    assert_eq!(remote_ids(&rows).len(), total, "each row of the server is there exactly once");
    Ok(())
}

#[tokio::test]
async fn a_redirect_to_the_login_page_asks_for_a_login() -> Result<()> {
    let scene = Scene::online().await?;
    scene.server.notify("antes");
    scene.wait_for_confirmed(1).await?;
    scene.server.faults(|faults| faults.redirect_to_login = true);
    scene.daemon.wait_for_state(SOURCE, SourceState::NeedsLogin).await?;
    assert_eq!(scene.server.requests("GET", "/accounts/login/"), 0, "redirects are not followed");
    assert!(!scene.daemon.rows(SOURCE).await?[0].read, "a login page is not an empty inbox");
    Ok(())
}

#[tokio::test]
async fn an_empty_answer_for_a_stranger_changes_no_row() -> Result<()> {
    let scene = Scene::online().await?;
    scene.server.notify("sigue sin leer");
    scene.wait_for_confirmed(1).await?;
    scene.server.faults(|faults| faults.anonymous = true);
    scene.wait_for_reconciles(3).await?;
    let rows = scene.daemon.rows(SOURCE).await?;
    assert_eq!(rows.len(), 1, "the row is kept");
    assert!(!rows[0].read, "and stays unread");
    assert!(rows[0].retracted_at.is_none(), "and is not taken back");
    Ok(())
}

#[tokio::test]
async fn dates_in_three_shapes_are_one_time() -> Result<()> {
    let scene = Scene::online().await?;
    let at = DateTime::<Utc>::from_timestamp_millis(Utc::now().timestamp_millis() - 5_000).unwrap();
    for (text, shape) in [("zulu", Shape::Zulu), ("offset", Shape::Offset), ("naive", Shape::Naive)]
    {
        scene.server.insert_dated(text, shape, at);
    }
    for row in scene.wait_for_confirmed(3).await? {
        assert_eq!(row.sent_at, Some(at.timestamp_millis()), "{}: the same moment", row.body);
        assert_eq!(row.sent_at_approximate, row.body == "naive", "{}: only a guess", row.body);
    }
    Ok(())
}

#[tokio::test]
async fn equal_texts_in_one_millisecond_are_as_many_notifications() -> Result<()> {
    let scene = Scene::online().await?;
    let at = Utc::now();
    for _ in 0..3 {
        scene.server.insert_dated("Stock bajo", Shape::Zulu, at);
        scene.server.send_frame("Stock bajo");
    }
    let rows = scene.wait_for_confirmed(3).await?;
    assert_eq!(remote_ids(&rows).len(), 3, "matched one to one");
    let shown = scene.session.popups.wait_for_shown(3, DEADLINE).await?;
    assert_eq!(shown.len(), 3, "each was shown once");
    Ok(())
}

#[tokio::test]
async fn a_server_database_that_starts_again_gives_new_notifications() -> Result<()> {
    let scene = Scene::online().await?;
    for n in 0..3 {
        scene.server.notify(&format!("antes {n}"));
    }
    scene.wait_for_confirmed(3).await?;
    scene.server.reset_database();
    scene.server.notify("después 0");
    scene.server.notify("después 1");
    let rows = scene.wait_for_confirmed(5).await?;
    let bodies: BTreeSet<&str> = rows.iter().map(|row| row.body.as_str()).collect();
    let expected = BTreeSet::from(["antes 0", "antes 1", "antes 2", "después 0", "después 1"]);
    assert_eq!(bodies, expected, "ids 1 and 2 mean other notifications now");
    Ok(())
}

#[tokio::test]
async fn too_many_requests_are_spaced_as_the_server_asks() -> Result<()> {
    let scene = Scene::online().await?;
    scene.server.faults(|faults| faults.too_many = (1, 4));
    scene.server.notify("con calma");
    until("the refusal", LONG, async || (scene.server.faults_left().too_many.0 == 0).then_some(()))
        .await?;
    let asked = || scene.server.requests("GET", "/notifications/api/list/");
    let before = asked();
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(asked(), before, "Retry-After is honoured");
    scene.wait_for_confirmed(1).await?;
    Ok(())
}

#[tokio::test]
async fn a_wish_to_be_left_alone_outlives_the_connection_but_not_the_users_word() -> Result<()> {
    let scene = Scene::online().await?;
    scene.server.faults(|faults| faults.too_many = (1, 600));
    scene.server.notify("con calma");
    until("the refusal", LONG, async || (scene.server.faults_left().too_many.0 == 0).then_some(()))
        .await?;
    scene
        .daemon
        .wait_for_source(SOURCE, "the wish", |source| source.last_error.contains("429"))
        .await?;
    let asked = || scene.server.record().requests.len();
    let before = asked();
    scene.server.reset_sockets();
    let waiting = scene
        .daemon
        .wait_for_source(SOURCE, "peace", |source| {
            source.state == SourceState::Waiting
                && source.last_error.contains("as soon as it allows")
        })
        .await?;
    let wait = waiting.retry_at.unwrap_or_default() - waiting.since;
    assert!(wait > 300_000, "as long as the server has asked for: {waiting:?}");
    assert_eq!(asked(), before, "nothing was asked, nor dialled");
    scene.daemon.sources().await?.reconnect(SOURCE).await?;
    scene.wait_for_confirmed(1).await?;
    Ok(())
}
