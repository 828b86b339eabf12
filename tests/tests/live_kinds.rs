//! ntfy, Gotify and Home Assistant as a person meets them: the real daemon beside a server that speaks each protocol.

use anyhow::Result;
use tidings_api::{Notification, SourceState};
use tidings_tests::live_server::{LiveServer, Speech, TOKEN};
use tidings_tests::session::Session;
use tidings_tests::tidings::tidings;
use tidings_tests::tidingsd::Tidingsd;
use tidings_tests::wait::{DEADLINE, LONG};

const NAME: &str = "home";

async fn scene(speech: Speech) -> Result<(Session, LiveServer)> {
    let session = Session::start().await?;
    let server = LiveServer::start(speech).await?;
    session.configure(&server.configuration(&session, NAME)?)?;
    Ok((session, server))
}

async fn online(session: &Session, server: &LiveServer) -> Result<Tidingsd> {
    let daemon = session.daemon().await?;
    daemon.wait_for_state(NAME, SourceState::Online).await?;
    server.wait_for_sockets(1).await?;
    Ok(daemon)
}

/// Waits for exactly these bodies, the newest first or not: several come within one second of the server's clock.
async fn bodies(daemon: &Tidingsd, wanted: &[&str]) -> Result<Vec<Notification>> {
    let mut wanted: Vec<&str> = wanted.to_vec();
    wanted.sort_unstable();
    let what = format!("the rows {wanted:?}");
    daemon
        .wait_for_rows(NAME, &what, LONG, |rows| {
            let mut there: Vec<&str> = rows.iter().map(|row| row.body.as_str()).collect();
            there.sort_unstable();
            there == wanted
        })
        .await
}

#[tokio::test]
async fn what_is_published_pops_up_and_what_was_missed_is_there_exactly_once() -> Result<()> {
    for speech in Speech::ALL {
        let (session, server) = scene(speech).await?;
        server.keep("from before");
        let daemon = online(&session, &server).await?;
        bodies(&daemon, &["from before"]).await?;
        server.publish("live");
        let rows = bodies(&daemon, &["from before", "live"]).await?;
        session.popups.wait_for_shown(1, DEADLINE).await?;
        let shown = session.popups.shown();
        assert!(
            shown.iter().all(|popup| popup.body.contains("live")),
            "{speech:?}: history raises no popup: {shown:?}"
        );
        assert!(rows.iter().all(|row| row.remote_id.is_some()), "{speech:?}: {rows:?}");

        daemon.kill().await?;
        server.keep("missed");
        let daemon = online(&session, &server).await?;
        bodies(&daemon, &["from before", "live", "missed"]).await?;
        server.publish("live again");
        bodies(&daemon, &["from before", "live", "missed", "live again"]).await?;
        let live = session.popups.shown().iter().filter(|popup| popup.body == "live").count();
        assert_eq!(live, 1, "{speech:?}: nothing pops up twice");
    }
    Ok(())
}

#[tokio::test]
async fn a_source_is_tested_and_listed_in_words() -> Result<()> {
    for speech in Speech::ALL {
        let (session, server) = scene(speech).await?;
        let _daemon = online(&session, &server).await?;
        let tested = tidings(&session, &["sources", "test", NAME]).await?;
        assert_eq!(tested.code, Some(0), "{speech:?}: {tested:?}");
        let listed = tidings(&session, &["sources", "--json"]).await?;
        assert!(listed.stdout.contains(speech.kind()), "{speech:?}: {listed:?}");
        assert!(listed.stdout.contains("last_proof_of_life"), "{speech:?}: {listed:?}");
        let (all, secret) = (format!("{tested:?}{listed:?}{:?}", server.requests()), TOKEN);
        assert!(!all.contains(secret), "{speech:?}: the token is in no address and no output");
    }
    Ok(())
}

#[tokio::test]
async fn a_button_that_would_be_asked_about_leads_to_the_command_where_there_is_no_window()
-> Result<()> {
    let (session, server) = scene(Speech::Ntfy).await?;
    let _daemon = online(&session, &server).await?;
    let door = serde_json::json!([{"id": "open", "action": "http", "label": "Open the door",
        "url": "https://door.example/open"}]);
    server.publish_with(
        "Somebody is at the door",
        [("actions".to_owned(), door)].into_iter().collect(),
    );
    let shown = session.popups.wait_for_shown(1, DEADLINE).await?;
    session.popups.invoke(shown[0].id, "open").await?;
    let shown = session.popups.wait_for_shown(2, DEADLINE).await?;
    assert_eq!(shown[1].summary, "“Open the door” sends a request");
    assert!(shown[1].body.contains("POST to door.example:443"), "{}", shown[1].body);
    assert!(shown[1].body.contains("tidings invoke 1 open"), "{}", shown[1].body);
    Ok(())
}

#[tokio::test]
async fn a_source_that_is_connected_anew_shows_the_secret_that_is_there_now() -> Result<()> {
    for speech in Speech::ALL {
        let (session, server) = scene(speech).await?;
        let daemon = online(&session, &server).await?;
        let file = session.secret_file("token", "mistyped")?;
        daemon.sources().await?.reconnect(NAME).await?;
        daemon.wait_for_state(NAME, SourceState::NeedsLogin).await?;
        std::fs::write(file, TOKEN)?;
        daemon.sources().await?.reconnect(NAME).await?;
        daemon.wait_for_state(NAME, SourceState::Online).await?;
    }
    Ok(())
}
