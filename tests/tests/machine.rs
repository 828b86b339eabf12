//! What happens to the machine: it wakes from sleep, and its network becomes another one.

use std::collections::HashMap;

use anyhow::Result;
use tidings_api::SourceState;
use tidings_tests::config::SOURCE;
use tidings_tests::scene::Scene;
use tidings_tests::wait::{LONG, until};
use zbus::Connection;
use zbus::zvariant::Value;

const HANDSHAKE: &str = "/ws/notificaciones/";

/// A system service that says what the test wants.
async fn service(scene: &Scene, name: &str) -> Result<Connection> {
    let bus = scene.session.connect().await?;
    bus.request_name(name).await?;
    Ok(bus)
}

async fn prepare_for_sleep(logind: &Connection, falls_asleep: bool) -> Result<()> {
    let (path, interface) = ("/org/freedesktop/login1", "org.freedesktop.login1.Manager");
    logind.emit_signal(None::<&str>, path, interface, "PrepareForSleep", &falls_asleep).await?;
    Ok(())
}

/// Says it until the daemon, which begins to listen a moment after its start, has heard it and dialled again.
async fn said_until_dialled(scene: &Scene, say: impl AsyncFn() -> Result<()>) -> Result<()> {
    let before = scene.server.requests("GET", HANDSHAKE);
    until("another handshake", LONG, async || {
        say().await.ok()?;
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        (scene.server.requests("GET", HANDSHAKE) > before).then_some(())
    })
    .await
}

#[tokio::test]
async fn a_machine_that_wakes_dials_at_once_and_finds_what_it_missed() -> Result<()> {
    let scene = Scene::online().await?;
    let logind = service(&scene, "org.freedesktop.login1").await?;
    scene.server.faults(|faults| faults.deaf = true);
    scene.server.notify("mientras dormía");
    let before = scene.server.requests("GET", HANDSHAKE);
    prepare_for_sleep(&logind, true).await?;
    scene.wait_for_confirmed(1).await?;
    assert_eq!(scene.server.requests("GET", HANDSHAKE), before, "falling asleep renews nothing");
    said_until_dialled(&scene, async || prepare_for_sleep(&logind, false).await).await?;
    scene.daemon.wait_for_state(SOURCE, SourceState::Online).await?;
    Ok(())
}

#[tokio::test]
async fn another_network_cuts_the_wait_for_a_lost_server_short() -> Result<()> {
    let scene = Scene::online().await?;
    let network_manager = service(&scene, "org.freedesktop.NetworkManager").await?;
    scene.server.faults(|faults| faults.refuse_handshake = true);
    scene.server.reset_sockets();
    let refused = |status: &tidings_api::SourceStatus| {
        matches!(status.state, SourceState::Rejected | SourceState::NeedsLogin)
    };
    scene.daemon.wait_for_source(SOURCE, "a wait of minutes", refused).await?;
    scene.server.faults(|faults| faults.refuse_handshake = false);
    let changed = HashMap::from([("PrimaryConnection", Value::from("/other"))]);
    let body = ("org.freedesktop.NetworkManager", changed, Vec::<String>::new());
    said_until_dialled(&scene, async || {
        let (path, interface) =
            ("/org/freedesktop/NetworkManager", "org.freedesktop.DBus.Properties");
        let (none, member) = (None::<&str>, "PropertiesChanged");
        Ok(network_manager.emit_signal(none, path, interface, member, &body).await?)
    })
    .await?;
    scene.daemon.wait_for_state(SOURCE, SourceState::Online).await?;
    Ok(())
}
