use std::os::unix::fs::PermissionsExt;

use tidings_api::Notification;

use crate::bus::Bus;
use crate::daemon::Daemon;
use crate::program::{run, run_with_input};

fn row(title: &str) -> Notification {
    Notification { title: title.into(), ..Default::default() }
}

#[tokio::test]
async fn an_export_is_private_complete_and_can_be_imported() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    for number in 0..3_000 {
        daemon.receive(row(&format!("n {number}"))).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("inbox.jsonl");
    let path = file.to_str().unwrap();
    let ended = run(&bus, &["export", path]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "3000\n"), "{ended:?}");
    assert_eq!(std::fs::read_to_string(&file).unwrap().lines().count(), 3_000);
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600, "others could read the notifications");
    daemon.state().rows.clear();
    assert_eq!(run(&bus, &["import", path]).await.stdout, "3000\n");
    assert_eq!(daemon.state().rows.len(), 3_000);
}

#[tokio::test]
async fn standard_output_and_input_work_too() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    daemon.receive(row("one")).await;
    let exported = run(&bus, &["export", "-"]).await.stdout;
    assert_eq!(exported.lines().count(), 1, "no count among the data: {exported}");
    let ended = run_with_input(&bus, &["import", "-"], exported.as_bytes()).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "1\n"), "{ended:?}");
}

#[tokio::test]
async fn an_export_that_fails_leaves_no_file() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    daemon.receive(row("disk full")).await;
    let folder = tempfile::tempdir().unwrap();
    let ended = run(&bus, &["export", folder.path().join("x").to_str().unwrap()]).await;
    assert_eq!(ended.code, Some(1), "{ended:?}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_file_that_is_no_export_is_named_and_ends_with_1() {
    let bus = Bus::start();
    let _daemon = Daemon::start(&bus).await;
    let ended = run_with_input(&bus, &["import", "-"], b"{\"not\": \"ours\"}\n").await;
    assert_eq!(ended.code, Some(1), "the command line was right: {ended:?}");
    assert!(ended.stderr.starts_with("tidings: -: input: "), "{ended:?}");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_is_named() {
    let bus = Bus::start();
    let _daemon = Daemon::start(&bus).await;
    let ended = run(&bus, &["import", "/nonexistent/file"]).await;
    assert_eq!(ended.code, Some(1));
    assert!(ended.stderr.contains("/nonexistent/file"), "{ended:?}");
}
