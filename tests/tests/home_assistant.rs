//! The daemon against a real Home Assistant: what its sidebar shows is in the inbox, and the other way round.

use anyhow::{Context, Result, ensure};
use tidings_api::{Notification, SourceState, SourceStatus, StateChange};
use tidings_tests::home_assistant::HomeAssistant;
use tidings_tests::session::Session;
use tidings_tests::tidings::tidings;
use tidings_tests::tidingsd::Tidingsd;
use tidings_tests::wait::{DEADLINE, LONG, until};

const NAME: &str = "home";

/// A daemon that is signed in.
struct Scene {
    session: Session,
    server: HomeAssistant,
    daemon: Tidingsd,
}

async fn scene() -> Result<Scene> {
    scene_of(HomeAssistant::start().await?).await
}

async fn scene_of(server: HomeAssistant) -> Result<Scene> {
    let session = Session::start().await?;
    configure(&session, &server, &server.token()?)?;
    let daemon = session.daemon().await?;
    daemon.wait_for_state(NAME, SourceState::Online).await?;
    Ok(Scene { session, server, daemon })
}

fn configure(session: &Session, server: &HomeAssistant, token: &str) -> Result<()> {
    let file = session.secret_file("home.token", token)?;
    session.configure(&format!(
        "[[source]]\nname = \"{NAME}\"\nkind = \"home-assistant\"\nurl = \"{}\"\ntoken_file = \"{}\"\n",
        server.url(),
        file.display()
    ))
}

/// Keys and texts, sorted.
fn contents(rows: &[Notification]) -> Vec<(&str, &str)> {
    let mut contents: Vec<_> =
        rows.iter().map(|row| (row.key.as_str(), row.body.as_str())).collect();
    contents.sort_unstable();
    contents
}

async fn wait_for(daemon: &Tidingsd, wanted: &[(&str, &str)]) -> Result<Vec<Notification>> {
    let there = |rows: &[Notification]| contents(rows) == wanted;
    daemon.wait_for_rows(NAME, &format!("the rows {wanted:?}"), LONG, there).await
}

fn row<'r>(rows: &'r [Notification], key: &str) -> Result<&'r Notification> {
    rows.iter().find(|row| row.key == key).with_context(|| format!("no row \"{key}\": {rows:?}"))
}

#[tokio::test]
async fn history_is_quiet_and_what_comes_pops_up_once_and_goes_when_it_is_dismissed_there()
-> Result<()> {
    let server = HomeAssistant::start().await?;
    server.create("update", "", "An **update** is there").await?;
    let scene = scene_of(server).await?;
    let rows = wait_for(&scene.daemon, &[("update", "An **update** is there")]).await?;
    assert_eq!(rows[0].title, "Home Assistant", "one without a title has a name all the same");
    assert!(rows[0].data.contains("text/markdown"), "its text is Markdown: {}", rows[0].data);

    scene.server.create("door", "Garage", "open").await?;
    let popup = scene.session.popups.wait_for_shown(1, DEADLINE).await?.remove(0);
    assert_eq!(popup.summary, "Garage", "the first popup is the first news: {popup:?}");
    scene.server.create("door", "Garage", "open for an hour").await?;
    let both = [("door", "open for an hour"), ("update", "An **update** is there")];
    let rows = wait_for(&scene.daemon, &both).await?;
    assert_eq!(row(&rows, "door")?.occurrences, 2, "the same name again takes its place");
    let shown = scene.session.popups.wait_for_shown(2, DEADLINE).await?;
    let last = shown.last().context("no popup")?.id;

    scene.server.dismiss("door").await?;
    let read = |rows: &[Notification]| row(rows, "door").is_ok_and(|row| row.read);
    let rows = scene.daemon.wait_for_rows(NAME, "the dismissed row", LONG, read).await?;
    assert!(row(&rows, "door")?.retracted_at.is_some(), "it was taken back: {rows:?}");
    assert!(!row(&rows, "update")?.read, "nobody has dealt with the other one");
    until("the popup to go", DEADLINE, async || {
        scene.session.popups.closed().contains(&last).then_some(())
    })
    .await?;
    assert_eq!(scene.session.popups.shown().len(), 2, "each occurrence pops up once");
    Ok(())
}

#[tokio::test]
async fn what_is_done_or_deleted_here_is_dismissed_there_and_what_is_read_is_not() -> Result<()> {
    let scene = scene().await?;
    for id in ["deleted", "done", "read"] {
        scene.server.create(id, "", "x").await?;
    }
    let all = [("deleted", "x"), ("done", "x"), ("read", "x")];
    let rows = wait_for(&scene.daemon, &all).await?;
    let inbox = scene.daemon.inbox().await?;
    inbox.set_state(&[row(&rows, "read")?.id], StateChange::READ.to_dict()).await?;
    let done = StateChange { done: Some(true), ..StateChange::default() };
    inbox.set_state(&[row(&rows, "done")?.id], done.to_dict()).await?;
    inbox.delete(&[row(&rows, "deleted")?.id]).await?;

    until("the dismissals there", LONG, async || {
        let shown = scene.server.shown().await.ok()?;
        (shown.len() == 1 && shown[0].notification_id == "read").then_some(())
    })
    .await?;
    let drained = |status: &SourceStatus| status.pending_marks == 0;
    scene.daemon.wait_for_source(NAME, "an empty queue of marks", drained).await?;
    let rows = wait_for(&scene.daemon, &[("done", "x"), ("read", "x")]).await?;
    assert!(
        row(&rows, "done")?.done_at.is_some(),
        "the echo of the dismissal changes nothing: {rows:?}"
    );
    Ok(())
}

#[tokio::test]
async fn restart_of_the_server_loses_nothing_and_repeats_nothing() -> Result<()> {
    let mut scene = scene().await?;
    scene.server.create("alarm", "Cellar", "water").await?;
    scene.session.popups.wait_for_shown(1, DEADLINE).await?;
    scene.server.stop().await?;
    let down = |status: &SourceStatus| status.state != SourceState::Online;
    let status = scene.daemon.wait_for_source(NAME, "the loss of the server", down).await?;
    assert!(!status.last_error.is_empty(), "a person is told why: {status:?}");

    scene.server.resume().await?;
    ensure!(scene.server.shown().await?.is_empty(), "this server keeps them: the test is void");
    scene.server.create("door", "Garage", "open").await?;
    // By itself: no call to Reconnect.
    let rows = wait_for(&scene.daemon, &[("alarm", "water"), ("door", "open")]).await?;
    scene.daemon.wait_for_state(NAME, SourceState::Online).await?;
    assert!(
        rows.iter().all(|row| !row.read && row.retracted_at.is_none()),
        "the server forgot it, and nobody has dealt with it: {rows:?}"
    );
    scene.server.create("window", "Kitchen", "open").await?;
    let all = [("alarm", "water"), ("door", "open"), ("window", "open")];
    let rows = wait_for(&scene.daemon, &all).await?;
    assert!(rows.iter().all(|row| row.occurrences == 1), "nothing comes twice: {rows:?}");
    scene.session.popups.wait_for_shown(3, DEADLINE).await?;
    assert_eq!(scene.session.popups.shown().len(), 3, "each pops up once");
    Ok(())
}

#[tokio::test]
async fn what_happened_while_the_daemon_was_killed_is_known_after_it() -> Result<()> {
    let Scene { session, server, daemon } = scene().await?;
    server.create("gone", "", "x").await?;
    server.create("stays", "", "x").await?;
    wait_for(&daemon, &[("gone", "x"), ("stays", "x")]).await?;
    daemon.kill().await?;
    server.dismiss("gone").await?;
    server.create("stays", "", "y").await?;
    server.create("new", "", "z").await?;

    let daemon = session.daemon().await?;
    let rows = wait_for(&daemon, &[("gone", "x"), ("new", "z"), ("stays", "y")]).await?;
    let read = |rows: &[Notification]| row(rows, "gone").is_ok_and(|row| row.read);
    daemon.wait_for_rows(NAME, "what was dismissed meanwhile", LONG, read).await?;
    assert_eq!(row(&rows, "stays")?.occurrences, 2, "it happened once more: {rows:?}");
    assert!(!row(&rows, "new")?.read && !row(&rows, "stays")?.read, "both are news: {rows:?}");
    Ok(())
}

#[tokio::test]
async fn wrong_and_revoked_tokens_wait_for_a_person() -> Result<()> {
    let server = HomeAssistant::start().await?;
    let session = Session::start().await?;
    let wrong = "wrong-token-of-ana";
    configure(&session, &server, wrong)?;
    let daemon = session.daemon().await?;
    let status = daemon.wait_for_state(NAME, SourceState::NeedsLogin).await?;
    assert!(status.last_error.contains("make a new one"), "it says what to do: {status:?}");
    assert!(!status.last_error.contains(wrong), "without the secret: {status:?}");
    let tested = tidings(&session, &["sources", "test", NAME]).await?;
    assert!(tested.code != Some(0) && tested.stdout.contains("refused"), "{tested:?}");

    server.create("door", "Garage", "open").await?;
    configure(&session, &server, &server.token()?)?;
    daemon.sources().await?.reconnect(NAME).await?;
    daemon.wait_for_state(NAME, SourceState::Online).await?;
    // There may be another one: it tells of wrong tokens itself.
    let known = |rows: &[Notification]| rows.iter().any(|row| row.key == "door");
    daemon.wait_for_rows(NAME, "what is there", LONG, known).await?;
    let tested = tidings(&session, &["sources", "test", NAME]).await?;
    assert!(tested.code == Some(0) && tested.stdout.contains("reachable"), "{tested:?}");

    server.revoke_token().await?;
    daemon.wait_for_state(NAME, SourceState::NeedsLogin).await?;
    let rows = daemon.rows(NAME).await?;
    assert!(!row(&rows, "door")?.read, "a closed door is not a dismissal: {rows:?}");
    Ok(())
}

#[tokio::test]
async fn a_thousand_at_once_all_arrive_and_are_summarised() -> Result<()> {
    let scene = scene().await?;
    let mut texts: Vec<String> = (0..1000).map(|n| format!("Sensor {n}")).collect();
    scene.server.create_all(&texts).await?;
    let complete = |rows: &[Notification]| rows.len() == 1000;
    let rows = scene.daemon.wait_for_rows(NAME, "a thousand rows", LONG, complete).await?;
    let mut there: Vec<&str> = rows.iter().map(|row| row.body.as_str()).collect();
    there.sort_unstable();
    texts.sort_unstable();
    assert_eq!(there, texts, "each is there exactly once");
    let popups = scene.session.popups.shown();
    assert!(popups.len() < 30, "a burst is not shown one by one: {}", popups.len());
    Ok(())
}
