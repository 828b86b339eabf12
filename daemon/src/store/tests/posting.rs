use tidings_api::{Filter, KeyMode, StateChange, View};

use super::fixture::{Fixture, NOW, local};
use crate::model::{Incoming, NotificationId};

#[tokio::test]
async fn a_post_is_listed_counted_told_and_claimed() {
    let mut fixture = Fixture::new();
    let id = fixture.post("backup done").await;
    let told = fixture.told();
    assert_eq!(told.added, [id]);
    assert_eq!(told.popups.len(), 1, "without a policy against it, it pops up");
    assert_eq!(told.popups[0].source, "local");
    let row = fixture.row(id).await.expect("is there");
    assert_eq!((row.title.as_str(), row.source.as_str()), ("backup done", "local"));
    assert_eq!((row.received_at, row.last_at, row.read), (NOW, NOW, false));
    let counts = fixture.store.counts();
    assert_eq!((counts.unread, counts.unseen), (1, 1));
    assert_eq!(counts.revision, told.revision);
    assert_eq!(counts.unread_by_source.get("local"), Some(&1));
}

#[tokio::test]
async fn an_update_reopens_the_row_and_a_silent_one_does_not() {
    let mut fixture = Fixture::new();
    let keyed = |title: &str, mode| Incoming { key: "backup".into(), mode, ..local(title) };
    let post = async |fixture: &Fixture, incoming| {
        fixture.store.post(vec![incoming]).await.expect("posts")[0]
    };
    let id = post(&fixture, keyed("10 %", KeyMode::Update)).await;
    let change = StateChange { done: Some(true), ..StateChange::READ };
    fixture.store.set_state(vec![id], change).await.expect("changes");
    fixture.forget_told();

    assert_eq!(post(&fixture, keyed("50 %", KeyMode::Silent)).await, id);
    let told = fixture.told();
    assert_eq!((told.updated.as_slice(), told.popups.len()), ([id].as_slice(), 0));
    let row = fixture.row(id).await.expect("is there");
    assert!(row.read && row.done_at.is_some(), "silent changes no state");
    assert_eq!(row.title, "50 %");

    assert_eq!(post(&fixture, keyed("failed", KeyMode::Update)).await, id);
    let told = fixture.told();
    assert_eq!(told.popups.len(), 1, "a new occurrence pops up");
    let row = fixture.row(id).await.expect("is there");
    assert_eq!((row.occurrences, row.read, row.done_at), (2, false, None));

    let other = post(&fixture, keyed("another", KeyMode::New)).await;
    assert_ne!(other, id, "mode new stands as a row of its own");
}

#[tokio::test]
async fn posts_of_one_call_are_stored_all_or_none_and_in_order() {
    let fixture = Fixture::new();
    let ids = fixture.store.post(vec![local("a"), local("b"), local("c")]).await.expect("posts");
    assert!(ids.is_sorted(), "ids in the order of the posts");
    assert_eq!(fixture.titles(View::Inbox).await, ["c", "b", "a"]);
}

#[tokio::test]
async fn withdrawing_keeps_the_row_and_closes_its_popup() {
    let mut fixture = Fixture::new();
    let keyed = Incoming { key: "door".into(), ..local("someone is at the door") };
    let id = fixture.store.post(vec![keyed]).await.expect("posts")[0];
    fixture.forget_told();
    assert_eq!(fixture.store.withdraw("door").await.expect("withdraws"), 1);
    assert_eq!(fixture.told().close, [id]);
    assert_eq!(fixture.store.withdraw("door").await.expect("withdraws"), 0, "only once");
    let row = fixture.row(id).await.expect("stays");
    assert_eq!(row.retracted_at, Some(NOW));
}

#[tokio::test]
async fn control_characters_break_no_row() {
    let fixture = Fixture::new();
    let odd = Incoming {
        body: "nul \0 bell \u{7} escape \u{1b}".into(),
        tags: vec!["t\0ag \\u0000".into()],
        ..local("a\0b")
    };
    let id = fixture.store.post(vec![odd]).await.expect("posts")[0];
    let row = fixture.row(id).await.expect("is there");
    assert_eq!(row.title, "ab", "D-Bus cannot carry U+0000");
    assert_eq!(row.tags, ["tag \\u0000"], "what only looks like an escape stays");
    assert!(!row.body.contains('\0'));
    let found =
        fixture.all(Filter { text: Some("bell\0 escape".into()), ..Filter::default() }).await;
    assert_eq!(found.len(), 1);
}

#[tokio::test]
async fn an_action_marks_as_read_and_an_unknown_id_is_an_error() {
    let fixture = Fixture::new();
    let id = fixture.post("new mail").await;
    fixture.store.acted(id).await.expect("acts");
    let row = fixture.row(id).await.expect("is there");
    assert!(row.read && row.acted_at.is_some() && row.seen_at.is_some());
    assert!(fixture.store.acted(NotificationId(999)).await.is_err());
}
