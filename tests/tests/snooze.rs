//! Putting off: out of sight until a time, and back as news.

use std::time::Duration;

use anyhow::{Context, Result};
use tidings_api::{Error, Filter, Millis, Notification, StateChange, View};
use tidings_tests::session::Session;
use tidings_tests::tidings::{tidings, tidings_json};
use tidings_tests::tidingsd::Tidingsd;
use tidings_tests::wait::{DEADLINE, until};

/// Longer than any test lasts.
const HOUR: Millis = 60 * 60 * 1_000;
/// Long enough to look at what sleeps, short enough to wait for.
const MOMENT: Millis = 1_500;

fn now() -> Millis {
    chrono::Utc::now().timestamp_millis()
}

async fn snooze(daemon: &Tidingsd, ids: &[i64], until: Millis) -> Result<u64> {
    let change = StateChange { snoozed_until: Some(until), ..StateChange::default() };
    let (changed, undo) = daemon.inbox().await?.set_state(ids, change.to_dict()).await?;
    assert_eq!(changed, ids, "all of them changed");
    Ok(undo)
}

async fn view(daemon: &Tidingsd, view: View) -> Result<Vec<Notification>> {
    daemon.list(&Filter { view, ..Filter::default() }).await
}

async fn wait_for_unread(daemon: &Tidingsd, count: u32) -> Result<()> {
    until("the rows to wake", DEADLINE, async || {
        let unread = daemon.inbox().await.ok()?.unread_count().await.ok()?;
        (unread == count).then_some(())
    })
    .await
}

#[tokio::test]
async fn it_hides_closes_the_popup_and_comes_back_with_a_popup() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let id = daemon.post("Call back").await?;
    let newer = daemon.post("newer").await?;
    let popup = session.popups.wait_for_shown(2, DEADLINE).await?[0].id;
    let before = daemon.get(id).await?;
    let time = now() + MOMENT;
    snooze(&daemon, &[id], time).await?;
    until("the popup to go", DEADLINE, async || {
        session.popups.closed().contains(&popup).then_some(())
    })
    .await?;
    let sleeping = view(&daemon, View::Snoozed).await?;
    assert_eq!(sleeping.first().and_then(|row| row.snoozed_until), Some(time), "it sleeps");
    assert_eq!(view(&daemon, View::Inbox).await?.len(), 1, "the other one stays");

    let shown = session.popups.wait_for_shown(3, DEADLINE).await?;
    assert!(now() >= time, "not before its time");
    assert_eq!(shown[2].summary, "Call back");
    let inbox = view(&daemon, View::Unread).await?;
    assert_eq!(inbox.iter().map(|row| row.id).collect::<Vec<_>>(), [id, newer], "it is on top");
    let woken = &inbox[0];
    assert!(woken.seen_at.is_none() && woken.snoozed_until.is_none());
    assert_eq!((woken.first_at, woken.occurrences), (before.first_at, before.occurrences));
    Ok(())
}

#[tokio::test]
async fn what_fell_due_while_the_daemon_was_away_wakes_at_the_start() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let (late, sleeping) = (daemon.post("late").await?, daemon.post("sleeping").await?);
    session.popups.wait_for_shown(2, DEADLINE).await?;
    let time = now() + MOMENT;
    snooze(&daemon, &[late], time).await?;
    snooze(&daemon, &[sleeping], now() + HOUR).await?;
    daemon.terminate().await?;
    until("the time to come", DEADLINE, async || (now() > time).then_some(())).await?;
    assert_eq!(session.popups.shown().len(), 2, "nobody was there to wake it");

    let daemon = session.daemon().await?;
    let shown = session.popups.wait_for_shown(3, DEADLINE).await?;
    assert_eq!(shown[2].summary, "late");
    wait_for_unread(&daemon, 1).await?;
    let asleep = view(&daemon, View::Snoozed).await?;
    assert_eq!(asleep.iter().map(|row| row.id).collect::<Vec<_>>(), [sleeping], "kept");
    Ok(())
}

#[tokio::test]
async fn waking_by_hand_and_undo_bring_it_back_as_it_was_and_silently() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let id = daemon.post("put off").await?;
    session.popups.wait_for_shown(1, DEADLINE).await?;
    let before = daemon.get(id).await?;
    snooze(&daemon, &[id], now() + HOUR).await?;
    snooze(&daemon, &[id], 0).await?;
    assert_eq!(daemon.get(id).await?, before);
    let undo = snooze(&daemon, &[id], now() + HOUR).await?;
    assert_eq!(daemon.inbox().await?.undo(undo).await?, 1);
    assert_eq!(daemon.get(id).await?, before);
    daemon.post("the next popup").await?;
    let shown = session.popups.wait_for_shown(2, DEADLINE).await?;
    assert_eq!(shown[1].summary, "the next popup", "none for what was woken by hand");
    Ok(())
}

#[tokio::test]
async fn a_crowd_wakes_with_one_popup() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let mut ids = Vec::new();
    for n in 0..12 {
        ids.push(daemon.post(&format!("number {n}")).await?);
    }
    // Five of their own and one for the rest.
    let before = session.popups.wait_for_shown(6, Duration::from_secs(20)).await?.len();
    snooze(&daemon, &ids, now() + MOMENT).await?;
    wait_for_unread(&daemon, 0).await?;
    wait_for_unread(&daemon, 12).await?;
    let shown = session.popups.wait_for_shown(before + 1, Duration::from_secs(20)).await?;
    assert!(shown[before].summary.contains("12"), "it says how many: {}", shown[before].summary);
    assert_eq!(session.popups.shown().len(), before + 1, "one popup for all of them");
    Ok(())
}

#[tokio::test]
async fn a_snooze_of_more_than_ten_years_is_a_mistake() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let id = daemon.post("put off").await?;
    // Microseconds for milliseconds.
    let change = StateChange { snoozed_until: Some(now() * 1_000), ..StateChange::default() };
    let inbox = daemon.inbox().await?;
    let error = inbox.set_state(&[id], change.to_dict()).await.map_err(Error::from).unwrap_err();
    assert!(
        matches!(&error, Error::InvalidArgs(words) if words.contains("ten years")),
        "{error:?}"
    );
    assert!(view(&daemon, View::Snoozed).await?.is_empty(), "nothing was changed");
    Ok(())
}

#[tokio::test]
async fn the_command_snoozes_lists_wakes_and_takes_back() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let id = daemon.post("put off").await?.to_string();
    let ran = tidings_json(&session, &["snooze", &id, "--for", "1h", "--json"]).await?;
    let undo = ran[0]["undo"].as_u64().context("a token")?.to_string();
    let listed = tidings_json(&session, &["list", "--snoozed", "--json"]).await?;
    assert_eq!(listed[0]["title"], "put off");
    assert_eq!(tidings(&session, &["count"]).await?.stdout.trim(), "0");
    assert_eq!(tidings(&session, &["undo", &undo]).await?.stdout.trim(), "1");
    assert_eq!(tidings(&session, &["count"]).await?.stdout.trim(), "1");
    assert_eq!(tidings(&session, &["snooze", &id, "--until", "2999-01-01"]).await?.code, Some(2));
    assert_eq!(tidings(&session, &["snooze", &id, "--for", "3d"]).await?.code, Some(0));
    assert_eq!(tidings(&session, &["snooze", &id, "--off"]).await?.code, Some(0));
    assert_eq!(
        tidings_json(&session, &["list", "--snoozed", "--json"]).await?,
        serde_json::json!([])
    );
    Ok(())
}
