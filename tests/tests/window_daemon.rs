//! What the page gets through the window: the daemon's answers, its signals, and its absence.

use anyhow::Result;
use serde_json::{Value as Json, json};
use tidings_tests::session::Session;
use tidings_tests::wait::{LONG, until};
use tidings_tests::window::{Refused, Window};

fn kind(answer: Result<Json, Refused>) -> String {
    answer.err().map(|refused| refused.kind).unwrap_or_else(|| "no failure".into())
}

#[tokio::test]
async fn rows_are_listed_marked_and_restored() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let id = daemon.post("Backup finished").await?;
    let window = Window::open(&session).await?;
    let first = json!({ "filter": { "view": "inbox" }, "cursor": "", "limit": 50 });
    let page =
        window.call("list", first).await?.map_err(|refused| anyhow::anyhow!("{refused:?}"))?;
    assert_eq!(page["notifications"][0]["title"], "Backup finished");
    assert_eq!(page["notifications"][0]["read_at"], Json::Null, "absent values are null");
    assert_eq!(page["next"], "", "there is one page");

    let marked =
        window.call("set_state", json!({ "ids": [id], "change": { "read": true } })).await?;
    let marked = marked.map_err(|refused| anyhow::anyhow!("{refused:?}"))?;
    assert_eq!(marked["count"], 1);
    assert!(daemon.get(id).await?.read, "the daemon has it");
    let undone = window.call("undo", json!({ "token": marked["undo"] })).await?;
    assert_eq!(undone, Ok(json!(1)));
    assert!(!daemon.get(id).await?.read, "and has taken it back");
    Ok(())
}

#[tokio::test]
async fn mistakes_are_told_apart() -> Result<()> {
    let session = Session::start().await?;
    let _daemon = session.daemon().await?;
    let window = Window::open(&session).await?;
    let unknown = window.call("invoke", json!({ "id": 4711, "action": "default" })).await?;
    assert_eq!(kind(unknown), "not-found");
    let empty = window.call("set_state", json!({ "ids": [1], "change": {} })).await?;
    assert_eq!(kind(empty), "invalid");
    let misspelt = json!({ "filters": [{ "view": "inbox", "sourze": "x" }] });
    let misspelt = window.call("count", misspelt).await?.unwrap_err();
    assert!(misspelt.message.contains("sourze"), "a key that is not known is named: {misspelt:?}");
    Ok(())
}

#[tokio::test]
async fn a_burst_of_posts_is_told_in_a_few_events() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let window = Window::open(&session).await?;
    window.record_happenings().await?;
    let post = |n: usize| {
        tidings_api::Post { title: format!("Build {n}"), ..Default::default() }.to_dict()
    };
    let ids = daemon.post1().await?.post_many((0..1_000).map(post).collect()).await?;
    let newest = json!(ids.last());
    let inbox = until("the newest row to be told", LONG, async || {
        let happenings = window.happenings().await.ok()?;
        let told = |happening: &Json| {
            happening["added"].as_array().is_some_and(|added| added.contains(&newest))
        };
        happenings.iter().any(told).then_some(happenings)
    })
    .await?;
    assert!(inbox.len() <= 10, "a thousand rows are {} events", inbox.len());
    Ok(())
}

#[tokio::test]
async fn an_absent_daemon_is_said_so_and_its_return_is_told() -> Result<()> {
    let session = Session::start().await?;
    let window = Window::open(&session).await?;
    let count = || json!({ "filters": [{ "view": "inbox" }] });
    assert_eq!(kind(window.call("count", count()).await?), "away", "it was never there");
    let versions = window.call("versions", json!({})).await?;
    let versions = versions.map_err(|refused| anyhow::anyhow!("{refused:?}"))?;
    assert_eq!(
        versions["app"],
        env!("CARGO_PKG_VERSION"),
        "what the app is, is known all the same"
    );

    window.record_happenings().await?;
    let daemon = session.daemon().await?;
    window.wait_for_happening("back").await?;
    assert_eq!(window.call("count", count()).await?, Ok(json!([0])));
    daemon.kill().await?;
    window.wait_for_happening("away").await?;
    assert_eq!(kind(window.call("count", count()).await?), "away");
    Ok(())
}

#[tokio::test]
async fn the_page_can_start_the_daemon_and_nothing_else_does() -> Result<()> {
    let session = Session::with_daemon_on_call().await?;
    let window = Window::open(&session).await?;
    let count = || json!({ "filters": [{ "view": "inbox" }] });
    assert_eq!(kind(window.call("count", count()).await?), "away", "a call does not start it");
    assert_eq!(window.call("start_daemon", json!({})).await?, Ok(Json::Null));
    until("the daemon to answer", LONG, async || {
        window.call("count", count()).await.ok()?.is_ok().then_some(())
    })
    .await
}

#[tokio::test]
async fn a_daemon_that_cannot_be_started_is_explained() -> Result<()> {
    let session = Session::start().await?;
    let window = Window::open(&session).await?;
    let refused = window.call("start_daemon", json!({})).await?.unwrap_err();
    assert!(refused.message.contains("tidingsd"), "it says what to do: {refused:?}");
    Ok(())
}
