use std::time::Duration;

use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};
use tidings_api::Urgency;
use wiremock::{MockServer, ResponseTemplate};

use super::*;
use crate::targets::handle;
use crate::targets::testing::{
    absent, answering, class, header, message, problems, request, silent, target,
};

const PUBLISHED: &str = r#"{"id":"hwQ2YpKdmg","time":1,"event":"message","topic":"phone"}"#;

async fn ntfy(answer: ResponseTemplate) -> MockServer {
    answering(answer).await
}

fn published() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_raw(PUBLISHED, JSON)
}

fn settings(server: &MockServer) -> String {
    format!("url = \"{}\"", server.uri())
}

#[tokio::test]
async fn a_message_is_published_as_json_to_the_root() {
    let server = ntfy(published()).await;
    let target = target(&KIND, &settings(&server), None);
    let outcome = target.deliver(&message("phone")).await;
    assert_eq!(outcome, Outcome::Accepted { receipt: None });
    let request = request(&server).await;
    assert_eq!((request.method.as_str(), request.url.path()), ("POST", "/"));
    assert_eq!(header(&request, "content-type"), JSON);
    assert_eq!(header(&request, "authorization"), "", "nobody in particular");
    let body: Value = request.body_json().unwrap();
    let sequence = handle::thread(&message("phone"));
    assert_eq!(
        body,
        json!({
            "topic": "phone",
            "title": "Disk full",
            "message": "98 % of /var; \"ähm\" 🎉\nnext line",
            "priority": 4,
            "tags": ["disk", "a b"],
            "click": "https://nas.example/disks?id=1&x=2",
            "sequence_id": sequence,
        })
    );
}

#[tokio::test]
async fn a_server_below_a_path_is_addressed_there() {
    let server = ntfy(published()).await;
    let target = target(&KIND, &format!("url = \"{}/push\"", server.uri()), None);
    target.deliver(&message("phone")).await;
    assert_eq!(request(&server).await.url.path(), "/push/");
}

#[rstest]
#[case::token("", "Bearer tk_secret")]
#[case::password("username = \"ana\"", "Basic YW5hOnRrX3NlY3JldA==")]
#[tokio::test]
async fn the_secret_says_who_we_are(#[case] more: &str, #[case] expected: &str) {
    let server = ntfy(published()).await;
    let target = target(&KIND, &format!("{}\n{more}", settings(&server)), Some("tk_secret"));
    target.deliver(&message("phone")).await;
    assert_eq!(header(&request(&server).await, "authorization"), expected);
}

#[tokio::test]
async fn a_user_without_a_password_is_told_what_to_do() {
    let server = ntfy(published()).await;
    let target = target(&KIND, &format!("{}\nusername = \"ana\"", settings(&server)), None);
    let outcome = target.deliver(&message("phone")).await;
    let (word, why) = class(&outcome);
    assert_eq!(word, "misconfigured");
    assert!(why.contains("tidings secret set t"), "{why}");
    assert!(server.received_requests().await.unwrap().is_empty(), "nothing goes out as nobody");
}

#[test]
fn every_urgency_has_its_priority() {
    let of = |urgency| {
        let body = publication::of(&Message { urgency, ..message("phone") });
        serde_json::from_slice::<Value>(&body).unwrap()["priority"].clone()
    };
    assert_eq!(Urgency::ALL.map(of), [2, 3, 4, 5]);
}

#[test]
fn a_title_alone_is_the_text() {
    let body = publication::of(&Message {
        body: String::new(),
        tags: Vec::new(),
        url: String::new(),
        key: String::new(),
        ..message("phone")
    });
    let body: Value = serde_json::from_slice(&body).unwrap();
    let expected = json!({
        "topic": "phone", "priority": 4, "sequence_id": "0123abcd-1", "message": "Disk full",
    });
    assert_eq!(body, expected, "an empty text would be shown as \"triggered\"");
}

#[test]
fn a_long_text_is_cut_with_a_mark_and_a_long_link_left_out() {
    let body = publication::of(&Message {
        body: "ä".repeat(5000),
        url: format!("https://a.example/{}", "x".repeat(3000)),
        ..message("phone")
    });
    let body: Value = serde_json::from_slice(&body).unwrap();
    let text = body["message"].as_str().unwrap();
    assert!(text.ends_with("ä…") && text.len() <= 4096 && text.len() > 4090, "{}", text.len());
    assert_eq!(body.get("click"), None);
}

proptest! {
    #[test]
    fn nothing_makes_it_larger_than_the_server_reads(
        title in "[a\"\\\\\\x01é]{0,2000}",
        body in "[a\"\\\\\\x01\\né]{0,9000}",
        url in "[a\"é]{0,3000}",
        tags in proptest::collection::vec("[a\"é]{0,100}", 0..40),
    ) {
        let bytes = publication::of(&Message { title, body, url, tags, ..message("phone") });
        prop_assert!(bytes.len() <= 8192, "{}", bytes.len());
        let json: Value = serde_json::from_slice(&bytes).unwrap();
        prop_assert!(json["message"].as_str().unwrap().len() <= 4096);
    }
}

fn error(status: u16, body: &str) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_raw(body, JSON)
}

#[rstest]
#[case::no_ntfy(200, "<html>welcome</html>", "misconfigured", "check `url`")]
#[case::no_message(200, r#"{"ok":true}"#, "misconfigured", "check `url`")]
#[case::redirect(302, "", "misconfigured", "where it leads")]
#[case::topic_invalid(
    400,
    r#"{"code":40009,"http":400,"error":"invalid request: topic invalid"}"#,
    "refused",
    "400 (40009 invalid request: topic invalid)"
)]
#[case::unauthorized(
    401,
    r#"{"code":40101,"http":401,"error":"unauthorized"}"#,
    "misconfigured",
    "store it again"
)]
#[case::forbidden(
    403,
    r#"{"code":40301,"http":403,"error":"forbidden"}"#,
    "misconfigured",
    "not allowed"
)]
#[case::not_found(404, "", "misconfigured", "no ntfy server")]
#[case::no_such_method(405, "", "misconfigured", "no ntfy server")]
#[case::timeout(408, "", "retry", "408")]
#[case::too_large(
    413,
    r#"{"code":41303,"http":413,"error":"JSON body too large"}"#,
    "refused",
    "41303"
)]
#[case::too_early(425, "", "retry", "425")]
#[case::busy(429, r#"{"code":42901,"http":429,"error":"limit reached"}"#, "retry", "42901")]
#[case::fault(500, r#"{"code":50001,"error":"internal server error"}"#, "unknown", "50001")]
#[case::bad_gateway(502, "<html><h1>Bad gateway</h1>", "unknown", "502")]
#[case::unavailable(503, "", "retry", "503")]
#[case::gateway_timeout(504, "", "unknown", "504")]
#[case::no_subscriber(507, r#"{"code":50701,"error":"cannot publish"}"#, "retry", "50701")]
#[tokio::test]
async fn every_answer_says_what_to_do(
    #[case] status: u16,
    #[case] body: &str,
    #[case] expected: &str,
    #[case] words: &str,
) {
    let server = ntfy(error(status, body)).await;
    let target = target(&KIND, &settings(&server), Some("tk_secret"));
    let outcome = target.deliver(&message("myTopic")).await;
    let (word, why) = class(&outcome);
    assert_eq!(word, expected, "{why}");
    assert!(why.contains(words) && why.starts_with("127.0.0.1:"), "{why}");
    for private in ["myTopic", "Disk full", "tk_secret", "<html>"] {
        assert!(!why.contains(private), "{private} is in: {why}");
    }
}

#[rstest]
#[case::asked_for("42901", Some("17"), Some(17))]
#[case::not_asked_for("42901", None, None)]
#[case::day_is_over("42908", None, Some(3600))]
#[case::day_is_over_and_asked_for("42908", Some("17"), Some(17))]
#[tokio::test]
async fn a_busy_server_is_left_alone_for_as_long_as_it_wants(
    #[case] code: &str,
    #[case] asked: Option<&str>,
    #[case] expected: Option<u64>,
) {
    let mut answer = error(429, &format!("{{\"code\":{code},\"error\":\"limit reached\"}}"));
    if let Some(asked) = asked {
        answer = answer.insert_header("retry-after", asked);
    }
    let server = ntfy(answer).await;
    let outcome = target(&KIND, &settings(&server), None).deliver(&message("phone")).await;
    let Outcome::Retry { after, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(after, expected.map(Duration::from_secs));
}

#[tokio::test]
async fn words_that_are_not_from_ntfy_are_not_repeated() {
    let server = ntfy(error(400, r#"{"error":"cannot send Disk full to myTopic"}"#)).await;
    let outcome = target(&KIND, &settings(&server), None).deliver(&message("myTopic")).await;
    let (word, why) = class(&outcome);
    assert_eq!(word, "refused");
    assert!(why.ends_with("answered 400"), "{why}");
}

#[tokio::test]
async fn a_lost_answer_is_told_from_a_message_that_never_left() {
    let lost = target(&KIND, &format!("url = \"{}\"", silent().await), None);
    let outcome = lost.deliver(&message("phone")).await;
    assert_eq!(class(&outcome).0, "unknown");
    let never = target(&KIND, &format!("url = \"{}\"", absent().await), None);
    let outcome = never.deliver(&message("phone")).await;
    assert_eq!(class(&outcome).0, "retry");
}

#[test]
fn settings_are_checked() {
    assert!(problems(&KIND, "").is_empty(), "ntfy.sh, as nobody");
    assert!(problems(&KIND, "url = \"https://ntfy.example.org\"\nusername = \"ana\"").is_empty());
    for wrong in ["url = \"ntfy.sh\"", "url = 1", "username = \"a:b\"", "usrname = \"a\""] {
        assert_eq!(problems(&KIND, wrong).len(), 1, "{wrong}");
    }
    for field in fields() {
        assert!(field.help.ends_with('.'), "{}", field.help);
    }
}

#[test]
fn a_topic_is_a_name_and_nothing_else() {
    let normalize = KIND.address.unwrap().normalize;
    assert_eq!(normalize(" My-topic_1 ").as_deref(), Ok("My-topic_1"), "its case counts");
    assert_eq!(normalize(&"a".repeat(64)), Ok("a".repeat(64)));
    for wrong in ["", " ", "a b", "a,b", "a/b", "https://ntfy.sh/a", "ä", "a\nb", "docs", "v1"] {
        assert!(normalize(wrong).is_err(), "{wrong}");
    }
    assert!(normalize(&"a".repeat(65)).is_err());
}
