use std::fmt::Write;

use tidings_api::limits;
use tokio::io::AsyncWriteExt;

use crate::bus::Bus;
use crate::daemon::Daemon;
use crate::program::{self, run_with_input};

#[tokio::test]
async fn thousands_of_lines_are_posted_in_batches_and_their_ids_come_back_in_order() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    let mut input = String::new();
    for number in 0..2_500 {
        writeln!(input, r#"{{"title":"n {number}","tags":["bulk"]}}"#).unwrap();
    }
    let ended = run_with_input(&bus, &["post", "--many"], input.as_bytes()).await;
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert_eq!(ended.stderr, "", "no progress bar into a pipe");
    let ids: Vec<i64> = ended.stdout.lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(ids.len(), 2_500);
    let state = daemon.state();
    assert!(state.batches.iter().all(|batch| batch.len() <= limits::POST_MANY));
    assert!(state.batches.len() < 500, "not one call a line: {}", state.batches.len());
    for (number, id) in ids.iter().enumerate() {
        let row = state.rows.iter().find(|row| row.id == *id).unwrap();
        assert_eq!(row.title, format!("n {number}"), "the id of line {number} is another's");
    }
}

#[tokio::test]
async fn a_slow_writer_does_not_wait_for_a_full_batch() {
    let bus = Bus::start();
    let _daemon = Daemon::start(&bus).await;
    let mut command = program::command(&bus, &["post", "--many", "--json"]);
    let mut child = command.stdin(std::process::Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"{\"title\":\"first\"}\n").await.unwrap();
    let mut lines =
        tokio::io::AsyncBufReadExt::lines(tokio::io::BufReader::new(child.stdout.take().unwrap()));
    let line = tokio::time::timeout(program::DEADLINE, lines.next_line()).await;
    let line = line.expect("the first id comes while the input is open").unwrap().unwrap();
    assert_eq!(line, r#"{"id":1}"#);
    drop(stdin);
    assert!(child.wait().await.unwrap().success());
}

#[tokio::test]
async fn a_bad_line_is_named_and_those_before_it_are_posted() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    let input = b"{\"title\":\"good\"}\n\n{\"titel\":\"bad\"}\n{\"title\":\"after\"}\n";
    let ended = run_with_input(&bus, &["post", "--many"], input).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), "1\n"));
    assert!(ended.stderr.contains("line 3") && ended.stderr.contains("titel"), "{ended:?}");
    assert_eq!(daemon.state().rows.len(), 1);
}

#[tokio::test]
async fn a_line_above_a_limit_is_named_too() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    let long = "x".repeat(limits::TITLE_CHARACTERS + 1);
    let input = format!("{{\"title\":\"good\"}}\n{{\"title\":\"{long}\"}}\n");
    let ended = run_with_input(&bus, &["post", "--many"], input.as_bytes()).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), "1\n"), "{ended:?}");
    assert!(ended.stderr.contains("line 2: title: 513 characters"), "{ended:?}");
    assert_eq!(daemon.state().rows.len(), 1, "the good line does not fail with the bad one");
}

#[tokio::test]
async fn a_rate_limit_is_waited_for() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    daemon.state().rate_limited = 1;
    let ended = run_with_input(&bus, &["post", "--many"], b"{\"title\":\"t\"}\n").await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "1\n"), "{ended:?}");
}
