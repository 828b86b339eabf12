use serde_json::json;
use tidings_api::Record;

use crate::bus::Bus;
use crate::daemon::Daemon;
use crate::list::keys;
use crate::program::{on_terminal, run};
use crate::targets::{desktop, mail};

async fn with_mail(bus: &Bus) -> Daemon {
    let daemon = Daemon::start(bus).await;
    daemon.state().targets = vec![desktop(), mail()];
    daemon
}

fn record(id: i64, target: &str) -> Record {
    Record {
        id,
        target: target.into(),
        address: format!("{id}@example.org"),
        active: true,
        verified: true,
        ..Record::default()
    }
}

#[tokio::test]
async fn records_are_listed_of_one_target_or_of_all() {
    let bus = Bus::start();
    let daemon = with_mail(&bus).await;
    let dead = Record {
        active: false,
        ended_at: Some(5),
        ended_why: "550 no\u{1b}[2J such user".into(),
        description: "Ana's".into(),
        ..record(2, "mail")
    };
    daemon.state().records = vec![record(1, "sms"), dead];
    assert_eq!(
        run(&bus, &["records"]).await.stdout,
        "1\tsms\t1@example.org\treceives\t1970-01-01T00:00:00.000Z\t\t\n\
         2\tmail\t2@example.org\tdead\t1970-01-01T00:00:00.000Z\tAna's\t550 no such user\n"
    );
    let one = run(&bus, &["records", "mail", "--json"]).await.json();
    assert_eq!(one.as_array().unwrap().len(), 1);
    let expected = [
        "id",
        "target",
        "address",
        "description",
        "active",
        "verified",
        "created_at",
        "ended_at",
        "ended_why",
    ];
    assert_eq!(keys(&one[0]), expected);
    let table = on_terminal(&bus, 120, "1", &["records"]).await.stdout;
    assert!(table.contains("ADDRESS") && table.contains("Ana's — 550 no such user"), "{table}");
    let unknown = run(&bus, &["records", "fax"]).await;
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
    let called_add = run(&bus, &["records", "--", "add"]).await;
    assert!(called_add.stderr.contains("no target \"add\""), "{called_add:?}");
}

#[tokio::test]
async fn without_a_record_a_person_is_told_how_to_add_one() {
    let bus = Bus::start();
    let _daemon = with_mail(&bus).await;
    assert_eq!(run(&bus, &["records"]).await.stdout, "");
    assert_eq!(run(&bus, &["records", "--json"]).await.json(), json!([]));
    let table = on_terminal(&bus, 100, "1", &["records"]).await.stdout;
    assert!(table.contains("tidings records add"), "{table}");
}

#[tokio::test]
async fn an_added_record_gets_a_code_and_how_to_enter_it_is_told() {
    let bus = Bus::start();
    let daemon = with_mail(&bus).await;
    let add = ["records", "add", "mail", "ana@example.org", "--description", "Ana's"];
    let ended = run(&bus, &add).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "1\n"), "a script reads the id");
    let told = "A code was sent to ana@example.org; it is good for ten minutes. \
                Enter it with: tidings records verify 1 CODE";
    assert_eq!(ended.stderr, format!("tidings: {told}\n"), "what it must not overlook");
    assert_eq!(daemon.state().calls, ["SendCode 1"]);
    assert_eq!(daemon.state().records[0].description, "Ana's");
    let shown = on_terminal(&bus, 200, "1", &["records", "add", "mail", "b@example.org"]).await;
    let text = shown.stdout.replace("\r\n", "\n");
    assert!(text.starts_with("Record 2 is added.\nA code was sent to b@example.org;"), "{text}");
    let json = run(&bus, &["records", "add", "mail", "c@example.org", "--json"]).await.json();
    assert_eq!(json, json!([{"id": 3, "verified": false, "code_sent": true}]));
}

#[tokio::test]
async fn a_trusted_record_receives_without_a_code() {
    let bus = Bus::start();
    let daemon = with_mail(&bus).await;
    let ended = run(&bus, &["records", "add", "mail", "ana@example.org", "--trusted"]).await;
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("1\n", ""));
    assert!(daemon.state().calls.is_empty(), "no code");
    assert!(daemon.state().records[0].verified);
    let add = ["records", "add", "mail", "b@example.org", "--trusted"];
    let shown = on_terminal(&bus, 100, "1", &add).await.stdout;
    assert_eq!(shown.trim_end(), "Record 2 is added. It receives from now on.");
}

#[tokio::test]
async fn a_code_that_cannot_be_sent_leaves_the_record_and_says_so() {
    let bus = Bus::start();
    let daemon = with_mail(&bus).await;
    daemon.state().mail_is_down = true;
    let ended = run(&bus, &["records", "add", "mail", "ana@example.org"]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(1), "1\n"), "{ended:?}");
    for words in ["record 1 is added", "451 try again later", "tidings records send-code 1"] {
        assert!(ended.stderr.contains(words), "{words} is missing: {ended:?}");
    }
    let json = run(&bus, &["records", "add", "mail", "b@example.org", "--json"]).await;
    assert_eq!(json.code, Some(1));
    assert_eq!(json.json()[0]["code_sent"], false);
    let sent = run(&bus, &["records", "send-code", "1"]).await;
    assert_eq!(sent.code, Some(1), "{sent:?}");
}

#[tokio::test]
async fn a_code_is_entered_and_a_wrong_one_is_the_answer_no() {
    let bus = Bus::start();
    let daemon = with_mail(&bus).await;
    daemon.state().records = vec![Record { verified: false, ..record(1, "mail") }];
    let wrong = run(&bus, &["records", "verify", "1", "000000"]).await;
    assert_eq!((wrong.code, wrong.stdout.as_str()), (Some(1), ""), "{wrong:?}");
    assert!(wrong.stderr.contains("tidings records send-code 1"), "{wrong:?}");
    let json = run(&bus, &["records", "verify", "1", "000000", "--json"]).await;
    assert_eq!((json.code, json.json()), (Some(1), json!([{"verified": false}])));
    let shown = on_terminal(&bus, 100, "1", &["records", "verify", "1", "123456"]).await;
    assert_eq!((shown.code, shown.stdout.trim_end()), (Some(0), "Record 1 receives from now on."));
    assert!(daemon.state().records[0].verified);
    let unknown = run(&bus, &["records", "verify", "9", "123456"]).await;
    assert_eq!(unknown.code, Some(1), "{unknown:?}");
}

#[tokio::test]
async fn another_code_is_sent() {
    let bus = Bus::start();
    let daemon = with_mail(&bus).await;
    daemon.state().records = vec![Record { verified: false, ..record(1, "mail") }];
    let quietly = run(&bus, &["records", "send-code", "1"]).await;
    assert_eq!((quietly.code, quietly.stdout.as_str()), (Some(0), ""));
    let shown = on_terminal(&bus, 200, "1", &["records", "send-code", "1"]).await.stdout;
    assert!(shown.contains("tidings records verify 1 CODE"), "{shown}");
    assert_eq!(daemon.state().calls, ["SendCode 1", "SendCode 1"]);
}

#[tokio::test]
async fn a_record_is_switched_described_and_removed() {
    let bus = Bus::start();
    let daemon = with_mail(&bus).await;
    daemon.state().records = vec![record(1, "mail"), record(2, "mail")];
    assert_eq!(run(&bus, &["records", "disable", "1"]).await.code, Some(0));
    assert!(!daemon.state().records[0].active);
    assert_eq!(run(&bus, &["records", "enable", "1"]).await.code, Some(0));
    assert!(daemon.state().records[0].active);
    assert_eq!(run(&bus, &["records", "describe", "1", "Ana's"]).await.code, Some(0));
    assert_eq!(daemon.state().records[0].description, "Ana's");
    assert_eq!(run(&bus, &["records", "describe", "1", ""]).await.code, Some(0));
    assert_eq!(daemon.state().records[0].description, "", "empty = nothing");
    assert_eq!(run(&bus, &["records", "remove", "1"]).await.code, Some(0));
    assert_eq!(daemon.state().records.len(), 1);
    for command in ["enable", "disable", "remove"] {
        assert_eq!(run(&bus, &["records", command, "1"]).await.code, Some(1), "{command}: gone");
        let wrong = run(&bus, &["records", command, "ana@example.org"]).await;
        assert_eq!(wrong.code, Some(2));
        assert!(wrong.stderr.contains("`tidings records` prints them"), "{wrong:?}");
    }
    let refused = run(&bus, &["records", "add", "mail", "ana"]).await;
    assert_eq!(refused.code, Some(2), "an address that is none: {refused:?}");
}
