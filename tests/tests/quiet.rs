//! Quiet: popups wait, the inbox does not, and at the end one popup tells what came.

use std::time::Duration;

use anyhow::Result;
use futures_util::StreamExt;
use tidings_api::{Post, QuietKind, QuietReason, StateChange, Urgency};
use tidings_tests::session::Session;
use tidings_tests::tidings::tidings;
use tidings_tests::tidingsd::Tidingsd;
use tidings_tests::wait::{DEADLINE, until};

/// All day, every day.
const ALWAYS: &str =
    "[quiet]\nschedule = [{ days = [\"mon-sun\"], from = \"00:00\", until = \"00:00\" }]\n";

async fn reasons(daemon: &Tidingsd) -> Result<Vec<QuietKind>> {
    let rows = daemon.quiet().await?.reasons().await?;
    let mut kinds = Vec::new();
    for row in rows {
        kinds.extend(QuietReason::from_dict(row)?.map(|reason| reason.kind));
    }
    Ok(kinds)
}

async fn suppressed(daemon: &Tidingsd, id: i64) -> Result<String> {
    let (status, reason) = daemon.outcome(id).await?;
    assert_eq!(status, "SUPPRESSED", "{reason}");
    Ok(reason)
}

#[tokio::test]
async fn what_came_while_it_was_quiet_is_one_summary_of_the_unread() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let quiet = daemon.quiet().await?;
    assert!(!quiet.active().await?);
    quiet.set(-1).await?;
    assert_eq!((quiet.active().await?, quiet.until().await?), (true, -1));
    let mut ids = Vec::new();
    for n in 0..8 {
        ids.push(daemon.post(&format!("news {n}")).await?);
    }
    assert_eq!(suppressed(&daemon, ids[0]).await?, "quiet-manual");
    assert_eq!(daemon.inbox().await?.unread_count().await?, 8, "quiet never touches the inbox");
    daemon.inbox().await?.set_state(&ids[..2], StateChange::READ.to_dict()).await?;
    assert!(session.popups.shown().is_empty(), "nothing was shown");

    quiet.set(0).await?;
    let shown = session.popups.wait_for_shown(1, DEADLINE).await?;
    assert_eq!(shown[0].summary, "6 new while it was quiet", "what was read is no news");
    until("the summary to be recorded", DEADLINE, async || {
        (daemon.outcome(ids[7]).await.ok()?.0 == "DELIVERED").then_some(())
    })
    .await?;

    quiet.set(-1).await?;
    quiet.set(0).await?;
    daemon.post("loud").await?;
    let shown = session.popups.wait_for_shown(2, DEADLINE).await?;
    assert_eq!(shown[1].summary, "loud", "nothing is summarised twice");
    Ok(())
}

#[tokio::test]
async fn critical_posts_of_this_computer_break_through() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    daemon.quiet().await?.set(-1).await?;
    daemon.post("chatter").await?;
    let fire = Post { title: "fire".into(), urgency: Urgency::Critical, ..Post::default() };
    daemon.post1().await?.post(&fire.title, "", fire.to_options()).await?;
    let shown = session.popups.wait_for_shown(1, DEADLINE).await?;
    assert_eq!(shown[0].summary, "fire");
    Ok(())
}

#[tokio::test]
async fn what_the_user_switched_holds_after_a_restart_and_a_timer_ends_while_away() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    daemon.quiet().await?.set(-1).await?;
    daemon.post("in the first run").await?;
    daemon.terminate().await?;

    let daemon = session.daemon().await?;
    assert_eq!(reasons(&daemon).await?, [QuietKind::Manual], "it is remembered");
    daemon.post("in the second run").await?;
    let stats = daemon.control().await?.stats().await?;
    let now = i64::try_from(&stats["now"])?;
    daemon.quiet().await?.set(now + 1_000).await?;
    assert_eq!(
        reasons(&daemon).await?,
        [QuietKind::Timer],
        "a timer takes the place of the switch"
    );
    daemon.terminate().await?;

    let daemon = session.daemon().await?;
    let shown = session.popups.wait_for_shown(1, Duration::from_secs(20)).await?;
    assert_eq!(shown[0].summary, "2 new while it was quiet", "of both runs, in one popup");
    assert_eq!(session.popups.shown().len(), 1);
    assert!(!daemon.quiet().await?.active().await?);
    Ok(())
}

#[tokio::test]
async fn a_timer_ends_by_itself() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let stats = daemon.control().await?.stats().await?;
    let end = i64::try_from(&stats["now"])? + 1_500;
    daemon.quiet().await?.set(end).await?;
    assert_eq!(daemon.quiet().await?.until().await?, end);
    let id = daemon.post("meanwhile").await?;
    assert_eq!(suppressed(&daemon, id).await?, "quiet-timer");
    let shown = session.popups.wait_for_shown(1, DEADLINE).await?;
    assert_eq!(shown[0].summary, "1 new while it was quiet");
    assert!(!daemon.quiet().await?.active().await?);
    Ok(())
}

#[tokio::test]
async fn the_schedule_makes_quiet_and_the_user_may_end_it() -> Result<()> {
    let session = Session::start().await?;
    session.configure(ALWAYS)?;
    let daemon = session.daemon().await?;
    assert_eq!(reasons(&daemon).await?, [QuietKind::Schedule]);
    let id = daemon.post("by night").await?;
    assert_eq!(suppressed(&daemon, id).await?, "quiet-schedule");
    daemon.quiet().await?.set(0).await?;
    assert!(!daemon.quiet().await?.active().await?, "off is off");
    let shown = session.popups.wait_for_shown(1, DEADLINE).await?;
    assert!(shown[0].summary.contains("1 new"), "{}", shown[0].summary);

    session.configure("")?;
    session.configure(ALWAYS)?;
    daemon.control().await?.reload().await?;
    assert!(!daemon.quiet().await?.active().await?, "and stays so until the next start");
    Ok(())
}

#[tokio::test]
async fn a_program_is_quiet_for_as_long_as_it_holds_its_descriptor() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let quiet = daemon.quiet().await?;
    let descriptor = quiet.inhibit("impress", "a talk").await?;
    assert_eq!(reasons(&daemon).await?, [QuietKind::Inhibitor]);
    let id = daemon.post("psst").await?;
    assert_eq!(suppressed(&daemon, id).await?, "quiet-inhibitor");
    quiet.set(0).await?;
    assert!(quiet.active().await?, "the user's off is not the program's");
    drop(descriptor);
    until("the end of quiet", DEADLINE, async || (!quiet.active().await.ok()?).then_some(()))
        .await?;
    session.popups.wait_for_shown(1, DEADLINE).await?;
    Ok(())
}

#[tokio::test]
async fn clients_hear_of_every_change() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    // With a cache, as clients use it.
    let quiet = tidings_api::Quiet1Proxy::new(daemon.connection()).await?;
    let mut active = quiet.receive_active_changed().await;
    let first = active.next().await.expect("the present value comes first");
    assert!(!first.get().await?);
    for expected in [true, false] {
        quiet.set(if expected { -1 } else { 0 }).await?;
        let change = tokio::time::timeout(DEADLINE, active.next()).await?.expect("the bus lives");
        assert_eq!(change.get().await?, expected);
        let until = quiet.cached_until()?;
        assert_eq!(until, Some(if expected { -1 } else { 0 }), "all properties come together");
    }
    Ok(())
}

#[tokio::test]
async fn wrong_calls_say_what_is_wrong() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let quiet = daemon.quiet().await?;
    let error = quiet.set(1).await.unwrap_err().to_string();
    assert!(error.contains("1 is over"), "{error}");
    let error = quiet.inhibit("", "x").await.unwrap_err().to_string();
    assert!(error.contains("who: is empty"), "{error}");
    assert!(!quiet.active().await?);
    Ok(())
}

#[tokio::test]
async fn the_command_switches_and_says_why() -> Result<()> {
    let session = Session::start().await?;
    let _daemon = session.daemon().await?;
    let said = tidings(&session, &["quiet"]).await?;
    assert!(said.stdout.starts_with("not quiet"), "{said:?}");
    let said = tidings(&session, &["quiet", "1h"]).await?;
    assert!(said.stdout.contains("switched on by hand until"), "{said:?}");
    let said = tidings(&session, &["status"]).await?;
    assert!(said.stdout.contains("quiet until"), "{said:?}");
    let said = tidings(&session, &["quiet", "off", "--json"]).await?;
    assert!(said.stdout.contains("\"active\":false"), "{said:?}");
    assert_eq!(tidings(&session, &["quiet", "until"]).await?.code, Some(2), "until when?");
    Ok(())
}
