use tidings_api::{Filter, StateChange, View};

use super::fixture::{Fixture, NOW, local};
use crate::model::NotificationId;
use crate::store::StoreError;

const EVERYTHING: NotificationId = NotificationId(i64::MAX);
const DONE: StateChange =
    StateChange { seen: None, read: None, done: Some(true), saved: None, snoozed_until: None };

fn unread() -> Filter {
    Filter { view: View::Unread, ..Filter::default() }
}

#[tokio::test]
async fn only_what_really_changed_is_answered_and_told() {
    let mut fixture = Fixture::new();
    let (a, b) = (fixture.post("a").await, fixture.post("b").await);
    fixture.store.set_state(vec![a], StateChange::READ).await.expect("marks");
    fixture.forget_told();
    let ids = vec![a, b, NotificationId(999)];
    let triage = fixture.store.set_state(ids.clone(), StateChange::READ).await.expect("marks");
    assert_eq!((triage.changed, triage.count), (vec![b], 1));
    let told = fixture.told();
    assert_eq!((told.updated, told.close), (vec![b], vec![b]));
    let again = fixture.store.set_state(ids, StateChange::READ).await.expect("marks");
    assert_eq!((again.count, again.undo), (0, 0), "there is nothing to take back");
    assert!(fixture.nothing_told());
}

#[tokio::test]
async fn mark_all_stops_at_what_the_caller_has_seen_and_is_undone_exactly() {
    let fixture = Fixture::new();
    let ids = [fixture.post("a").await, fixture.post("b").await, fixture.post("c").await];
    fixture.store.set_state(vec![ids[0]], StateChange::SEEN).await.expect("marks");
    let late = fixture.post("came after the list was drawn").await;
    let before = fixture.all(Filter::default()).await;
    fixture.clock.advance(1_000);
    let triage =
        fixture.store.set_state_where(unread(), ids[2], StateChange::READ).await.expect("marks");
    assert_eq!((triage.count, triage.changed.len()), (3, 0));
    assert_eq!(fixture.store.counts().unread, 1);
    assert!(!fixture.row(late).await.expect("is there").read, "not seen, not marked");
    assert_eq!(fixture.store.undo(triage.undo).await, Ok(3));
    assert_eq!(fixture.all(Filter::default()).await, before, "every facet as it was");
    let error = fixture.store.undo(triage.undo).await.expect_err("only once");
    assert!(matches!(error, StoreError::Invalid(_)), "{error}");
}

#[tokio::test]
async fn bulk_calls_cross_their_steps() {
    let fixture = Fixture::new();
    let count = 5_003;
    fixture.store.post((0..count).map(|n| local(&n.to_string())).collect()).await.expect("posts");
    let triage = fixture.store.set_state_where(unread(), EVERYTHING, DONE).await.expect("marks");
    assert_eq!(triage.count, count);
    assert_eq!(fixture.store.counts().unread, 0);
    assert_eq!(fixture.store.undo(triage.undo).await, Ok(count), "one token for all steps");
    assert_eq!(fixture.store.counts().unread, count);
}

#[tokio::test]
async fn undo_leaves_what_the_call_did_not_change() {
    let fixture = Fixture::new();
    let id = fixture.post("a").await;
    let triage = fixture.store.set_state(vec![id], DONE).await.expect("marks");
    fixture.store.set_state(vec![id], StateChange::READ).await.expect("marks");
    fixture.store.undo(triage.undo).await.expect("undoes");
    let row = fixture.row(id).await.expect("is there");
    assert!(row.done_at.is_none() && row.read, "done is taken back, read is not");
}

#[tokio::test]
async fn delete_and_undo_are_told_as_going_and_coming() {
    let mut fixture = Fixture::new();
    let id = fixture.post("a").await;
    fixture.forget_told();
    let triage = fixture.store.delete(vec![id]).await.expect("deletes");
    let told = fixture.told();
    assert_eq!((told.removed, told.close), (vec![id], vec![id]));
    assert_eq!(fixture.row(id).await, None);
    assert_eq!(fixture.store.undo(triage.undo).await, Ok(1));
    assert_eq!(fixture.told().added, [id]);
    assert_eq!(fixture.titles(View::Unread).await, ["a"]);
}

#[tokio::test]
async fn delete_older_than_is_one_call() {
    let fixture = Fixture::new();
    fixture.store.post(vec![local("old")]).await.expect("posts");
    let mut new = local("new");
    new.received_at = NOW + 10;
    fixture.store.post(vec![new]).await.expect("posts");
    let older = Filter { view: View::All, until: Some(NOW + 10), ..Filter::default() };
    let triage = fixture.store.delete_where(older, EVERYTHING).await.expect("deletes");
    assert_eq!(triage.count, 1);
    assert_eq!(fixture.titles(View::All).await, ["new"]);
}

#[tokio::test]
async fn the_newest_hundred_calls_can_be_taken_back() {
    let fixture = Fixture::new();
    let id = fixture.post("a").await;
    let mut tokens = Vec::new();
    for round in 0..51 {
        for saved in [true, false] {
            let change = StateChange { saved: Some(saved), ..StateChange::default() };
            let triage = fixture.store.set_state(vec![id], change).await.expect("marks");
            assert_ne!(triage.undo, 0, "round {round}");
            tokens.push(triage.undo);
        }
    }
    assert!(fixture.store.undo(tokens[0]).await.is_err(), "too old");
    assert!(fixture.store.undo(tokens[2]).await.is_ok(), "the hundredth");
    assert!(fixture.store.undo(u64::MAX).await.is_err());
}
