use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::sources::json::profile::Profile;

const NOW: Millis = 1_800_000_000_000;

fn profile(preset: &str) -> Profile {
    let text = format!("preset = \"{preset}\"\nurl = \"https://shop.example\"");
    Profile::new(&text.parse().unwrap()).unwrap()
}

fn body_of(frame: Frame) -> Option<String> {
    match frame {
        Frame::Notification(incoming) => Some(incoming.body),
        Frame::Count(_) | Frame::Hint | Frame::Ignored | Frame::Undecodable => None,
    }
}

#[test]
fn frames_of_the_field_are_understood() {
    let mapping = profile("django-channels").mapping;
    for (frame, body, id) in [
        (r#"{"message":"Pedido 1 \ud83c\udf89\nlisto"}"#, "Pedido 1 🎉\nlisto", None),
        (r#"{"type":"notificacion_mensaje","message":"hola"}"#, "hola", None),
        (r#"{"mensaje":"hola"}"#, "hola", None),
        (r#"{"text":"hola"}"#, "hola", None),
        (r#"{"tipo":"nueva_tarea","mensaje":"hola","tarea_id":4}"#, "hola", None),
        (
            r#"{"type":"nueva_notificacion","count":3,"notificacion":{"id":7,"mensaje":"hola"}}"#,
            "hola",
            Some("7"),
        ),
        (r#"{"message":{"id":"5f2b","mensaje":"hola","estado":"nueva"}}"#, "hola", Some("5f2b")),
        (r#""hola""#, "hola", None),
        ("hola", "hola", None),
        (r#"{"message": 7}"#, "7", None),
    ] {
        let Frame::Notification(incoming) = mapping.frame(frame.as_bytes(), NOW) else {
            panic!("{frame} is a notification");
        };
        assert_eq!(incoming.body, body, "{frame}");
        assert_eq!(incoming.remote_id.as_deref(), id, "{frame}");
        assert_eq!(incoming.provisional, id.is_none(), "only the list knows the others: {frame}");
        assert_eq!(incoming.arrival, Arrival::Live);
    }
}

#[test]
fn frames_without_text_are_hints_and_never_notifications() {
    let mapping = profile("django-channels").mapping;
    for (frame, expected) in [
        (&br#"{"type":"conexion","mensaje":"hola"}"#[..], Frame::Ignored),
        (br#"{"type":"connection_established"}"#, Frame::Ignored),
        (br#"{"type":"count_initial","count":12}"#, Frame::Count(12)),
        (br#"{"unread_count":0}"#, Frame::Count(0)),
        (br#"{"message":null}"#, Frame::Hint),
        (br#"{"message":""}"#, Frame::Hint),
        (b"null", Frame::Hint),
        (b"7", Frame::Hint),
        (b"[]", Frame::Hint),
        (b"{}", Frame::Hint),
        (b"", Frame::Hint),
        (b"\0", Frame::Hint),
        (br#"{"message":"half \ud83c"}"#, Frame::Undecodable),
        (br#"{"message":"#, Frame::Undecodable),
        (b"\xff\x00\xfe", Frame::Undecodable),
    ] {
        assert_eq!(mapping.frame(frame, NOW), expected, "{}", String::from_utf8_lossy(frame));
    }
}

#[test]
fn lone_surrogate_is_shown_where_no_list_has_the_whole_text() {
    let settings = "url = \"https://h.example\"\nwebsocket.url = \"/ws/\"".parse().unwrap();
    let mapping = Profile::new(&settings).unwrap().mapping;
    let frame = mapping.frame(br#"{"message":"half \ud83c"}"#, NOW);
    assert_eq!(body_of(frame).as_deref(), Some("half \u{fffd}"));
}

#[test]
fn huge_text_is_cut_and_deep_nesting_is_survived() {
    let mapping = profile("django-channels").mapping;
    let huge = json!({ "message": "ñ".repeat(1 << 20) }).to_string();
    let body = body_of(mapping.frame(huge.as_bytes(), NOW)).unwrap();
    assert!(body.len() <= limits::BODY_BYTES);
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(mapping.frame(deep.as_bytes(), NOW), Frame::Undecodable);
}

#[test]
fn row_of_django_notifications_becomes_an_activity() {
    let mapping = profile("django-notifications").mapping;
    let item = json!({
        "id": 2, "level": "error", "unread": true, "verb": "closed issue", "description": "d",
        "timestamp": "2026-11-20T09:24:09.526Z", "data": {"url": "/x/1", "k": 1},
        "slug": 110_911, "actor": "maria", "target": "shop"
    });
    let row = mapping.row(&item, NOW).unwrap();
    assert_eq!(row.incoming.title, "maria closed issue shop");
    assert_eq!(row.incoming.body, "d");
    assert_eq!(row.incoming.urgency, Urgency::Critical);
    assert_eq!(row.incoming.url, "https://shop.example/x/1", "a relative link is the server's");
    assert_eq!(row.incoming.data, r#"{"url":"/x/1","k":1}"#);
    assert_eq!(row.read, Some(false), "`unread` is the other way round");
    let bare = json!({"id": 3, "level": "NOPE", "unread": false, "verb": "left", "actor": "jose", "description": null});
    let row = mapping.row(&bare, NOW).unwrap();
    assert_eq!((row.incoming.title.as_str(), row.incoming.urgency), ("jose left", Urgency::Normal));
    assert_eq!((row.read, row.incoming.body.as_str()), (Some(true), ""));
}

#[test]
fn rows_without_a_usable_id_are_left_out_alone() {
    let mapping = profile("django-channels").mapping;
    for item in [
        json!({}),
        json!(null),
        json!({"id": null}),
        json!({"id": ""}),
        json!({"id": {}}),
        json!({"id": "a\nb"}),
    ] {
        assert_eq!(mapping.row(&item, NOW), None, "{item}");
    }
    assert_eq!(
        mapping.row(&json!({"id": "7", "mensaje": "x"}), NOW).unwrap().id,
        "7",
        "ids may be texts"
    );
}

#[test]
fn links_that_no_browser_opens_are_dropped() {
    let mapping = profile("django-notifications").mapping;
    for link in ["javascript:alert(1)", "file:///etc/passwd", "data:text/html,x"] {
        let row = mapping.row(&json!({"id": 1, "data": {"url": link}}), NOW).unwrap();
        assert_eq!(row.incoming.url, "", "{link}");
    }
}

#[test]
fn markup_is_kept_as_text_and_bidi_overrides_are_not() {
    let mapping = profile("django-channels").mapping;
    let body = body_of(mapping.frame("{\"message\":\"<b>a</b> & \u{202e}x\"}".as_bytes(), NOW));
    assert_eq!(body.as_deref(), Some("<b>a</b> & x"), "whoever shows it escapes it");
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        crate::sources::json::fuzz_frame(&bytes);
    }

    #[test]
    fn no_json_makes_it_panic(value in json_value()) {
        crate::sources::json::fuzz_frame(value.to_string().as_bytes());
        let mapping = profile("django-channels").mapping;
        let _frame = mapping.frame(value.to_string().as_bytes(), NOW);
    }
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,10}".prop_map(Value::from),
    ];
    let key = prop_oneof![
        Just("message".to_owned()),
        Just("notificacion".to_owned()),
        Just("id".to_owned()),
        Just("type".to_owned()),
        "[a-z]{1,3}"
    ];
    leaf.prop_recursive(4, 30, 5, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((key.clone(), inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}
