use rstest::rstest;
use serde_json::{Value, json};
use url::form_urlencoded;
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::{KIND, spec};
use crate::targets::testing::{
    self, absent, answering, class, deps, fate, header, message, problems, request, silent,
};
use crate::targets::{Confirmation, Message, Outcome, Target};

const ACCOUNT: &str = "AC00000000000000000000000000000001";
const KEY: &str = "SK00000000000000000000000000000002";
const SERVICE: &str = "MG00000000000000000000000000000003";
const NUMBER: &str = "+34600123456";

fn settings(url: &str) -> String {
    format!("account_sid = \"{ACCOUNT}\"\nfrom = \"+15005550006\"\nurl = \"{url}\"\n")
}

fn build(settings: &str, secret: Option<&str>) -> Result<Box<dyn Target>, String> {
    testing::build(&KIND, settings, secret, &deps(secret.unwrap_or_default(), &[]))
}

fn name(outcome: &Outcome) -> &'static str {
    class(outcome).0
}

fn target(settings: &str) -> Box<dyn Target> {
    build(settings, Some("hunter2")).unwrap()
}

fn form(request: &Request) -> Vec<(String, String)> {
    form_urlencoded::parse(&request.body).into_owned().collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn queued() -> ResponseTemplate {
    let content =
        json!({"sid": "SM1", "status": "queued", "num_segments": "1", "error_code": null});
    ResponseTemplate::new(201).set_body_json(content)
}

async fn outcome(answer: ResponseTemplate) -> Outcome {
    let server = answering(answer).await;
    target(&settings(&server.uri())).deliver(&message(NUMBER)).await
}

#[tokio::test]
async fn message_is_a_form_to_the_account_and_its_sid_the_receipt() {
    let server = answering(queued()).await;
    let outcome = target(&settings(&server.uri())).deliver(&message(NUMBER)).await;
    assert_eq!(outcome, Outcome::Accepted { receipt: Some("SM1".into()) });
    let request = request(&server).await;
    assert_eq!(request.method.as_str(), "POST");
    assert_eq!(
        request.url.path(),
        format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json"),
        "without .json the answer would be XML"
    );
    assert_eq!(header(&request, "content-type"), "application/x-www-form-urlencoded");
    assert_eq!(header(&request, "accept"), "application/json");
    // printf %s "$ACCOUNT:hunter2" | base64
    let basic = "Basic QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTpodW50ZXIy";
    assert_eq!(header(&request, "authorization"), basic);
    let expected = [
        ("To", NUMBER),
        ("From", "+15005550006"),
        ("Body", "Disk full\n98 % of /var; \"ähm\" 🎉\nnext line"),
    ];
    assert_eq!(form(&request), pairs(&expected));
}

#[tokio::test]
async fn service_key_and_validity_go_where_twilio_wants_them() {
    let server = answering(queued()).await;
    let settings = format!(
        "account_sid = \"{ACCOUNT}\"\napi_key_sid = \"{KEY}\"\nmessaging_service_sid = \"{SERVICE}\"\nvalidity_period = \"4h\"\nurl = \"{}\"",
        server.uri()
    );
    target(&settings).deliver(&message(NUMBER)).await;
    let request = request(&server).await;
    assert!(request.url.path().contains(ACCOUNT), "the key belongs to the account");
    // printf %s "$KEY:hunter2" | base64
    let basic = "Basic U0swMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMjpodW50ZXIy";
    assert_eq!(header(&request, "authorization"), basic);
    let form = form(&request);
    assert!(form.contains(&("MessagingServiceSid".into(), SERVICE.into())), "{form:?}");
    assert!(form.contains(&("ValidityPeriod".into(), "14400".into())), "{form:?}");
    assert!(!form.iter().any(|(name, _)| name == "From"), "exactly one of the two: {form:?}");
}

#[tokio::test]
async fn twilio_does_not_try_beyond_the_end_of_the_notification() {
    let server = answering(queued()).await;
    let message = message(NUMBER);
    let ending = Message { expires_at: Some(message.now + 90_500), ..message };
    target(&settings(&server.uri())).deliver(&ending).await;
    let form = form(&request(&server).await);
    assert!(form.contains(&("ValidityPeriod".into(), "90".into())), "{form:?}");
}

#[rstest]
#[case::title_alone("Title", "", 480, "Title")]
#[case::body_alone("", "Body", 480, "Body")]
#[case::as_long_as_allowed("ab", "cde", 6, "ab\ncde")]
#[case::longer("ab", "cdef", 6, "ab...")]
#[case::cut_between_characters("", "ñññññññ", 6, "ñññ...")]
#[case::emoji_count_twice_at_twilio("", "🎉🎉🎉🎉", 7, "🎉🎉...")]
#[case::shorter_than_the_dots("", "abcdef", 2, "..")]
fn texts_become_one_and_are_cut(
    #[case] title: &str,
    #[case] body: &str,
    #[case] most: usize,
    #[case] expected: &str,
) {
    let message = Message { title: title.into(), body: body.into(), ..Message::default() };
    assert_eq!(spec::text(&message, most), expected);
}

fn error(status: u16, code: u64) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(json!({
        "code": code,
        "message": format!("something about {NUMBER}"),
        "more_info": format!("https://www.twilio.com/docs/errors/{code}"),
        "status": status,
    }))
}

#[rstest]
#[case::not_a_number(400, 21211, "gone")]
#[case::not_mobile(400, 21614, "gone")]
#[case::landline(400, 21635, "gone")]
#[case::stop(400, 21610, "opted out")]
#[case::wrong_password(401, 20003, "misconfigured")]
#[case::region_off(400, 21408, "misconfigured")]
#[case::from_cannot_send(400, 21606, "misconfigured")]
#[case::from_not_ours(400, 21659, "misconfigured")]
#[case::no_account(404, 20404, "misconfigured")]
#[case::too_many_at_once(429, 20429, "retry")]
#[case::queue_full(400, 21611, "retry")]
#[case::a_code_of_tomorrow(400, 99999, "refused")]
#[tokio::test]
async fn error_codes_are_classed(#[case] status: u16, #[case] code: u64, #[case] expected: &str) {
    let outcome = outcome(error(status, code)).await;
    assert_eq!(name(&outcome), expected, "{outcome:?}");
    let words = format!("{outcome:?}");
    assert!(words.contains(&code.to_string()), "a person can look it up: {words}");
    assert!(!words.contains(NUMBER), "the number is not repeated: {words}");
}

#[tokio::test]
async fn newer_form_of_errors_is_read() {
    let content = json!({
        "type": "https://www.twilio.com/docs/errors/21610", "title": "Unsubscribed", "status": 400,
        "code": 21610, "detail": "…",
    });
    let answer =
        ResponseTemplate::new(400).set_body_raw(content.to_string(), "application/problem+json");
    assert_eq!(name(&outcome(answer).await), "opted out");
}

#[rstest]
#[case::rate(429, "retry")]
#[case::server_fault(500, "unknown")]
#[case::bad_gateway(502, "unknown")]
#[case::unavailable(503, "unknown")]
#[case::unauthorized(401, "misconfigured")]
#[case::forbidden(403, "misconfigured")]
#[case::no_such_page(404, "misconfigured")]
#[case::redirect(302, "misconfigured")]
#[case::other(422, "refused")]
#[case::taken_without_a_sid(200, "unknown")]
#[tokio::test]
async fn page_instead_of_json_is_classed_by_its_status(
    #[case] status: u16,
    #[case] expected: &str,
) {
    let answer = ResponseTemplate::new(status).set_body_raw("<html>Oops</html>", "text/html");
    assert_eq!(name(&outcome(answer).await), expected);
}

#[tokio::test]
async fn wish_to_be_left_alone_is_passed_on() {
    let outcome = outcome(error(429, 20429).insert_header("Retry-After", "7")).await;
    let after = std::time::Duration::from_secs(7);
    assert!(matches!(outcome, Outcome::Retry { after: Some(wish), .. } if wish == after));
}

#[tokio::test]
async fn lost_answer_is_unknown_and_no_connection_is_not() {
    let lost = target(&settings(&silent().await)).deliver(&message(NUMBER)).await;
    assert_eq!(name(&lost), "unknown", "it may have been sent, and would be sent twice: {lost:?}");
    const { assert!(!KIND.repeatable) };
    let unsent = target(&settings(&absent().await)).deliver(&message(NUMBER)).await;
    assert_eq!(name(&unsent), "retry", "{unsent:?}");
}

async fn confirmation(answer: ResponseTemplate) -> Result<Vec<Confirmation>, String> {
    let server = answering(answer).await;
    let confirmed = target(&settings(&server.uri())).confirm(&["SM1".to_owned()]).await;
    let request = request(&server).await;
    assert_eq!(request.method.as_str(), "GET");
    let expected = format!("/2010-04-01/Accounts/{ACCOUNT}/Messages/SM1.json");
    assert_eq!(request.url.path(), expected);
    assert!(header(&request, "authorization").starts_with("Basic "));
    confirmed
}

#[rstest]
#[case::delivered("delivered", Value::Null, "delivered")]
#[case::read("read", Value::Null, "delivered")]
#[case::partially("partially_delivered", Value::Null, "delivered")]
#[case::queued("queued", Value::Null, "pending")]
#[case::accepted("accepted", Value::Null, "pending")]
#[case::scheduled("scheduled", Value::Null, "pending")]
#[case::sending("sending", Value::Null, "pending")]
#[case::sent("sent", Value::Null, "pending")]
#[case::canceled("canceled", Value::Null, "refused")]
#[case::phone_is_off("undelivered", json!(30003), "failed")]
#[case::unknown_number("undelivered", json!(30005), "gone")]
#[case::landline("undelivered", json!(30006), "gone")]
#[case::not_mobile("failed", json!(21614), "gone")]
#[case::landline_at_once("failed", json!(21635), "gone")]
#[case::stop("failed", json!(21610), "opted out")]
#[case::region_off("failed", json!(21408), "misconfigured")]
#[case::spam("undelivered", json!(30007), "refused")]
#[case::in_quotes("undelivered", json!("30005"), "gone")]
#[case::for_no_reason("failed", Value::Null, "refused")]
#[tokio::test]
async fn statuses_are_classed(#[case] status: &str, #[case] code: Value, #[case] expected: &str) {
    let content = json!({"sid": "SM1", "status": status, "error_code": code, "to": NUMBER});
    let confirmed = confirmation(ResponseTemplate::new(200).set_body_json(content)).await.unwrap();
    assert_eq!(confirmed.len(), 1);
    assert_eq!(fate(&confirmed[0]), expected, "{confirmed:?}");
}

#[tokio::test]
async fn message_that_twilio_does_not_know_is_lost() {
    assert_eq!(confirmation(error(404, 20404)).await, Ok(vec![Confirmation::Lost]));
}

#[rstest]
#[case(401)]
#[case(429)]
#[case(500)]
#[tokio::test]
async fn nothing_is_learned_from_an_answer_that_is_none(#[case] status: u16) {
    let why = confirmation(ResponseTemplate::new(status)).await.unwrap_err();
    assert!(why.contains(&status.to_string()), "{why}");
}

#[tokio::test]
async fn what_was_learned_before_a_fault_counts() {
    let server = MockServer::start().await;
    let delivered = json!({"status": "delivered"});
    Mock::given(method("GET"))
        .and(path(format!("/2010-04-01/Accounts/{ACCOUNT}/Messages/SM1.json")))
        .respond_with(ResponseTemplate::new(200).set_body_json(delivered))
        .mount(&server)
        .await;
    Mock::given(method("GET")).respond_with(ResponseTemplate::new(500)).mount(&server).await;
    let receipts = ["SM1", "SM2", "SM3"].map(str::to_owned);
    let confirmed = target(&settings(&server.uri())).confirm(&receipts).await.unwrap();
    let expected = [Confirmation::Delivered, Confirmation::Pending, Confirmation::Pending];
    assert_eq!(confirmed, expected, "one answer for each, in order");
    assert_eq!(target(&settings(&server.uri())).confirm(&[]).await, Ok(Vec::new()));
}

#[rstest]
#[case("+34 600 123 456", "+34600123456")]
#[case("0034-600-123-456", "+34600123456")]
#[case("+1 (500) 555-0006", "+15005550006")]
#[case("+44 (0)20 7946 0000", "+442079460000")]
#[case("+1.500.555.0006", "+15005550006")]
fn phone_numbers_have_one_form(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(spec::phone_number(text).as_deref(), Ok(expected));
}

#[rstest]
#[case::of_no_country("91 555 12 34")]
#[case::empty("")]
#[case::too_short("+3460012")]
#[case::too_long("+3460012345678901")]
#[case::letters("+34 600 CALL ME")]
#[case::other_digits("+٣٤٦٠٠١٢٣٤٥٦")]
#[case::no_country_begins_so("+0600123456")]
fn what_is_no_phone_number_is_refused_without_repeating_it(#[case] text: &str) {
    let why = spec::phone_number(text).unwrap_err();
    assert!(text.is_empty() || !why.contains(text), "{why}");
}

#[test]
fn settings_are_checked() {
    let good = settings("https://api.example");
    assert_eq!(problems(&KIND, &good), Vec::<String>::new());
    let number = format!("account_sid = \"{ACCOUNT}\"\nfrom = \"x\"\n");
    for (settings, expected) in [
        (String::new(), "`account_sid` is missing"),
        (format!("account_sid = \"{ACCOUNT}\""), "`from` is missing"),
        (format!("{good}messaging_service_sid = \"{SERVICE}\""), "keep one of them"),
        ("account_sid = \"hunter2\"\nfrom = \"x\"".to_owned(), "`account_sid` is AC"),
        (format!("{number}api_key_sid = \"{ACCOUNT}\""), "`api_key_sid` is SK"),
        (format!("{number}validity_period = \"11h\""), "at most \"10h\""),
        (format!("{number}max_characters = 1601"), "from 1 to 1600"),
        (format!("{number}form = \"x\""), "unknown key \"form\""),
    ] {
        let found = problems(&KIND, &settings).join("; ");
        assert!(found.contains(expected), "{settings}: {found}");
        assert!(!found.contains("hunter2"), "{found}");
        assert!(build(&settings, Some("x")).is_err(), "check and build agree");
    }
    let why = build(&good, None).err().unwrap();
    assert!(why.contains("tidings secret set t"), "{why}");
}
