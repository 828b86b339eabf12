//! What a person sees on the desktop, and what a click does.

use std::time::Duration;

use anyhow::Result;
use futures_util::StreamExt;
use tidings_api::{Action, Notification, Post, SourceState, StateChange, Urgency};
use tidings_tests::config::{self, SOURCE};
use tidings_tests::faulty_server::FaultyServer;
use tidings_tests::popup_server::{Answer, EXCESS};
use tidings_tests::session::Session;
use tidings_tests::tidingsd::Tidingsd;
use tidings_tests::wait::{DEADLINE, until};

async fn post(daemon: &Tidingsd, post: Post) -> Result<i64> {
    let options = post.to_options();
    Ok(daemon.post1().await?.post(&post.title, &post.body, options).await?)
}

fn titled(title: &str) -> Post {
    Post { title: title.into(), ..Post::default() }
}

async fn wait_for_opened(session: &Session, url: &str) -> Result<String> {
    until("the browser", DEADLINE, async || {
        session.opened().into_iter().find(|(_, opened)| opened == url).map(|(token, _)| token)
    })
    .await
}

#[tokio::test]
async fn a_click_opens_the_url_with_the_token_and_reads_the_row() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let url = "https://shop.example.org/orders/17?a=b&c=d";
    let id = post(&daemon, Post { url: url.into(), ..titled("Order 17") }).await?;
    let popup = session.popups.wait_for_shown(1, DEADLINE).await?[0].id;
    session.popups.token(popup, "token-from-the-compositor").await?;
    session.popups.invoke(popup, "default").await?;
    assert_eq!(wait_for_opened(&session, url).await?, "token-from-the-compositor");
    until("the row to be read", DEADLINE, async || {
        let row = daemon.get(id).await.ok()?;
        (row.read && row.acted_at.is_some()).then_some(())
    })
    .await
}

#[tokio::test]
async fn a_click_before_the_server_has_answered_is_not_lost() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    session.popups.answer_next(Answer::ClickFirst { action: "default", token: "early" });
    let url = "https://example.org/fast";
    post(&daemon, Post { url: url.into(), ..titled("Quick") }).await?;
    assert_eq!(wait_for_opened(&session, url).await?, "early");
    Ok(())
}

#[tokio::test]
async fn the_poster_hears_of_its_button_and_the_url_of_the_button_opens() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let mut invoked = daemon.post1().await?.receive_invoked().await?;
    let action = |id: &str, url: &str| Action { id: id.into(), label: id.into(), url: url.into() };
    let actions = vec![action("log", "https://ci.example.org/log"), action("retry", "")];
    let id = post(&daemon, Post { actions, ..titled("Build failed") }).await?;
    let shown = session.popups.wait_for_shown(1, DEADLINE).await?;
    assert!(shown[0].actions.iter().any(|word| word == "retry"), "{:?}", shown[0].actions);
    session.popups.invoke(shown[0].id, "retry").await?;
    let signal = tokio::time::timeout(DEADLINE, invoked.next()).await?.expect("the bus lives");
    let arguments = signal.args()?;
    assert_eq!((arguments.id, arguments.action), (id, "retry"));

    // From history, without any popup.
    daemon.inbox().await?.invoke(id, "log", tidings_api::Dict::new()).await?;
    wait_for_opened(&session, "https://ci.example.org/log").await?;
    Ok(())
}

#[tokio::test]
async fn no_program_is_started_for_a_url_that_is_not_a_link() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    for hostile in ["file:///etc/passwd", "javascript:alert(1)", "steam://run/1", "--help"] {
        let posted = post(&daemon, Post { url: hostile.into(), ..titled("Click me") }).await;
        let Ok(id) = posted else { continue };
        let _refused = daemon.inbox().await?.invoke(id, "default", tidings_api::Dict::new()).await;
    }
    let url = "https://example.org/harmless";
    let id = post(&daemon, Post { url: url.into(), ..titled("Click me") }).await?;
    daemon.inbox().await?.invoke(id, "default", tidings_api::Dict::new()).await?;
    wait_for_opened(&session, url).await?;
    assert_eq!(session.opened().len(), 1, "nothing else was opened: {:?}", session.opened());
    Ok(())
}

#[tokio::test]
async fn markup_of_strangers_is_shown_as_text() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let body = "<img src=\"http://tracker.example.org/1.png\"> & <a href=\"x\">here</a>".to_owned();
    post(&daemon, Post { body, ..titled("Hello") }).await?;
    let shown = session.popups.wait_for_shown(1, DEADLINE).await?;
    assert!(!shown[0].body.contains('<'), "no markup reaches the server: {}", shown[0].body);
    assert!(shown[0].body.contains("&lt;img"), "the text does: {}", shown[0].body);
    Ok(())
}

#[tokio::test]
async fn reading_takes_the_popup_away() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let id = daemon.post("read me").await?;
    let popup = session.popups.wait_for_shown(1, DEADLINE).await?[0].id;
    daemon.inbox().await?.set_state(&[id], StateChange::READ.to_dict()).await?;
    until("the popup to go", DEADLINE, async || {
        session.popups.closed().contains(&popup).then_some(())
    })
    .await
}

#[tokio::test]
async fn dismissing_is_seeing_and_expiring_is_nothing() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let expired = daemon.post("expires").await?;
    let dismissed = daemon.post("is dismissed").await?;
    let shown = session.popups.wait_for_shown(2, DEADLINE).await?;
    session.popups.close(shown[0].id, 1).await?;
    session.popups.close(shown[1].id, 2).await?;
    until("the dismissed row to be seen", DEADLINE, async || {
        daemon.get(dismissed).await.ok()?.seen_at.map(|_| ())
    })
    .await?;
    assert!(!daemon.get(dismissed).await?.read, "dismissed is not read");
    assert!(daemon.get(expired).await?.seen_at.is_none(), "nobody may have been there");
    Ok(())
}

#[tokio::test]
async fn the_same_key_replaces_its_popup() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let copy = |percent: u8| Post {
        key: "copy".into(),
        progress: Some(percent),
        ..titled(&format!("Copying {percent} %"))
    };
    post(&daemon, copy(10)).await?;
    let first = session.popups.wait_for_shown(1, DEADLINE).await?[0].id;
    post(&daemon, copy(60)).await?;
    let second = session.popups.wait_for_shown(2, DEADLINE).await?[1].clone();
    assert_eq!(second.replaces_id, first, "one popup that grows");
    Ok(())
}

#[tokio::test]
async fn a_burst_of_a_source_is_summed_up() -> Result<()> {
    let server = FaultyServer::start().await?;
    let session = Session::start().await?;
    session.configure(&config::faulty(&session, &server)?)?;
    let daemon = session.daemon().await?;
    daemon.wait_for_state(SOURCE, SourceState::Online).await?;
    for n in 0..40 {
        server.notify(&format!("de golpe {n}"));
    }
    let all = |rows: &[Notification]| rows.len() == 40;
    daemon.wait_for_rows(SOURCE, "forty rows", Duration::from_secs(30), all).await?;
    session
        .popups
        .wait_for("a summary of the source", Duration::from_secs(20), |calls| {
            let text = format!("{calls:?}");
            (text.contains("more") && text.contains(SOURCE)).then_some(())
        })
        .await?;
    let shown = session.popups.shown().len();
    assert!(shown < 12, "a desktop is not buried under {shown} popups");
    Ok(())
}

#[tokio::test]
async fn what_arrived_during_an_absence_is_one_summary() -> Result<()> {
    let server = FaultyServer::start().await?;
    let session = Session::start().await?;
    session.configure(&config::faulty(&session, &server)?)?;
    let daemon = session.daemon().await?;
    daemon.wait_for_state(SOURCE, SourceState::Online).await?;
    server.notify("antes");
    let one = |rows: &[Notification]| rows.len() == 1 && rows[0].remote_id.is_some();
    daemon.wait_for_rows(SOURCE, "the first row", DEADLINE, one).await?;
    daemon.terminate().await?;
    for n in 0..12 {
        server.notify(&format!("durante la ausencia {n}"));
    }
    let before = session.popups.shown().len();

    let daemon = session.daemon().await?;
    let all = |rows: &[Notification]| rows.len() == 13;
    daemon.wait_for_rows(SOURCE, "the missed rows", Duration::from_secs(30), all).await?;
    let shown = session.popups.wait_for_shown(before + 1, Duration::from_secs(20)).await?;
    let summary = format!("{} {}", shown[before].summary, shown[before].body);
    assert!(summary.contains("12"), "it says how many: {summary}");
    assert_eq!(session.popups.shown().len(), before + 1, "one popup for all of them");
    Ok(())
}

#[tokio::test]
async fn what_waits_for_a_popup_server_is_shown_once_it_comes() -> Result<()> {
    let session = Session::without_popup_server().await?;
    let daemon = session.daemon().await?;
    daemon.post("early").await?;
    session.popups.own_name().await?;
    let shown = session.popups.wait_for_shown(1, Duration::from_secs(30)).await?;
    assert_eq!(shown[0].summary, "early");
    daemon.post("later").await?;
    let shown = session.popups.wait_for_shown(2, DEADLINE).await?;
    assert_eq!(shown[1].summary, "later", "and the first one is not repeated");
    Ok(())
}

#[tokio::test]
async fn a_restarted_popup_server_gets_new_popups_and_no_old_ids() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let keyed = || Post { key: "disk".into(), ..titled("Disk full") };
    post(&daemon, keyed()).await?;
    session.popups.wait_for_shown(1, DEADLINE).await?;
    session.popups.restart().await?;
    post(&daemon, keyed()).await?;
    let shown = session.popups.wait_for_shown(2, DEADLINE).await?;
    assert_eq!(shown[1].replaces_id, 0, "an id of the old server may be anybody's now");
    Ok(())
}

#[tokio::test]
async fn an_excess_error_is_no_reason_to_try_again_and_again() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    session.popups.answer_next(Answer::Refuse(EXCESS));
    daemon.post("too many").await?;
    session.popups.wait_for_shown(1, DEADLINE).await?;
    daemon.post("the next one").await?;
    let shown = session.popups.wait_for_shown(2, DEADLINE).await?;
    let times = shown.iter().filter(|popup| popup.summary == "too many").count();
    assert_eq!(times, 1, "the person has seen the like of it");
    Ok(())
}

#[tokio::test]
async fn critical_is_critical_and_low_is_low() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    for (urgency, expected) in [(Urgency::Low, 0_u8), (Urgency::Normal, 1), (Urgency::Critical, 2)]
    {
        let before = session.popups.shown().len();
        post(&daemon, Post { urgency, ..titled(urgency.as_str()) }).await?;
        let shown = session.popups.wait_for_shown(before + 1, DEADLINE).await?;
        let hint = shown[before].hints.get("urgency").expect("every popup has an urgency");
        assert_eq!(u8::try_from(hint)?, expected, "{urgency}: a byte, as the specification says");
    }
    Ok(())
}

#[tokio::test]
async fn the_daemon_shows_popups_over_one_connection() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    daemon.post("one").await?;
    daemon.post("two").await?;
    daemon.control().await?.test_popup().await?;
    let shown = session.popups.wait_for_shown(3, DEADLINE).await?;
    assert!(
        shown.iter().all(|popup| popup.sender == shown[0].sender),
        "GNOME closes the popups of a client that has left"
    );
    let rows = daemon.list(&tidings_api::Filter::default()).await?;
    assert_eq!(rows.len(), 2, "the test popup is not stored");
    Ok(())
}
