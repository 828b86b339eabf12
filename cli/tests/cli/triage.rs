use tidings_api::{Notification, View};

use crate::bus::Bus;
use crate::daemon::Daemon;
use crate::program::{command, end, run};

#[tokio::test]
async fn marking_prints_how_many_changed_and_the_undo_token() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    assert_eq!(run(&bus, &["read", "1", "2"]).await.stdout, "2\t77\n");
    let json = run(&bus, &["save", "3", "--off", "--json"]).await.json();
    assert_eq!(json, serde_json::json!([{"changed": 1, "undo": 77}]));
    let calls = daemon.state().calls.clone();
    assert!(calls[0].starts_with("SetState [1, 2]") && calls[0].contains("read: Some(true)"));
    assert!(calls[1].contains("saved: Some(false)"), "{calls:?}");
    assert_eq!(run(&bus, &["undo", "77"]).await.stdout, "3\n");
    assert_eq!(run(&bus, &["undo", "5"]).await.code, Some(1));
}

#[tokio::test]
async fn all_is_bounded_by_the_newest_id_even_if_it_is_not_on_the_first_page() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    for number in 0..600_i64 {
        // The later it was stored, the older it is: a backfill.
        let row = Notification { id: number + 1, last_at: 10_000 - number, ..Default::default() };
        daemon.state().rows.push(row);
    }
    assert_eq!(run(&bus, &["read", "--all"]).await.stdout, "600\t78\n");
    assert!(daemon.state().calls[0].starts_with("SetStateWhere Unread up to 600"));
}

#[tokio::test]
async fn deleting_by_age_is_one_call_with_the_conditions() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    daemon.receive(Notification { title: "old".into(), ..Default::default() }).await;
    let arguments = ["delete", "--older-than", "30d", "--source", "local", "--urgency", "low"];
    assert_eq!(run(&bus, &arguments).await.stdout, "1\t80\n");
    let filter = daemon.state().filters.pop().unwrap();
    assert_eq!(filter.source.as_deref(), Some("local"));
    assert_eq!(filter.view, View::All);
    let age = chrono::Utc::now().timestamp_millis() - filter.until.unwrap();
    let month = 30 * 86_400_000;
    assert!((month..month + 60_000).contains(&age), "{age}");
    assert_eq!(run(&bus, &["delete", "4", "5"]).await.stdout, "2\t79\n");
}

#[tokio::test]
async fn opening_hands_on_the_activation_token() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    daemon.receive(Notification::default()).await;
    let mut open = command(&bus, &["open", "1"]);
    open.env("XDG_ACTIVATION_TOKEN", "token");
    assert_eq!(end(open).await.code, Some(0));
    assert_eq!(run(&bus, &["invoke", "1", "log"]).await.code, Some(0));
    let calls = daemon.state().calls.clone();
    assert_eq!(calls, [r#"Invoke 1 default ["activation-token"]"#, "Invoke 1 log []"]);
}

#[tokio::test]
async fn snoozing_sends_the_time_and_waking_sends_none() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    assert_eq!(run(&bus, &["snooze", "1", "2", "--for", "1h"]).await.stdout, "2\t77\n");
    let json = run(&bus, &["snooze", "3", "--off", "--json"]).await.json();
    assert_eq!(json, serde_json::json!([{"changed": 1, "undo": 77}]));
    run(&bus, &["snooze", "4", "--until", "2999-01-01T00:00:00Z"]).await;
    let calls = daemon.state().calls.clone();
    let until: i64 = calls[0]
        .split("snoozed_until: Some(")
        .nth(1)
        .and_then(|rest| rest.split(')').next()?.parse().ok())
        .expect("a time");
    let wait = until - chrono::Utc::now().timestamp_millis();
    assert!((3_540_000..=3_600_000).contains(&wait), "an hour from now: {wait}");
    assert!(calls[0].starts_with("SetState [1, 2]"), "{calls:?}");
    assert!(calls[1].contains("snoozed_until: Some(0)"), "{calls:?}");
    assert!(calls[2].contains("snoozed_until: Some(32472144000000)"), "{calls:?}");
}

#[tokio::test]
async fn a_snooze_needs_one_time_that_is_still_to_come() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    for wrong in [
        &["snooze", "1"][..],
        &["snooze", "--for", "1h"],
        &["snooze", "1", "--for", "1h", "--off"],
        &["snooze", "1", "--for", "0s"],
        &["snooze", "1", "--until", "2020-01-01"],
    ] {
        assert_eq!(run(&bus, wrong).await.code, Some(2), "{wrong:?}");
    }
    assert!(daemon.state().calls.is_empty(), "nothing was woken by mistake");
}
