//! The `tidings` command as scripts use it: objects, exit codes, and no decoration off a terminal.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;
use tidings_tests::session::Session;
use tidings_tests::tidings::{finish, start, tidings, tidings_json, tidings_with_input};
use tidings_tests::wait::{DEADLINE, until};
use tokio::io::{AsyncBufReadExt, BufReader};

#[tokio::test]
async fn a_posted_notification_is_printed_as_one_stable_object() -> Result<()> {
    let session = Session::start().await?;
    let _daemon = session.daemon().await?;
    let arguments = ["post", "Backup done", "--topic", "backups", "--urgency", "high"];
    let ran = tidings_with_input(&session, &arguments, "").await?;
    assert_eq!(ran.code, Some(0), "{ran:?}");

    let list = tidings_json(&session, &["list", "--json"]).await?;
    let rows = list.as_array().context("one array")?;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["title"], json!("Backup done"));
    assert_eq!(rows[0]["urgency"], json!("high"));
    assert_eq!(rows[0]["read"], json!(false));
    for key in [
        "id",
        "source",
        "topic",
        "title",
        "body",
        "urgency",
        "url",
        "actor",
        "verb",
        "action_object",
        "activity_target",
        "read",
        "received_at",
        "sent_at",
        "remote_id",
    ] {
        assert!(rows[0].get(key).is_some(), "\"{key}\" is always there: {}", rows[0]);
    }
    let found = tidings_json(&session, &["search", "backup", "--json"]).await?;
    assert_eq!(found, list, "the same objects from every query");
    Ok(())
}

#[tokio::test]
async fn the_body_comes_from_standard_input() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let ran = tidings_with_input(&session, &["post", "Log", "-"], "line 1\nline 2\n").await?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let rows = daemon.list(&tidings_api::Filter::default()).await?;
    assert_eq!(rows[0].body.trim_end(), "line 1\nline 2");
    Ok(())
}

#[tokio::test]
async fn reading_and_counting() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let id = daemon.post("one").await?.to_string();
    daemon.post("two").await?;
    let count = async || -> Result<String> {
        Ok(tidings(&session, &["count", "--unread"]).await?.stdout.trim().to_owned())
    };
    assert_eq!(count().await?, "2");
    assert_eq!(tidings(&session, &["read", &id]).await?.code, Some(0));
    assert_eq!(count().await?, "1");
    assert_eq!(tidings(&session, &["unread", &id]).await?.code, Some(0));
    assert_eq!(count().await?, "2");
    assert_eq!(tidings(&session, &["read", "--all"]).await?.code, Some(0));
    assert_eq!(count().await?, "0");
    assert_eq!(tidings(&session, &["delete", &id]).await?.code, Some(0));
    assert_eq!(daemon.list(&tidings_api::Filter::default()).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn exit_codes_tell_what_went_wrong() -> Result<()> {
    let session = Session::start().await?;
    let away = tidings(&session, &["list"]).await?;
    assert_eq!(away.code, Some(3), "the daemon is unreachable: {away:?}");
    assert!(!away.stderr.is_empty(), "and a person reads what to do");
    let usage = tidings(&session, &["list", "--no-such-option"]).await?;
    assert_eq!(usage.code, Some(2), "usage: {usage:?}");
    let _daemon = session.daemon().await?;
    let missing = tidings(&session, &["show", "999999"]).await?;
    assert_eq!(missing.code, Some(1), "failure: {missing:?}");
    Ok(())
}

#[tokio::test]
async fn output_off_a_terminal_has_no_colours() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    daemon.post("plain").await?;
    for arguments in [&["list"][..], &["status"], &["doctor"]] {
        let ran = tidings(&session, arguments).await?;
        assert!(!ran.stdout.contains('\u{1b}'), "{arguments:?}: {}", ran.stdout);
        assert!(!ran.stdout.is_empty(), "{arguments:?} says something: {ran:?}");
    }
    Ok(())
}

#[tokio::test]
async fn watch_prints_a_line_for_each_arrival() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let mut watch = start(&session, &["watch"])?;
    let mut lines = BufReader::new(watch.stdout.take().context("piped")?).lines();
    // It may need a moment to subscribe: what is posted before is not news to it.
    let line = until("a line of watch", DEADLINE, async || {
        daemon.post("seen live").await.ok()?;
        let line = tokio::time::timeout(Duration::from_millis(500), lines.next_line()).await;
        line.ok()?.ok()?
    })
    .await?;
    assert!(line.contains("seen live"), "{line}");
    Ok(())
}

#[tokio::test]
async fn post_waits_for_the_chosen_action() -> Result<()> {
    let session = Session::start().await?;
    let _daemon = session.daemon().await?;
    let arguments = ["post", "Deploy?", "--action", "yes=Yes", "--action", "no=No", "--wait"];
    let waiting = start(&session, &arguments)?;
    let popup = session.popups.wait_for_shown(1, DEADLINE).await?[0].id;
    session.popups.invoke(popup, "yes").await?;
    let ran = finish(waiting, "").await?;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.stdout.contains("yes"), "it prints the action: {ran:?}");
    Ok(())
}

#[tokio::test]
async fn doctor_tests_the_popup_server_even_while_the_daemon_is_away() -> Result<()> {
    let session = Session::start().await?;
    let ran = tidings(&session, &["doctor", "--popup"]).await?;
    assert_eq!(ran.code, Some(1), "without the daemon something is wrong: {ran:?}");
    assert!(ran.stdout.contains("past the daemon"), "{ran:?}");
    let shown = session.popups.wait_for_shown(1, DEADLINE).await?;
    assert_eq!(shown[0].app_name, "Tidings", "shown by the real popup server's interface");
    Ok(())
}

#[tokio::test]
async fn completions_and_manual_need_no_daemon() -> Result<()> {
    let session = Session::start().await?;
    for shell in ["bash", "zsh", "fish"] {
        let ran = tidings(&session, &["completions", shell]).await?;
        assert!(ran.code == Some(0) && ran.stdout.contains("tidings"), "{shell}: {ran:?}");
    }
    let ran = tidings(&session, &["man"]).await?;
    assert!(ran.code == Some(0) && ran.stdout.contains(".TH"), "{ran:?}");
    Ok(())
}
