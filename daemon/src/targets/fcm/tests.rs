mod answers;
mod sign_in;

use std::sync::OnceLock;

use rstest::rstest;
use serde_json::{Value, json};
use tidings_api::Urgency;
use wiremock::matchers::path;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::KIND;
use crate::targets::handle::thread;
use crate::targets::push;
use crate::targets::testing::keys::RsaKey;
use crate::targets::testing::{self, class, deps, header, message, problems};
use crate::targets::{Message, Outcome, Target};

const DEVICE: &str = "fXa1bC_d-E:APA91bFakeRegistrationTokenOfATest";
const SEND: &str = "/v1/projects/tidings-test/messages:send";

fn build(settings: &str, secret: Option<&str>) -> Result<Box<dyn Target>, String> {
    testing::build(&KIND, settings, secret, &deps(secret.unwrap_or_default(), &[]))
}

fn name(outcome: &Outcome) -> &'static str {
    class(outcome).0
}

fn json_of(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

/// One key for all tests: making one takes a while.
fn key() -> &'static RsaKey {
    static KEY: OnceLock<RsaKey> = OnceLock::new();
    KEY.get_or_init(RsaKey::new)
}

fn account(token_uri: &str) -> Value {
    json!({
        "type": "service_account",
        "project_id": "tidings-test",
        "private_key_id": "key-1",
        "private_key": key().pem(),
        "client_email": "push@tidings-test.example",
        "token_uri": token_uri,
    })
}

/// A target that sends to one server and signs in at another path of it.
fn target(server: &MockServer, more: &str) -> Box<dyn Target> {
    let account = account(&format!("{}/token", server.uri())).to_string();
    build(&format!("url = \"{}\"\n{more}", server.uri()), Some(&account)).unwrap()
}

fn granted(token: &str) -> ResponseTemplate {
    let content = json!({"access_token": token, "expires_in": 3_599, "token_type": "Bearer"});
    ResponseTemplate::new(200).set_body_json(content)
}

fn taken() -> ResponseTemplate {
    let content = json!({"name": "projects/tidings-test/messages/0:1500415314455276%31bd1c96"});
    ResponseTemplate::new(200).set_body_json(content)
}

async fn server(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(path("/token")).respond_with(granted("ya29.first")).mount(&server).await;
    Mock::given(path(SEND)).respond_with(answer).mount(&server).await;
    server
}

async fn requests(server: &MockServer, path: &str) -> Vec<Request> {
    let requests = server.received_requests().await.unwrap();
    requests.into_iter().filter(|request| request.url.path() == path).collect()
}

/// The one message that is sent with these settings.
async fn sent(settings: &str, message: &Message) -> Value {
    let server = server(taken()).await;
    target(&server, settings).deliver(message).await;
    json_of(&requests(&server, SEND).await[0])["message"].take()
}

#[tokio::test]
async fn message_is_one_request_to_the_project() {
    let server = server(taken()).await;
    let message = message(DEVICE);
    assert_eq!(target(&server, "").deliver(&message).await, Outcome::Accepted { receipt: None });

    let requests = requests(&server, SEND).await;
    let request = &requests[0];
    assert_eq!((requests.len(), request.method.as_str()), (1, "POST"));
    assert_eq!(header(request, "authorization"), "Bearer ya29.first");
    assert_eq!(header(request, "content-type"), "application/json");
    let place = thread(&message);
    let expected = json!({"message": {
        "token": DEVICE,
        "notification": {"title": "Disk full", "body": message.body},
        "data": {
            "notification": "42", "source": "nas", "topic": "disks",
            "url": "https://nas.example/disks?id=1&x=2", "count": "3",
        },
        "android": {
            "priority": "HIGH", "ttl": "2419200s",
            "notification": {"tag": place, "sound": "default"},
        },
        "apns": {
            "headers": {
                "apns-collapse-id": place, "apns-priority": "10",
                "apns-expiration": (message.now / 1_000 + 2_419_200).to_string(),
            },
            "payload": {"aps": {"sound": "default", "interruption-level": "active"}},
        },
        "webpush": {
            "headers": {"TTL": "2419200", "Urgency": "high"},
            "notification": {"tag": place},
        },
    }});
    assert_eq!(json_of(request), expected);
    let data = expected["message"]["data"].as_object().unwrap();
    assert!(data.values().all(Value::is_string), "FCM takes texts only");
}

#[rstest]
#[case(Urgency::Low, "NORMAL", "5", "low", Value::Null)]
#[case(Urgency::Normal, "NORMAL", "10", "normal", json!("chime"))]
#[case(Urgency::High, "HIGH", "10", "high", json!("chime"))]
#[case(Urgency::Critical, "HIGH", "10", "high", json!("chime"))]
#[tokio::test]
async fn urgency_and_settings_shape_the_message(
    #[case] urgency: Urgency,
    #[case] android: &str,
    #[case] apns: &str,
    #[case] web: &str,
    #[case] sound: Value,
) {
    let settings = "sound = \"chime\"\nchannel_id = \"alerts\"\nttl = \"1h\"";
    let sent = sent(settings, &Message { urgency, ..message(DEVICE) }).await;
    assert_eq!(sent["android"]["priority"], android);
    assert_eq!(sent["android"]["ttl"], "3600s");
    assert_eq!(sent["android"]["notification"]["channel_id"], "alerts");
    assert_eq!(sent["android"]["notification"]["sound"], sound);
    assert_eq!(sent["apns"]["headers"]["apns-priority"], apns);
    assert_eq!(sent["apns"]["payload"]["aps"]["sound"], sound);
    assert_eq!(sent["webpush"]["headers"]["Urgency"], web);
}

#[tokio::test]
async fn long_text_is_cut() {
    let long = Message { body: "\"Ω\n".repeat(9_000), ..message(DEVICE) };
    let sent = sent("", &long).await;
    let whole = json!({ "message": sent });
    assert!(whole.to_string().len() <= push::PAYLOAD_BYTES);
    assert!(sent["notification"]["body"].as_str().unwrap().ends_with('…'));
}

#[test]
fn settings_are_checked() {
    assert_eq!(problems(&KIND, ""), Vec::<String>::new(), "the account may be a secret");
    for (settings, expected) in [
        ("service_account_file = \"firebase.json\"", "a path from the root or from home"),
        ("ttl = \"29d\"", "at most \"28d\""),
        ("url = \"http://h.example\"", "begins with https://"),
        ("colapse_key = \"x\"", "unknown key"),
    ] {
        let found = problems(&KIND, settings).join("; ");
        assert!(found.contains(expected), "{settings}: {found}");
        assert!(build(settings, Some("x")).is_err(), "check and build agree");
    }
    let file = "service_account_file = \"/x.json\"";
    assert!(build(file, Some("x")).err().unwrap().contains("keep one of them"));
    assert!(build("", None).err().unwrap().contains("tidings secret set t"));
    assert!(build(file, None).is_ok());
}

#[test]
fn registration_tokens_are_looked_at_roughly() {
    let normalize = KIND.address.unwrap().normalize;
    assert_eq!(normalize(&format!(" {DEVICE}\n")).as_deref(), Ok(DEVICE));
    for text in ["", "short", "https://fcm.example/fXa1bC", "two words of some length"] {
        assert!(normalize(text).is_err(), "{text}");
    }
}
