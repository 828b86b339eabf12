use std::collections::BTreeSet;

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Value, json};

use super::apple::{Answer, Apple, Seen};
use super::{DEVICE, build, name, settings, target};
use crate::targets::Message;
use crate::targets::testing::keys::EcKey;
use crate::targets::testing::message;

const NOW: i64 = 1_700_000_060_000;
const MINUTE: i64 = 60_000;

fn at(now: i64) -> Message {
    Message { now, ..message(DEVICE) }
}

fn tokens(seen: &[Seen]) -> BTreeSet<String> {
    seen.iter().map(|seen| seen.header("authorization").to_owned()).collect()
}

#[tokio::test]
async fn token_is_signed_with_the_key_and_names_key_and_team() {
    let apple = Apple::start([Answer::taken()]).await;
    let key = EcKey::new();
    let target = build(&settings(&apple.url()), Some(&key.pem())).unwrap();
    target.deliver(&message(DEVICE)).await;

    let seen = apple.only_request();
    let token = seen.header("authorization").strip_prefix("bearer ").unwrap();
    let head = decode_header(token).unwrap();
    assert_eq!((head.alg, head.kid.as_deref()), (Algorithm::ES256, Some("KEY1234567")));
    let mut validation = Validation::new(Algorithm::ES256);
    // Apple looks at when it was made, not at an end.
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    let public = DecodingKey::from_ec_der(key.public());
    let claims = decode::<Value>(token, &public, &validation).expect("the signature holds").claims;
    assert_eq!(claims, json!({"iss": "TEAM123456", "iat": NOW / 1_000}));

    let other = DecodingKey::from_ec_der(EcKey::new().public());
    assert!(decode::<Value>(token, &other, &validation).is_err(), "another key does not verify it");
}

#[tokio::test]
async fn token_is_used_for_fifty_minutes() {
    let apple = Apple::start([Answer::taken()]).await;
    let target = target(&apple, "");
    for (minutes, expected) in [(0, 1), (20, 1), (49, 1), (50, 2), (99, 2), (100, 3)] {
        target.deliver(&at(NOW + minutes * MINUTE)).await;
        assert_eq!(tokens(&apple.requests()).len(), expected, "after {minutes} minutes");
    }
}

#[tokio::test]
async fn many_messages_share_one_token() {
    let apple = Apple::start([Answer::taken()]).await;
    let (target, message) = (target(&apple, ""), message(DEVICE));
    futures_util::future::join_all((0..10).map(|_| target.deliver(&message))).await;
    assert_eq!(tokens(&apple.requests()).len(), 1);
}

#[tokio::test]
async fn token_that_is_too_old_for_apple_is_renewed_and_the_message_repeated_once() {
    let expired = Answer::refused(403, "ExpiredProviderToken");
    let apple = Apple::start([Answer::taken(), expired, Answer::taken()]).await;
    let target = target(&apple, "");
    target.deliver(&at(NOW)).await;
    let outcome = target.deliver(&at(NOW + 30 * MINUTE)).await;
    assert_eq!(name(&outcome), "accepted", "{outcome:?}");
    let seen = apple.requests();
    assert_eq!((seen.len(), tokens(&seen).len()), (3, 2));
    assert_eq!(seen[1].header("apns-id"), seen[2].header("apns-id"), "it is the same message");
}

#[tokio::test]
async fn several_that_were_refused_together_share_the_new_token() {
    let expired = Answer::refused(403, "ExpiredProviderToken");
    let answers = std::iter::once(Answer::taken())
        .chain(std::iter::repeat_n(expired, 5))
        .chain([Answer::taken()]);
    let apple = Apple::start(answers).await;
    let target = target(&apple, "");
    target.deliver(&at(NOW)).await;
    let later = at(NOW + 30 * MINUTE);
    futures_util::future::join_all((0..5).map(|_| target.deliver(&later))).await;
    let tokens = tokens(&apple.requests());
    assert_eq!(tokens.len(), 2, "Apple refuses more than one new token in twenty minutes");
}

#[tokio::test]
async fn token_that_stays_too_old_is_the_fault_of_the_clock() {
    let expired = Answer::refused(403, "ExpiredProviderToken");
    let apple = Apple::start([Answer::taken(), expired]).await;
    let target = target(&apple, "");
    target.deliver(&at(NOW)).await;
    let outcome = target.deliver(&at(NOW + 30 * MINUTE)).await;
    assert_eq!(name(&outcome), "misconfigured");
    assert!(format!("{outcome:?}").contains("clock"), "{outcome:?}");
    assert_eq!(apple.requests().len(), 3, "once again, and no more");
}

#[tokio::test]
async fn young_token_is_not_renewed() {
    let expired = Answer::refused(403, "ExpiredProviderToken");
    let apple = Apple::start([Answer::taken(), expired]).await;
    let target = target(&apple, "");
    target.deliver(&at(NOW)).await;
    let outcome = target.deliver(&at(NOW + 19 * MINUTE)).await;
    assert_eq!(name(&outcome), "misconfigured", "{outcome:?}");
    let seen = apple.requests();
    assert_eq!((seen.len(), tokens(&seen).len()), (2, 1), "Apple would refuse a second one");
}
