//! One test a trap: the daemon against a server that misbehaves on command.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::Result;
use chrono::{DateTime, Utc};
use tidings_api::{Confirmation, Notification, SourceState, StateChange};
use tidings_tests::config::{self, SOURCE};
use tidings_tests::faulty_server::{FaultyServer, Shape};
use tidings_tests::session::Session;
use tidings_tests::tidingsd::Tidingsd;
use tidings_tests::wait::{DEADLINE, until};

const LONG: Duration = Duration::from_secs(45);

struct Setting {
    session: Session,
    server: FaultyServer,
    daemon: Tidingsd,
}

/// A daemon online with a server that is in good health so far.
async fn online() -> Result<Setting> {
    online_with("").await
}

/// The same with further lines in the source's configuration.
async fn online_with(lines: &str) -> Result<Setting> {
    let setting = started(FaultyServer::start().await?, lines).await?;
    setting.daemon.wait_for_state(SOURCE, SourceState::Online).await?;
    setting.server.wait_for_sockets(1).await?;
    Ok(setting)
}

async fn started(server: FaultyServer, lines: &str) -> Result<Setting> {
    let session = Session::start().await?;
    session.configure(&format!("{}{lines}", config::faulty(&session, &server)?))?;
    let daemon = session.daemon().await?;
    Ok(Setting { session, server, daemon })
}

impl Setting {
    /// Waits until exactly these many rows are there, all with the server's identity.
    async fn wait_for_confirmed(&self, count: usize) -> Result<Vec<Notification>> {
        let what = format!("{count} confirmed rows");
        let confirmed = move |rows: &[Notification]| {
            rows.len() == count && rows.iter().all(|row| row.remote_id.is_some())
        };
        self.daemon.wait_for_rows(SOURCE, &what, LONG, confirmed).await
    }

    /// Waits until the list has been asked so many times more.
    async fn wait_for_reconciles(&self, count: usize) -> Result<()> {
        let path = "/notifications/api/list/";
        let wanted = self.server.requests("GET", path) + count;
        until("further reconciles", LONG, async || {
            (self.server.requests("GET", path) >= wanted).then_some(())
        })
        .await
    }
}

fn remote_ids(rows: &[Notification]) -> BTreeSet<&str> {
    rows.iter().filter_map(|row| row.remote_id.as_deref()).collect()
}

#[tokio::test]
async fn lost_frames_lose_no_notification() -> Result<()> {
    let setting = online().await?;
    setting.server.faults(|faults| faults.keep_one_frame_in = 10);
    for n in 0..100 {
        setting.server.notify(&format!("perdida {n}"));
    }
    let rows = setting.wait_for_confirmed(100).await?;
    assert_eq!(remote_ids(&rows).len(), 100, "each is there exactly once");
    Ok(())
}

#[tokio::test]
async fn a_deaf_socket_is_caught_by_asking_the_list() -> Result<()> {
    let setting = online().await?;
    setting.server.faults(|faults| faults.deaf = true);
    setting.server.notify("nadie escucha");
    setting.wait_for_confirmed(1).await?;
    setting.session.popups.wait_for_shown(1, DEADLINE).await?;
    Ok(())
}

#[tokio::test]
async fn a_connection_is_renewed_before_the_server_goes_deaf() -> Result<()> {
    let setting = online_with("sync.recycle_after = \"2s\"\n").await?;
    until("a second handshake", LONG, async || {
        (setting.server.requests("GET", "/ws/notificaciones/") >= 2).then_some(())
    })
    .await?;
    setting.server.wait_for_sockets(1).await?;
    Ok(())
}

#[tokio::test]
async fn the_last_page_that_comes_again_and_again_ends_the_walk() -> Result<()> {
    let server = FaultyServer::start().await?;
    // Two full pages: the walk cannot end on a short page, and page 3 is page 2 again.
    for n in 0..40 {
        server.insert(&format!("fila {n}"));
    }
    let setting = started(server, "").await?;
    setting.wait_for_confirmed(40).await?;
    setting.wait_for_reconciles(3).await?;
    let pages = setting.server.record().requests;
    let beyond = pages.iter().filter(|request| request.contains("page=4")).count();
    assert_eq!(beyond, 0, "a repeated page is the end: {pages:?}");
    Ok(())
}

#[tokio::test]
async fn rows_that_shift_the_pages_are_neither_lost_nor_doubled() -> Result<()> {
    let server = FaultyServer::start().await?;
    for n in 0..70 {
        server.insert(&format!("fila {n}"));
    }
    server.faults(|faults| faults.arrive_between_pages = 2);
    let setting = started(server, "").await?;
    setting.wait_for_reconciles(4).await?;
    setting.server.faults(|faults| faults.arrive_between_pages = 0);
    let total = setting.server.rows().len();
    let rows = setting.wait_for_confirmed(total).await?;
    assert_eq!(remote_ids(&rows).len(), total, "each row of the server is there exactly once");
    Ok(())
}

#[tokio::test]
async fn a_redirect_to_the_login_page_asks_for_a_login() -> Result<()> {
    let setting = online().await?;
    setting.server.notify("antes");
    setting.wait_for_confirmed(1).await?;
    setting.server.faults(|faults| faults.redirect_to_login = true);
    setting.daemon.wait_for_state(SOURCE, SourceState::NeedsLogin).await?;
    assert_eq!(setting.server.requests("GET", "/accounts/login/"), 0, "redirects are not followed");
    assert!(!setting.daemon.rows(SOURCE).await?[0].read, "a login page is not an empty inbox");
    Ok(())
}

#[tokio::test]
async fn a_refused_handshake_is_told_and_not_hammered() -> Result<()> {
    let server = FaultyServer::start().await?;
    server.faults(|faults| faults.refuse_handshake = true);
    let setting = started(server, "").await?;
    let refused = |status: &tidings_api::SourceStatus| {
        matches!(status.state, SourceState::Rejected | SourceState::NeedsLogin)
    };
    let status = setting.daemon.wait_for_source(SOURCE, "the refusal", refused).await?;
    assert!(status.last_error.contains("403"), "the person reads what the server said: {status:?}");
    let handshakes = || setting.server.requests("GET", "/ws/notificaciones/");
    let before = handshakes();
    // The absence of something can only be watched for a while.
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert!(handshakes() <= before + 1, "waits minutes after a 403, not moments");

    // The person has mended it and says so.
    setting.server.faults(|faults| faults.refuse_handshake = false);
    setting.daemon.sources().await?.reconnect(SOURCE).await?;
    setting.daemon.wait_for_state(SOURCE, SourceState::Online).await?;
    Ok(())
}

#[tokio::test]
async fn an_empty_answer_for_a_stranger_changes_no_row() -> Result<()> {
    let setting = online().await?;
    setting.server.notify("sigue sin leer");
    setting.wait_for_confirmed(1).await?;
    setting.server.faults(|faults| faults.anonymous = true);
    setting.wait_for_reconciles(3).await?;
    let rows = setting.daemon.rows(SOURCE).await?;
    assert_eq!(rows.len(), 1, "the row is kept");
    assert!(!rows[0].read, "and stays unread");
    assert!(rows[0].retracted_at.is_none(), "and is not taken back");
    Ok(())
}

#[tokio::test]
async fn a_doubled_frame_leaves_one_row_and_one_popup_on_the_screen() -> Result<()> {
    let setting = online().await?;
    setting.server.faults(|faults| faults.doubled_frames = true);
    setting.server.notify("dos veces");
    setting.wait_for_confirmed(1).await?;
    // The echo looked like news until the list had only one.
    until("the echo's popup to go", LONG, async || {
        let popups = &setting.session.popups;
        (popups.shown().len() == popups.closed().len() + 1).then_some(())
    })
    .await
}

#[tokio::test]
async fn a_rolled_back_notification_is_marked_as_unconfirmed_and_stops_waiting() -> Result<()> {
    let setting = online().await?;
    setting.server.send_frame("nunca existió");
    let unconfirmed = |rows: &[Notification]| {
        rows.len() == 1 && rows[0].confirmation == Confirmation::Unconfirmed
    };
    let deadline = Duration::from_secs(60);
    setting.daemon.wait_for_rows(SOURCE, "the unconfirmed row", deadline, unconfirmed).await?;
    assert_eq!(setting.session.popups.shown().len(), 1, "it was shown once, at once");
    Ok(())
}

#[tokio::test]
async fn a_frame_before_its_commit_finds_its_row_later() -> Result<()> {
    let setting = online().await?;
    setting.server.faults(|faults| faults.commit_after = Duration::from_secs(2));
    setting.server.notify("confirmada tarde");
    setting.session.popups.wait_for_shown(1, DEADLINE).await?;
    setting.wait_for_confirmed(1).await?;
    assert_eq!(setting.session.popups.shown().len(), 1, "the late row is the same notification");
    Ok(())
}

#[tokio::test]
async fn dates_in_three_shapes_are_one_time() -> Result<()> {
    let setting = online().await?;
    let at = DateTime::<Utc>::from_timestamp_millis(Utc::now().timestamp_millis() - 5_000).unwrap();
    for (text, shape) in [("zulu", Shape::Zulu), ("offset", Shape::Offset), ("naive", Shape::Naive)]
    {
        setting.server.insert_dated(text, shape, at);
    }
    for row in setting.wait_for_confirmed(3).await? {
        assert_eq!(row.sent_at, Some(at.timestamp_millis()), "{}: the same moment", row.body);
        assert_eq!(row.sent_at_approximate, row.body == "naive", "{}: only a guess", row.body);
    }
    Ok(())
}

#[tokio::test]
async fn equal_texts_in_one_millisecond_are_as_many_notifications() -> Result<()> {
    let setting = online().await?;
    let at = Utc::now();
    for _ in 0..3 {
        setting.server.insert_dated("Stock bajo", Shape::Zulu, at);
        setting.server.send_frame("Stock bajo");
    }
    let rows = setting.wait_for_confirmed(3).await?;
    assert_eq!(remote_ids(&rows).len(), 3, "matched one to one");
    assert_eq!(setting.session.popups.shown().len(), 3, "each was shown once");
    Ok(())
}

#[tokio::test]
async fn a_server_database_that_starts_again_gives_new_notifications() -> Result<()> {
    let setting = online().await?;
    for n in 0..3 {
        setting.server.notify(&format!("antes {n}"));
    }
    setting.wait_for_confirmed(3).await?;
    setting.server.reset_database();
    setting.server.notify("después 0");
    setting.server.notify("después 1");
    let rows = setting.wait_for_confirmed(5).await?;
    let bodies: BTreeSet<&str> = rows.iter().map(|row| row.body.as_str()).collect();
    let expected = BTreeSet::from(["antes 0", "antes 1", "antes 2", "después 0", "después 1"]);
    assert_eq!(bodies, expected, "ids 1 and 2 mean other notifications now");
    Ok(())
}

#[tokio::test]
async fn frames_that_are_not_json_are_shown_or_skipped_and_never_stop_the_connection() -> Result<()>
{
    let setting = online().await?;
    setting.server.insert("solo texto");
    setting.server.send_text("solo texto");
    for odd in ["{\"message\": 7}", "{\"message\": null}", "{}", "[]", "{\"a\":", "\u{0}", ""] {
        setting.server.send_text(odd);
    }
    setting.server.send_text(r#"{"message": "media \ud83c"}"#);
    setting.server.send_binary(&[0xff, 0x00, 0xfe]);
    setting.server.notify("después de todo");

    let both = |rows: &[Notification]| {
        ["solo texto", "después de todo"].iter().all(|text| {
            rows.iter().filter(|row| row.body == *text && row.remote_id.is_some()).count() == 1
        })
    };
    setting.daemon.wait_for_rows(SOURCE, "the two real rows", LONG, both).await?;
    assert_eq!(
        setting.server.requests("GET", "/ws/notificaciones/"),
        1,
        "a bad frame fails alone: the connection lives on"
    );
    Ok(())
}

#[tokio::test]
async fn a_lone_surrogate_is_left_to_the_list() -> Result<()> {
    let setting = online().await?;
    setting.server.insert("con emoji \u{1f389}");
    setting.server.send_text(r#"{"message": "con emoji \ud83c"}"#);
    let rows = setting.wait_for_confirmed(1).await?;
    assert_eq!(rows[0].body, "con emoji \u{1f389}", "the list has the whole text");
    Ok(())
}

#[tokio::test]
async fn a_text_of_a_megabyte_is_kept_within_limits_and_stops_nothing() -> Result<()> {
    let setting = online().await?;
    let huge = "ñ".repeat(512 * 1024);
    setting.server.notify(&huge);
    setting.server.notify("pequeña");
    let rows = setting.wait_for_confirmed(2).await?;
    let big = rows.iter().find(|row| row.body != "pequeña").unwrap();
    assert!(big.body.len() <= tidings_api::limits::BODY_BYTES, "cut to the limit of a body");
    assert!(big.body.starts_with("ñññ"), "and still itself");
    Ok(())
}

#[tokio::test]
async fn a_reset_and_a_close_are_followed_by_a_new_connection() -> Result<()> {
    let setting = online().await?;
    setting.server.reset_sockets();
    setting.server.wait_for_sockets(0).await?;
    setting.server.wait_for_sockets(1).await?;
    setting.server.notify("tras el RST");
    setting.wait_for_confirmed(1).await?;

    setting.server.close(1012);
    setting.server.wait_for_sockets(0).await?;
    setting.server.wait_for_sockets(1).await?;
    setting.server.notify("tras el 1012");
    setting.wait_for_confirmed(2).await?;
    Ok(())
}

#[tokio::test]
async fn a_half_open_connection_is_dropped_and_dialled_again() -> Result<()> {
    let lines = "websocket.ping_after = \"1s\"\nwebsocket.ping_timeout = \"1s\"\n";
    let setting = online_with(lines).await?;
    setting.server.freeze();
    setting.server.wait_for_sockets(0).await?;
    setting.server.wait_for_sockets(1).await?;
    setting.server.notify("otra vez en línea");
    setting.session.popups.wait_for_shown(1, DEADLINE).await?;
    Ok(())
}

#[tokio::test]
async fn a_mark_that_worked_and_answered_500_is_believed_by_the_list() -> Result<()> {
    let setting = online().await?;
    setting.server.notify("quinientos");
    let rows = setting.wait_for_confirmed(1).await?;
    setting.server.faults(|faults| faults.mark_fails_after_success = 1);
    mark_read(&setting, &rows).await?;
    let drained = |status: &tidings_api::SourceStatus| status.pending_marks == 0;
    setting.daemon.wait_for_source(SOURCE, "an empty queue of marks", drained).await?;
    assert!(setting.daemon.rows(SOURCE).await?[0].read, "read here throughout");
    Ok(())
}

#[tokio::test]
async fn a_mark_that_hit_nothing_is_sent_again() -> Result<()> {
    let setting = online().await?;
    setting.server.notify("doscientos sin efecto");
    let rows = setting.wait_for_confirmed(1).await?;
    setting.server.faults(|faults| faults.mark_hits_nothing = 1);
    mark_read(&setting, &rows).await?;
    until("the mark on the server", LONG, async || {
        setting.server.rows().iter().all(|row| row.leida).then_some(())
    })
    .await?;
    assert!(setting.daemon.rows(SOURCE).await?[0].read, "read here throughout");
    Ok(())
}

#[tokio::test]
async fn no_request_ever_marks_without_ids() -> Result<()> {
    let setting = online().await?;
    // Read while its id is not known yet: the mark has to wait for the identity.
    setting.server.faults(|faults| faults.commit_after = Duration::from_secs(2));
    setting.server.notify("leída al instante");
    let any = |rows: &[Notification]| rows.len() == 1;
    let rows = setting.daemon.wait_for_rows(SOURCE, "the provisional row", LONG, any).await?;
    mark_read(&setting, &rows).await?;
    until("the mark on the server", LONG, async || {
        setting.server.rows().iter().all(|row| row.leida).then_some(())
    })
    .await?;
    // Marking what is read already must not send an empty list either.
    let rows = setting.daemon.rows(SOURCE).await?;
    mark_read(&setting, &rows).await?;
    setting.wait_for_reconciles(2).await?;
    let record = setting.server.record();
    assert_eq!(record.violations, Vec::<String>::new(), "an empty list marks everything");
    assert!(record.marks.iter().all(|ids| ids == &[1]), "explicit ids: {:?}", record.marks);
    Ok(())
}

#[tokio::test]
async fn many_marks_go_in_chunks() -> Result<()> {
    let server = FaultyServer::start().await?;
    for n in 0..700 {
        server.insert(&format!("fila {n}"));
    }
    let setting = started(server, "").await?;
    let rows = setting.wait_for_confirmed(700).await?;
    mark_read(&setting, &rows).await?;
    until("all marks on the server", LONG, async || {
        setting.server.rows().iter().all(|row| row.leida).then_some(())
    })
    .await?;
    let largest = setting.server.record().marks.iter().map(Vec::len).max().unwrap();
    assert!(largest <= 500, "no request is larger than servers take: {largest}");
    Ok(())
}

#[tokio::test]
async fn too_many_requests_are_spaced_as_the_server_asks() -> Result<()> {
    let setting = online().await?;
    setting.server.faults(|faults| faults.too_many = (1, 4));
    setting.server.notify("con calma");
    until("the refusal", LONG, async || {
        (setting.server.faults_left().too_many.0 == 0).then_some(())
    })
    .await?;
    let asked = || setting.server.requests("GET", "/notifications/api/list/");
    let before = asked();
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    assert_eq!(asked(), before, "Retry-After is honoured");
    setting.wait_for_confirmed(1).await?;
    Ok(())
}

async fn mark_read(setting: &Setting, rows: &[Notification]) -> Result<()> {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    setting.daemon.inbox().await?.set_state(&ids, StateChange::READ.to_dict()).await?;
    Ok(())
}
