//! The first call to the name starts the daemon, and its unit file is one that systemd accepts.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tidings_api::{Dict, Inbox1Proxy, Post1Proxy, names};
use tidings_tests::bus::PrivateBus;
use tidings_tests::programs::{self, workspace};
use tidings_tests::session::Session;
use tidings_tests::wait::{DEADLINE, until};
use zbus::fdo::DBusProxy;

/// Installs a template of `daemon/data` as `make install` does.
fn install(template: &str, to: &Path) -> Result<()> {
    let path = workspace().join("daemon/data").join(template);
    let text = std::fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let programs = programs::tidingsd()?;
    let folder = programs.parent().context("a program lies in a folder")?;
    std::fs::write(to, text.replace("@bindir@", folder.to_str().context("not UTF-8")?))?;
    Ok(())
}

#[tokio::test]
async fn the_first_post_starts_the_daemon() -> Result<()> {
    let services = tempfile::tempdir()?;
    let service = format!("{}.service", names::BUS_NAME);
    install(&format!("{service}.in"), &services.path().join(&service))?;
    let session = Session::on(PrivateBus::with_services(services.path())?).await?;
    let connection = session.connect().await?;
    let bus = DBusProxy::new(&connection).await?;
    let environment = session.environment()?;
    let environment =
        environment.iter().map(|(key, value)| Ok((*key, value.to_str().context("not UTF-8")?)));
    bus.update_activation_environment(environment.collect::<Result<_>>()?).await?;
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
    install("tidingsd.service.in", &unit)?;
    let verify = session.command("systemd-analyze")?.args(["verify", "--user"]).arg(&unit).output();
    let output = tokio::time::timeout(Duration::from_secs(30), verify).await??;
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "systemd-analyze refuses the unit: {words}");
    let about_ours: Vec<&str> = words.lines().filter(|line| line.contains("tidingsd")).collect();
    assert!(about_ours.is_empty(), "systemd-analyze complains: {about_ours:?}");
    Ok(())
}
