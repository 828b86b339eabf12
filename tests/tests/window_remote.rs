//! What servers send beside texts, in the real window: buttons that send a request or copy a text, and images of applications.

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value, json};
use tidings_api::SourceState;
use tidings_tests::live_server::{LiveServer, Speech};
use tidings_tests::receiver::Receiver;
use tidings_tests::session::Session;
use tidings_tests::tidingsd::Tidingsd;
use tidings_tests::wait::LONG;
use tidings_tests::window::Window;

async fn following(session: &Session, server: &LiveServer) -> Result<Tidingsd> {
    session.configure(&server.configuration(session, "home")?)?;
    let daemon = session.daemon().await?;
    daemon.wait_for_state("home", SourceState::Online).await?;
    Ok(daemon)
}

fn with_actions(actions: &Value) -> Map<String, Value> {
    Map::from_iter([("actions".to_owned(), actions.clone())])
}

#[tokio::test]
async fn a_button_sends_its_request_after_a_person_has_seen_where_it_goes() -> Result<()> {
    let session = Session::start().await?;
    let server = LiveServer::start(Speech::Ntfy).await?;
    let (door, gate) = (Receiver::start().await?, Receiver::start().await?);
    let daemon = following(&session, &server).await?;
    let window = Window::open(&session).await?;
    let open = |url: &str| {
        json!([
            {"id": "open", "action": "http", "label": "Open the door", "url": url, "body": "{\"open\":true}",
             "headers": {"Authorization": "Bearer of-the-door"}},
            {"id": "code", "action": "copy", "label": "Copy the code", "value": "1958"},
            {"id": "ring", "action": "broadcast", "label": "Ring the phone"},
        ])
    };
    server.publish_with("Somebody is at the door", with_actions(&open(&door.url("/open"))));
    window.click("Somebody is at the door").await?;

    window.click("Open the door").await?;
    window.wait_for(&format!("POST {}", door.url("/open"))).await?;
    window.has_no_barriers("the question before a request").await?;
    window.screenshot("remote-question").await?;
    window.click("Cancel").await?;
    window.wait_until_gone("[role=dialog]").await?;

    window.click("Open the door").await?;
    window.click("Send").await?;
    window.wait_for("“Open the door” was sent.").await?;
    let received = door.wait_for(1).await?;
    assert_eq!(received.len(), 1, "what was cancelled was not sent");
    assert_eq!(received[0].body, json!({"open": true}));
    assert_eq!(received[0].authorization, "Bearer of-the-door");

    window.click("Copy the code").await?;
    window.wait_for("“Copy the code”: copied to the clipboard.").await?;
    let ring = window.wait_for("Ring the phone").await?;
    ensure!(!ring.is_enabled().await?, "what a desktop cannot do is not offered as if it could");
    window.screenshot("remote-buttons").await?;

    window.click("Open the door").await?;
    window.wait_for(&format!("POST {}", door.url("/open"))).await?;
    let mut changed = with_actions(&open(&gate.url("/open")));
    changed.insert("sequence_id".to_owned(), "m00000000001".into());
    server.publish_with("Somebody is at the door still", changed);
    daemon
        .wait_for_rows("home", "the change", LONG, |rows| {
            rows.iter().any(|row| row.body.ends_with("still"))
        })
        .await?;
    window.click("Send").await?;
    window.wait_for(&format!("POST {}", gate.url("/open"))).await?;
    window.click("Cancel").await?;
    assert_eq!(door.wait_for(1).await?.len(), 1, "consent was to what is not there any more");
    Ok(())
}

#[tokio::test]
async fn an_application_is_shown_by_its_image() -> Result<()> {
    let session = Session::start().await?;
    let server = LiveServer::start(Speech::Gotify).await?;
    let _daemon = following(&session, &server).await?;
    let window = Window::open(&session).await?;
    server.publish("The nightly copy is complete");
    window.wait_for("The nightly copy is complete").await?;
    let drawn = "const image = document.querySelector('[role=feed] img');
        return image?.complete === true && image.naturalWidth === 48";
    window.wait_for_script(drawn).await?;
    window.screenshot("remote-image").await?;
    let popup = session.popups.wait_for_shown(1, LONG).await?.remove(0);
    let image = popup.hints.get("image-path").context("the popup has the image, too")?;
    let path = String::try_from(image.try_clone()?)?;
    ensure!(path.contains("/cache/tidings/images/"), "it is our own copy: {path}");
    let requests = server.requests();
    let fetched = requests.iter().filter(|request| request.contains("/image/")).count();
    assert_eq!(fetched, 1, "one image is fetched once: {requests:?}");
    Ok(())
}
