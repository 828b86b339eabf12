//! The harness itself: a fake that misbehaves by accident would make other tests lie.

use anyhow::{Context, Result, ensure};
use tidings_tests::bus::PrivateBus;
use tidings_tests::popup_server::{Answer, EXCESS, NAME, PopupServer};
use tidings_tests::wait::DEADLINE;
use zbus::Connection;

async fn notify(connection: &Connection, summary: &str) -> zbus::Result<u32> {
    let hints: std::collections::HashMap<&str, zbus::zvariant::Value<'_>> = [].into();
    let arguments = ("app", 0_u32, "", summary, "", [""; 0].as_slice(), hints, -1_i32);
    let path = "/org/freedesktop/Notifications";
    let reply = connection.call_method(Some(NAME), path, Some(NAME), "Notify", &arguments).await?;
    reply.body().deserialize()
}

#[tokio::test]
async fn the_fake_records_in_order_and_refuses_on_request() -> Result<()> {
    let bus = PrivateBus::start()?;
    let server = PopupServer::start(bus.connect().await?).await?;
    let client = bus.connect().await?;

    ensure!(notify(&client, "first").await? == 1, "ids start at 1");
    server.answer_next(Answer::Refuse(EXCESS));
    let refused = notify(&client, "second").await;
    let error = refused.err().context("the fake took a popup that it was told to refuse")?;
    ensure!(error.to_string().contains(EXCESS), "the error name was lost: {error}");
    ensure!(notify(&client, "third").await? == 2, "a refused popup must not use up an id");

    let shown = server.wait_for_shown(3, DEADLINE).await?;
    let summaries: Vec<&str> = shown.iter().map(|one| one.summary.as_str()).collect();
    ensure!(summaries == ["first", "second", "third"], "recorded {summaries:?}");
    Ok(())
}

#[tokio::test]
async fn nothing_is_activated_on_a_private_bus() -> Result<()> {
    let bus = PrivateBus::start()?;
    let client = bus.connect().await?;
    let error = notify(&client, "anybody?").await.err().context("somebody answered")?;
    ensure!(error.to_string().contains("ServiceUnknown"), "unexpected answer: {error}");
    Ok(())
}
