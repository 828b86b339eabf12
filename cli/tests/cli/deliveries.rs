use serde_json::json;
use tidings_api::{Delivery, DeliveryFilter, DeliveryStatus, DictWriter, Notification, Record};

use crate::bus::Bus;
use crate::daemon::Daemon;
use crate::list::keys;
use crate::program::{on_terminal, run};
use crate::targets::{desktop, mail};

fn delivery(id: i64) -> Delivery {
    Delivery {
        id,
        notification: 17,
        title: "Payment\ttimeout".into(),
        source: "orders".into(),
        target: "mail".into(),
        record: 2,
        address: "ana@example.org".into(),
        status: DeliveryStatus::DeliveryFailure,
        answer: "last of 6 attempts: 451 \u{1b}[31mtry later".into(),
        route: "pager".into(),
        grouping: "single".into(),
        scheduled_delivery: 1_000,
        attempted_delivery: Some(2_000),
        retry_attempts: 6,
        max_retries: Some(6),
        ..Delivery::default()
    }
}

#[tokio::test]
async fn deliveries_are_listed_for_programs_and_for_people() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    let suppressed = Delivery {
        target: "sms".into(),
        address: String::new(),
        status: DeliveryStatus::Suppressed,
        reason: "no-record".into(),
        answer: String::new(),
        attempted_delivery: None,
        retry_attempts: 0,
        ..delivery(1)
    };
    daemon.state().deliveries = vec![suppressed, delivery(2)];
    assert_eq!(
        run(&bus, &["deliveries"]).await.stdout,
        "2\t17\t1970-01-01T00:00:02.000Z\tmail\tana@example.org\tDELIVERY FAILURE\t\t\
         last of 6 attempts: 451 try later\t6\tPayment timeout\n\
         1\t17\t1970-01-01T00:00:01.000Z\tsms\t\tSUPPRESSED\tno-record\t\t0\tPayment timeout\n"
    );
    let listed = run(&bus, &["deliveries", "--json"]).await.json();
    let expected = [
        "id",
        "notification",
        "title",
        "source",
        "target",
        "record",
        "address",
        "status",
        "reason",
        "answer",
        "route",
        "grouping",
        "scheduled_delivery",
        "attempted_delivery",
        "confirmed_at",
        "retry_attempts",
        "max_retries",
        "retry_time_interval",
    ];
    assert_eq!(keys(&listed[0]), expected);
    assert_eq!(listed[0]["status"], "DELIVERY FAILURE");
    let table = on_terminal(&bus, 200, "1", &["deliveries"]).await.stdout;
    for words in [
        "Payment timeout — last of 6 attempts: 451 try later",
        "6/6",
        "Payment timeout — the target has no record that receives",
    ] {
        assert!(table.contains(words), "{words} is missing: {table}");
    }
    assert!(!table.contains('\u{1b}'), "{table:?}");
}

#[tokio::test]
async fn every_condition_on_deliveries_reaches_the_daemon() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    daemon.state().targets = vec![desktop(), mail()];
    daemon.state().records = vec![Record { id: 2, target: "mail".into(), ..Record::default() }];
    daemon.state().rows = vec![Notification { id: 17, ..Notification::default() }];
    let arguments = [
        "deliveries",
        "--target=mail",
        "--status=delivery-failure",
        "--record=2",
        "--notification=17",
        "--json",
    ];
    assert_eq!(run(&bus, &arguments).await.json(), json!([]));
    let filter = daemon.state().delivery_filters.remove(0);
    let expected = DeliveryFilter {
        target: Some("mail".into()),
        status: Some(DeliveryStatus::DeliveryFailure),
        record: Some(2),
        notification: Some(17),
    };
    assert_eq!(filter, expected);
    let wrong = run(&bus, &["deliveries", "--status", "lost"]).await;
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("inactive-device"), "the known ones are told: {wrong:?}");
    let shown = on_terminal(&bus, 100, "1", &["deliveries"]).await.stdout;
    assert_eq!(shown.trim_end(), "Nothing here.");
}

#[tokio::test]
async fn the_limit_bounds_the_deliveries_and_0_follows_every_page() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    daemon.state().deliveries = (1..=1_203).map(delivery).collect();
    let count = async |arguments: &[&str]| run(&bus, arguments).await.stdout.lines().count();
    assert_eq!(count(&["deliveries"]).await, 50);
    assert_eq!(count(&["deliveries", "-n", "700"]).await, 700);
    assert_eq!(count(&["deliveries", "--limit", "0"]).await, 1_203);
}

#[tokio::test]
async fn what_is_passed_over_is_passed_over_by_whole_pages() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    let stored_only = |id| Delivery {
        target: "desktop".into(),
        status: DeliveryStatus::Suppressed,
        reason: "not-targeted".into(),
        ..delivery(id)
    };
    daemon.state().deliveries =
        std::iter::once(delivery(1)).chain((2..=1_000).map(stored_only)).collect();
    let listed = run(&bus, &["deliveries", "-n", "5", "--json"]).await.json();
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    let calls = daemon.state().delivery_filters.len();
    assert_eq!(calls, 3, "a short first page, and then the longest ones");
}

#[tokio::test]
async fn deliveries_are_sent_again_or_given_up_and_none_is_the_answer_no() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    daemon.state().deliveries = vec![delivery(1), delivery(2)];
    for (command, words) in [("retry", "sent again"), ("cancel", "given up")] {
        let ended = run(&bus, &[command, "1", "2", "9"]).await;
        assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "2\n"), "{command}");
        let none = run(&bus, &[command, "9"]).await;
        assert_eq!((none.code, none.stdout.as_str()), (Some(1), "0\n"), "{command}");
        assert!(none.stderr.contains(&format!("none was {words}")), "{none:?}");
        let json = run(&bus, &[command, "1", "--json"]).await;
        assert_eq!((json.code, json.json()), (Some(0), json!([{"changed": 1}])));
        let shown = on_terminal(&bus, 100, "1", &[command, "1", "2"]).await;
        assert_eq!((shown.code, shown.stdout.trim_end()), (Some(0), &*format!("2 {words}.")));
        assert_eq!(on_terminal(&bus, 100, "1", &[command, "9"]).await.code, Some(1));
        let wrong = run(&bus, &[command, "mail"]).await;
        assert_eq!(wrong.code, Some(2));
        assert!(wrong.stderr.contains("`tidings deliveries` prints them"), "{wrong:?}");
        assert_eq!(run(&bus, &[command]).await.code, Some(2), "{command} what?");
    }
}

#[tokio::test]
async fn explain_tells_of_each_target_what_was_decided_and_what_holds_it_up() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    let mut decision = DictWriter::default();
    decision.put("event", "delivery");
    decision.put("delivery", 4_i64);
    decision.put("target", "mail");
    decision.put("address", "ana@example.org");
    decision.put("grouping", "digest");
    decision.put("status", "RETRY");
    decision.put("route", "pager");
    decision.put("answer", "535 no\u{1b}[2J");
    decision.put("scheduled_delivery", 4_000_000_000_000_i64);
    decision.put("attempted_delivery", 1_000_i64);
    decision.put("retry_attempts", 1_u32);
    decision.put("max_retries", 6_u32);
    daemon.state().decisions = vec![decision.finish()];
    daemon.state().targets = vec![desktop(), mail()];
    let shown = on_terminal(&bus, 200, "1", &["explain", "5"]).await.stdout;
    let expected = "mail to ana@example.org: RETRY in a digest by route \"pager\", after attempt 1 of 6, \
                    but the target is paused: 535 wrong password; set another: 535 no";
    assert!(shown.contains(expected), "{shown}");
    let piped = run(&bus, &["explain", "5"]).await.stdout;
    for field in ["delivery=4", "route=pager", "answer=535 no", "scheduled_delivery=2096-10"] {
        assert!(piped.contains(field), "{field} is missing: {piped}");
    }
    let json = run(&bus, &["explain", "5", "--json"]).await.json();
    assert_eq!(json[0]["decisions"][0]["max_retries"], 6);
}

#[tokio::test]
async fn a_target_of_a_post_is_named_in_two_ways() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    run(&bus, &["post", "Title", "--target", "mail", "--to", "desktop"]).await;
    let (_, _, options) = daemon.state().posts.remove(0);
    let post = tidings_api::Post::from_options("t".into(), String::new(), options).unwrap();
    assert_eq!(post.targets, Some(vec!["mail".to_owned(), "desktop".to_owned()]));
}
