use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::{DEVICE, KIND, account, build, name, server, taken, target};
use crate::targets::Outcome;
use crate::targets::testing::{absent, message, silent};

async fn outcome(answer: ResponseTemplate) -> Outcome {
    let server = server(answer).await;
    let outcome = target(&server, "").deliver(&message(DEVICE)).await;
    assert!(!format!("{outcome:?}").contains(DEVICE), "the token is not repeated: {outcome:?}");
    outcome
}

/// What FCM answers: the kind of HTTP error, and FCM's own word for it.
fn refusal(status: u16, status_word: &str, code: &str, more: &Value) -> ResponseTemplate {
    let detail =
        json!({"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code});
    ResponseTemplate::new(status).set_body_json(json!({"error": {
        "code": status, "message": format!("about {DEVICE}"), "status": status_word,
        "details": [more, detail],
    }}))
}

#[rstest]
#[case(refusal(404, "NOT_FOUND", "UNREGISTERED", &json!({})), "gone")]
#[case(refusal(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH", &json!({})), "gone")]
#[case(refusal(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", &json!({})), "refused")]
#[case(refusal(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR", &json!({})), "misconfigured")]
#[case(refusal(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", &json!({})), "retry")]
#[case(refusal(503, "UNAVAILABLE", "UNAVAILABLE", &json!({})), "retry")]
#[case(refusal(500, "INTERNAL", "INTERNAL", &json!({})), "retry")]
#[case(refusal(400, "FAILED_PRECONDITION", "SOMETHING_NEW", &json!({})), "refused")]
#[tokio::test]
async fn errors_are_classed(#[case] answer: ResponseTemplate, #[case] expected: &str) {
    let outcome = outcome(answer).await;
    assert_eq!(name(&outcome), expected, "{outcome:?}");
}

#[tokio::test]
async fn invalid_argument_is_a_dead_address_only_if_it_is_about_the_token() {
    let violation = |field: &str| {
        json!({
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{"field": field, "description": "Invalid"}],
        })
    };
    let about = |field| refusal(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", &violation(field));
    assert_eq!(name(&outcome(about("message.token")).await), "gone");
    assert_eq!(name(&outcome(about("message.data")).await), "refused", "that is our own fault");
    let said = json!({"error": {
        "code": 400, "status": "INVALID_ARGUMENT",
        "message": "The registration token is not a valid FCM registration token",
        "details": [{"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": "INVALID_ARGUMENT"}],
    }});
    let answer = ResponseTemplate::new(400).set_body_json(said);
    assert_eq!(name(&outcome(answer).await), "gone");
}

#[rstest]
#[case(502, "retry")]
#[case(503, "retry")]
#[case(429, "retry")]
#[case(401, "misconfigured")]
#[case(403, "misconfigured")]
#[case(404, "misconfigured")]
#[case(302, "misconfigured")]
#[case(413, "refused")]
#[case(200, "unknown")]
#[tokio::test]
async fn page_instead_of_json_is_classed_by_its_status(
    #[case] status: u16,
    #[case] expected: &str,
) {
    let page = "<!DOCTYPE html><title>Error 502 (Server Error)!!1</title>";
    let answer = ResponseTemplate::new(status).set_body_raw(page, "text/html; charset=UTF-8");
    assert_eq!(name(&outcome(answer).await), expected);
}

#[tokio::test]
async fn quota_waits_as_long_as_asked_or_a_minute() {
    let quota = || refusal(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED", &json!({}));
    let after = |outcome| {
        let Outcome::Retry { after, .. } = outcome else { panic!("it passes: {outcome:?}") };
        after
    };
    assert_eq!(after(outcome(quota()).await), Some(Duration::from_secs(60)));
    let asked = quota().insert_header("Retry-After", "90");
    assert_eq!(after(outcome(asked).await), Some(Duration::from_secs(90)));
    let busy = refusal(503, "UNAVAILABLE", "UNAVAILABLE", &json!({}));
    assert_eq!(after(outcome(busy.clone()).await), None, "then the engine's own pauses count");
    let busy = busy.insert_header("Retry-After", "5");
    assert_eq!(after(outcome(busy).await), Some(Duration::from_secs(5)));
}

#[tokio::test]
async fn lost_answers_are_told_apart_by_what_was_lost() {
    let server = server(taken()).await;
    let account = |uri: &str| account(uri).to_string();
    let signed_in = account(&format!("{}/token", server.uri()));
    let deliver = async |url: String, account: String| {
        let target = build(&format!("url = \"{url}\""), Some(&account)).unwrap();
        target.deliver(&message(DEVICE)).await
    };
    let lost = deliver(silent().await, signed_in.clone()).await;
    assert_eq!(name(&lost), "unknown", "{lost:?}");
    const { assert!(KIND.repeatable, "the repeat takes the place of the first on the screen") };
    let unsent = deliver(absent().await, signed_in).await;
    assert_eq!(name(&unsent), "retry", "{unsent:?}");
    let token_lost = deliver(server.uri(), account(&silent().await)).await;
    assert_eq!(name(&token_lost), "retry", "no message was sent yet: {token_lost:?}");
}
