use serde_json::Value;
use tidings_api::{Notification, Urgency};

use crate::bus::Bus;
use crate::daemon::Daemon;
use crate::program::{Running, eventually};

fn row(title: &str) -> Notification {
    Notification { title: title.into(), ..Default::default() }
}

async fn started(bus: &Bus, daemon: &Daemon, arguments: &[&str]) -> Running {
    let running = Running::start(bus, arguments);
    // It has subscribed when it asks for the newest id.
    eventually("watch looks at the inbox", || !daemon.state().filters.is_empty()).await;
    running
}

fn title(line: &str) -> String {
    let row: Value = serde_json::from_str(line).unwrap();
    row["title"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn rows_are_printed_as_they_arrive_and_marks_are_not() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    daemon.receive(row("before")).await;
    let mut watch = started(&bus, &daemon, &["watch", "--json"]).await;
    // Until it has its bound, a new row may count as "before": the first one opens the race.
    watch_until_first(&daemon, &mut watch).await;
    let id = daemon.receive(row("second")).await;
    assert_eq!(title(&watch.line().await), "second");
    daemon.changed(90, vec![], vec![id, 1]).await;
    daemon.state().rows[0].occurrences = 2;
    daemon.state().rows[0].last_at = i64::MAX / 2;
    daemon.changed(91, vec![], vec![1]).await;
    assert_eq!(title(&watch.line().await), "before", "it has happened again");
    daemon.receive(row("third")).await;
    assert_eq!(title(&watch.line().await), "third", "the marked rows were not printed again");
}

/// Posts until one is printed, and swallows those that follow it.
async fn watch_until_first(daemon: &Daemon, watch: &mut Running) {
    let mut sent = 0;
    let mut first = Box::pin(watch.lines.next_line());
    let line = loop {
        daemon.receive(row(&format!("probe {sent}"))).await;
        sent += 1;
        let pause = std::time::Duration::from_millis(50);
        if let Ok(line) = tokio::time::timeout(pause, &mut first).await {
            break line.unwrap().unwrap();
        }
        assert!(sent < 200, "watch never prints anything");
    };
    drop(first);
    let mut seen = title(&line);
    while seen != format!("probe {}", sent - 1) {
        seen = title(&watch.line().await);
    }
}

#[tokio::test]
async fn a_restart_of_the_daemon_loses_nothing_and_repeats_nothing() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    let mut watch = started(&bus, &daemon, &["watch", "--json"]).await;
    watch_until_first(&daemon, &mut watch).await;
    let state = daemon.stop().await;
    let daemon = Daemon::start_with(&bus, state).await;
    let id = daemon.receive(row("while nobody listened, or just after")).await;
    daemon.changed(1, vec![id], vec![]).await;
    assert_eq!(title(&watch.line().await), "while nobody listened, or just after");
    daemon.receive(row("after")).await;
    assert_eq!(title(&watch.line().await), "after", "nothing is printed twice");
    // Stored by a daemon that was killed before its signal.
    let state = daemon.stop().await;
    {
        let mut state = state.lock().unwrap();
        let id = state.rows.iter().map(|row| row.id).max().unwrap() + 1;
        state.rows.push(Notification { id, occurrences: 1, ..row("silently stored") });
    }
    let _daemon = Daemon::start_with(&bus, state).await;
    assert_eq!(title(&watch.line().await), "silently stored");
}

#[tokio::test]
async fn the_newest_rows_can_be_printed_first_and_conditions_hold() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    for number in 1..=4 {
        daemon.receive(row(&format!("old {number}"))).await;
    }
    let arguments = ["watch", "--json", "-n", "2", "--urgency", "normal"];
    let mut watch = started(&bus, &daemon, &arguments).await;
    assert_eq!(title(&watch.line().await), "old 3", "oldest first");
    assert_eq!(title(&watch.line().await), "old 4");
    daemon.receive(Notification { urgency: Urgency::Low, ..row("unwanted") }).await;
    daemon.receive(row("wanted")).await;
    assert_eq!(title(&watch.line().await), "wanted");
}

#[tokio::test]
async fn a_pipe_gets_the_same_line_as_from_list() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    daemon.receive(row("one")).await;
    let mut watch = started(&bus, &daemon, &["watch", "-n", "1"]).await;
    let listed = crate::program::run(&bus, &["list"]).await.stdout;
    assert_eq!(watch.line().await, listed.trim_end_matches('\n'));
}
