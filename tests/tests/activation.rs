//! The first call to the name starts the daemon, and its unit file is one that systemd accepts.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, ensure};
use tidings_api::{Dict, Inbox1Proxy, Post1Proxy, names};
use tidings_tests::programs::install_data;
use tidings_tests::session::Session;
use tidings_tests::wait::{DEADLINE, until};
use zbus::fdo::DBusProxy;

#[tokio::test]
async fn the_first_post_starts_the_daemon() -> Result<()> {
    let session = Session::with_daemon_on_call().await?;
    let connection = session.connect().await?;
    let bus = DBusProxy::new(&connection).await?;
    let name = || names::BUS_NAME.try_into();
    ensure!(!bus.name_has_owner(name()?).await?, "nothing runs before the first call");

    let id = Post1Proxy::new(&connection).await?.post("Wake up", "", Dict::new()).await?;
    let rows = Inbox1Proxy::new(&connection).await?.get(&[id]).await?;
    assert_eq!(rows.len(), 1, "the call that started it was answered by it");

    // Nobody but its bus can end it: that must be enough, or the process stays for ever.
    let pid = bus.get_connection_unix_process_id(name()?).await?;
    drop(session);
    until("the activated daemon to end with its bus", DEADLINE, async || {
        (!Path::new(&format!("/proc/{pid}")).exists()).then_some(())
    })
    .await
}

#[tokio::test]
async fn systemd_accepts_the_unit() -> Result<()> {
    let session = Session::start().await?;
    let unit = session.home().join("tidingsd.service");
    install_data("tidingsd.service.in", &unit)?;
    let verify = session.command("systemd-analyze")?.args(["verify", "--user"]).arg(&unit).output();
    let output = tokio::time::timeout(Duration::from_secs(30), verify).await??;
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "systemd-analyze refuses the unit: {words}");
    let about_ours: Vec<&str> = words.lines().filter(|line| line.contains("tidingsd")).collect();
    assert!(about_ours.is_empty(), "systemd-analyze complains: {about_ours:?}");
    Ok(())
}
