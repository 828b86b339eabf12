use serde_json::json;
use tidings_api::SecretPlace;

use crate::bus::Bus;
use crate::daemon::Daemon;
use crate::program::run;

#[tokio::test]
async fn a_source_is_added_with_its_settings_and_the_next_step_is_told() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    let arguments = [
        "sources",
        "add",
        "orders",
        "--preset=shop",
        "--url=https://a.b",
        "--set=auth.username=ana",
        "--set=list.page_size=20",
    ];
    let ended = run(&bus, &arguments).await;
    assert_eq!(ended.stdout, "\"orders\" is added; now run `tidings secret set orders`\n");
    let added = daemon.state().added.pop().unwrap();
    assert_eq!((added.kind.as_str(), added.preset.as_str()), ("json", "shop"));
    assert!(added.enabled && added.popups, "a new source is on");
    assert_eq!(added.secret, SecretPlace::Keyring);
    let expected = json!({"auth.username": "ana", "list.page_size": 20, "url": "https://a.b"});
    assert_eq!(json!(added.settings), expected);
}

#[tokio::test]
async fn what_is_stored_is_printed_as_json() {
    let bus = Bus::start();
    let _daemon = Daemon::start(&bus).await;
    let open = ["sources", "add", "open", "--url=https://a.b", "--no-secret", "--json"];
    let stored = run(&bus, &open).await.json();
    assert_eq!((&stored[0]["name"], &stored[0]["secret"]), (&json!("open"), &json!("none")));
}

#[tokio::test]
async fn a_refusal_of_the_daemon_and_a_setting_without_a_key_are_told() {
    let bus = Bus::start();
    let _daemon = Daemon::start(&bus).await;
    let taken = run(&bus, &["sources", "add", "taken", "--url=https://a.b"]).await;
    assert_eq!(taken.code, Some(1));
    assert!(taken.stderr.contains("already"), "{taken:?}");
    let wrong = run(&bus, &["sources", "add", "x", "--url=https://a.b", "--set=ana"]).await;
    assert_eq!(wrong.code, Some(2));
    assert!(wrong.stderr.contains("auth.username=ana"), "{wrong:?}");
}

#[tokio::test]
async fn kinds_are_listed_and_a_source_is_removed() {
    let bus = Bus::start();
    let daemon = Daemon::start(&bus).await;
    assert_eq!(run(&bus, &["sources", "kinds"]).await.stdout, "json\tshop\tShop\tA shop.\n");
    let listed = run(&bus, &["sources", "kinds", "--json"]).await.json();
    assert_eq!(listed[0]["preset"], "shop");
    assert_eq!(run(&bus, &["sources", "remove", "orders"]).await.code, Some(0));
    assert_eq!(daemon.state().calls, ["Remove orders"]);
}
