//! What the user has opted out of is stored, told with its reason, and not shown: not one moment after the call.

use std::time::Duration;

use anyhow::Result;
use futures_util::StreamExt;
use tidings_api::{Dict, DictWriter, KeyMode, OptOut, Post, Scope, StateChange, names};
use tidings_tests::session::Session;
use tidings_tests::tidings::{tidings, tidings_json};
use tidings_tests::tidingsd::Tidingsd;
use tidings_tests::wait::{DEADLINE, until};

fn scope(source: Option<&str>, topic: Option<&str>, key: Option<&str>) -> Scope {
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Scope { source: owned(source), topic: owned(topic), key: owned(key) }
}

fn topic(name: &str) -> Scope {
    scope(Some(names::LOCAL_SOURCE), Some(name), None)
}

fn of_topic(title: &str, topic: &str) -> Post {
    Post { title: title.into(), topic: topic.into(), ..Post::default() }
}

async fn post(daemon: &Tidingsd, post: Post) -> Result<i64> {
    Ok(daemon.post1().await?.post(&post.title, &post.body, post.to_options()).await?)
}

async fn opt_out(daemon: &Tidingsd, scope: &Scope, until: Option<i64>) -> Result<u32> {
    let mut options = DictWriter::default();
    options.optional("until", until);
    let preferences = daemon.preferences().await?;
    Ok(preferences.opt_out(scope.to_dict(), "", options.finish()).await?)
}

async fn now(daemon: &Tidingsd) -> Result<i64> {
    let stats = daemon.control().await?.stats().await?;
    Ok(i64::try_from(&stats["now"])?)
}

#[tokio::test]
async fn what_is_opted_out_is_stored_and_told_and_not_shown() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let end = now(&daemon).await? + 3_600_000;
    opt_out(&daemon, &topic("builds"), Some(end)).await?;
    let muted = post(&daemon, of_topic("build 1", "builds")).await?;
    post(&daemon, of_topic("deploy 1", "deploys")).await?;
    let shown = session.popups.wait_for_shown(1, DEADLINE).await?;
    assert_eq!(shown[0].summary, "deploy 1", "another topic is shown");

    let expected = ("OPTED OUT".to_owned(), "opted-out".to_owned());
    assert_eq!(daemon.outcome(muted).await?, expected);
    let told = daemon.inbox().await?.explain(muted).await?.pop().expect("told above");
    assert_eq!(<&str>::try_from(&told["scope_topic"])?, "builds", "it says which opt-out");
    assert_eq!(i64::try_from(&told["scope_until"])?, end, "and until when");
    assert_eq!(daemon.inbox().await?.unread_count().await?, 2, "both are in the inbox");
    Ok(())
}

#[tokio::test]
async fn a_broad_opt_out_holds_whatever_narrower_one_is_taken_back() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    opt_out(&daemon, &Scope::default(), None).await?;
    opt_out(&daemon, &topic("builds"), None).await?;
    let preferences = daemon.preferences().await?;
    assert!(preferences.opt_in(topic("builds").to_dict(), "").await?);
    assert!(!preferences.opt_in(topic("builds").to_dict(), "").await?, "it is gone");
    let id = post(&daemon, of_topic("build", "builds")).await?;
    assert_eq!(daemon.outcome(id).await?.0, "OPTED OUT");

    assert!(preferences.opt_in(Dict::new(), "").await?);
    post(&daemon, of_topic("the next one", "builds")).await?;
    let shown = session.popups.wait_for_shown(1, DEADLINE).await?;
    assert_eq!(shown[0].summary, "the next one", "lifting brings nothing back");
    Ok(())
}

#[tokio::test]
async fn what_waits_is_stopped_and_counted_and_stays_so_over_a_restart() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let at = now(&daemon).await? + 3_000;
    let mut waiting = Vec::new();
    for (title, topic) in [("one", "builds"), ("two", "builds"), ("other", "deploys")] {
        waiting.push(post(&daemon, Post { deliver_at: Some(at), ..of_topic(title, topic) }).await?);
    }
    assert_eq!(opt_out(&daemon, &topic("builds"), None).await?, 2, "two were stopped");
    daemon.terminate().await?;

    let daemon = session.daemon().await?;
    let rows = daemon.preferences().await?.opt_outs().await?;
    let rows: Vec<OptOut> = rows.into_iter().map(OptOut::from_dict).collect::<Result<_, _>>()?;
    assert_eq!(rows[0].scope, topic("builds"), "it still stands");
    daemon.preferences().await?.opt_in(topic("builds").to_dict(), "").await?;
    let shown = session.popups.wait_for_shown(1, Duration::from_secs(20)).await?;
    assert_eq!(shown[0].summary, "other", "the others come at their time");
    assert_eq!(daemon.outcome(waiting[0]).await?.0, "OPTED OUT", "what was stopped stays stopped");
    assert_eq!(session.popups.shown().len(), 1);
    Ok(())
}

#[tokio::test]
async fn nothing_appears_after_the_call_has_returned() -> Result<()> {
    let session = Session::start().await?;
    session.configure("[desktop]\nburst = 10000\n")?;
    let daemon = session.daemon().await?;
    let posts = (0..300).map(|n| of_topic(&format!("build {n}"), "builds").to_dict()).collect();
    daemon.post1().await?.post_many(posts).await?;
    // The queue of popups is in the middle of being shown.
    session.popups.wait_for_shown(1, DEADLINE).await?;
    opt_out(&daemon, &scope(Some(names::LOCAL_SOURCE), None, None), None).await?;
    let at_return = session.popups.shown().len();
    assert!(at_return < 300, "the opt-out came too late to test anything");
    // Everything that was on its way has ended; a popup of this test's own would come after all others.
    daemon.control().await?.test_popup().await?;
    let after = session.popups.shown();
    assert_eq!(after.len(), at_return + 1, "not one of them came after the call");
    until("the popups on the screen to close", DEADLINE, async || {
        (session.popups.closed().len() >= at_return).then_some(())
    })
    .await
}

#[tokio::test]
async fn a_muted_thread_is_stored_and_stays_in_done() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let build =
        |title: &str| Post { key: "main".into(), mode: KeyMode::Update, ..of_topic(title, "") };
    let id = post(&daemon, build("build 1")).await?;
    session.popups.wait_for_shown(1, DEADLINE).await?;
    let done = StateChange { done: Some(true), ..StateChange::default() };
    daemon.inbox().await?.set_state(&[id], done.to_dict()).await?;
    let thread = scope(Some(names::LOCAL_SOURCE), None, Some("main"));
    opt_out(&daemon, &thread, None).await?;

    assert_eq!(post(&daemon, build("build 2")).await?, id, "the same row");
    let row = daemon.get(id).await?;
    assert_eq!((row.title.as_str(), row.occurrences), ("build 2", 2), "it is stored");
    assert!(row.done_at.is_some(), "and stays where it is");
    assert_eq!(daemon.outcome(id).await?.0, "OPTED OUT");

    daemon.preferences().await?.opt_in(thread.to_dict(), "").await?;
    post(&daemon, build("build 3")).await?;
    assert!(daemon.get(id).await?.done_at.is_none(), "heard again, it comes back");
    Ok(())
}

#[tokio::test]
async fn an_opt_out_ends_by_itself_and_everybody_hears_of_it() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let preferences = daemon.preferences().await?;
    let mut changed = preferences.receive_changed().await?;
    let end = now(&daemon).await? + 1_500;
    opt_out(&daemon, &Scope::default(), Some(end)).await?;
    for what in ["that it began", "that it ended"] {
        let heard = tokio::time::timeout(DEADLINE, changed.next()).await;
        assert!(heard.is_ok_and(|signal| signal.is_some()), "nobody was told {what}");
    }
    assert!(now(&daemon).await? >= end, "not before its time");
    assert!(preferences.opt_outs().await?.is_empty(), "nothing stands any more");
    daemon.post("loud again").await?;
    let shown = session.popups.wait_for_shown(1, DEADLINE).await?;
    assert_eq!(shown[0].summary, "loud again");
    Ok(())
}

#[tokio::test]
async fn the_command_mutes_lists_explains_and_takes_back() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let scope = ["--source", "local", "--topic", "builds"];
    let ran = tidings(&session, &[&["opt-out"], &scope[..], &["--for", "8h"]].concat()).await?;
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), "0\n"), "{ran:?}");
    let listed = tidings_json(&session, &["opt-outs", "--json"]).await?;
    assert_eq!(listed[0]["scope"]["topic"], "builds");
    assert!(listed[0]["until"].is_i64(), "{listed}");
    let id = post(&daemon, of_topic("build 1", "builds")).await?.to_string();
    let explained = tidings(&session, &["explain", &id]).await?.stdout;
    for words in ["status=OPTED OUT", "reason=opted-out", "scope_source=local", "scope_until=20"] {
        assert!(explained.contains(words), "{words} is missing: {explained}");
    }
    let opt_in = [&["opt-in"], &scope[..]].concat();
    assert_eq!(tidings(&session, &opt_in).await?.code, Some(0));
    assert_eq!(tidings(&session, &opt_in).await?.code, Some(1), "there is none any more");
    assert_eq!(tidings(&session, &["opt-out", "--topic", "x"]).await?.code, Some(2));
    Ok(())
}

#[tokio::test]
async fn wrong_calls_say_what_is_wrong() -> Result<()> {
    let session = Session::start().await?;
    let daemon = session.daemon().await?;
    let preferences = daemon.preferences().await?;
    assert_eq!(preferences.targets().await?, ["desktop"]);
    let mut past = DictWriter::default();
    past.put("until", 1_i64);
    for (scope, target, options, words) in [
        (Scope::default(), "fax", Dict::new(), "there is no target \"fax\""),
        (scope(Some("nobody"), None, None), "", Dict::new(), "there is no source \"nobody\""),
        (scope(None, Some("x"), None), "", Dict::new(), "give `source`"),
        (scope(Some(""), None, None), "", Dict::new(), "`source` is empty"),
        (Scope::default(), "", past.finish(), "which is over"),
    ] {
        let error = preferences.opt_out(scope.to_dict(), target, options).await.unwrap_err();
        assert!(error.to_string().contains(words), "{words}: {error}");
    }
    assert!(preferences.opt_outs().await?.is_empty());
    Ok(())
}
