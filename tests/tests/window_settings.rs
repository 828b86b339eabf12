//! The settings in the real window: what is chosen there is so, in the daemon, in the file and in the keyring.

use anyhow::Result;
use tidings_api::SourceState;
use tidings_tests::django::DjangoServer;
use tidings_tests::keyring::Keyring;
use tidings_tests::session::Session;
use tidings_tests::wait::{LONG, until};
use tidings_tests::window::Window;

#[tokio::test]
async fn the_form_tries_a_server_stores_its_secret_in_the_keyring_and_the_source_connects()
-> Result<()> {
    let session = Session::start().await?;
    let _keyring = Keyring::unlocked(&session.bus).await?;
    let server = DjangoServer::start().await?;
    let user = server.user("maria").await?;
    let daemon = session.daemon().await?;
    // Something is there already, so that nobody is welcomed.
    daemon.post("Backup finished").await?;
    let window = Window::open_at(&session, "settings/sources").await?;
    window.click("Add source").await?;
    window.click("Django Channels (live)").await?;
    window.click("Add source").await?;
    window.wait_for("This is needed.").await?;

    window.type_into("Address", &server.url()).await?;
    window.type_into("input[type=password]", "a wrong token").await?;
    window.click("Test connection").await?;
    window.wait_for("It does not work yet").await?;
    window.type_into("input[type=password]", &user.token).await?;
    window.click("Test connection").await?;
    window.wait_for("It works").await?;
    assert!(!session.config_file().exists(), "a test stores nothing");

    window.type_into("Name", "shop").await?;
    window.click("Add source").await?;
    window.wait_for("Online since").await?;
    daemon.wait_for_state("shop", SourceState::Online).await?;
    let file = std::fs::read_to_string(session.config_file())?;
    assert!(file.contains("token = \"keyring\""), "{file}");
    assert!(!file.contains(&user.token), "the token is in the keyring alone");
    assert!(!window.screen().await?.contains(&user.token), "and nowhere on the screen");

    server.notify(&user, &["Pedido 1 enviado"]).await?;
    let one = |rows: &[tidings_api::Notification]| rows.len() == 1;
    daemon.wait_for_rows("shop", "what the new source brings", LONG, one).await?;
    window.click("Inbox").await?;
    window.wait_for("Pedido 1 enviado").await?;
    Ok(())
}

#[tokio::test]
async fn a_source_is_switched_off_and_removed() -> Result<()> {
    let session = Session::start().await?;
    let server = DjangoServer::start().await?;
    let user = server.user("maria").await?;
    session.configure(&tidings_tests::config::django(&session, &server, &user)?)?;
    let daemon = session.daemon().await?;
    daemon.wait_for_state("orders", SourceState::Online).await?;
    let window = Window::open_at(&session, "settings/sources").await?;
    window.wait_for("Online since").await?;
    window.click("input[role=switch]").await?;
    window.wait_for("Switched off").await?;
    daemon.wait_for_state("orders", SourceState::Disabled).await?;

    window.click("More for orders").await?;
    window.click("Remove").await?;
    window.wait_for("Remove orders?").await?;
    window.click("dialog[open] footer .danger").await?;
    window.wait_for("No sources yet.").await?;
    until("the source to go", LONG, async || {
        daemon.sources().await.ok()?.list().await.ok()?.is_empty().then_some(())
    })
    .await
}
