use tidings_api::{QuietKind, QuietReason, SourceState, SourceStatus};

use crate::bus::Bus;
use crate::daemon::Daemon;
use crate::program::run;

fn status_of(findings: &serde_json::Value, check: &str) -> String {
    let findings = findings.as_array().unwrap();
    let found = findings.iter().find(|finding| finding["check"] == check);
    found.unwrap_or_else(|| panic!("no {check} in {findings:?}"))["status"].as_str().unwrap().into()
}

#[tokio::test]
async fn a_healthy_machine_ends_with_0() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    daemon.state().popup_server = true;
    let ended = run(&bus, &["doctor", "--popup", "--json"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let findings = ended.json();
    for check in
        ["session bus", "daemon", "api", "popups", "database", "configuration", "popup test"]
    {
        assert_eq!(status_of(&findings, check), "ok", "{check}");
    }
    let keys: Vec<_> = findings[0].as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["check", "status", "message", "next_step"]);
}

#[tokio::test]
async fn what_is_wrong_is_said_with_the_next_step_and_ends_with_1() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    {
        let mut state = daemon.state();
        state.stats.push((
            "config_error",
            "config.toml:3:1: unknown key \u{1b}[2Jurll\n  3 | urll".into(),
        ));
        state.sources.push(SourceStatus {
            name: "orders".into(),
            state: SourceState::NeedsLogin,
            last_error: "401 for the token".into(),
            ..SourceStatus::default()
        });
    }
    let ended = run(&bus, &["doctor", "--popup"]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    for wanted in [
        "FAIL  popups: no popup server is running",
        "FAIL  popup test: no popup server is running",
        "FAIL  configuration: the last good one is in force until this is mended\n      config.toml:3:1: unknown key urll\n        3 | urll\n",
        "-> Edit /somewhere/config.toml",
        "FAIL  source orders: not signed in: 401 for the token",
        "tidings sources reconnect orders",
        "tidings sources test orders",
    ] {
        assert!(ended.stdout.contains(wanted), "{wanted} is missing in\n{}", ended.stdout);
    }
}

#[tokio::test]
async fn an_absent_daemon_is_a_finding_with_a_next_step() {
    let bus = Bus::start();
    let ended = run(&bus, &["doctor"]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert!(ended.stdout.contains("FAIL  daemon: not running"), "{ended:?}");
    assert!(ended.stdout.contains("-> Run `tidingsd`"), "{ended:?}");
}

#[tokio::test]
async fn the_status_is_told_in_words_and_as_json() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    daemon.state().sources.push(SourceStatus {
        name: "orders".into(),
        state: SourceState::Rejected,
        ..SourceStatus::default()
    });
    let words = run(&bus, &["status"]).await.stdout;
    assert!(words.starts_with("tidingsd 9.8.7\n4 unread"), "{words}");
    assert!(words.contains("orders: the server refuses the connection"), "{words}");
    let json = run(&bus, &["status", "--json"]).await.json();
    assert_eq!(json[0]["version"], "9.8.7");
    assert_eq!(json[0]["quiet"], false);
    assert_eq!(json[0]["popup_server"], serde_json::Value::Null);
    assert_eq!(json[0]["source_states"][0]["state"], "rejected");
    let talk = QuietReason {
        kind: QuietKind::Inhibitor,
        until: None,
        who: "impress".into(),
        why: "a talk".into(),
    };
    daemon.state().quiet.push(talk);
    let words = run(&bus, &["status"]).await.stdout;
    assert!(words.contains("impress asked for it: a talk"), "why no popup comes: {words}");
    assert_eq!(run(&bus, &["status", "--json"]).await.json()[0]["quiet"], true);
}
