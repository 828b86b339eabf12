use std::collections::BTreeMap;

use zbus::zvariant::Value;

use crate::bus::Bus;
use crate::daemon::Daemon;
use crate::program::{run, run_with_input};

#[tokio::test]
async fn every_option_arrives_under_its_key_and_with_its_type() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    let ended = run(
        &bus,
        &[
            "post",
            "Title",
            "Body",
            "--topic",
            "backups",
            "--app",
            "Backup",
            "--urgency",
            "high",
            "--key",
            "k",
            "--mode",
            "silent",
            "--icon",
            "drive",
            "--url",
            "https://example.org",
            "--action",
            "yes=Deploy",
            "--action",
            "log=Open=https://ci.example.org/?a=b",
            "--actor",
            "ann",
            "--verb",
            "pushed",
            "--action-object",
            "main",
            "--activity-target",
            "repo",
            "--tag",
            "a",
            "--tag",
            "b",
            "--progress",
            "40",
            "--transient",
            "--expires",
            "2126-01-31T18:30:00+01:00",
            "--at",
            "2126-01-31T17:00:00Z",
            "--to",
            "mail",
            "--to",
            "phone",
            "--data",
            r#"{"n":1}"#,
        ],
    )
    .await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let (title, body, options) = daemon.state().posts.remove(0);
    assert_eq!((title.as_str(), body.as_str()), ("Title", "Body"));
    let arrived: BTreeMap<String, Value<'static>> =
        options.into_iter().map(|(key, value)| (key, Value::from(value))).collect();
    let actions = vec![
        ("yes".to_owned(), "Deploy".to_owned(), String::new()),
        ("log".to_owned(), "Open".to_owned(), "https://ci.example.org/?a=b".to_owned()),
    ];
    let expected: BTreeMap<String, Value<'static>> = [
        ("topic", Value::from("backups")),
        ("app", Value::from("Backup")),
        ("urgency", Value::from("high")),
        ("key", Value::from("k")),
        ("mode", Value::from("silent")),
        ("icon", Value::from("drive")),
        ("url", Value::from("https://example.org")),
        ("actions", Value::from(actions)),
        ("actor", Value::from("ann")),
        ("verb", Value::from("pushed")),
        ("action_object", Value::from("main")),
        ("activity_target", Value::from("repo")),
        ("tags", Value::from(vec!["a", "b"])),
        ("progress", Value::from(40_u32)),
        ("transient", Value::from(true)),
        ("expires_at", Value::from(4_925_554_200_000_i64)),
        ("deliver_at", Value::from(4_925_552_400_000_i64)),
        ("targets", Value::from(vec!["mail", "phone"])),
        ("data", Value::from(r#"{"n":1}"#)),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value))
    .collect();
    assert_eq!(arrived, expected);
    let known = tidings_api::Post::OPTIONS.map(str::to_owned).into_iter().collect::<Vec<_>>();
    assert!(known.iter().all(|key| expected.contains_key(key)), "an option without a flag");
}

#[tokio::test]
async fn what_is_not_given_is_not_sent() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    run(&bus, &["post", "Title"]).await;
    let (_, body, options) = daemon.state().posts.remove(0);
    assert_eq!(body, "");
    assert!(options.is_empty(), "{options:?}");
}

#[tokio::test]
async fn store_only_is_an_empty_list_of_targets() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    run(&bus, &["post", "Title", "--store-only"]).await;
    let (_, _, options) = daemon.state().posts.remove(0);
    let post = tidings_api::Post::from_options("t".into(), String::new(), options).unwrap();
    assert_eq!(post.targets, Some(Vec::new()), "an absent list would mean all targets");
}

#[tokio::test]
async fn a_relative_time_is_a_time_from_now() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    let before = chrono::Utc::now().timestamp_millis();
    run(&bus, &["post", "Title", "--at", "10m"]).await;
    let after = chrono::Utc::now().timestamp_millis();
    let (_, _, options) = daemon.state().posts.remove(0);
    let post = tidings_api::Post::from_options("t".into(), String::new(), options).unwrap();
    let sent = post.deliver_at.unwrap() - 600_000;
    assert!((before..=after).contains(&sent), "{before} <= {sent} <= {after}");
}

#[tokio::test]
async fn a_dash_reads_the_body_from_standard_input() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    let ended = run_with_input(&bus, &["post", "Disks", "-"], b"one\n\ntwo\n").await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(daemon.state().posts[0].1, "one\n\ntwo");
}

#[tokio::test]
async fn json_prints_the_id_as_an_object_of_an_array() {
    let bus = Bus::start();
    let _daemon = Daemon::start(&bus).await;
    let ended = run(&bus, &["post", "Title", "--json"]).await;
    assert_eq!(ended.json(), serde_json::json!([{ "id": 1 }]));
}

#[tokio::test]
async fn withdrawing_says_how_many_and_fails_when_there_was_none() {
    let bus = Bus::start();
    let _daemon = Daemon::start(&bus).await;
    run(&bus, &["post", "Title", "--key", "k"]).await;
    let ended = run(&bus, &["withdraw", "k"]).await;
    assert_eq!((ended.code, ended.stdout.as_str()), (Some(0), "1\n"));
    let again = run(&bus, &["withdraw", "k"]).await;
    assert_eq!((again.code, again.stdout.as_str()), (Some(1), "0\n"));
}
