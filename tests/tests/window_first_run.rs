//! The first minutes, and the bad ones: nothing is set up yet, and the daemon is not there.

use anyhow::Result;
use tidings_api::SourceState;
use tidings_tests::django::DjangoServer;
use tidings_tests::keyring::Keyring;
use tidings_tests::session::Session;
use tidings_tests::wait::{LONG, until};
use tidings_tests::window::Window;

const AWAY: &str = "The notification service is not running.";

#[tokio::test]
async fn an_empty_inbox_welcomes_and_sample_data_fills_it() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let window = Window::open(&session).await?;
    window.wait_for("Welcome to Tidings").await?;
    window.click("Look around with sample data").await?;
    window.wait_for("article").await?;
    let many = |rows: &[tidings_api::Notification]| rows.len() >= 5;
    daemon.wait_for_rows("demo", "the working day", LONG, many).await?;
    window.wait_for("main is green").await?;
    assert!(!window.shows("Welcome to Tidings").await?, "there is something to look at");
    assert!(!session.config_file().exists(), "looking around sets nothing up");
    Ok(())
}

#[tokio::test]
async fn three_steps_lead_from_nothing_to_the_first_notification_of_a_real_server() -> Result<()> {
    let session = Session::start().await?;
    let _keyring = Keyring::unlocked(&session.bus).await?;
    let server = DjangoServer::start().await?;
    let user = server.user("maria").await?;
    let daemon = session.daemon().await?;
    let window = Window::open(&session).await?;
    window.wait_for("What does your server run?").await?;
    window.click("Django Channels (live)").await?;
    window.type_into("Address", &server.url()).await?;
    window.type_into("input[type=password]", "a wrong token").await?;
    window.click("Connect").await?;
    window.wait_for("It does not work yet").await?;
    assert!(daemon.sources().await?.list().await?.is_empty(), "what does not work is not stored");

    window.type_into("input[type=password]", &user.token).await?;
    window.click("Connect").await?;
    window.wait_for("Waiting for the first notification").await?;
    let name = only_source(&daemon).await?;
    daemon.wait_for_state(&name, SourceState::Online).await?;
    server.notify(&user, &["Pedido 1 enviado"]).await?;
    window.wait_for("There it is").await?;
    window.wait_for("Pedido 1 enviado").await?;
    window.click("Open the inbox").await?;
    window.wait_for("article").await?;
    let written = std::fs::read_to_string(session.config_file())?;
    assert!(!written.contains(&user.token), "the token is in the keyring alone");
    Ok(())
}

#[tokio::test]
async fn a_daemon_that_dies_is_missed_and_its_return_needs_no_hand() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    daemon.post("Before").await?;
    let window = Window::open(&session).await?;
    window.wait_for("Before").await?;
    daemon.kill().await?;
    window.wait_for(AWAY).await?;
    assert!(window.shows("Before").await?, "what was read can still be read");

    let daemon = session.daemon().await?;
    window.wait_until_gone(AWAY).await?;
    daemon.post("After").await?;
    window.wait_for("After").await?;
    Ok(())
}

#[tokio::test]
async fn the_banners_button_brings_the_daemon_back() -> Result<()> {
    let session = Session::with_daemon_on_call().await?;
    let window = Window::open(&session).await?;
    window.wait_for(AWAY).await?;
    window.click("Start it").await?;
    window.wait_until_gone(AWAY).await?;
    window.wait_for("Welcome to Tidings").await?;
    Ok(())
}

async fn only_source(daemon: &tidings_tests::tidingsd::Tidingsd) -> Result<String> {
    until("the source", LONG, async || {
        let rows = daemon.sources().await.ok()?.list().await.ok()?;
        let status = tidings_api::SourceStatus::from_dict(rows.into_iter().next()?).ok()?;
        Some(status.name)
    })
    .await
}
