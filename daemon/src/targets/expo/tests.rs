use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use tidings_api::Urgency;
use wiremock::matchers::body_partial_json;
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use super::{KIND, RECEIPTS, spec};
use crate::targets::handle::thread;
use crate::targets::testing::{
    self, absent, answering, class, deps, fate, header, message, problems, request, silent,
};
use crate::targets::{Confirmation, Message, Outcome, Target};

const TOKEN: &str = "ExponentPushToken[xxxxxxxxxxxxxxxxxxxxxx]";
const TICKET: &str = "1b9f7d3e-0000-4000-8000-000000000001";

fn build(settings: &str, secret: Option<&str>) -> Result<Box<dyn Target>, String> {
    testing::build(&KIND, settings, secret, &deps(secret.unwrap_or_default(), &[]))
}

fn name(outcome: &Outcome) -> &'static str {
    class(outcome).0
}

fn json_of(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

fn target(url: &str, more: &str, secret: Option<&str>) -> Box<dyn Target> {
    build(&format!("url = \"{url}\"\n{more}"), secret).unwrap()
}

fn ticket() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"data": [{"status": "ok", "id": TICKET}]}))
}

fn failed_ticket(error: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"data": [{
        "status": "error",
        "message": format!("\"{TOKEN}\" is not good"),
        "details": {"error": error, "expoPushToken": TOKEN},
    }]}))
}

fn request_error(status: u16, code: &str) -> ResponseTemplate {
    let errors =
        json!({"errors": [{"code": code, "message": format!("about {TOKEN}"), "details": {}}]});
    ResponseTemplate::new(status).set_body_json(errors)
}

async fn outcome(answer: ResponseTemplate) -> Outcome {
    let server = answering(answer).await;
    let outcome = target(&server.uri(), "", None).deliver(&message(TOKEN)).await;
    assert!(!format!("{outcome:?}").contains(TOKEN), "the token is not repeated: {outcome:?}");
    outcome
}

/// The one message that is sent with these settings.
async fn sent(settings: &str, message: &Message) -> Value {
    let server = answering(ticket()).await;
    target(&server.uri(), settings, None).deliver(message).await;
    json_of(&request(&server).await)[0].take()
}

#[tokio::test]
async fn message_is_the_only_one_in_a_list_and_its_ticket_the_receipt() {
    let server = answering(ticket()).await;
    let message = message(TOKEN);
    let outcome = target(&server.uri(), "", None).deliver(&message).await;
    assert_eq!(outcome, Outcome::Accepted { receipt: Some(TICKET.into()) });
    let request = &request(&server).await;
    assert_eq!(request.method.as_str(), "POST");
    assert_eq!(request.url.path(), "/--/api/v2/push/send");
    assert_eq!(header(request, "content-type"), "application/json");
    assert_eq!(header(request, "accept"), "application/json");
    assert_eq!(
        header(request, "authorization"),
        "",
        "without a token of ours there is none to send"
    );
    let place = thread(&message);
    let expected = json!([{
        "to": TOKEN,
        "title": "Disk full",
        "body": message.body,
        "data": {
            "notification": "42", "source": "nas", "topic": "disks",
            "url": "https://nas.example/disks?id=1&x=2", "count": "3",
        },
        "sound": "default",
        "ttl": 28 * 86_400,
        "priority": "high",
        "interruptionLevel": "active",
        "collapseId": place,
        "tag": place,
    }]);
    assert_eq!(json_of(request), expected);
}

#[tokio::test]
async fn access_token_goes_along() {
    let server = answering(ticket()).await;
    target(&server.uri(), "", Some("hunter2")).deliver(&message(TOKEN)).await;
    assert_eq!(header(&request(&server).await, "authorization"), "Bearer hunter2");
}

#[tokio::test]
async fn settings_override_what_follows_from_the_urgency() {
    let settings = "sound = \"chime\"\nchannel_id = \"alerts\"\ncategory_id = \"orders\"\npriority = \"normal\"\ninterruption_level = \"critical\"\nbadge = 3\nttl = \"1h\"";
    let sent = sent(settings, &message(TOKEN)).await;
    for (key, expected) in [
        ("sound", json!("chime")),
        ("channelId", json!("alerts")),
        ("categoryId", json!("orders")),
        ("priority", json!("normal")),
        ("interruptionLevel", json!("critical")),
        ("badge", json!(3)),
        ("ttl", json!(3_600)),
    ] {
        assert_eq!(sent[key], expected, "{key}");
    }
}

#[rstest]
#[case(Urgency::Low, "normal", "passive", Value::Null)]
#[case(Urgency::Normal, "default", "active", json!("default"))]
#[case(Urgency::High, "high", "active", json!("default"))]
#[case(Urgency::Critical, "high", "time-sensitive", json!("default"))]
#[tokio::test]
async fn urgency_decides_how_much_it_interrupts(
    #[case] urgency: Urgency,
    #[case] priority: &str,
    #[case] level: &str,
    #[case] sound: Value,
) {
    let sent = sent("", &Message { urgency, ..message(TOKEN) }).await;
    assert_eq!((&sent["priority"], &sent["interruptionLevel"]), (&json!(priority), &json!(level)));
    assert_eq!(sent["sound"], sound);
    let silent = self::sent("sound = \"none\"", &Message { urgency, ..message(TOKEN) }).await;
    assert_eq!(silent["sound"], Value::Null);
}

#[tokio::test]
async fn long_text_is_cut_and_a_phone_is_not_waited_for_beyond_the_end() {
    let message = message(TOKEN);
    let expires_at = Some(message.now + 60_000);
    let long = Message { body: "Ω".repeat(20_000), expires_at, ..message };
    let sent = sent("", &long).await;
    assert!(json!([sent]).to_string().len() <= spec::MOST, "room for what Expo adds");
    let body = sent["body"].as_str().unwrap();
    assert!(body.starts_with("ΩΩ") && body.ends_with('…'), "{body}");
    assert_eq!(sent["title"], "Disk full");
    assert_eq!(sent["ttl"], 60);
}

#[rstest]
#[case("DeviceNotRegistered", "gone")]
#[case("MessageTooBig", "refused")]
#[case("MessageRateExceeded", "retry")]
#[case("MismatchSenderId", "misconfigured")]
#[case("InvalidCredentials", "misconfigured")]
#[case("DeveloperError", "refused")]
#[case("ExpoError", "retry")]
#[case("ProviderError", "retry")]
#[case("SomethingNew", "refused")]
#[tokio::test]
async fn errors_of_tickets_are_classed(#[case] error: &str, #[case] expected: &str) {
    let outcome = outcome(failed_ticket(error)).await;
    assert_eq!(name(&outcome), expected);
    assert!(format!("{outcome:?}").contains(error), "a person can look it up: {outcome:?}");
}

#[rstest]
#[case(429, "TOO_MANY_REQUESTS", "retry")]
#[case(401, "UNAUTHORIZED", "misconfigured")]
#[case(400, "UNAUTHORIZED", "misconfigured")]
#[case(400, "PUSH_TOO_MANY_EXPERIENCE_IDS", "refused")]
#[case(400, "PUSH_TOO_MANY_NOTIFICATIONS", "refused")]
#[case(400, "PUSH_TOO_MANY_RECEIPTS", "refused")]
#[case(400, "VALIDATION_ERROR", "refused")]
#[case(500, "INTERNAL_SERVER_ERROR", "retry")]
#[case(200, "SOMETHING_NEW", "refused")]
#[tokio::test]
async fn errors_of_requests_are_classed(
    #[case] status: u16,
    #[case] code: &str,
    #[case] expected: &str,
) {
    assert_eq!(name(&outcome(request_error(status, code)).await), expected);
}

#[rstest]
#[case(429, "retry")]
#[case(500, "retry")]
#[case(502, "retry")]
#[case(503, "retry")]
#[case(401, "misconfigured")]
#[case(403, "misconfigured")]
#[case(404, "misconfigured")]
#[case(301, "misconfigured")]
#[case(413, "refused")]
#[case(200, "unknown")]
#[tokio::test]
async fn page_instead_of_json_is_classed_by_its_status(
    #[case] status: u16,
    #[case] expected: &str,
) {
    let page = ResponseTemplate::new(status).set_body_raw("<html>Oops</html>", "text/html");
    assert_eq!(name(&outcome(page).await), expected);
}

#[tokio::test]
async fn wish_to_be_left_alone_is_passed_on() {
    let answer = request_error(429, "TOO_MANY_REQUESTS").insert_header("Retry-After", "9");
    let outcome = outcome(answer).await;
    let wish = Duration::from_secs(9);
    assert!(matches!(outcome, Outcome::Retry { after: Some(after), .. } if after == wish));
}

#[rstest]
#[case::none(json!([]))]
#[case::two(json!([{"status": "ok", "id": "a"}, {"status": "ok", "id": "b"}]))]
#[case::no_status(json!([{"id": "a"}]))]
#[case::no_list(json!("ok"))]
#[tokio::test]
async fn answer_that_does_not_fit_what_was_sent_is_unknown(#[case] data: Value) {
    let answer = ResponseTemplate::new(200).set_body_json(json!({"data": data}));
    assert_eq!(name(&outcome(answer).await), "unknown");
}

#[tokio::test]
async fn single_ticket_may_come_without_a_list() {
    let data = json!({"data": {"status": "ok", "id": TICKET}});
    let outcome = outcome(ResponseTemplate::new(200).set_body_json(data)).await;
    assert_eq!(outcome, Outcome::Accepted { receipt: Some(TICKET.into()) });
}

#[tokio::test]
async fn lost_answer_is_unknown_and_can_be_repeated() {
    let lost = target(&silent().await, "", None).deliver(&message(TOKEN)).await;
    assert_eq!(name(&lost), "unknown", "{lost:?}");
    const { assert!(KIND.repeatable, "the repeat takes the place of the first on the screen") };
    let unsent = target(&absent().await, "", None).deliver(&message(TOKEN)).await;
    assert_eq!(name(&unsent), "retry", "{unsent:?}");
}

#[tokio::test]
async fn receipts_are_read_by_their_ids_and_a_missing_one_is_pending() {
    let error =
        |error: &str| json!({"status": "error", "message": TOKEN, "details": {"error": error}});
    let cases = [
        ("ok", json!({"status": "ok"}), "delivered"),
        ("gone", error("DeviceNotRegistered"), "gone"),
        ("big", error("MessageTooBig"), "refused"),
        ("rate", error("MessageRateExceeded"), "failed"),
        ("sender", error("MismatchSenderId"), "misconfigured"),
        ("keys", error("InvalidCredentials"), "misconfigured"),
        ("developer", error("DeveloperError"), "refused"),
        ("expo", error("ExpoError"), "failed"),
        ("provider", error("ProviderError"), "failed"),
        ("new", error("SomethingNew"), "refused"),
        ("odd", json!({}), "pending"),
    ];
    let data: serde_json::Map<String, Value> =
        cases.iter().map(|(id, receipt, _)| ((*id).to_owned(), receipt.clone())).collect();
    let server = answering(ResponseTemplate::new(200).set_body_json(json!({"data": data}))).await;
    let mut receipts = vec!["missing".to_owned()];
    receipts.extend(cases.iter().map(|(id, ..)| (*id).to_owned()));

    let confirmed = target(&server.uri(), "", Some("hunter2")).confirm(&receipts).await.unwrap();

    let expected = std::iter::once("pending").chain(cases.iter().map(|(.., fate)| *fate));
    let found: Vec<_> = confirmed.iter().map(fate).collect();
    assert_eq!(found, expected.collect::<Vec<_>>(), "one answer for each, in order");
    assert!(!format!("{confirmed:?}").contains(TOKEN), "{confirmed:?}");
    let request = request(&server).await;
    assert_eq!(request.url.path(), "/--/api/v2/push/getReceipts");
    assert_eq!(header(&request, "authorization"), "Bearer hunter2");
    assert_eq!(json_of(&request), json!({ "ids": receipts }));
}

#[tokio::test]
async fn many_receipts_are_asked_for_in_parts_and_a_fault_keeps_what_was_learned() {
    let server = MockServer::start().await;
    let ids: Vec<String> = (0..=RECEIPTS).map(|n| format!("t{n}")).collect();
    let data = json!({"data": {"t0": {"status": "ok"}}});
    Mock::given(body_partial_json(json!({ "ids": ids[..RECEIPTS] })))
        .respond_with(ResponseTemplate::new(200).set_body_json(data))
        .mount(&server)
        .await;
    Mock::given(body_partial_json(json!({ "ids": ids[RECEIPTS..] })))
        .respond_with(ResponseTemplate::new(503))
        .mount(&server)
        .await;
    let confirmed = target(&server.uri(), "", None).confirm(&ids).await.unwrap();
    assert_eq!(confirmed.len(), ids.len());
    assert_eq!(confirmed[0], Confirmation::Delivered);
    assert!(confirmed[1..].iter().all(|answer| *answer == Confirmation::Pending));
    assert_eq!(server.received_requests().await.unwrap().len(), 2);
}

#[rstest]
#[case(request_error(401, "UNAUTHORIZED"), "UNAUTHORIZED")]
#[case(request_error(429, "TOO_MANY_REQUESTS"), "TOO_MANY_REQUESTS")]
#[case(ResponseTemplate::new(502).set_body_raw("<html>", "text/html"), "502")]
#[case(ResponseTemplate::new(200).set_body_raw("<html>", "text/html"), "200")]
#[tokio::test]
async fn nothing_is_learned_from_an_answer_that_is_none(
    #[case] answer: ResponseTemplate,
    #[case] expected: &str,
) {
    let server = answering(answer).await;
    let why = target(&server.uri(), "", None).confirm(&["t".to_owned()]).await.unwrap_err();
    assert!(why.contains(expected), "{why}");
}

#[test]
fn settings_are_checked() {
    assert_eq!(problems(&KIND, ""), Vec::<String>::new(), "nothing is required");
    for (settings, expected) in [
        ("priority = \"urgent\"", "`priority` is one of"),
        ("interruption_level = \"loud\"", "`interruption_level` is one of"),
        ("badge = -1", "`badge` is a whole number"),
        ("ttl = \"29d\"", "at most \"28d\""),
        ("url = \"http://h.example\"", "begins with https://"),
        ("chanel_id = \"x\"", "unknown key"),
    ] {
        let found = problems(&KIND, settings).join("; ");
        assert!(found.contains(expected), "{settings}: {found}");
        assert!(build(settings, None).is_err(), "check and build agree");
    }
}
