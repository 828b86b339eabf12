//! Muting in the real window: what is muted is stored, not shown, and says why.

use std::time::Duration;

use anyhow::Result;
use tidings_api::Post;
use tidings_tests::session::Session;
use tidings_tests::tidingsd::Tidingsd;
use tidings_tests::wait::{DEADLINE, LONG};
use tidings_tests::window::Window;

async fn post(daemon: &Tidingsd, title: &str, topic: &str) -> Result<i64> {
    let post = Post { title: title.into(), topic: topic.into(), ..Post::default() };
    Ok(daemon.post1().await?.post(title, "", post.to_options()).await?)
}

#[tokio::test]
async fn a_muted_topic_is_stored_not_shown_and_the_next_one_says_why() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    post(&daemon, "Build 1 is red", "builds").await?;
    session.popups.wait_for_shown(1, DEADLINE).await?;
    let window = Window::open(&session).await?;
    window.click("Build 1 is red").await?;
    window.wait_for("Shown on the desktop.").await?;
    window.click("Mute").await?;
    window.wait_for("Topic builds").await?;
    // The topic comes first, and of its three the last.
    window.press("ArrowDown").await?;
    window.press("ArrowDown").await?;
    window.press("Enter").await?;
    window.wait_for("No popups from builds any more.").await?;

    let muted = post(&daemon, "Build 2 is red", "builds").await?;
    post(&daemon, "Deployed", "deployments").await?;
    let shown = session.popups.wait_for_shown(2, DEADLINE).await?;
    assert_eq!(shown[1].summary, "Deployed", "only the muted one is not shown");
    assert_eq!(daemon.outcome(muted).await?.0, "OPTED OUT");
    window.click("Build 2 is red").await?;
    window.wait_for("Not shown on the desktop: you opted out").await?;

    window.click("Undo").await?;
    window.wait_until_gone("No popups from builds any more.").await?;
    post(&daemon, "Build 3 is red", "builds").await?;
    let shown = session.popups.wait_for_shown(3, LONG).await?;
    assert_eq!(shown[2].summary, "Build 3 is red", "heard again");
    Ok(())
}

#[tokio::test]
async fn the_matrix_mutes_a_topic_by_keyboard_and_the_switch_mutes_everything() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    post(&daemon, "Build 1 is red", "builds").await?;
    session.popups.wait_for_shown(1, DEADLINE).await?;
    let window = Window::open_at(&session, "settings/targets").await?;
    window.click("button.fold").await?;
    window.wait_for("builds: Popups on this desktop: On").await?;
    window.run("document.querySelector('[aria-label^=\"builds: Popups\"]').focus()").await?;
    window.press("Enter").await?;
    window.wait_for("[role=menu]").await?;
    window.press("End").await?;
    window.press("Enter").await?;
    window.wait_for("builds: Popups on this desktop: Muted").await?;
    let muted = post(&daemon, "Build 2 is red", "builds").await?;
    assert_eq!(daemon.outcome(muted).await?.0, "OPTED OUT");

    window.click("Let notifications through").await?;
    window.wait_for("no source reaches you anywhere").await?;
    let other = post(&daemon, "Deployed", "deployments").await?;
    assert_eq!(daemon.outcome(other).await?.0, "OPTED OUT", "the master switch is off");
    window.click("Let notifications through").await?;
    window.wait_until_gone("no source reaches you anywhere").await?;
    post(&daemon, "Deployed again", "deployments").await?;
    let shown = session.popups.wait_for_shown(2, DEADLINE).await?;
    assert_eq!(shown[1].summary, "Deployed again", "on again");
    Ok(())
}

#[tokio::test]
async fn quiet_holds_popups_back_and_ends_with_one_that_tells_of_them() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    daemon.post("Before").await?;
    session.popups.wait_for_shown(1, DEADLINE).await?;
    let window = Window::open(&session).await?;
    window.click("Popups are on").await?;
    window.wait_for("Quiet: no popups").await?;
    let quiet = daemon.post("While it is quiet").await?;
    window.click("While it is quiet").await?;
    window.wait_for("you had asked for quiet").await?;
    assert_eq!(daemon.outcome(quiet).await?.1, "quiet-manual");
    daemon.post("Also quiet, and unread").await?;
    window.click("Quiet: no popups").await?;
    window.wait_for("Popups are on").await?;
    let shown = session.popups.wait_for_shown(2, Duration::from_secs(20)).await?;
    let words = format!("{} {}", shown[1].summary, shown[1].body);
    assert!(words.contains("Also quiet, and unread") || words.contains('1'), "told once: {words}");
    Ok(())
}
