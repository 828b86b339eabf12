use proptest::prelude::*;
use serde_json::{Value, json};
use tidings_api::{KeyMode, Urgency, limits};

use super::*;

const NOW: Millis = 1_800_000_000_000;

fn said(message: &Value) -> Said {
    read(message.to_string().as_bytes(), Arrival::Live, NOW)
}

fn incoming(message: &Value) -> Incoming {
    let mut whole = json!({"id": "hwQ2YpKdmg12", "time": 1_700_000_000, "event": "message", "topic": "backups"});
    for (key, value) in message.as_object().unwrap() {
        whole[key] = value.clone();
    }
    let Said::Event(Event::Upsert(incoming)) = said(&whole) else { panic!("no message: {whole}") };
    *incoming
}

#[test]
fn a_message_with_everything_becomes_a_notification() {
    let incoming = incoming(&json!({
        "sequence_id": "nightly", "expires": 1_700_043_200, "title": "Backup failed", "message": "Disk full\non nas",
        "priority": 5, "tags": ["warning", "nas"], "click": "https://nas.example.org/",
        "icon": "https://nas.example.org/icon.png", "content_type": "text/markdown",
        "actions": [{"id": "abcdefghij", "action": "view", "label": "Look", "url": "https://nas.example.org/log"}],
        "attachment": {"name": "log.txt", "url": "https://ntfy.example.org/file/x.txt", "size": 2_000},
    }));
    assert_eq!(incoming.remote_id.as_deref(), Some("hwQ2YpKdmg12"));
    assert_eq!((incoming.key.as_str(), incoming.mode), ("backups/nightly", KeyMode::Update));
    assert_eq!(incoming.topic, "backups");
    assert_eq!(incoming.title, "⚠️ Backup failed");
    assert_eq!(incoming.body, "Disk full\non nas");
    assert_eq!(incoming.urgency, Urgency::Critical);
    assert_eq!(incoming.tags, ["warning", "nas"]);
    assert_eq!(incoming.url, "https://nas.example.org/");
    assert_eq!(incoming.icon, "", "no remote image is fetched unasked");
    let labels: Vec<_> = incoming.actions.iter().map(|action| action.label.as_str()).collect();
    assert_eq!(labels, ["Look", "Download log.txt (2 kB)"]);
    assert_eq!(incoming.sent.map(|sent| sent.at), Some(1_700_000_000_000));
    assert_eq!(incoming.expires_at, None, "it is the cache that expires, not the news");
    let data: Value = serde_json::from_str(&incoming.data).unwrap();
    assert_eq!(data["icon"], "https://nas.example.org/icon.png");
    assert_eq!(data["content_type"], "text/markdown");
}

#[test]
fn a_bare_message_is_shown_under_its_topic() {
    let incoming = incoming(&json!({}));
    assert_eq!((incoming.title.as_str(), incoming.body.as_str()), ("backups", "triggered"));
    assert_eq!(incoming.key, "backups/hwQ2YpKdmg12", "it may be cleared or updated by its id");
    assert_eq!(incoming.urgency, Urgency::Normal);
}

#[test]
fn priorities_are_urgencies() {
    let cases = [
        (json!(1), Urgency::Low),
        (json!(2), Urgency::Low),
        (json!(3), Urgency::Normal),
        (json!(4), Urgency::High),
        (json!(5), Urgency::Critical),
        (json!(0), Urgency::Normal),
        (json!(6), Urgency::Normal),
        (json!(-1), Urgency::Normal),
        (json!("5"), Urgency::Normal),
        (json!(null), Urgency::Normal),
        (json!(4.5), Urgency::Normal),
    ];
    for (priority, urgency) in cases {
        assert_eq!(incoming(&json!({ "priority": priority })).urgency, urgency, "{priority}");
    }
}

#[test]
fn the_same_message_is_the_same_text_from_the_socket_and_from_the_list() {
    let socket = incoming(&json!({"sequence_id": "hwQ2YpKdmg12", "message": "x"}));
    let list = incoming(&json!({"message": "x"}));
    assert_eq!(socket, list, "else every catch-up would change what it only repeats");
}

#[test]
fn binary_messages_are_decoded_where_they_are_text() {
    let body = |message: &str| incoming(&json!({"encoding": "base64", "message": message})).body;
    assert_eq!(body("aMOpbGxv"), "héllo");
    assert_eq!(body("AAEC/w=="), "binary message (4 bytes)");
    assert_eq!(body("AAEC"), "binary message (3 bytes)", "control characters are no text");
    assert_eq!(body("no base64!"), "no base64!");
}

#[test]
fn what_buttons_do_that_open_nothing_stays_whole_in_the_data() {
    let actions = json!([
        {"id": "a", "action": "http", "label": "Close", "url": "https://api.example", "headers": {"X": "y"}, "body": "z"},
        {"id": "b", "action": "copy", "label": "Code", "value": "1234"},
    ]);
    let incoming = incoming(&json!({ "actions": actions }));
    let buttons: Vec<_> = incoming.actions.iter().map(|action| action.id.as_str()).collect();
    assert_eq!(buttons, ["a", "b"]);
    let data: Value = serde_json::from_str(&incoming.data).unwrap();
    assert_eq!(data["actions"], actions);
}

#[test]
fn a_message_that_is_too_long_for_the_data_leaves_its_text_out_there() {
    let incoming = incoming(&json!({"message": "x".repeat(limits::DATA_BYTES), "icon": "i"}));
    assert!(incoming.data.contains("\"icon\":\"i\"") && incoming.data.len() < 1_000);
    assert_eq!(incoming.body.len(), limits::BODY_BYTES);
}

#[test]
fn clear_and_delete_end_a_thread() {
    for (event, how) in
        [("message_clear", ThreadEnd::Cleared), ("message_delete", ThreadEnd::Deleted)]
    {
        let message =
            json!({"id": "c1", "sequence_id": "s1", "time": 9, "event": event, "topic": "t"});
        let key = "t/s1".to_owned();
        let event_id = "c1".to_owned();
        let expected = Event::EndThread { key, how, event_id, at: 9_000, arrival: Arrival::Live };
        assert_eq!(said(&message), Said::Event(expected));
        let nothing = json!({"id": "c1", "time": 9, "event": event, "topic": "t"});
        assert_eq!(said(&nothing), Said::Unknown, "it does not say what it ends");
    }
}

#[test]
fn greetings_say_nothing_and_what_is_elsewhere_is_asked_for() {
    for event in ["open", "keepalive"] {
        let message = json!({"id": "x", "time": 1, "event": event, "topic": "a,b"});
        assert_eq!(heard(message.to_string().as_bytes(), NOW), Heard::default(), "{event}");
    }
    let elsewhere = json!({"id": "x", "event": "poll_request", "topic": "a", "poll_id": "y"});
    assert!(heard(elsewhere.to_string().as_bytes(), NOW).ask);
}

#[test]
fn what_is_not_understood_is_kept_as_it_came() {
    for text in [
        "{\"event\":\"message_snooze\",\"id\":\"x\"}",
        "{\"event\":\"message\",\"id\":7}",
        "{\"event\":[]}",
        "[]",
        "{\"event\":\"mess",
        "\u{0}",
    ] {
        let events = heard(text.as_bytes(), NOW).events;
        assert_eq!(events, [Event::Unknown { text: text.to_owned() }]);
    }
    let long = vec![b'x'; 1_000_000];
    let events = heard(&long, NOW).events;
    assert!(matches!(&events[..], [Event::Unknown { text }] if text.len() == UNKNOWN_MAX));
}

#[test]
fn texts_are_clean_and_times_possible() {
    let incoming = incoming(&json!({
        "title": "a\u{202e}b\nc", "topic": "x\u{0}y", "message": "z\u{2066}", "time": i64::MAX,
    }));
    assert_eq!((incoming.title.as_str(), incoming.topic.as_str()), ("ab c", "xy"));
    assert_eq!((incoming.body.as_str(), incoming.sent), ("z", None));
}

/// Any JSON in any field.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,20}".prop_map(Value::from),
        Just(json!("message")),
        Just(json!("base64")),
        Just(json!("view")),
        Just(json!("https://a.example")),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        let key = prop::sample::select(vec!["id", "action", "url", "label", "name", "size"]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map(key, inner, 0..6).prop_map(|map| {
                map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _heard = heard(&bytes, NOW);
    }

    #[test]
    fn any_fields_are_read_and_kept_within_limits(fields in prop::collection::hash_map(
        prop::sample::select(vec![
            "id", "sequence_id", "time", "topic", "title", "message", "priority", "tags", "click", "icon", "actions",
            "attachment", "content_type", "encoding",
        ]),
        any_json(),
        0..14,
    )) {
        let mut message: Value =
            fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        message["event"] = json!("message");
        let has_id = message["id"].as_str().and_then(text::identity).is_some();
        let said = said(&message);
        let Said::Event(Event::Upsert(incoming)) = said else {
            prop_assert_eq!(said, Said::Unknown);
            prop_assert!(!has_id, "what has an identity is shown");
            return Ok(());
        };
        prop_assert!(has_id && !incoming.body.is_empty());
        prop_assert!(incoming.title.chars().count() <= limits::TITLE_CHARACTERS);
        prop_assert!(incoming.data.len() <= limits::DATA_BYTES);
        prop_assert!(incoming.actions.len() <= limits::ACTIONS);
        prop_assert!(incoming.actions.iter().all(|action| action.url.starts_with("https://")));
    }
}
