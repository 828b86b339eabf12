mod receiver;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use proptest::prelude::*;
use rstest::rstest;
use secrecy::SecretString;
use serde_json::{Value, json};
use wiremock::{MockServer, Request as Received, ResponseTemplate};

use super::*;
use crate::targets::testing::{
    absent, answering, build, class, deps, header, message, problems, request, silent, target,
};
use receiver::{decode, open, public_of, seal};

// RFC 8291, section 5.
const PLAIN: &[u8] = b"When I grow up, I want to be a watermelon";
const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";
const SALT: &str = "DGv6ra1nlYgDCS1FRnbzlw";
const SENDER: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";
const SENDER_PUBLIC: &str =
    "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
const BROWSER: &str = "q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94";
const BROWSER_PUBLIC: &str =
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
const SEALED: &str = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";

const SUBJECT: &str = "subject = \"mailto:ana@example.org\"";

fn subscription(endpoint: &str) -> String {
    json!({ "endpoint": endpoint, "keys": { "p256dh": BROWSER_PUBLIC, "auth": AUTH } }).to_string()
}

fn message_to(server: &MockServer) -> Message {
    message(&subscription(&format!("{}/push/CAPABILITY", server.uri())))
}

async fn push_service(status: u16) -> MockServer {
    answering(ResponseTemplate::new(status)).await
}

fn payload(request: &Received) -> Value {
    serde_json::from_slice(&open(&request.body, &decode(BROWSER), &decode(AUTH))).unwrap()
}

#[test]
fn the_receiver_of_these_tests_agrees_with_the_rfc() {
    let (sealed, keys) =
        seal(PLAIN, &decode(BROWSER_PUBLIC), &decode(AUTH), &decode(SENDER), &decode(SALT));
    assert_eq!(keys.ikm, decode("S4lYMb_L0FxCeq0WhDx813KgSYqU26kOyzWUdsXYyrg"));
    assert_eq!(keys.cek, decode("oIhVW04MRdy2XN9CiKLxTg"));
    assert_eq!(keys.nonce, decode("4h_95klXJ5E_qnoN"));
    assert_eq!(sealed, decode(SEALED));
    assert_eq!(public_of(&decode(BROWSER)), decode(BROWSER_PUBLIC));
    assert_eq!(open(&decode(SEALED), &decode(BROWSER), &decode(AUTH)), PLAIN);
}

#[test]
fn what_is_sealed_is_read_by_the_receiver_alone() {
    let subscription = Subscription::parse(&subscription("https://push.example/x")).unwrap();
    let sealed = seal::seal(PLAIN.to_vec(), &subscription).unwrap();
    assert_eq!(sealed.len(), PLAIN.len() + seal::OVERHEAD);
    assert_eq!(sealed[16..20], decode(SEALED)[16..20], "the record size of the RFC's example");
    assert_eq!(open(&sealed, &decode(BROWSER), &decode(AUTH)), PLAIN);
    let again = seal::seal(PLAIN.to_vec(), &subscription).unwrap();
    assert_ne!(sealed[..16], again[..16], "a salt of its own");
    assert_ne!(sealed[21..86], again[21..86], "a key of its own");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_payload_arrives(plain in proptest::collection::vec(any::<u8>(), 1..3000)) {
        let subscription = Subscription::parse(&subscription("https://push.example/x")).unwrap();
        let sealed = seal::seal(plain.clone(), &subscription).unwrap();
        prop_assert_eq!(open(&sealed, &decode(BROWSER), &decode(AUTH)), plain);
    }
}

#[tokio::test]
async fn a_message_is_pushed_encrypted_with_what_the_service_must_know() {
    let server = push_service(201).await;
    let target = target(&KIND, SUBJECT, Some(SENDER));
    let sent = message_to(&server);
    assert_eq!(target.deliver(&sent).await, Outcome::Accepted { receipt: None });
    let request = request(&server).await;
    assert_eq!((request.method.as_str(), request.url.path()), ("POST", "/push/CAPABILITY"));
    for (name, value) in [
        ("content-type", "application/octet-stream"),
        ("content-encoding", "aes128gcm"),
        ("ttl", "86400"),
        ("urgency", "high"),
    ] {
        assert_eq!(header(&request, name), value, "{name}");
    }
    let topic = header(&request, "topic");
    assert_eq!(topic.len(), 32, "what RFC 8030 allows at most");
    assert!(topic.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    let expected = json!({
        "title": "Disk full",
        "body": "98 % of /var; \"ähm\" 🎉\nnext line",
        "url": "https://nas.example/disks?id=1&x=2",
        "tag": handle::thread(&sent),
        "urgency": "high",
        "id": 42,
    });
    assert_eq!(payload(&request), expected);
}

#[tokio::test]
async fn a_repetition_replaces_and_another_message_does_not() {
    let server = push_service(201).await;
    let target = target(&KIND, SUBJECT, Some(SENDER));
    let first = message_to(&server);
    let again = Message { now: first.now + 60_000, ..first.clone() };
    let other = Message { identity: "0123abcd-2".into(), ..first.clone() };
    for message in [&first, &again, &other] {
        target.deliver(message).await;
    }
    let seen = server.received_requests().await.unwrap();
    let topics: Vec<_> = seen.iter().map(|request| header(request, "topic")).collect();
    assert_eq!(topics[0], topics[1]);
    assert_ne!(topics[0], topics[2]);
}

#[tokio::test]
async fn the_sender_proves_who_it_is() {
    let server = push_service(201).await;
    let sent = message_to(&server);
    target(&KIND, SUBJECT, Some(SENDER)).deliver(&sent).await;
    let request = request(&server).await;
    let proof = header(&request, "authorization").strip_prefix("vapid t=").unwrap();
    let (token, key) = proof.split_once(", k=").unwrap();
    assert_eq!(key, SENDER_PUBLIC);
    let (signed, signature) = token.rsplit_once('.').unwrap();
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, decode(key))
        .verify(signed.as_bytes(), &decode(signature))
        .unwrap();
    let (head, claims) = signed.split_once('.').unwrap();
    let head: Value = serde_json::from_slice(&decode(head)).unwrap();
    assert_eq!(head, json!({ "typ": "JWT", "alg": "ES256" }));
    let claims: Value = serde_json::from_slice(&decode(claims)).unwrap();
    let expected = json!({
        "aud": server.uri(),
        "exp": sent.now / 1000 + 12 * 3600,
        "sub": "mailto:ana@example.org",
    });
    assert_eq!(claims, expected);
}

#[test]
fn the_audience_is_the_origin_with_a_port_of_its_own_only() {
    let key = VapidKey::read(&SecretString::from(SENDER)).unwrap();
    for (endpoint, expected) in [
        ("https://push.example/x", "https://push.example"),
        ("https://push.example:443/x", "https://push.example"),
        ("https://push.example:8443/x", "https://push.example:8443"),
    ] {
        let proof = key.proof(&Url::parse(endpoint).unwrap(), "mailto:a@b.example", 0).unwrap();
        assert!(proof.is_sensitive());
        let claims = proof.to_str().unwrap().split('.').nth(1).unwrap().to_owned();
        let claims: Value = serde_json::from_slice(&decode(&claims)).unwrap();
        assert_eq!(claims["aud"], expected);
    }
}

#[test]
fn the_public_key_follows_from_the_secret() {
    let public = |secret: &str| public_key(&SecretString::from(secret));
    assert_eq!(public(SENDER).as_deref(), Ok(SENDER_PUBLIC));
    assert_eq!(public(&format!("{SENDER}=")).as_deref(), Ok(SENDER_PUBLIC), "padded");
    let zero = "A".repeat(43);
    for wrong in ["", "hunter2", SENDER_PUBLIC, zero.as_str(), "€"] {
        let why = public(wrong).unwrap_err();
        assert!(wrong.is_empty() || !why.contains(wrong), "{why}");
    }
}

#[tokio::test]
async fn a_secret_that_is_no_key_pauses_the_target() {
    let server = push_service(201).await;
    let target = target(&KIND, SUBJECT, Some("hunter2"));
    let outcome = target.deliver(&message_to(&server)).await;
    let (word, why) = class(&outcome);
    assert_eq!(word, "misconfigured");
    assert!(!why.contains("hunter2"), "{why}");
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[rstest]
#[case::own(None, "7200")]
#[case::expires(Some(90_500), "90")]
#[case::over(Some(-5_000), "0")]
#[case::far(Some(i64::MAX / 2), "2419200")]
#[tokio::test]
async fn a_message_waits_until_it_expires(#[case] left: Option<i64>, #[case] expected: &str) {
    let server = push_service(201).await;
    let target = target(&KIND, &format!("{SUBJECT}\nttl = \"2h\""), Some(SENDER));
    let sent = message_to(&server);
    let expires_at = left.map(|left| sent.now + left);
    target.deliver(&Message { expires_at, ..sent }).await;
    assert_eq!(header(&request(&server).await, "ttl"), expected);
}

#[test]
fn every_urgency_has_its_word() {
    assert_eq!(Urgency::ALL.map(urgency), ["low", "normal", "high", "high"]);
}

#[rstest]
#[case::ok(200, "accepted", "")]
#[case::created(201, "accepted", "")]
#[case::with_receipt(202, "accepted", "")]
#[case::redirect(307, "refused", "redirect")]
#[case::bad(400, "refused", "400")]
#[case::unauthorized(401, "misconfigured", SENDER_PUBLIC)]
#[case::forbidden(403, "misconfigured", SENDER_PUBLIC)]
#[case::expired(404, "gone", "has ended")]
#[case::timeout(408, "retry", "408")]
#[case::gone(410, "gone", "has ended")]
#[case::too_large(413, "refused", "too large")]
#[case::busy(429, "retry", "429")]
#[case::fault(500, "unknown", "500")]
#[case::bad_gateway(502, "unknown", "502")]
#[case::unavailable(503, "retry", "503")]
#[tokio::test]
async fn every_answer_says_what_to_do(
    #[case] status: u16,
    #[case] expected: &str,
    #[case] words: &str,
) {
    let body = r#"{"code":400,"errno":110,"error":"x","message":"no /push/CAPABILITY"}"#;
    let answer = ResponseTemplate::new(status).set_body_string(body);
    let server = answering(answer).await;
    let outcome = target(&KIND, SUBJECT, Some(SENDER)).deliver(&message_to(&server)).await;
    let (word, why) = class(&outcome);
    assert_eq!(word, expected, "{why}");
    assert!(why.contains(words), "{why}");
    assert!(word == "accepted" || why.contains("(errno 110)"), "{why}");
    for private in ["CAPABILITY", "Disk full", AUTH, SENDER] {
        assert!(!why.contains(private), "{private} is in: {why}");
    }
}

#[rstest]
#[case(429)]
#[case(503)]
#[tokio::test]
async fn a_busy_service_is_left_alone_for_as_long_as_it_wants(#[case] status: u16) {
    let answer = ResponseTemplate::new(status).insert_header("retry-after", "17");
    let server = answering(answer).await;
    let outcome = target(&KIND, SUBJECT, Some(SENDER)).deliver(&message_to(&server)).await;
    let Outcome::Retry { after, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(after, Some(Duration::from_secs(17)));
}

#[tokio::test]
async fn a_lost_answer_is_told_from_a_message_that_never_left() {
    let target = target(&KIND, SUBJECT, Some(SENDER));
    for (server, expected) in [(silent().await, "unknown"), (absent().await, "retry")] {
        let outcome =
            target.deliver(&message(&subscription(&format!("{server}/CAPABILITY")))).await;
        let (word, why) = class(&outcome);
        assert_eq!(word, expected, "{why}");
        assert!(!why.contains("CAPABILITY"), "{why}");
    }
}

#[tokio::test]
async fn an_endpoint_in_a_private_network_is_refused_unless_it_is_allowed() {
    let server = push_service(201).await;
    let target = build(&KIND, SUBJECT, Some(SENDER), &deps(SENDER, &["other.lan"])).unwrap();
    for host in [server.uri(), "https://localhost:1".into(), "https://[::1]:1".into()] {
        let outcome = target.deliver(&message(&subscription(&format!("{host}/CAPABILITY")))).await;
        let (word, why) = class(&outcome);
        assert_eq!(word, "refused", "{why}");
        assert!(why.contains("allow_private_hosts") && !why.contains("CAPABILITY"), "{why}");
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

proptest! {
    #[test]
    fn a_payload_has_room_on_every_way(
        title in "[a\"\\\\\\x01é]{0,900}",
        body in "[a\"\\\\\\x01\\né]{0,4000}",
        url in "[a\"é]{0,2000}",
        identity in "[a-z0-9-]{1,64}",
    ) {
        let key = String::new();
        let bytes = payload::of(&Message { title, body, url, identity, key, ..message("") });
        prop_assert!(bytes.len() + seal::OVERHEAD <= 2744, "{}", bytes.len());
        prop_assert!(serde_json::from_slice::<Value>(&bytes).is_ok());
    }
}

#[test]
fn a_long_text_is_cut_with_a_mark() {
    let bytes = payload::of(&Message { body: "ä".repeat(4000), ..message("") });
    assert!(bytes.len() > payload::PLAIN_MAX - 4, "the room is used: {}", bytes.len());
    let payload: Value = serde_json::from_slice(&bytes).unwrap();
    assert!(payload["body"].as_str().unwrap().ends_with("ä…"));
}

#[test]
fn settings_are_checked() {
    for right in [SUBJECT, "subject = \"https://example.org/contact\"\nttl = \"28d\""] {
        assert_eq!(problems(&KIND, right), Vec::<String>::new());
    }
    for wrong in [
        "",
        "subject = \"ana@example.org\"",
        "subject = \"mailto:\"",
        "subject = \"http://example.org\"",
        "subject = 1",
    ] {
        assert_eq!(problems(&KIND, wrong).len(), 1, "{wrong}");
    }
    for more in ["ttl = \"29d\"", "ttl = 60", "tll = \"1d\""] {
        assert_eq!(problems(&KIND, &format!("{SUBJECT}\n{more}")).len(), 1, "{more}");
    }
    assert!(fields().iter().all(|field| field.help.ends_with('.')));
}

#[test]
fn a_subscription_is_written_in_one_way() {
    let normalize = KIND.address.unwrap().normalize;
    let padded = format!(
        " {{ \"expirationTime\": null, \"keys\": {{ \"auth\": \"{}==\", \"p256dh\": \"{}=\" }},\n \"endpoint\": \"https://Push.Example/x#y\" }} ",
        AUTH.replace('_', "/"),
        BROWSER_PUBLIC.replace('-', "+").replace('_', "/"),
    );
    let expected = format!(
        "{{\"endpoint\":\"https://push.example/x\",\"keys\":{{\"p256dh\":\"{BROWSER_PUBLIC}\",\"auth\":\"{AUTH}\"}}}}"
    );
    assert_eq!(normalize(&padded), Ok(expected.clone()));
    assert_eq!(normalize(&expected), Ok(expected.clone()), "for good");
}

#[test]
fn what_is_no_subscription_is_told_without_repeating_it() {
    let normalize = KIND.address.unwrap().normalize;
    let with = |endpoint: &str, key: &str, auth: &str| {
        json!({ "endpoint": endpoint, "keys": { "p256dh": key, "auth": auth } }).to_string()
    };
    let off_curve = "BA".to_owned() + &"A".repeat(85);
    let good = "https://push.example/CAPABILITY";
    for wrong in [
        String::new(),
        "https://push.example/CAPABILITY".into(),
        "{\"endpoint\":\"https://push.example/CAPABILITY\"}".into(),
        with("push.example/CAPABILITY", BROWSER_PUBLIC, AUTH),
        with("ftp://push.example/CAPABILITY", BROWSER_PUBLIC, AUTH),
        with("https://u:CAPABILITY@push.example/", BROWSER_PUBLIC, AUTH),
        with(good, &off_curve, AUTH),
        with(good, SENDER, AUTH),
        with(good, "CAPABILITY", AUTH),
        with(good, BROWSER_PUBLIC, "CAPABILITY"),
        with(good, BROWSER_PUBLIC, ""),
        with(&format!("{good}{}", "x".repeat(5000)), BROWSER_PUBLIC, AUTH),
    ] {
        let why = normalize(&wrong).unwrap_err();
        assert!(!why.contains("CAPABILITY"), "{why}");
    }
}

proptest! {
    #[test]
    fn no_address_makes_it_panic(text in "\\PC{0,80}") {
        let _ = subscription::normalize(&text);
    }
}
