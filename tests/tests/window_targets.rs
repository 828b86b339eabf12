//! Targets in the real window: set up, tried, led to by a route, and what came of each notification told.

use anyhow::Result;
use tidings_api::Post;
use tidings_tests::receiver::Receiver;
use tidings_tests::session::Session;
use tidings_tests::window::Window;

const LOOPBACK: &str = "[security]\nallow_private_hosts = [\"127.0.0.1\"]\n";

#[tokio::test]
async fn a_person_sends_notifications_elsewhere_and_sees_what_came_of_them() -> Result<()> {
    let session = Session::start().await?;
    session.configure(LOOPBACK)?;
    let receiver = Receiver::start().await?;
    let daemon = session.daemon().await?;
    // Something is there already, so that nobody is welcomed.
    daemon.post("Backup finished").await?;
    let window = Window::open_at(&session, "settings/targets").await?;
    window.resize(1_180, 780).await?;
    window.click("Add target").await?;
    window.click("Webhook").await?;
    window.type_into("Name", "hook").await?;
    window.click("Add target").await?;
    window.wait_for("No addresses yet: nothing can be sent.").await?;
    window.type_into("Address", "no address").await?;
    window.click("Add address").await?;
    window.wait_for("input[aria-invalid]").await?;
    window.type_into("Address", &receiver.url("/in")).await?;
    window.click("Add address").await?;
    window.wait_for("Receives").await?;
    window.screenshot("targets-addresses").await?;
    window.click("Targets").await?;
    window.wait_for("No route leads here yet.").await?;

    window.click("Routes").await?;
    window.click("Add route").await?;
    window.type_into("Contains", "red").await?;
    window.click("hook").await?;
    window.screenshot("targets-route").await?;
    window.click("Add route").await?;
    window.wait_for("With “red” in it: to hook").await?;

    let red = Post { title: "Main is red".into(), ..Post::default() };
    daemon.post1().await?.post(&red.title, &red.body, red.to_options()).await?;
    assert_eq!(receiver.wait_for(1).await?[0].body["title"], "Main is red");
    window.click("Inbox").await?;
    window.click("Main is red").await?;
    window.wait_for("Delivered to hook").await?;
    window.screenshot("targets-why").await?;

    receiver.answers(401, None);
    daemon.post1().await?.post("Red again", "", red.to_options()).await?;
    window.click("Settings").await?;
    window.click("Targets").await?;
    window.wait_for("Paused since").await?;
    window.screenshot("targets-paused").await?;
    receiver.answers(200, None);
    window.click("Resume").await?;
    window.wait_for("Ready").await?;
    let received = receiver.wait_for(3).await?;
    assert_eq!(received[1].identity, received[2].identity, "the same again, now that it works");

    window.click("More for hook").await?;
    window.click("Deliveries…").await?;
    window.wait_for("Red again").await?;
    window.has_no_barriers("deliveries").await?;
    window.screenshot("targets-deliveries").await?;
    Ok(())
}
