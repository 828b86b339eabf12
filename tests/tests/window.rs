//! The window's process: it opens, there is one, it goes when it is closed, and it keeps its size.

use std::time::Duration;

use anyhow::{Context, Result};
use serde_json::json;
use tidings_api::names;
use tidings_tests::session::Session;
use tidings_tests::wait::{DEADLINE, until};
use tidings_tests::window::Window;

/// More than a closed window is kept.
const GONE_WITHIN: Duration = Duration::from_secs(20);

#[tokio::test]
async fn it_opens_with_the_page_and_at_the_place_that_was_asked_for() -> Result<()> {
    let session = Session::start().await?;
    let _daemon = session.daemon().await?;
    let window = Window::open_at(&session, "settings/sources").await?;
    window.wait_until_visible(true).await?;
    let place = window.call("place", json!({})).await?;
    assert_eq!(place, Ok(json!({ "view": "settings", "section": "sources" })));
    window.screenshot("window-opens").await?;
    Ok(())
}

#[tokio::test]
async fn a_second_start_hands_over_its_place_and_ends() -> Result<()> {
    let session = Session::start().await?;
    let _daemon = session.daemon().await?;
    let window = Window::open(&session).await?;
    window.record_happenings().await?;
    window.start_again(&session, &["--place", "inbox/42"]).await?;
    let told = window.wait_for_happening("place").await?;
    assert_eq!(told["place"], json!({ "view": "inbox", "id": 42 }));
    let place = window.call("place", json!({})).await?;
    assert_eq!(
        place,
        Ok(json!({ "view": "inbox", "id": 42 })),
        "a page that asks later gets it, too"
    );
    Ok(())
}

#[tokio::test]
async fn what_is_no_place_is_refused_in_words() -> Result<()> {
    let session = Session::start().await?;
    let window = Window::open(&session).await?;
    let connection = session.connect().await?;
    for uri in ["https://example.org", "tidings:elsewhere", "tidings:inbox/x"] {
        let platform_data = tidings_api::Dict::new();
        let arguments = (vec![uri], platform_data);
        let interface = Some("org.freedesktop.Application");
        let (name, path) = (Some(names::WINDOW_NAME), names::APPLICATION_PATH);
        let answer = connection.call_method(name, path, interface, "Open", &arguments).await;
        let error = answer.err().with_context(|| format!("{uri} was opened"))?.to_string();
        assert!(error.contains("InvalidArgs"), "it is the caller's mistake: {error}");
    }
    assert!(window.call("place", json!({})).await?.is_ok(), "the window is still there");
    Ok(())
}

#[tokio::test]
async fn a_closed_window_ends_its_process_and_frees_its_name() -> Result<()> {
    let session = Session::start().await?;
    let window = Window::open(&session).await?;
    window.wait_until_visible(true).await?;
    window.close().await?;
    window.ended(GONE_WITHIN).await?;
    // Nothing is left that a new window would have to wait for.
    let window = Window::open(&session).await?;
    window.wait_until_visible(true).await
}

#[tokio::test]
async fn a_closed_window_that_is_wanted_again_is_the_same_and_stays() -> Result<()> {
    let session = Session::start().await?;
    let window = Window::open(&session).await?;
    window.wait_until_visible(true).await?;
    window.run("window.__mark = 'the same page'").await?;
    let connection = session.connect().await?;
    window.close().await?;
    // Not by a second start, which on a busy machine may take longer than a closed window is kept.
    let (name, path) = (Some(names::WINDOW_NAME), names::APPLICATION_PATH);
    let interface = Some("org.freedesktop.Application");
    let nothing = tidings_api::Dict::new();
    connection.call_method(name, path, interface, "Activate", &nothing).await?;
    window.wait_until_visible(true).await?;
    assert!(
        window.ended(Duration::from_secs(7)).await.is_err(),
        "the timer of the closed window is off"
    );
    assert_eq!(window.run("return window.__mark").await?, "the same page");
    Ok(())
}

#[tokio::test]
async fn it_comes_back_in_the_size_that_it_had() -> Result<()> {
    let session = Session::start().await?;
    let window = Window::open(&session).await?;
    window.wait_until_visible(true).await?;
    window.resize(820, 610).await?;
    window.close().await?;
    let file = session.home().join("state/tidings/window.json");
    until("the size to be kept", DEADLINE, async || file.exists().then_some(())).await?;
    drop(window);
    let window = Window::open(&session).await?;
    window.wait_until_visible(true).await?;
    window.wait_for_script("return innerWidth === 820 && innerHeight === 610").await
}

#[tokio::test]
async fn it_does_not_outlive_its_session() -> Result<()> {
    let session = Session::start().await?;
    let window = Window::open(&session).await?;
    drop(session.bus);
    window.ended(GONE_WITHIN).await
}
