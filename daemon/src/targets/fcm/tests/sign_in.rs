use std::os::unix::fs::PermissionsExt as _;

use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use rstest::rstest;
use serde_json::{Value, json};
use wiremock::matchers::{header as has_header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::{DEVICE, SEND, account, build, granted, key, name, requests, server, taken, target};
use crate::targets::Message;
use crate::targets::testing::{header, message};

#[tokio::test]
async fn service_account_signs_for_the_access_token() {
    let server = server(taken()).await;
    let message = message(DEVICE);
    target(&server, "").deliver(&message).await;

    let signed_in = requests(&server, "/token").await;
    assert_eq!(signed_in.len(), 1);
    assert_eq!(signed_in[0].method.as_str(), "POST");
    assert_eq!(header(&signed_in[0], "content-type"), "application/x-www-form-urlencoded");
    let form: Vec<(String, String)> =
        url::form_urlencoded::parse(&signed_in[0].body).into_owned().collect();
    assert_eq!(
        form[0],
        ("grant_type".into(), "urn:ietf:params:oauth:grant-type:jwt-bearer".into())
    );
    let claim = &form[1].1;
    assert_eq!((form[1].0.as_str(), form.len()), ("assertion", 2));
    let head = decode_header(claim).unwrap();
    assert_eq!((head.alg, head.kid.as_deref()), (Algorithm::RS256, Some("key-1")));
    let mut validation = Validation::new(Algorithm::RS256);
    // Its time is that of the message, not of this machine.
    validation.validate_exp = false;
    validation.validate_aud = false;
    let public = DecodingKey::from_rsa_der(key().public());
    let claims = decode::<Value>(claim, &public, &validation).expect("the signature holds").claims;
    let expected = json!({
        "iss": "push@tidings-test.example",
        "scope": "https://www.googleapis.com/auth/firebase.messaging",
        "aud": format!("{}/token", server.uri()),
        "iat": message.now / 1_000,
        "exp": message.now / 1_000 + 3_600,
    });
    assert_eq!(claims, expected);
}

#[tokio::test]
async fn access_token_is_used_until_shortly_before_its_end() {
    let server = server(taken()).await;
    let target = target(&server, "");
    for (seconds, expected) in [(0, 1), (3_298, 1), (3_299, 2), (3_300, 2)] {
        let now = message(DEVICE).now + seconds * 1_000;
        target.deliver(&Message { now, ..message(DEVICE) }).await;
        let signed_in = requests(&server, "/token").await.len();
        assert_eq!(signed_in, expected, "after {seconds} s");
    }
}

#[tokio::test]
async fn many_messages_sign_in_once() {
    let server = server(taken()).await;
    let (target, message) = (target(&server, ""), message(DEVICE));
    futures_util::future::join_all((0..10).map(|_| target.deliver(&message))).await;
    assert_eq!(requests(&server, "/token").await.len(), 1, "the others wait for the first");
    assert_eq!(requests(&server, SEND).await.len(), 10);
}

fn unauthenticated(status: u16, word: &str) -> ResponseTemplate {
    let content = json!({"error": {"code": status, "message": "Request had invalid credentials", "status": word}});
    ResponseTemplate::new(status).set_body_json(content)
}

#[rstest]
#[case(401, "UNAUTHENTICATED")]
#[case(403, "PERMISSION_DENIED")]
#[tokio::test]
async fn refused_access_token_is_renewed_once(#[case] status: u16, #[case] word: &str) {
    let server = MockServer::start().await;
    Mock::given(path("/token"))
        .respond_with(granted("ya29.old"))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    Mock::given(path("/token")).respond_with(granted("ya29.new")).mount(&server).await;
    Mock::given(method("POST"))
        .and(path(SEND))
        .and(has_header("authorization", "Bearer ya29.new"))
        .respond_with(taken())
        .mount(&server)
        .await;
    let refused = unauthenticated(status, word);
    Mock::given(path(SEND)).respond_with(refused).mount(&server).await;
    let target = target(&server, "");
    let outcome = target.deliver(&message(DEVICE)).await;
    assert_eq!(name(&outcome), "accepted", "{outcome:?}");
    assert_eq!(requests(&server, "/token").await.len(), 2);
    target.deliver(&message(DEVICE)).await;
    assert_eq!(requests(&server, "/token").await.len(), 2, "the new one is kept");
}

#[tokio::test]
async fn access_that_stays_refused_is_for_a_person() {
    let server = server(unauthenticated(403, "PERMISSION_DENIED")).await;
    let outcome = target(&server, "").deliver(&message(DEVICE)).await;
    assert_eq!(name(&outcome), "misconfigured", "{outcome:?}");
    assert_eq!(requests(&server, SEND).await.len(), 2, "once again, and no more");
}

#[rstest]
#[case(400, json!({"error": "invalid_grant", "error_description": "Invalid JWT: iat"}), "misconfigured")]
#[case(401, json!({"error": "invalid_client"}), "misconfigured")]
#[case(404, json!("no such page"), "misconfigured")]
#[case(429, json!({}), "retry")]
#[case(503, json!("<html>"), "retry")]
#[case(200, json!({"token_type": "Bearer"}), "retry")]
#[tokio::test]
async fn without_an_access_token_nothing_is_sent(
    #[case] status: u16,
    #[case] content: Value,
    #[case] expected: &str,
) {
    let server = MockServer::start().await;
    let answer = ResponseTemplate::new(status).set_body_json(content);
    Mock::given(path("/token")).respond_with(answer).mount(&server).await;
    let outcome = target(&server, "").deliver(&message(DEVICE)).await;
    assert_eq!(name(&outcome), expected, "{outcome:?}");
    assert!(requests(&server, SEND).await.is_empty());
}

#[tokio::test]
async fn account_is_read_from_a_file_that_nobody_else_can_read() {
    let server = server(taken()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("firebase.json");
    let account = account(&format!("{}/token", server.uri()));
    std::fs::write(&file, serde_json::to_string_pretty(&account).unwrap()).unwrap();
    let settings =
        format!("url = \"{}\"\nservice_account_file = \"{}\"", server.uri(), file.display());
    let target = build(&settings, None).unwrap();
    let mode =
        |mode| std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();

    mode(0o644);
    let exposed = target.deliver(&message(DEVICE)).await;
    assert_eq!(name(&exposed), "misconfigured", "{exposed:?}");
    assert!(format!("{exposed:?}").contains("chmod 600"), "{exposed:?}");

    mode(0o600);
    let outcome = target.deliver(&message(DEVICE)).await;
    assert_eq!(name(&outcome), "accepted", "{outcome:?}");
}
