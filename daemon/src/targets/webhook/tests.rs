use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};
use wiremock::{MockServer, ResponseTemplate};

use super::*;
use crate::targets::testing::{
    absent, answering, build, class, deps, header, message, problems, request, silent, target,
};

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

async fn receiver(status: u16) -> MockServer {
    answering(ResponseTemplate::new(status)).await
}

fn message_to(server: &MockServer) -> Message {
    message(&format!("{}/hook/CAPABILITY?x=1", server.uri()))
}

/// The request that settings make of a message, with the secret `hunter2`.
async fn sent(settings: &str, change: impl FnOnce(&mut Message)) -> wiremock::Request {
    let server = receiver(204).await;
    let settings = settings.replace("SERVER", &server.uri());
    let mut message = message_to(&server);
    change(&mut message);
    let outcome = target(&KIND, &settings, Some("hunter2")).deliver(&message).await;
    assert_eq!(outcome, Outcome::Accepted { receipt: None }, "{settings}");
    request(&server).await
}

/// The outcome of settings and a message that no request is made of.
async fn unsent(settings: &str, secret: &str, change: impl FnOnce(&mut Message)) -> Outcome {
    let server = receiver(204).await;
    let settings = settings.replace("SERVER", &server.uri());
    let mut message = message_to(&server);
    change(&mut message);
    let outcome = target(&KIND, &settings, Some(secret)).deliver(&message).await;
    assert!(server.received_requests().await.unwrap().is_empty(), "{settings}");
    outcome
}

#[tokio::test]
async fn all_fields_are_sent_as_json() {
    let request = sent("", |_| {}).await;
    assert_eq!((request.method.as_str(), request.url.path()), ("POST", "/hook/CAPABILITY"));
    assert_eq!(request.url.query(), Some("x=1"));
    assert_eq!(header(&request, "content-type"), "application/json");
    assert_eq!(header(&request, "idempotency-key"), "0123abcd-1");
    for absent in ["authorization", "webhook-id", "webhook-signature"] {
        assert_eq!(header(&request, absent), "", "{absent}");
    }
    let body: Value = request.body_json().unwrap();
    let expected = json!({
        "id": 42,
        "identity": "0123abcd-1",
        "source": "nas",
        "topic": "disks",
        "key": "var",
        "title": "Disk full",
        "body": "98 % of /var; \"ähm\" 🎉\nnext line",
        "urgency": "high",
        "url": "https://nas.example/disks?id=1&x=2",
        "tags": ["disk", "a b"],
        "actor": "ana",
        "count": 3,
        "at": 1_700_000_000_000_i64,
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn method_and_headers_are_as_configured() {
    let settings =
        "method = \"PUT\"\n[headers]\nX-Urgency = \"{{ urgency }}\"\nX-From = \"tidings\"";
    let request = sent(settings, |_| {}).await;
    assert_eq!(request.method.as_str(), "PUT");
    assert_eq!(header(&request, "x-urgency"), "high");
    assert_eq!(header(&request, "x-from"), "tidings");
}

#[rstest]
#[case::bearer("auth = \"bearer\"", "authorization", "Bearer hunter2")]
#[case::basic("auth = \"basic\"\nusername = \"ana\"", "authorization", "Basic YW5hOmh1bnRlcjI=")]
#[case::own("auth = \"header:X-Api-Key\"", "x-api-key", "hunter2")]
#[case::template(
    "headers = { Authorization = \"Key {{ secret }}\" }",
    "authorization",
    "Key hunter2"
)]
#[tokio::test]
async fn the_secret_travels_as_configured(
    #[case] settings: &str,
    #[case] name: &str,
    #[case] expected: &str,
) {
    let request = sent(&format!("url = \"SERVER\"\n{settings}"), |_| {}).await;
    assert_eq!(header(&request, name), expected);
    assert!(!String::from_utf8_lossy(&request.body).contains("hunter2"));
}

#[tokio::test]
async fn a_template_makes_json_whatever_the_texts_are() {
    let settings = r#"template = '{"text": {{ source ~ ": " ~ title }}, "tags": {{ tags }}, "n": {{ count }}}'"#;
    let title = "x\", \"channel\": \"#all\" \\ \n</script>";
    let request = sent(settings, |message| message.title = title.to_owned()).await;
    assert_eq!(header(&request, "content-type"), "application/json");
    let body: Value = request.body_json().unwrap();
    let expected = json!({ "text": format!("nas: {title}"), "tags": ["disk", "a b"], "n": 3 });
    assert_eq!(body, expected, "a text stays a text");
}

#[tokio::test]
async fn a_template_may_carry_the_secret_in_the_body() {
    let settings =
        "url = \"SERVER\"\ntemplate = '{\"token\": {{ secret }}, \"user\": {{ topic }}}'";
    let request = sent(settings, |_| {}).await;
    let body: Value = request.body_json().unwrap();
    assert_eq!(body, json!({ "token": "hunter2", "user": "disks" }));
}

#[rstest]
#[case::text("text/plain; charset=utf-8", "{{ title }} <b>", "a <i> & \"b\" <b>")]
#[case::markup("application/xml", "<t>{{ title }}</t>", "<t>a &lt;i&gt; &amp; &quot;b&quot;</t>")]
#[case::like_json("application/cloudevents+json", "[{{ title }}]", r#"["a <i> & \"b\""]"#)]
#[tokio::test]
async fn values_are_written_as_the_content_type_needs_them(
    #[case] content_type: &str,
    #[case] template: &str,
    #[case] expected: &str,
) {
    let settings = format!("content_type = \"{content_type}\"\ntemplate = '{template}'");
    let request = sent(&settings, |message| message.title = "a <i> & \"b\"".to_owned()).await;
    assert_eq!(header(&request, "content-type"), content_type);
    assert_eq!(String::from_utf8_lossy(&request.body), expected);
}

#[tokio::test]
async fn a_signed_request_is_verified_by_the_rules_of_standard_webhooks() {
    let server = receiver(204).await;
    let settings = format!("url = \"{}\"\nsign = true", server.uri());
    let target = target(&KIND, &settings, Some(KEY));
    let first = message_to(&server);
    let again = Message { now: first.now + 60_000, ..first.clone() };
    target.deliver(&first).await;
    target.deliver(&again).await;
    let seen = server.received_requests().await.unwrap();
    for (request, seconds) in seen.iter().zip([1_700_000_060, 1_700_000_120]) {
        assert_eq!(header(request, "webhook-id"), "0123abcd-1", "the same for every attempt");
        assert_eq!(header(request, "idempotency-key"), "0123abcd-1");
        assert_eq!(header(request, "webhook-timestamp"), seconds.to_string());
        let body = String::from_utf8(request.body.clone()).unwrap();
        let signed = format!("0123abcd-1.{seconds}.{body}");
        let key = base64::Engine::decode(&base64::prelude::BASE64_STANDARD, &KEY[6..]).unwrap();
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &key);
        let signature = header(request, "webhook-signature").strip_prefix("v1,").unwrap();
        let signature =
            base64::Engine::decode(&base64::prelude::BASE64_STANDARD, signature).unwrap();
        aws_lc_rs::hmac::verify(&key, signed.as_bytes(), &signature).unwrap();
        assert!(!body.contains(KEY) && request.headers.values().all(|value| value != KEY));
    }
}

#[tokio::test]
async fn a_secret_that_signs_nothing_pauses_the_target() {
    let outcome = unsent("url = \"SERVER\"\nsign = true", "hunter2", |_| {}).await;
    let (word, why) = class(&outcome);
    assert_eq!(word, "misconfigured");
    assert!(!why.contains("hunter2"), "{why}");
}

#[tokio::test]
async fn the_secret_goes_to_its_server_and_nowhere_else() {
    let other = receiver(204).await;
    for settings in ["auth = \"bearer\"", "sign = true", "headers = { X = \"{{ secret }}\" }", ""] {
        let settings = format!("url = \"SERVER\"\n{settings}");
        let address = format!("{}/hook/CAPABILITY", other.uri());
        let outcome = unsent(&settings, KEY, |message| message.address = address).await;
        let (word, why) = class(&outcome);
        assert_eq!(word, "refused", "{why}");
        assert!(why.contains("not the server of this target"), "{why}");
        assert!(!why.contains("CAPABILITY") && !why.contains(KEY), "{why}");
    }
    assert!(other.received_requests().await.unwrap().is_empty(), "a port is another server");
}

#[tokio::test]
async fn a_line_break_in_a_header_is_refused() {
    let settings = "[headers]\nX-Title = \"{{ title }}\"";
    for title in ["a\r\nX-Admin: 1", "a\nb", "a\0b"] {
        let change = |message: &mut Message| message.title = title.to_owned();
        let outcome = unsent(settings, "hunter2", change).await;
        let (word, why) = class(&outcome);
        assert_eq!(word, "refused");
        assert!(why.contains("x-title") && !why.contains("Admin"), "{why}");
    }
}

#[tokio::test]
async fn a_template_that_fails_over_one_message_refuses_that_one() {
    let endless = "template = '[{% for a in range(count) %}{% for b in range(count) %}{% endfor %}{% endfor %}1]'";
    let broken = "template = '{\"text\": {{ title|safe }}}'\ncontent_type = \"text/json\"";
    assert_eq!(problems(&KIND, broken).len(), 1, "over the sample it is no JSON");
    let sometimes =
        "template = '{\"text\": {% if count == 3 %}{{ title|safe }}{% else %}1{% endif %}}'";
    for settings in [endless, sometimes] {
        let outcome = unsent(settings, "hunter2", |message| {
            message.count = if settings == endless { 9999 } else { 3 };
        })
        .await;
        let (word, why) = class(&outcome);
        assert_eq!(word, "refused");
        assert!(!why.contains("Disk full"), "{why}");
    }
}

#[rstest]
#[case::ok(200, "accepted", "")]
#[case::created(201, "accepted", "")]
#[case::taken(202, "accepted", "")]
#[case::empty(204, "accepted", "")]
#[case::moved(301, "refused", "redirect")]
#[case::not_modified(304, "refused", "redirect")]
#[case::moved_for_now(307, "refused", "redirect")]
#[case::bad(400, "refused", "400")]
#[case::unauthorized(401, "misconfigured", "check `auth`")]
#[case::forbidden(403, "misconfigured", "check `auth`")]
#[case::not_found(404, "refused", "404")]
#[case::timeout(408, "retry", "408")]
#[case::conflict(409, "refused", "409")]
#[case::gone(410, "gone", "410")]
#[case::too_large(413, "refused", "413")]
#[case::too_early(425, "retry", "425")]
#[case::busy(429, "retry", "429")]
#[case::fault(500, "unknown", "500")]
#[case::bad_gateway(502, "unknown", "502")]
#[case::unavailable(503, "retry", "503")]
#[case::gateway_timeout(504, "unknown", "504")]
#[tokio::test]
async fn every_answer_says_what_to_do(
    #[case] status: u16,
    #[case] expected: &str,
    #[case] words: &str,
) {
    let answer = ResponseTemplate::new(status)
        .insert_header("location", "https://other.example/CAPABILITY")
        .set_body_string("<html>you sent Disk full to CAPABILITY");
    let server = answering(answer).await;
    let outcome = target(&KIND, "", None).deliver(&message_to(&server)).await;
    let (word, why) = class(&outcome);
    assert_eq!(word, expected, "{why}");
    assert!(why.contains(words), "{why}");
    for private in ["CAPABILITY", "Disk full", "x=1"] {
        assert!(!why.contains(private), "{private} is in: {why}");
    }
}

#[rstest]
#[case(429)]
#[case(503)]
#[tokio::test]
async fn a_busy_server_is_left_alone_for_as_long_as_it_wants(#[case] status: u16) {
    let server = answering(ResponseTemplate::new(status).insert_header("retry-after", "17")).await;
    let outcome = target(&KIND, "", None).deliver(&message_to(&server)).await;
    let Outcome::Retry { after, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!(after, Some(Duration::from_secs(17)));
}

#[tokio::test]
async fn a_lost_answer_is_told_from_a_message_that_never_left() {
    let target = target(&KIND, "", None);
    for (server, expected) in [(silent().await, "unknown"), (absent().await, "retry")] {
        let outcome = target.deliver(&message(&format!("{server}/CAPABILITY"))).await;
        let (word, why) = class(&outcome);
        assert_eq!(word, expected, "{why}");
        assert!(!why.contains("CAPABILITY"), "{why}");
    }
}

#[tokio::test]
async fn a_private_network_is_no_place_to_call_unless_it_is_allowed() {
    let server = receiver(204).await;
    let target = build(&KIND, "", None, &deps("", &["other.lan"])).unwrap();
    let local = format!("https://localhost:{}", server.address().port());
    for host in [server.uri(), local, "https://169.254.169.254".into(), "http://a.example".into()] {
        let outcome = target.deliver(&message(&format!("{host}/CAPABILITY"))).await;
        let (word, why) = class(&outcome);
        assert_eq!(word, "refused", "{why}");
        assert!(why.contains("allow_private_hosts") && !why.contains("CAPABILITY"), "{why}");
        assert_eq!(target.admits(&format!("{host}/CAPABILITY")), Err(why.to_owned()), "nor stored");
    }
    assert_eq!(target.admits("https://hooks.example.org/CAPABILITY"), Ok(()));
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[rstest]
#[case::nothing("")]
#[case::server_alone("url = \"https://hooks.example.org\"")]
#[case::sign("url = \"https://hooks.example.org\"\nsign = true")]
#[case::text("content_type = \"text/plain\"\ntemplate = \"{{ title }}\"")]
#[case::json("template = '{\"text\": {{ title }}, \"all\": {{ [title, body]|join(\" \") }}}'")]
#[case::functions(
    "content_type = \"text/plain\"\ntemplate = '{% for i in range(2) %}x{% endfor %}'"
)]
#[case::right_for_numbers(
    "template = '{\"n\": {{ topic|int }}}'\nheaders = { X = \"{{ topic|int + 1 }}\" }"
)]
fn right_settings_are_accepted(#[case] settings: &str) {
    assert_eq!(problems(&KIND, settings), Vec::<String>::new());
    assert!(build(&KIND, settings, None, &deps("", &[])).is_ok());
}

#[rstest]
#[case::unknown("methd = \"PUT\"", "unknown key")]
#[case::method("method = \"GET\"", "one of POST, PUT")]
#[case::url("url = \"hooks.example.org\"", "address of a server")]
#[case::auth("auth = \"token\"", "`auth` is none")]
#[case::auth_header("auth = \"header:\"", "`auth` is none")]
#[case::auth_reserved("auth = \"header:Host\"", "`auth` is none")]
#[case::no_server("auth = \"bearer\"", "`url` is missing")]
#[case::no_server_to_sign("sign = true", "`url` is missing")]
#[case::no_server_in_header("headers = { X = \"{{ secret }}\" }", "`url` is missing")]
#[case::no_server_in_body("template = '[{{ secret }}]'", "`url` is missing")]
#[case::no_user("url = \"https://a.example\"\nauth = \"basic\"", "`username` is missing")]
#[case::user_alone("username = \"ana\"", "says nothing")]
#[case::colon("url = \"https://a.example\"\nauth = \"basic\"\nusername = \"a:b\"", "colon")]
#[case::both("url = \"https://a.example\"\nauth = \"bearer\"\nsign = true", "choose one")]
#[case::content_type("content_type = \"json\"", "media type")]
#[case::content_type_break("content_type = \"text/plain\\r\\nX: 1\"", "media type")]
#[case::template("content_type = \"text/plain\"\ntemplate = \"{{ title \"", "`template`")]
#[case::name("template = '[{{ titel }}]'", "there is no `titel`")]
#[case::quoted("template = '{\"text\": \"{{ title }}\"}'", "makes no JSON")]
#[case::header_name("headers = { \"X Y\" = \"1\" }", "cannot set \"X Y\"")]
#[case::header_break("headers = { \"X\\nY\" = \"1\" }", "cannot set")]
#[case::header_reserved("headers = { Content-Length = \"1\" }", "cannot set")]
#[case::header_twice("headers = { X-A = \"1\", x-a = \"2\" }", "cannot set")]
#[case::header_proxy("headers = { Proxy-Authorization = \"1\" }", "cannot set")]
#[case::header_template("headers = { X = \"{{ hunter2\" }", "it is no template")]
#[case::header_filter("headers = { X = \"{{ title|hunter2 }}\" }", "never be rendered")]
#[case::header_type("headers = { X = 1 }", "table of texts")]
fn wrong_settings_are_told(#[case] settings: &str, #[case] words: &str) {
    let found = problems(&KIND, settings);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains(words) && !found[0].contains("hunter2"), "{found:?}");
    assert!(build(&KIND, settings, None, &deps("", &[])).is_err(), "and nothing is built of them");
}

#[test]
fn an_address_is_written_in_one_way() {
    let normalize = KIND.address.unwrap().normalize;
    let written = normalize(" HTTPS://Hooks.Example.org:443/a?b=c#d ");
    assert_eq!(written.as_deref(), Ok("https://hooks.example.org/a?b=c"));
    for wrong in [
        "",
        "hooks.example.org/CAPABILITY",
        "ftp://a.example/CAPABILITY",
        "mailto:CAPABILITY@a.example",
        "https://user:CAPABILITY@a.example/",
        "https://CAPABILITY@a.example/",
        "https://",
    ] {
        let why = normalize(wrong).unwrap_err();
        assert!(!why.contains("CAPABILITY"), "{why}");
    }
    assert!(normalize(&format!("https://a.example/{}", "x".repeat(2048))).is_err());
    assert!(fields().iter().all(|field| field.help.ends_with('.')));
}

proptest! {
    #[test]
    fn no_address_makes_it_panic(text in "\\PC{0,80}") {
        let _ = address(&text);
    }

    #[test]
    fn a_text_in_a_json_template_stays_one_text(title in "\\PC{0,60}|[\"\\\\{}\\n\\x01]{0,20}") {
        let settings = "template = '{\"t\": {{ title }}}'".parse().unwrap();
        let spec = Spec::read(&settings).unwrap();
        let message = Message { title: title.clone(), ..message("") };
        let url = Url::parse("https://a.example").unwrap();
        let request = request::of(&spec, &message, url, None).unwrap();
        let body: Value = serde_json::from_slice(&request.body.unwrap().1).unwrap();
        prop_assert_eq!(body, json!({ "t": title }));
    }
}
