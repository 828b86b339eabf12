//! Secrets go in and never come out, and are not sent where others could read them.

use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use anyhow::{Result, bail};
use tidings_api::{Dict, Error, SourceState, SourceStatus};
use tidings_tests::config::{self, SOURCE};
use tidings_tests::faulty_server::{FaultyServer, TOKEN};
use tidings_tests::scene::Scene;
use tidings_tests::session::Session;
use tidings_tests::tidings::tidings;
use tidings_tests::tidingsd::Tidingsd;

/// What `Reload` says to this configuration.
async fn refusal(text: &str) -> Result<String> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    session.configure(text)?;
    match daemon.control().await?.reload().await.map_err(Error::from) {
        Ok(()) => bail!("this configuration is accepted:\n{text}"),
        Err(error) => Ok(error.message().to_owned()),
    }
}

fn source(url: &str, line: &str) -> String {
    let start = "[[source]]\nname = \"orders\"\nkind = \"json\"\npreset = \"django-channels\"\n";
    format!("{start}url = \"{url}\"\n{line}\n")
}

#[tokio::test]
async fn a_token_in_the_file_is_refused_with_the_way_out() -> Result<()> {
    let words = refusal(&source("https://shop.example.org", "token = \"hunter2\"")).await?;
    assert!(!words.contains("hunter2"), "the message does not repeat it: {words}");
    for way in ["token_command", "token_file", "keyring"] {
        assert!(words.contains(way), "the message says {way}: {words}");
    }
    Ok(())
}

#[tokio::test]
async fn a_secret_is_not_sent_in_the_clear_to_another_machine() -> Result<()> {
    let command = "token_command = [\"true\"]";
    let words = refusal(&source("http://shop.example.org", command)).await?;
    assert!(words.contains("allow_insecure_hosts"), "the exception has a name: {words}");
    let words = refusal(&source("https://ana:pw@shop.example.org", "")).await?;
    assert!(!words.contains("pw@"), "the message does not repeat the password: {words}");

    let session = Session::start().await?;
    let allowed = "[security]\nallow_insecure_hosts = [\"shop.example.org\"]\n";
    session.configure(&(source("http://shop.example.org", command) + allowed))?;
    let daemon = session.daemon().await?;
    assert_eq!(daemon.source("orders").await?.name, "orders", "allowed by name");
    Ok(())
}

#[tokio::test]
async fn a_token_file_that_others_can_read_is_not_used() -> Result<()> {
    let server = FaultyServer::start().await?;
    let session = Session::start().await?;
    session.configure(&config::faulty(&session, &server)?)?;
    let file = session.home().join("orders.token");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644))?;
    let daemon = session.daemon().await?;
    let refused = |status: &SourceStatus| status.last_error.contains("chmod 600");
    daemon.wait_for_source(SOURCE, "the refusal of the file", refused).await?;
    assert_eq!(server.record().requests.len(), 0, "nothing was sent");

    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600))?;
    daemon.sources().await?.reconnect(SOURCE).await?;
    daemon.wait_for_state(SOURCE, SourceState::Online).await?;
    Ok(())
}

#[tokio::test]
async fn a_token_command_is_run_without_a_shell() -> Result<()> {
    let server = FaultyServer::start().await?;
    let session = Session::start().await?;
    let line = format!("token_command = [\"printf\", \"%s\\n\", \"{TOKEN}\"]");
    session.configure(&source(&server.url(), &line))?;
    let daemon = session.daemon().await?;
    daemon.wait_for_state("orders", SourceState::Online).await?;
    Ok(())
}

#[tokio::test]
async fn no_secret_is_in_logs_answers_arguments_or_the_database() -> Result<()> {
    let scene = Scene::online().await?;
    scene.server.notify("hola");
    scene.wait_for_confirmed(1).await?;
    scene.server.faults(|faults| faults.redirect_to_login = true);
    scene.daemon.wait_for_state(SOURCE, SourceState::NeedsLogin).await?;

    let said = everything_said(&scene.daemon).await?;
    assert!(!said.contains(TOKEN), "D-Bus answers: {said}");
    for arguments in [&["status"][..], &["sources"], &["doctor"], &["list", "--json"]] {
        let ran = tidings(&scene.session, arguments).await?;
        assert!(!format!("{ran:?}").contains(TOKEN), "tidings {arguments:?}: {ran:?}");
    }
    let pid = scene.daemon.pid()?;
    let line = std::fs::read(format!("/proc/{pid}/cmdline"))?;
    assert!(!contains(&line, TOKEN), "arguments are readable by everybody");
    let Scene { session, server: _server, daemon } = scene;
    let log = daemon.log();
    daemon.terminate().await?;
    assert!(!log.contains(TOKEN), "log: {log}");
    assert!(log.contains("INFO"), "there is a log to look at");
    assert!(!contains(&std::fs::read(session.database())?, TOKEN), "the inbox");
    Ok(())
}

async fn everything_said(daemon: &Tidingsd) -> Result<String> {
    let stats = daemon.control().await?.stats().await?;
    let sources = daemon.sources().await?;
    let listed = sources.list().await?;
    let tested = sources.test(SOURCE).await?;
    // Every key of the answer, and not only those that a client reads.
    let inbox = daemon.inbox().await?;
    let rows: (Vec<Dict>, String, u64) =
        inbox.inner().call("List", &(Dict::new(), "", 10_u32)).await?;
    Ok(format!("{stats:?}{listed:?}{tested:?}{rows:?}"))
}

fn contains(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

#[tokio::test]
async fn what_others_could_read_is_closed_to_them() -> Result<()> {
    let session = Session::start().await?;
    // A folder that the daemon has to make itself.
    std::fs::remove_dir_all(session.home().join("data"))?;
    let daemon = session.daemon().await?;
    daemon.post("private").await?;
    for path in [session.database(), session.home().join("data/tidings")] {
        let mode = std::fs::metadata(&path)?.permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}: {mode:o}", path.display());
    }
    Ok(())
}

#[tokio::test]
async fn a_test_of_a_source_says_what_works_and_what_does_not() -> Result<()> {
    let scene = Scene::online().await?;
    let report = async || -> Result<(bool, String)> {
        let mut dict = scene.daemon.sources().await?.test(SOURCE).await?;
        let ok = dict.remove("ok").is_some_and(|ok| bool::try_from(ok).unwrap_or_default());
        Ok((ok, format!("{dict:?}")))
    };
    let (ok, steps) = report().await?;
    assert!(ok, "all is well: {steps}");
    scene.server.faults(|faults| faults.refuse_handshake = true);
    let (ok, steps) = report().await?;
    assert!(!ok && steps.contains("403"), "it tells what the server said: {steps}");
    // Beside the running connection, which is not disturbed.
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(scene.server.sockets(), 1, "the live connection stays");
    Ok(())
}
