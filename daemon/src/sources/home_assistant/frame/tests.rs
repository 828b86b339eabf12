use proptest::prelude::*;

use super::*;

const MOMENT: Moment = Moment { now: 99, earlier: Arrival::CatchUp };

fn events(message: &Value) -> Heard {
    heard(message.to_string().as_bytes(), MOMENT, "home.example")
}

fn told(kind: &str, notes: &Value) -> Value {
    json!({"id": 1, "type": "event", "event": {"type": kind, "notifications": notes}})
}

#[test]
fn list_of_everything_is_in_the_order_of_its_times() {
    let found = events(&told(
        "current",
        &json!({
            "a": {"notification_id": "a", "message": "later", "created_at": 20},
            "b": {"notification_id": "b", "message": "earlier", "created_at": 10},
        }),
    ));
    let ids = found.events.iter().filter_map(|event| {
        if let Event::Upsert(incoming) = event { incoming.remote_id.clone() } else { None }
    });
    let ids: Vec<_> = ids.collect();
    assert_eq!(ids, ["b@10000", "a@20000"]);
    assert_eq!(found.all, Some(ids.into_iter().collect()), "nothing else is there");
}

#[test]
fn what_changes_in_the_same_message_changes_the_list() {
    let note = |at: u32| json!({"message": "x", "created_at": at});
    let found = events(&json!([
        told("current", &json!({"a": note(1), "b": note(1)})),
        told("added", &json!({"c": note(2)})),
        told("removed", &json!({"a": note(1)})),
    ]));
    let left = ["b@1000".to_owned(), "c@2000".to_owned()];
    assert_eq!(found.all, Some(left.into()));
}

#[test]
fn list_that_cannot_be_read_to_its_end_says_nothing_of_what_is_missing() {
    let found = events(&told("current", &json!({"a": {"message": "x"}, "b": null})));
    assert_eq!((found.events.len(), found.all), (1, None));
}

#[test]
fn list_of_more_than_anybody_has_is_read_in_part_and_says_nothing_of_what_is_missing() {
    let many: serde_json::Map<String, Value> =
        (0..=MOST).map(|number| (number.to_string(), json!({}))).collect();
    let found = events(&told("current", &Value::Object(many.clone())));
    assert_eq!(
        (found.events.len(), found.all),
        (MOST, None),
        "a few bytes each, and memory for all"
    );
    let found = events(&json!([told("current", &json!({})), told("added", &Value::Object(many))]));
    assert_eq!((found.events.len(), found.all), (1, None), "what was not read may have been added");
}

#[test]
fn notes_of_all_that_is_collected_in_one_message_count_together() {
    let half: serde_json::Map<String, Value> =
        (0..MOST / 2).map(|number| (number.to_string(), json!({}))).collect();
    let half = told("current", &Value::Object(half));
    let found = events(&json!([half, half, told("current", &json!({"last": {}}))]));
    assert_eq!((found.events.len(), found.all), (MOST, None));
    let crowd = events(&Value::Array(vec![json!(1); MOST + 1]));
    assert_eq!(crowd.events.len(), 1, "as many messages are kept aside as one");
}

#[test]
fn empty_list_says_that_nothing_is_there() {
    assert_eq!(events(&told("current", &json!({}))).all, Some(BTreeSet::new()));
}

#[test]
fn end_bears_the_time_of_what_it_ends() {
    let found = events(&told("removed", &json!({"a": {"created_at": 10}, "b": {}})));
    let ends = found.events.iter().filter_map(|event| {
        let Event::EndThread { key, how: ThreadEnd::Deleted, event_id, at, .. } = event else {
            return None;
        };
        Some((key.as_str(), event_id.as_str(), *at))
    });
    let ends: Vec<_> = ends.collect();
    assert_eq!(ends, [("b", "removed b@", 99), ("a", "removed a@10000", 10_000)]);
}

#[test]
fn answers_to_others_mean_nothing() {
    for message in [
        json!({"id": 3, "type": "result", "success": false, "error": {"message": "x"}}),
        json!({"id": 2, "type": "event", "event": {"result": 5}}),
        json!({"id": 1, "type": "result", "success": true, "result": null}),
        json!({"id": 1, "type": "pong"}),
        json!({"type": "auth_ok"}),
    ] {
        assert_eq!(events(&message), Heard::default(), "{message}");
    }
}

#[test]
fn oldest_state_is_a_number_of_seconds_or_nothing() {
    let answer = |result: Value| {
        let event = json!({"result": result, "listeners": {"all": true}});
        frames(json!({"id": 2, "type": "event", "event": event}).to_string().as_bytes())
    };
    assert_eq!(answer(json!(1_767_323_045.25)), [Frame::Since(Some(1_767_323_045_250))]);
    assert_eq!(answer(json!("")), [Frame::Since(None)], "no state is there yet");
    let refused = json!({"id": 2, "type": "result", "success": false, "error": {"message": "No."}});
    assert_eq!(frames(refused.to_string().as_bytes()), [Frame::Since(None)]);
}

#[test]
fn refusals_end_the_connection_with_words() {
    let refused = json!({"id": 1, "type": "result", "success": false, "error": {"message": "No."}});
    assert!(matches!(events(&refused).end, Some(Trouble::Rejected(why)) if why.contains("(No.)")));
    let invalid = json!({"type": "auth_invalid"});
    assert!(matches!(events(&invalid).end, Some(Trouble::NeedsLogin(_))));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        crate::sources::home_assistant::fuzz_message(&bytes);
    }

    #[test]
    fn any_field_may_be_of_any_type(
        key in prop_oneof![Just("notification_id"), Just("title"), Just("message"), Just("created_at")],
        value in prop_oneof![
            Just(json!(null)), Just(json!(true)), any::<f64>().prop_map(|n| json!(n)), ".+".prop_map(|s| json!(s)),
            Just(json!([[]])), Just(json!({})),
        ],
    ) {
        let found = events(&told("added", &json!({"a": {key: value}})));
        prop_assert_eq!(found.events.len(), 1, "something is told, whatever it is");
    }
}
