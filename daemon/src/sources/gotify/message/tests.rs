use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

use super::*;

fn incoming(value: &Value) -> Incoming {
    let applications = Applications::read(&json!([{"id": 7, "name": "Door"}]));
    Message::read(value).unwrap().incoming(&applications, Arrival::Live, 5)
}

#[rstest]
#[case(json!(-3), Urgency::Low)]
#[case(json!(0), Urgency::Low)]
#[case(json!(3), Urgency::Low)]
#[case(json!(4), Urgency::Normal)]
#[case(json!(7), Urgency::Normal)]
#[case(json!(8), Urgency::High)]
#[case(json!(9), Urgency::High)]
#[case(json!(10), Urgency::Critical)]
#[case(json!(1_000_000), Urgency::Critical)]
#[case(json!("8"), Urgency::High)]
#[case(json!(null), Urgency::Normal)]
#[case(json!([]), Urgency::Normal)]
fn priority_follows_the_convention_of_the_server(#[case] priority: Value, #[case] wanted: Urgency) {
    let found = incoming(&json!({"id": 1, "priority": priority}));
    assert_eq!(found.urgency, wanted);
}

#[rstest]
#[case(json!(42), "42")]
#[case(json!("42"), "42")]
#[case(json!(42.0), "42")]
#[case(json!(" 42 "), "42")]
fn id_is_a_number_however_it_is_written(#[case] id: Value, #[case] wanted: &str) {
    assert_eq!(incoming(&json!({ "id": id })).remote_id.as_deref(), Some(wanted));
}

#[rstest]
#[case(json!({}))]
#[case(json!({"id": null, "message": "x"}))]
#[case(json!({"id": -1}))]
#[case(json!({"id": 1.5}))]
#[case(json!({"id": "one"}))]
#[case(json!({"id": {}}))]
#[case(json!([1]))]
#[case(json!("x"))]
fn what_has_no_id_is_no_message(#[case] value: Value) {
    assert_eq!(Message::read(&value), None, "{value}");
}

#[test]
fn message_without_anything_but_its_id_is_one() {
    let found = incoming(&json!({"id": 1}));
    assert_eq!((found.title.as_str(), found.body.as_str(), found.topic.as_str()), ("", "", ""));
    assert_eq!(found.sent, None);
}

#[test]
fn title_that_is_missing_is_the_application() {
    assert_eq!(incoming(&json!({"id": 1, "appid": 7, "message": "x"})).title, "Door");
    assert_eq!(incoming(&json!({"id": 1, "appid": 8, "title": ""})).title, "application 8");
}

#[test]
fn only_links_that_may_be_opened_are_taken() {
    let with = |url: &str| {
        incoming(&json!({"id": 1, "extras": {
            "client::notification": {"click": {"url": url}, "bigImageUrl": url}
        }}))
    };
    let good = with("https://a.example/x");
    assert_eq!((good.url.as_str(), good.actions.len()), ("https://a.example/x", 1));
    for url in ["javascript:alert(1)", "file:///etc/passwd", "intent://x", "", "x"] {
        let found = with(url);
        assert!(found.url.is_empty() && found.actions.is_empty(), "{url}");
        assert!(found.data.contains("bigImageUrl"), "the extras are kept all the same");
    }
}

#[test]
fn markdown_is_told_in_the_data_and_html_is_not() {
    let with = |kind: &str| {
        incoming(&json!({"id": 1, "extras": {"client::display": {"contentType": kind}}})).data
    };
    assert!(with("text/markdown").contains("\"content_type\":\"text/markdown\""));
    assert!(!with("text/html").contains("content_type"), "HTML is never believed");
    assert_eq!(incoming(&json!({"id": 1, "extras": {}})).data, "");
}

#[test]
fn extras_that_are_too_large_are_left_out() {
    let found = incoming(&json!({"id": 1, "extras": {"a::b": "x".repeat(limits::DATA_BYTES)}}));
    assert_eq!(found.data, "");
}

#[test]
fn date_of_go_with_nanoseconds_and_offset_is_read() {
    let found = incoming(&json!({"id": 1, "date": "2026-07-04T12:00:00.123456789+02:00"}));
    assert_eq!(
        found.sent.map(|sent| (sent.at, sent.approximate)),
        Some((1_783_159_200_123, false))
    );
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        crate::sources::gotify::fuzz_message(&bytes);
    }

    #[test]
    fn any_field_may_be_of_any_type(
        key in prop_oneof![Just("appid"), Just("title"), Just("message"), Just("priority"), Just("date"), Just("extras")],
        value in prop_oneof![
            Just(json!(null)), Just(json!(true)), any::<f64>().prop_map(|n| json!(n)), ".*".prop_map(|s| json!(s)),
            Just(json!([[]])), Just(json!({"client::notification": {"click": []}, "client::display": 7})),
        ],
    ) {
        let found = Message::read(&json!({"id": 1, key: value}));
        prop_assert!(found.is_some(), "one odd field costs no message");
    }
}
