mod answers;
mod apple;
mod provider_token;

use std::os::unix::fs::PermissionsExt as _;

use http::{Method, Version};
use rstest::rstest;
use serde_json::{Value, json};
use tidings_api::Urgency;

use super::KIND;
use super::spec::uuid;
use crate::targets::handle::thread;
use crate::targets::push;
use crate::targets::testing::keys::EcKey;
use crate::targets::testing::{self, absent, class, deps, message, problems, silent};
use crate::targets::{Message, Outcome, Target};
use apple::{Answer, Apple};

const DEVICE: &str = "00fc13adff785122b4ad28809a3420982341241421348097878e577c991de8f0";

fn build(settings: &str, secret: Option<&str>) -> Result<Box<dyn Target>, String> {
    testing::build(&KIND, settings, secret, &deps(secret.unwrap_or_default(), &[]))
}

fn name(outcome: &Outcome) -> &'static str {
    class(outcome).0
}

fn settings(url: &str) -> String {
    format!(
        "team_id = \"TEAM123456\"\nkey_id = \"KEY1234567\"\ntopic = \"org.example.app\"\nurl = \"{url}\"\n"
    )
}

fn target(apple: &Apple, more: &str) -> Box<dyn Target> {
    build(&(settings(&apple.url()) + more), Some(&EcKey::new().pem())).unwrap()
}

#[tokio::test]
async fn message_is_sent_over_http2_with_everything_that_apple_wants() {
    let apple = Apple::start([Answer::taken()]).await;
    let message = message(DEVICE);
    let outcome = target(&apple, "").deliver(&message).await;
    assert_eq!(outcome, Outcome::Accepted { receipt: None });

    let seen = apple.only_request();
    assert_eq!(seen.version, Version::HTTP_2, "Apple speaks nothing else");
    assert_eq!(seen.method, Method::POST);
    assert_eq!(seen.path, format!("/3/device/{DEVICE}"));
    for (header, expected) in [
        ("apns-topic", "org.example.app"),
        ("apns-push-type", "alert"),
        ("apns-priority", "10"),
        ("apns-expiration", &(message.now / 1_000 + 28 * 86_400).to_string()),
        ("apns-id", &uuid(&message)),
        ("apns-collapse-id", &thread(&message)),
        ("content-type", "application/json"),
    ] {
        assert_eq!(seen.header(header), expected, "{header}");
    }
    assert!(seen.header("authorization").starts_with("bearer "));
    let expected = json!({
        "aps": {
            "alert": {"title": "Disk full", "body": message.body},
            "sound": "default",
            "thread-id": "nas",
            "interruption-level": "active",
        },
        "tidings": {
            "notification": "42", "source": "nas", "topic": "disks",
            "url": "https://nas.example/disks?id=1&x=2", "count": "3",
        },
    });
    assert_eq!(seen.content(), expected);
}

#[rstest]
#[case(Urgency::Low, "5", "passive", Value::Null)]
#[case(Urgency::Normal, "10", "active", json!("chime"))]
#[case(Urgency::High, "10", "active", json!("chime"))]
#[case(Urgency::Critical, "10", "time-sensitive", json!("chime"))]
#[tokio::test]
async fn urgency_and_settings_shape_the_message(
    #[case] urgency: Urgency,
    #[case] priority: &str,
    #[case] level: &str,
    #[case] sound: Value,
) {
    let apple = Apple::start([Answer::taken()]).await;
    let target = target(&apple, "sound = \"chime\"\ncategory = \"order\"\nttl = \"1h\"");
    let message = Message { urgency, ..message(DEVICE) };
    target.deliver(&message).await;
    let seen = apple.only_request();
    assert_eq!(seen.header("apns-priority"), priority);
    assert_eq!(seen.header("apns-expiration"), (message.now / 1_000 + 3_600).to_string());
    let aps = &seen.content()["aps"];
    assert_eq!((&aps["interruption-level"], &aps["category"]), (&json!(level), &json!("order")));
    assert_eq!(aps["sound"], sound);
}

#[tokio::test]
async fn long_text_is_cut_to_what_apple_takes() {
    let apple = Apple::start([Answer::taken()]).await;
    let long = Message { body: "\"Ω\n".repeat(9_000), ..message(DEVICE) };
    target(&apple, "").deliver(&long).await;
    let seen = apple.only_request();
    let length = seen.body.len();
    assert!((push::PAYLOAD_BYTES - 8..=push::PAYLOAD_BYTES).contains(&length), "{length} bytes");
    assert!(seen.content()["aps"]["alert"]["body"].as_str().unwrap().ends_with('…'));
}

#[tokio::test]
async fn attempts_at_a_message_have_one_id_and_over_is_now_or_never() {
    let apple = Apple::start([Answer::refused(500, "InternalServerError"), Answer::taken()]).await;
    let target = target(&apple, "");
    let message = message(DEVICE);
    target.deliver(&message).await;
    let now = message.now + 900_000;
    let later = Message { now, expires_at: Some(message.now), ..message };
    target.deliver(&later).await;
    let seen = apple.requests();
    assert_eq!(seen[0].header("apns-id"), seen[1].header("apns-id"));
    assert_eq!(seen[0].header("apns-collapse-id"), seen[1].header("apns-collapse-id"));
    assert_eq!(seen[1].header("apns-expiration"), "0");
}

#[tokio::test]
async fn connection_is_kept_until_nothing_is_to_be_sent() {
    let apple = Apple::start([Answer::taken()]).await;
    let (target, message) = (target(&apple, ""), message(DEVICE));
    futures_util::future::join_all((0..10).map(|_| target.deliver(&message))).await;
    target.deliver(&message).await;
    let connections: Vec<usize> = apple.requests().iter().map(|seen| seen.connection).collect();
    assert_eq!(connections, [1; 11], "one connection for all, also for those that come together");

    target.rest().await;
    apple.all_closed().await;
    assert_eq!(name(&target.deliver(&message).await), "accepted");
    assert_eq!(apple.requests().last().unwrap().connection, 2);
}

#[tokio::test]
async fn lost_answer_is_unknown_and_can_be_repeated() {
    let key = EcKey::new().pem();
    let deliver = async |url: String| {
        build(&settings(&url), Some(&key)).unwrap().deliver(&message(DEVICE)).await
    };
    let lost = deliver(silent().await).await;
    assert_eq!(name(&lost), "unknown", "{lost:?}");
    const { assert!(KIND.repeatable, "the repeat takes the place of the first on the screen") };
    let unsent = deliver(absent().await).await;
    assert_eq!(name(&unsent), "retry", "{unsent:?}");
}

#[tokio::test]
async fn key_is_read_from_a_file_that_nobody_else_can_read() {
    let apple = Apple::start([Answer::taken()]).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("AuthKey_KEY1234567.p8");
    std::fs::write(&file, EcKey::new().pem()).unwrap();
    let settings = format!("{}key_file = \"{}\"", settings(&apple.url()), file.display());
    let target = build(&settings, None).unwrap();
    let mode =
        |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();

    mode(0o640);
    let exposed = target.deliver(&message(DEVICE)).await;
    assert_eq!(name(&exposed), "misconfigured", "{exposed:?}");
    assert!(format!("{exposed:?}").contains("chmod 600"), "{exposed:?}");
    assert!(apple.requests().is_empty());

    mode(0o600);
    assert_eq!(name(&target.deliver(&message(DEVICE)).await), "accepted");
}

#[tokio::test]
async fn what_is_no_key_is_for_a_person() {
    let apple = Apple::start([Answer::taken()]).await;
    let target = build(&settings(&apple.url()), Some("hunter2")).unwrap();
    let outcome = target.deliver(&message(DEVICE)).await;
    assert_eq!(name(&outcome), "misconfigured");
    assert!(!format!("{outcome:?}").contains("hunter2"), "{outcome:?}");
}

#[test]
fn settings_are_checked() {
    let good = "team_id = \"TEAM123456\"\nkey_id = \"KEY1234567\"\ntopic = \"org.example.app\"\n";
    assert_eq!(problems(&KIND, good), Vec::<String>::new());
    for (settings, expected) in [
        (String::new(), "`team_id` is missing"),
        (String::new(), "`key_id` is missing"),
        (String::new(), "`topic` is missing"),
        (good.replace("KEY1234567", "KEY"), "`key_id` has ten letters and digits"),
        (good.replace("org.example.app", "my app"), "`topic` is the bundle ID"),
        (format!("{good}environment = \"test\""), "`environment` is one of production, sandbox"),
        (format!("{good}key_file = \"x.p8\""), "a path from the root or from home"),
        (format!("{good}ttl = \"29d\""), "at most \"28d\""),
        (format!("{good}url = \"http://h.example\""), "begins with https://"),
        (format!("{good}bundle_id = \"x\""), "unknown key"),
    ] {
        let found = problems(&KIND, &settings).join("; ");
        assert!(found.contains(expected), "{settings}: {found}");
        assert!(build(&settings, Some("x")).is_err(), "check and build agree");
    }
    let file = format!("{good}key_file = \"/x.p8\"");
    assert!(build(&file, Some("x")).err().unwrap().contains("keep one of them"));
    assert!(build(good, None).err().unwrap().contains("tidings secret set t"));
    assert!(build(&file, None).is_ok());
}

#[test]
fn environment_decides_where_messages_go() {
    let read = |more: &str| {
        let settings = format!(
            "team_id = \"TEAM123456\"\nkey_id = \"KEY1234567\"\ntopic = \"org.example.app\"\n{more}"
        );
        super::Spec::read(&settings.parse().unwrap()).unwrap().url("ab").to_string()
    };
    assert_eq!(read(""), "https://api.push.apple.com/3/device/ab");
    let sandbox = read("environment = \"sandbox\"");
    assert_eq!(sandbox, "https://api.sandbox.push.apple.com/3/device/ab");
    let other_port = read("url = \"https://api.push.apple.com:2197\"");
    assert_eq!(other_port, "https://api.push.apple.com:2197/3/device/ab");
}

#[test]
fn id_is_a_uuid_of_version_eight_and_each_message_has_its_own() {
    let id = uuid(&message(DEVICE));
    let lengths: Vec<usize> = id.split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
    assert_eq!(&id[14..15], "8", "{id}");
    assert!("89ab".contains(&id[19..20]), "{id}");
    assert_ne!(id, uuid(&Message { identity: "other".into(), ..message(DEVICE) }));
}

#[test]
fn device_tokens_are_hexadecimal_and_of_any_length() {
    let normalize = KIND.address.unwrap().normalize;
    assert_eq!(normalize(&DEVICE.to_uppercase()).as_deref(), Ok(DEVICE));
    assert_eq!(normalize(&format!("<{} {}>", &DEVICE[..32], &DEVICE[32..])).as_deref(), Ok(DEVICE));
    let long = "ab".repeat(100);
    assert_eq!(normalize(&long).as_deref(), Ok(long.as_str()));
    for text in ["", "ab", &DEVICE[1..], &DEVICE.replace('f', "g"), &"ab".repeat(201)] {
        assert!(normalize(text).is_err(), "{text}");
    }
}
