use serde_json::json;
use tidings_api::DictWriter;

use crate::bus::Bus;
use crate::daemon::Daemon;
use crate::program::{Ended, command, end, eventually, run};

/// Posts with `--wait`, lets the person do something, and returns how the program ended.
async fn waited(arguments: &[&str], person: impl AsyncFnOnce(&Daemon)) -> Ended {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    let program = tokio::spawn(end(command(&bus, arguments)));
    eventually("the post arrives", || !daemon.state().posts.is_empty()).await;
    person(&daemon).await;
    program.await.unwrap()
}

const ASK: [&str; 7] =
    ["post", "Deploy?", "--action", "yes=Deploy", "--action", "no=Cancel", "--wait"];

#[tokio::test]
async fn the_chosen_action_is_printed() {
    let ended = waited(&ASK, async |daemon| {
        daemon.invoke(99, "no", None).await;
        daemon.invoke(1, "yes", None).await;
    })
    .await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "yes\n"), "{ended:?}");
}

#[tokio::test]
async fn a_target_that_gets_nothing_is_told_before_the_wait() {
    let mut decision = DictWriter::default();
    decision.put("event", "delivery");
    decision.put("delivery", 4_i64);
    decision.put("target", "mail");
    decision.put("status", "SUPPRESSED");
    decision.put("reason", "target-off");
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    daemon.state().decisions = vec![decision.finish()];
    daemon.state().fast_click = Some("yes");
    let mut arguments = ASK.to_vec();
    arguments.extend(["--target", "mail"]);
    let ended = run(&bus, &arguments).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "yes\n"), "{ended:?}");
    assert!(ended.stderr.contains("not sent to \"mail\""), "{ended:?}");
    assert!(ended.stderr.contains("`tidings retry 4`"), "{ended:?}");
}

#[tokio::test]
async fn a_click_that_is_faster_than_the_answer_to_the_post_is_not_lost() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    daemon.state().fast_click = Some("yes");
    let ended = run(&bus, &ASK).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "yes\n"), "{ended:?}");
}

#[tokio::test]
async fn a_typed_reply_is_printed_instead_of_its_action() {
    let arguments = ["post", "What?", "--action", "inline-reply=Reply", "--wait=1m"];
    let ended = waited(&arguments, async |daemon| {
        daemon.invoke(1, "inline-reply", Some("two\nlines")).await;
    })
    .await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "two\nlines\n"), "{ended:?}");
}

#[tokio::test]
async fn a_choice_counts_more_than_the_closing_that_comes_with_it() {
    let ended = waited(&ASK, async |daemon| {
        daemon.invoke(1, "yes", None).await;
        daemon.close(1, "closed").await;
    })
    .await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "yes\n"), "{ended:?}");
}

#[tokio::test]
async fn a_dismissed_popup_prints_nothing_and_ends_with_1() {
    let ended = waited(&ASK, async |daemon| daemon.close(1, "dismissed").await).await;
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(1), "", ""));
}

#[tokio::test]
async fn the_wait_ends_with_1_when_its_time_is_over() {
    let bus = Bus::start();
    let _daemon = Daemon::start(&bus).await;
    let ended = run(&bus, &["post", "Deploy?", "--wait=50ms"]).await;
    assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(1), "", ""));
}

#[tokio::test]
async fn json_tells_every_end() {
    let bus = Bus::start();
    let _daemon = Daemon::start(&bus).await;
    let ended = run(&bus, &["post", "Deploy?", "--wait=50ms", "--json"]).await;
    let expected = json!([{"id": 1, "outcome": "timeout", "action": null, "reply": null}]);
    assert_eq!((ended.code, ended.json()), (Some(1), expected));

    let arguments = ["post", "What?", "--wait", "--json"];
    let ended = waited(&arguments, async |daemon| {
        daemon.invoke(1, "inline-reply", Some("hi")).await;
    })
    .await;
    let expected = json!([{"id": 1, "outcome": "reply", "action": "inline-reply", "reply": "hi"}]);
    assert_eq!((ended.code, ended.json()), (Some(0), expected));
}

#[tokio::test]
async fn a_daemon_that_goes_away_meanwhile_is_not_waited_for() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    let program = tokio::spawn(end(command(&bus, &ASK)));
    eventually("the post arrives", || !daemon.state().posts.is_empty()).await;
    daemon.stop().await;
    let ended = program.await.unwrap();
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.stderr.contains("it is stored"), "{ended:?}");
}
