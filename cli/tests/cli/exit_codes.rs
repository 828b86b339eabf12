use std::time::Duration;

use crate::bus::Bus;
use crate::daemon::Daemon;
use crate::program::{command, end, run};

#[tokio::test]
async fn a_done_command_ends_with_0() {
    let bus = Bus::start();
    let _daemon = Daemon::start(&bus).await;
    let ended = run(&bus, &["post", "hello"]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "1\n"), "{ended:?}");
}

#[tokio::test]
async fn a_refusal_of_the_daemon_ends_with_1_and_its_words() {
    let bus = Bus::start();
    let _daemon = Daemon::start(&bus).await;
    let ended = run(&bus, &["open", "42"]).await;
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.stderr, "tidings: id: there is no notification 42\n");
    assert_eq!(ended.stdout, "");
}

#[tokio::test]
async fn wrong_usage_ends_with_2_whoever_notices_it() {
    let bus = Bus::start();
    let _daemon = Daemon::start(&bus).await;
    for arguments in [
        &["post"][..],
        &["frobnicate"],
        &["list", "--unread", "--all"],
        &["post", "x", "--urgency", "urgent"],
        &["post", "--many", "--topic", "ignored otherwise"],
        &["post", "x", "--progress", "101"],
        &["post", "x", "--at", "soon"],
        &["read"],
        &["read", "5", "--all"],
        &["delete"],
        &["delete", "5", "--source", "ci"],
        &["delete", "5", "--done"],
        &["post", "x", "--to", "mail", "--store-only"],
        // The daemon's own check: the command line cannot know it.
        &["post", "x", "--data", "{not json"],
    ] {
        let ended = run(&bus, arguments).await;
        assert_eq!(ended.code, Some(2), "{arguments:?}: {ended:?}");
        assert!(!ended.stderr.is_empty(), "{arguments:?} must say what is wrong");
    }
}

#[tokio::test]
async fn an_absent_daemon_ends_with_3_and_the_way_to_start_it() {
    let bus = Bus::start();
    for arguments in [
        &["post", "x"][..],
        &["list"],
        &["status", "--json"],
        &["watch"],
        &["export", "-"],
        &["post", "x", "--wait=1m"],
        &["targets"],
        &["targets", "disable", "mail"],
        &["test", "mail"],
        &["records", "--json"],
        &["records", "add", "mail", "ana@example.org"],
        &["deliveries"],
        &["retry", "1"],
        &["routes"],
    ] {
        let ended = run(&bus, arguments).await;
        assert_eq!(ended.code, Some(3), "{arguments:?}: {ended:?}");
        assert!(ended.stderr.contains("systemctl --user start"), "{ended:?}");
        assert_eq!(ended.stdout, "", "{arguments:?} prints no half answer");
    }
}

#[tokio::test]
async fn an_absent_bus_ends_with_3_too() {
    let bus = Bus::start();
    let mut command = command(&bus, &["list"]);
    command.env("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus");
    let ended = end(command).await;
    assert_eq!(ended.code, Some(3), "{ended:?}");
    assert!(ended.stderr.contains("no session bus"), "{ended:?}");
}

#[tokio::test]
async fn a_daemon_that_dies_before_it_answers_counts_as_unreachable() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    daemon.state().hangs = true;
    let mut child = command(&bus, &["post", "x"]).spawn().unwrap();
    // The call is on its way or not yet sent; both must end the same way.
    tokio::time::timeout(Duration::from_millis(300), child.wait()).await.expect_err("it waits");
    daemon.stop().await;
    let status = tokio::time::timeout(crate::program::DEADLINE, child.wait()).await;
    assert_eq!(status.expect("the program hangs").unwrap().code(), Some(3));
}

#[tokio::test]
async fn a_reader_that_has_seen_enough_is_no_error() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    for _ in 0..3_000 {
        let title = "x".repeat(200);
        daemon.state().rows.push(tidings_api::Notification { title, ..Default::default() });
    }
    let program = env!("CARGO_BIN_EXE_tidings");
    let mut shell = tokio::process::Command::new("bash");
    shell
        .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
        .arg("-c")
        .arg(format!("'{program}' list --limit 0 | head -n 1 >/dev/null; echo ${{PIPESTATUS[0]}}"));
    let ended = end(shell).await;
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("0\n", ""));
}

#[tokio::test]
async fn help_version_completions_and_manual_need_no_daemon() {
    let bus = Bus::start();
    let help = run(&bus, &["--help"]).await;
    assert_eq!(help.code, Some(0));
    assert!(help.stdout.contains("Examples:") && help.stdout.contains("Exit codes:"));
    assert!(run(&bus, &["--version"]).await.stdout.starts_with("tidings 0."));
    assert!(run(&bus, &["completions", "bash"]).await.stdout.contains("_tidings"));
    assert!(run(&bus, &["man"]).await.stdout.contains(".TH"));
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("man1");
    assert_eq!(run(&bus, &["man", directory.to_str().unwrap()]).await.code, Some(0));
    for page in ["tidings.1", "tidings-post.1", "tidings-sources-test.1", "tidings-records-add.1"] {
        assert!(directory.join(page).exists(), "{page} is missing");
    }
}
