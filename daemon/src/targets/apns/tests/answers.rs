use std::time::Duration;

use rstest::rstest;

use super::apple::{Answer, Apple};
use super::{DEVICE, name, target};
use crate::targets::Outcome;
use crate::targets::testing::message;

async fn outcome(answer: Answer) -> Outcome {
    let apple = Apple::start([answer]).await;
    let outcome = target(&apple, "").deliver(&message(DEVICE)).await;
    assert!(!format!("{outcome:?}").contains(DEVICE), "the token is not repeated: {outcome:?}");
    assert_eq!(apple.requests().len(), 1, "one attempt is one request");
    outcome
}

#[rstest]
#[case(400, "BadCollapseId", "refused")]
#[case(400, "BadDeviceToken", "refused")]
#[case(400, "BadExpirationDate", "refused")]
#[case(400, "BadMessageId", "refused")]
#[case(400, "BadPriority", "refused")]
#[case(400, "BadTopic", "misconfigured")]
#[case(400, "DeviceTokenNotForTopic", "misconfigured")]
#[case(400, "DuplicateHeaders", "refused")]
#[case(400, "IdleTimeout", "retry")]
#[case(400, "InvalidPushType", "refused")]
#[case(400, "MissingDeviceToken", "refused")]
#[case(400, "MissingTopic", "misconfigured")]
#[case(400, "PayloadEmpty", "refused")]
#[case(400, "TopicDisallowed", "misconfigured")]
#[case(403, "BadCertificate", "misconfigured")]
#[case(403, "BadCertificateEnvironment", "misconfigured")]
#[case(403, "BadEnvironmentKeyIdInToken", "misconfigured")]
#[case(403, "ExpiredProviderToken", "misconfigured")]
#[case(403, "Forbidden", "misconfigured")]
#[case(403, "InvalidProviderToken", "misconfigured")]
#[case(403, "MissingProviderToken", "misconfigured")]
#[case(403, "UnrelatedKeyIdInToken", "misconfigured")]
#[case(404, "BadPath", "misconfigured")]
#[case(405, "MethodNotAllowed", "misconfigured")]
#[case(410, "ExpiredToken", "gone")]
#[case(410, "Unregistered", "gone")]
#[case(413, "PayloadTooLarge", "refused")]
#[case(429, "TooManyProviderTokenUpdates", "retry")]
#[case(429, "TooManyRequests", "retry")]
#[case(500, "InternalServerError", "retry")]
#[case(503, "ServiceUnavailable", "retry")]
#[case(503, "Shutdown", "retry")]
#[case(400, "SomethingNew", "refused")]
#[tokio::test]
async fn reasons_are_classed(#[case] status: u16, #[case] reason: &str, #[case] expected: &str) {
    let outcome = outcome(Answer::refused(status, reason)).await;
    assert_eq!(name(&outcome), expected, "{outcome:?}");
    assert!(format!("{outcome:?}").contains(reason), "a person can look it up: {outcome:?}");
}

#[rstest]
#[case(302, "misconfigured")]
#[case(401, "misconfigured")]
#[case(403, "misconfigured")]
#[case(404, "misconfigured")]
#[case(410, "gone")]
#[case(413, "refused")]
#[case(429, "retry")]
#[case(502, "retry")]
#[tokio::test]
async fn page_instead_of_a_reason_is_classed_by_its_status(
    #[case] status: u16,
    #[case] expected: &str,
) {
    let outcome = outcome(Answer::other(status, "<html>Oops</html>")).await;
    assert_eq!(name(&outcome), expected, "{outcome:?}");
}

#[rstest]
#[case::fault(500, "InternalServerError", None, Some(15 * 60))]
#[case::unavailable(503, "ServiceUnavailable", Some(60), Some(15 * 60))]
#[case::unavailable_for_long(503, "ServiceUnavailable", Some(3_600), Some(3_600))]
#[case::this_device(429, "TooManyRequests", None, None)]
#[case::this_device_for_long(429, "TooManyRequests", Some(30), Some(30))]
#[case::tokens(429, "TooManyProviderTokenUpdates", None, Some(20 * 60))]
#[tokio::test]
async fn pauses_are_as_long_as_apple_wants(
    #[case] status: u16,
    #[case] reason: &str,
    #[case] asked: Option<u32>,
    #[case] expected: Option<u64>,
) {
    let answer = Answer::refused(status, reason);
    let answer = asked.into_iter().fold(answer, Answer::retry_after);
    let Outcome::Retry { after, .. } = outcome(answer).await else { panic!("{reason} passes") };
    assert_eq!(after, expected.map(Duration::from_secs));
}

#[tokio::test]
async fn device_that_is_gone_says_since_when() {
    let content = r#"{"reason": "Unregistered", "timestamp": 1795777200000}"#;
    let Outcome::Gone { why } = outcome(Answer::other(410, content)).await else {
        panic!("the app is not there any more");
    };
    assert!(why.contains("since 2026-11-27T11:00:00Z"), "{why}");
}

#[tokio::test]
async fn wrong_environment_is_thought_of_before_every_device_is_given_up() {
    let apple = Apple::start([Answer::refused(400, "BadDeviceToken")]).await;
    let sandbox = target(&apple, "environment = \"sandbox\"");
    let Outcome::Refused { why } = sandbox.deliver(&message(DEVICE)).await else {
        panic!("nothing has arrived in this environment yet, so the device may be fine");
    };
    assert!(why.contains("sandbox environment") && why.contains("set `environment`"), "{why}");
}

#[rstest]
#[case("DeviceTokenNotForTopic", "misconfigured")]
#[case("BadDeviceToken", "refused")]
#[tokio::test]
async fn device_is_to_blame_once_topic_and_environment_have_proven_right(
    #[case] reason: &str,
    #[case] before: &str,
) {
    let wrong = Answer::refused(400, reason);
    let apple = Apple::start([wrong.clone(), Answer::taken(), wrong]).await;
    let target = target(&apple, "");
    let mut outcomes = Vec::new();
    for _ in 0..3 {
        outcomes.push(name(&target.deliver(&message(DEVICE)).await));
    }
    assert_eq!(outcomes, [before, "accepted", "gone"]);
}
