use serde_json::{Value, json};
use tidings_api::{Notification, SourceState, SourceStatus, Urgency, View};

use crate::bus::Bus;
use crate::daemon::Daemon;
use crate::program::{on_terminal, run};

fn row(title: &str) -> Notification {
    Notification { title: title.into(), body: "first\nsecond\tthird".into(), ..Default::default() }
}

pub(crate) fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// Scripts depend on these names: adding one is fine, everything else needs a new major version.
pub(crate) const NOTIFICATION_KEYS: [&str; 36] = [
    "id",
    "source",
    "topic",
    "key",
    "app",
    "title",
    "body",
    "urgency",
    "url",
    "icon",
    "actor",
    "verb",
    "action_object",
    "activity_target",
    "tags",
    "actions",
    "progress",
    "data",
    "read",
    "sent_at",
    "sent_at_approximate",
    "received_at",
    "first_at",
    "last_at",
    "occurrences",
    "remote_id",
    "confirmation",
    "seen_at",
    "read_at",
    "done_at",
    "saved_at",
    "snoozed_until",
    "acted_at",
    "retracted_at",
    "expires_at",
    "posted_by",
];

#[tokio::test]
async fn json_is_one_array_of_objects_with_every_key() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    assert_eq!(run(&bus, &["list", "--json"]).await.json(), json!([]), "nothing is an array too");
    daemon.receive(row("one")).await;
    daemon.receive(row("two")).await;
    let answer = run(&bus, &["list", "--json"]).await.json();
    assert_eq!(answer[0]["title"], "two", "newest first");
    assert_eq!(answer[0]["body"], "first\nsecond\tthird", "untouched");
    assert_eq!(keys(&answer[1]), NOTIFICATION_KEYS);
    let shown = run(&bus, &["show", "1", "--json"]).await.json();
    assert_eq!(shown[0], answer[1], "show and list agree");
}

#[tokio::test]
async fn a_pipe_gets_one_line_of_eight_fields_a_notification() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    daemon.receive(Notification { topic: "t".into(), ..row("one") }).await;
    let ended = run(&bus, &["list"]).await;
    assert_eq!(
        ended.stdout,
        "1\t1970-01-01T00:00:01.001Z\tunread\tnormal\tlocal\tt\tone\tfirst second third\n"
    );
}

#[tokio::test]
async fn a_terminal_gets_a_table_with_relative_times_and_colours_unless_no_color_is_set() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    daemon.receive(row("one")).await;
    let colored = on_terminal(&bus, 100, "", &["list"]).await.stdout;
    assert!(colored.contains("WHEN") && colored.contains("\u{1b}["), "{colored:?}");
    assert!(colored.contains("1 Jan 1970"), "a date, not an ISO time: {colored:?}");
    let plain = on_terminal(&bus, 100, "1", &["list"]).await.stdout;
    assert!(plain.contains("WHEN") && !plain.contains('\u{1b}'), "{plain:?}");
}

#[tokio::test]
async fn a_table_fits_its_terminal_with_one_line_a_notification() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    for _ in 0..3 {
        let topic = "a-topic-that-is-much-longer-than-its-column".into();
        daemon.receive(Notification { topic, ..row(&"words ".repeat(40)) }).await;
    }
    for (columns, no_color) in [(60, "1"), (120, "1")] {
        let table = on_terminal(&bus, columns, no_color, &["list"]).await.stdout;
        let lines: Vec<&str> = table.lines().collect();
        assert_eq!(lines.len(), 4, "a header and three rows: {table}");
        for line in lines {
            assert!(line.trim_end().chars().count() <= usize::from(columns), "{columns}: {table}");
        }
    }
}

#[tokio::test]
async fn every_condition_reaches_the_daemon() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    run(
        &bus,
        &[
            "list",
            "--unread",
            "--source",
            "ci",
            "--topic",
            "main",
            "--key",
            "k",
            "--urgency",
            "high",
            "--tag",
            "x",
            "--since",
            "2026-01-01",
            "--until",
            "2026-02-01T00:00:00Z",
        ],
    )
    .await;
    let filter = daemon.state().filters.remove(0);
    assert_eq!(filter.view, View::Unread);
    assert_eq!(filter.source.as_deref(), Some("ci"));
    assert_eq!(filter.topic.as_deref(), Some("main"));
    assert_eq!(filter.key.as_deref(), Some("k"));
    assert_eq!(filter.min_urgency, Some(Urgency::High));
    assert_eq!(filter.tag.as_deref(), Some("x"));
    assert_eq!(filter.since, Some(1_767_225_600_000));
    assert_eq!(filter.until, Some(1_769_904_000_000));
    run(&bus, &["search", "disk", "ful", "--saved"]).await;
    let filter = daemon.state().filters.remove(0);
    assert_eq!((filter.view, filter.text.as_deref()), (View::Saved, Some("disk ful")));
}

#[tokio::test]
async fn the_limit_bounds_the_rows_and_0_follows_every_page() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    for number in 0..1_203 {
        let last_at = number;
        daemon.state().rows.push(Notification { id: number + 1, last_at, ..row("x") });
    }
    let count = async |arguments: &[&str]| run(&bus, arguments).await.stdout.lines().count();
    assert_eq!(count(&["list"]).await, 50);
    assert_eq!(count(&["list", "-n", "700"]).await, 700);
    assert_eq!(count(&["list", "-n", "0"]).await, 1_203);
}

#[tokio::test]
async fn searching_for_what_is_not_there_ends_with_1_like_grep() {
    let bus = Bus::start();
    let _daemon = Daemon::start(&bus).await;
    let ended = run(&bus, &["search", "nothing", "--json"]).await;
    assert_eq!((ended.code, ended.json()), (Some(1), json!([])));
}

#[tokio::test]
async fn an_id_that_is_not_there_is_said_on_standard_error() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    daemon.receive(row("one")).await;
    let ended = run(&bus, &["show", "1", "7", "--json"]).await;
    assert_eq!(ended.code, Some(1));
    assert_eq!(ended.json().as_array().unwrap().len(), 1, "what is there is printed all the same");
    assert!(ended.stderr.contains('7'), "{ended:?}");
}

#[tokio::test]
async fn counting_prints_a_number() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    daemon.receive(row("one")).await;
    daemon.receive(Notification { read: true, read_at: Some(1), ..row("two") }).await;
    assert_eq!(run(&bus, &["count"]).await.stdout, "2\n");
    let unread = run(&bus, &["count", "--unread", "--json"]).await.json();
    assert_eq!(unread, json!([{"view": "unread", "count": 1}]));
}

#[tokio::test]
async fn sources_are_listed_tested_and_steered() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    daemon.state().sources.push(SourceStatus {
        name: "orders".into(),
        kind: "json".into(),
        state: SourceState::NeedsLogin,
        last_error: "401".into(),
        last_proof_of_life: Some(1_000),
        ..SourceStatus::default()
    });
    let plain = run(&bus, &["sources"]).await.stdout;
    let fields = "orders\tjson\tneeds-login\t1970-01-01T00:00:00.000Z\t0\t0\t401\t1970-01-01T00:00:01.000Z\n";
    assert_eq!(plain, fields);
    let listed = run(&bus, &["sources", "--json"]).await.json();
    assert_eq!(
        keys(&listed[0]),
        [
            "name",
            "kind",
            "preset",
            "url",
            "state",
            "since",
            "last_proof_of_life",
            "last_error",
            "retry_at",
            "unread",
            "pending_marks",
            "unknown_event"
        ]
    );
    let tested = run(&bus, &["sources", "test", "bad"]).await;
    assert_eq!((tested.code, tested.stdout.as_str()), (Some(1), "dialled bad\n403 Forbidden\n"));
    assert_eq!(run(&bus, &["sources", "test", "good"]).await.code, Some(0));
    for command in ["reconnect", "enable", "disable"] {
        assert_eq!(run(&bus, &["sources", command, "orders"]).await.code, Some(0));
    }
    assert_eq!(
        daemon.state().calls,
        ["Reconnect orders", "SetEnabled orders true", "SetEnabled orders false"]
    );
}

#[tokio::test]
async fn explaining_prints_each_decision() {
    let bus = Bus::start();
    let _daemon = Daemon::start(&bus).await;
    let ended = run(&bus, &["explain", "5"]).await;
    assert_eq!(
        ended.stdout,
        "5\tat=1970-01-01T00:00:05.000Z\treason=popups-off\tstatus=SUPPRESSED\n"
    );
    let decision = json!({"at": 5000, "reason": "popups-off", "status": "SUPPRESSED"});
    let expected = json!([{"id": 5, "decisions": [decision]}]);
    assert_eq!(run(&bus, &["explain", "5", "--json"]).await.json(), expected);
    let unknown = run(&bus, &["explain", "500"]).await;
    assert_eq!(unknown.code, Some(1));
    assert!(unknown.stderr.contains("500"), "{unknown:?}");
}
