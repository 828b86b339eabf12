//! Starting, stopping, reloading, and refusing to start.

use std::time::Duration;

use anyhow::Result;
use tidings_api::{Error, SourceState};
use tidings_tests::config::{self, SOURCE};
use tidings_tests::faulty_server::FaultyServer;
use tidings_tests::session::Session;
use tidings_tests::tidingsd::Tidingsd;
use tidings_tests::wait::{DEADLINE, until};

#[tokio::test]
async fn sigterm_ends_it_cleanly_and_nothing_is_lost() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let id = daemon.post("before").await?;
    assert!(daemon.terminate().await?.success(), "a polite end is a success");
    let daemon = session.daemon().await?;
    assert_eq!(daemon.get(id).await?.title, "before");
    Ok(())
}

#[tokio::test]
async fn it_does_not_outlive_its_bus() -> Result<()> {
    let session = Session::start().await?;
    let mut daemon = session.daemon().await?;
    daemon.post("before").await?;
    drop(session.bus);
    daemon.ended().await?;
    Ok(())
}

#[tokio::test]
async fn a_second_daemon_refuses_to_run() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let (status, words) = Tidingsd::refuse(&session, &[]).await?;
    assert!(!status.success(), "refusing is a failure");
    assert!(words.contains("running") || words.contains("in use"), "and is explained: {words}");
    daemon.post("the first one still answers").await?;
    Ok(())
}

#[tokio::test]
async fn a_second_bus_does_not_share_the_inbox() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let other = Session::start().await?;
    let database = session.database();
    let database = database.to_str().unwrap();
    let (status, words) = Tidingsd::refuse(&other, &["--database", database]).await?;
    assert!(!status.success(), "two daemons must not write one inbox");
    assert!(words.contains(database), "the message names the file: {words}");
    daemon.post("the first one still writes").await?;
    Ok(())
}

#[tokio::test]
async fn a_damaged_database_is_refused_and_left_as_it_is() -> Result<()> {
    let session = Session::start().await?;
    let garbage: Vec<u8> =
        (0..20_000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    std::fs::write(session.database(), &garbage)?;
    let (status, words) = Tidingsd::refuse(&session, &[]).await?;
    assert!(!status.success(), "it must not start with an empty inbox instead");
    let file = session.database();
    assert!(words.contains(file.to_str().unwrap()), "the message names the file: {words}");
    assert!(words.contains("damaged") || words.contains("not a Tidings database"), "{words}");
    assert!(std::fs::read(file)? == garbage, "the file is kept: it may be repaired");
    Ok(())
}

#[tokio::test]
async fn a_database_damaged_inside_is_refused_or_reported_never_overwritten() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    for n in 0..50 {
        daemon.post(&format!("row {n}")).await?;
    }
    daemon.terminate().await?;
    let mut bytes = std::fs::read(session.database())?;
    // The schema page: nothing can be read without it.
    bytes[100..4000].fill(0xa5);
    std::fs::write(session.database(), &bytes)?;
    let (status, words) = Tidingsd::refuse(&session, &[]).await?;
    assert!(!status.success(), "a damaged schema is refused: {words}");
    assert!(std::fs::read(session.database())? == bytes, "the file is kept as it was");
    Ok(())
}

#[tokio::test]
async fn a_newer_database_is_refused_and_left_as_it_is() -> Result<()> {
    let session = Session::start().await?;
    session.daemon().await?.terminate().await?;
    let database = rusqlite::Connection::open(session.database())?;
    database.pragma_update(None, "user_version", 9_999)?;
    database.close().map_err(|(_, error)| error)?;
    let before = std::fs::read(session.database())?;
    let (status, words) = Tidingsd::refuse(&session, &[]).await?;
    assert!(!status.success());
    assert!(words.contains("newer"), "the message says what to do: {words}");
    assert!(std::fs::read(session.database())? == before, "the file is kept for the newer program");
    Ok(())
}

#[tokio::test]
async fn a_changed_file_and_sighup_are_followed() -> Result<()> {
    let server = FaultyServer::start().await?;
    let session = Session::start().await?;
    session.configure("")?;
    let daemon = session.daemon().await?;
    let text = config::faulty(&session, &server)?;
    session.configure(&text)?;
    daemon.signal(libc::SIGHUP)?;
    daemon.wait_for_state(SOURCE, SourceState::Online).await?;

    // Without a signal this time.
    session.configure(&format!("{text}enabled = false\n"))?;
    daemon.wait_for_state(SOURCE, SourceState::Disabled).await?;
    server.wait_for_sockets(0).await?;
    session.configure(&text)?;
    daemon.wait_for_state(SOURCE, SourceState::Online).await?;
    Ok(())
}

#[tokio::test]
async fn a_reload_in_the_first_moment_does_not_end_it() -> Result<()> {
    let session = Session::start().await?;
    for _ in 0..10 {
        let daemon = session.daemon().await?;
        daemon.signal(libc::SIGHUP)?;
        daemon.post("still there").await?;
        daemon.terminate().await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_broken_file_leaves_the_last_good_one_in_force() -> Result<()> {
    let server = FaultyServer::start().await?;
    let session = Session::start().await?;
    let text = config::faulty(&session, &server)?;
    session.configure(&text)?;
    let daemon = session.daemon().await?;
    daemon.wait_for_state(SOURCE, SourceState::Online).await?;

    session.configure(&format!("{text}enabeld = false\n"))?;
    let error = daemon.control().await?.reload().await.map_err(Error::from).unwrap_err();
    let words = error.message();
    let line = text.lines().count() + 1;
    assert!(words.contains("enabeld"), "the message names the key: {words}");
    assert!(words.contains(&format!("{line}")), "and its line, {line}: {words}");
    assert!(words.contains("enabled"), "and what was probably meant: {words}");
    until("the error in the statistics", DEADLINE, async || {
        let stats = format!("{:?}", daemon.control().await.ok()?.stats().await.ok()?);
        stats.contains("enabeld").then_some(())
    })
    .await?;
    assert_eq!(daemon.source(SOURCE).await?.state, SourceState::Online, "it goes on as before");
    server.notify("todavía en línea");
    session.popups.wait_for_shown(1, DEADLINE).await?;

    session.configure(&text)?;
    daemon.control().await?.reload().await?;
    let stats = format!("{:?}", daemon.control().await?.stats().await?);
    assert!(!stats.contains("enabeld"), "a mended file clears the error");
    Ok(())
}

#[tokio::test]
async fn disabling_a_source_is_written_to_the_file_with_its_comments() -> Result<()> {
    let server = FaultyServer::start().await?;
    let session = Session::start().await?;
    session.configure(&format!("# mine\n{}", config::faulty(&session, &server)?))?;
    let daemon = session.daemon().await?;
    daemon.wait_for_state(SOURCE, SourceState::Online).await?;
    daemon.sources().await?.set_enabled(SOURCE, false).await?;
    daemon.wait_for_state(SOURCE, SourceState::Disabled).await?;
    server.wait_for_sockets(0).await?;
    let text = std::fs::read_to_string(session.config_file())?;
    assert!(text.contains("# mine") && text.contains("enabled = false"), "{text}");

    daemon.terminate().await?;
    let daemon = session.daemon().await?;
    assert_eq!(daemon.source(SOURCE).await?.state, SourceState::Disabled, "it stays off");
    daemon.sources().await?.set_enabled(SOURCE, true).await?;
    daemon.wait_for_state(SOURCE, SourceState::Online).await?;
    let error = daemon.sources().await?.set_enabled("nobody", true).await.map_err(Error::from);
    assert!(matches!(error, Err(Error::NotFound(_))), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn it_starts_within_a_moment_and_says_its_version() -> Result<()> {
    let session = Session::start().await?;
    let started = std::time::Instant::now();
    let daemon = session.daemon().await?;
    assert!(started.elapsed() < Duration::from_secs(5), "nothing slow before the bus name");
    assert_eq!(daemon.control().await?.version().await?, env!("CARGO_PKG_VERSION"));
    assert_eq!(daemon.control().await?.api_version().await?, tidings_api::names::API_VERSION);
    Ok(())
}

#[tokio::test]
async fn an_export_can_be_imported_elsewhere_once() -> Result<()> {
    use std::io::{Read, Seek};
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    for n in 0..25 {
        daemon.post(&format!("row {n}")).await?;
    }
    let mut file = tempfile::tempfile()?;
    let output = std::os::fd::OwnedFd::from(file.try_clone()?);
    assert_eq!(daemon.control().await?.export(output.into()).await?, 25);
    file.rewind()?;
    let mut text = String::new();
    file.read_to_string(&mut text)?;
    assert_eq!(text.lines().count(), 25, "a JSON object a line");

    let other = Session::start().await?;
    let second = other.daemon().await?;
    for expected in [25, 0] {
        file.rewind()?;
        let input = std::os::fd::OwnedFd::from(file.try_clone()?);
        assert_eq!(second.control().await?.import(input.into()).await?, expected, "each row once");
    }
    let titles = async |daemon: &Tidingsd| -> Result<Vec<String>> {
        let rows = daemon.list(&tidings_api::Filter::default()).await?;
        Ok(rows.into_iter().map(|row| row.title).collect())
    };
    assert_eq!(titles(&second).await?, titles(&daemon).await?, "in the same order");
    assert!(other.popups.shown().is_empty(), "history raises no popups");
    Ok(())
}

#[tokio::test]
async fn exports_that_nobody_reads_hold_nothing_up() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let body = "x".repeat(60_000);
    for n in 0..3 {
        let options = tidings_api::Dict::new();
        daemon.post1().await?.post(&format!("long {n}"), &body, options).await?;
    }
    let mut unread = Vec::new();
    let mut stuck = Vec::new();
    for _ in 0..3 {
        let (reader, writer) = std::io::pipe()?;
        unread.push(reader);
        let control = daemon.control().await?;
        let output = std::os::fd::OwnedFd::from(writer);
        stuck.push(tokio::spawn(async move { control.export(output.into()).await }));
    }
    // Looked at on a thread that may block, as the names of servers are.
    let folder = tempfile::tempdir()?;
    let icon = folder.path().join("icon.png");
    std::fs::write(&icon, b"image")?;
    let post = tidings_api::Post {
        title: "with an icon".into(),
        icon: icon.display().to_string(),
        ..tidings_api::Post::default()
    };
    daemon.post1().await?.post(&post.title, "", post.to_options()).await?;
    let shown = session.popups.wait_for_shown(4, DEADLINE).await?;
    assert!(shown[3].hints.contains_key("image-path"), "the threads are free: {:?}", shown[3]);
    assert!(stuck.iter().all(|export| !export.is_finished()), "or the test has tested nothing");
    Ok(())
}
