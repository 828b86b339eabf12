//! Snoozing: out of the inbox until a time, and back as if it had just come.

use rusqlite::Connection;
use tidings_api::{Dict, KeyMode, Millis, StateChange, View, limits};

use super::fixture::{Fixture, NOW, local};
use crate::model::{Incoming, NotificationId};
use crate::store::{Claimed, DeliveryEnd, Retention, StoreError};

const HOUR: Millis = 60 * 60 * 1_000;
const DONE: StateChange =
    StateChange { seen: None, read: None, done: Some(true), saved: None, snoozed_until: None };

const fn until(at: Millis) -> StateChange {
    StateChange { seen: None, read: None, done: None, saved: None, snoozed_until: Some(at) }
}

async fn snooze(fixture: &Fixture, ids: &[NotificationId]) -> u64 {
    let triage = fixture.store.set_state(ids.to_vec(), until(NOW + HOUR)).await.expect("snoozes");
    assert_eq!(triage.changed, ids, "all of them are snoozed");
    triage.undo
}

/// The hour is over, and the daemon looks for what is due. Answers whose popups are shown, and when it looks again.
async fn an_hour_later(fixture: &mut Fixture) -> (Vec<NotificationId>, Option<Millis>) {
    fixture.clock.advance(HOUR);
    fixture.forget_told();
    let due = fixture.store.claim_due(false).await.expect("claims");
    let popups = fixture.committed.try_recv().map(|told| told.popups).unwrap_or_default();
    (popups.iter().map(|popup| popup.id).collect(), due.next_at)
}

/// Status, reason and wake of each delivery, in order.
async fn deliveries(fixture: &Fixture, id: NotificationId) -> Vec<(String, String, u32)> {
    let explained = fixture.store.explain(id).await.expect("answers");
    let word = |dict: &Dict, key: &str| {
        dict.get(key).and_then(|value| <&str>::try_from(value).ok()).unwrap_or("").to_owned()
    };
    let wake = |dict: &Dict| dict.get("wake").and_then(|value| u32::try_from(value).ok());
    let told = explained.iter().skip(1);
    told.map(|dict| (word(dict, "status"), word(dict, "reason"), wake(dict).unwrap_or(0))).collect()
}

#[tokio::test]
async fn snoozing_hides_closes_the_popup_and_says_when_to_look_again() {
    let mut fixture = Fixture::new();
    let id = fixture.post("later").await;
    fixture.forget_told();
    snooze(&fixture, &[id]).await;
    let told = fixture.told();
    assert_eq!((told.updated, told.close), (vec![id], vec![id]));
    assert_eq!(told.due_at, Some(NOW + HOUR), "the timer is set by the commit");
    assert!(fixture.titles(View::Inbox).await.is_empty());
    assert_eq!(fixture.titles(View::Snoozed).await, ["later"]);
    assert_eq!((fixture.store.counts().unread, fixture.store.counts().unseen), (0, 0));
}

#[tokio::test]
async fn the_time_wakes_it_unread_on_top_with_a_popup_and_its_history() {
    let mut fixture = Fixture::new();
    let id = fixture.post("later").await;
    fixture.store.set_state(vec![id], StateChange::READ).await.expect("reads");
    snooze(&fixture, &[id]).await;
    let newer = Incoming { received_at: NOW + HOUR / 2, ..local("newer") };
    fixture.store.post(vec![newer]).await.expect("posts");
    assert_eq!(an_hour_later(&mut fixture).await, (vec![id], None));
    assert_eq!(fixture.titles(View::Unread).await, ["later", "newer"], "on top");
    let row = fixture.row(id).await.expect("is there");
    assert!(row.seen_at.is_none() && row.snoozed_until.is_none());
    assert_eq!((row.first_at, row.occurrences), (NOW, 1), "it has not occurred again");
    assert_eq!(row.last_at, NOW + HOUR, "when it came to the top");
    assert_eq!(fixture.store.counts().unread, 2);
}

#[tokio::test]
async fn every_end_of_a_snooze_alerts_and_is_explained() {
    let mut fixture = Fixture::new();
    let id = fixture.post("again and again").await;
    for round in 1..=3 {
        let at = fixture.clock.now() + HOUR;
        fixture.store.set_state(vec![id], until(at)).await.expect("snoozes");
        assert_eq!(an_hour_later(&mut fixture).await.0, [id], "round {round}");
    }
    let wakes: Vec<_> = deliveries(&fixture, id).await.into_iter().map(|row| row.2).collect();
    assert_eq!(wakes, [0, 1, 2, 3], "one delivery each, of one occurrence");
}

#[tokio::test]
async fn many_at_once_are_one_summary() {
    let mut fixture = Fixture::new();
    let ids = fixture.store.post(vec![local("one of many"); 12]).await.expect("posts");
    snooze(&fixture, &ids).await;
    assert_eq!(an_hour_later(&mut fixture).await.0, [], "no popup of its own for any");
    fixture.clock.advance(60_000);
    let due = fixture.store.claim_due(false).await.expect("claims");
    let counts: Vec<_> = due.summaries.iter().map(|summary| summary.count).collect();
    assert_eq!((counts, due.popups.len()), (vec![12], 0));
}

#[tokio::test]
async fn waking_goes_in_bounded_steps_until_all_are_awake() {
    let mut fixture = Fixture::new();
    let ids = fixture.store.post(vec![local("one of many"); 1_500]).await.expect("posts");
    snooze(&fixture, &ids).await;
    let (_, next_at) = an_hour_later(&mut fixture).await;
    assert_eq!(next_at, Some(NOW + HOUR), "the rest is due at once");
    assert_eq!(fixture.store.counts().unread, 1_000);
    fixture.store.claim_due(false).await.expect("claims");
    assert_eq!(fixture.store.counts().unread, 1_500);
}

#[tokio::test]
async fn waking_by_hand_is_as_it_was_and_silent() {
    let mut fixture = Fixture::new();
    let id = fixture.post("later").await;
    fixture.store.set_state(vec![id], StateChange::READ).await.expect("reads");
    let before = fixture.row(id).await;
    for come in [0, NOW] {
        snooze(&fixture, &[id]).await;
        fixture.forget_told();
        fixture.store.set_state(vec![id], until(come)).await.expect("wakes");
        assert!(fixture.told().popups.is_empty(), "whoever woke it knows");
        assert_eq!(fixture.row(id).await, before);
    }
    assert_eq!(an_hour_later(&mut fixture).await, (vec![], None), "nothing is left to wake");
}

#[tokio::test]
async fn undo_of_a_snooze_and_of_done_restores_exactly() {
    let fixture = Fixture::new();
    let id = fixture.post("later").await;
    let before = fixture.row(id).await;
    let snoozed = snooze(&fixture, &[id]).await;
    let asleep = fixture.row(id).await;
    let done = fixture.store.set_state(vec![id], DONE).await.expect("marks");
    assert!(fixture.titles(View::Snoozed).await.is_empty(), "done ends the snooze");
    fixture.store.undo(done.undo).await.expect("undoes");
    assert_eq!(fixture.row(id).await, asleep, "snoozed again until the same time");
    fixture.store.undo(snoozed).await.expect("undoes");
    assert_eq!(fixture.row(id).await, before);
}

#[tokio::test]
async fn what_is_deleted_does_not_wake_until_it_comes_back() {
    let mut fixture = Fixture::new();
    let id = fixture.post("later").await;
    snooze(&fixture, &[id]).await;
    let deleted = fixture.store.delete(vec![id]).await.expect("deletes");
    assert_eq!(an_hour_later(&mut fixture).await, (vec![], None), "and asks for no timer");
    fixture.store.undo(deleted.undo).await.expect("undoes");
    assert_eq!(fixture.told().due_at, Some(NOW + HOUR), "its time has come meanwhile");
    fixture.store.claim_due(false).await.expect("claims");
    assert_eq!(fixture.told().popups[0].id, id);
}

#[tokio::test]
async fn a_snooze_survives_a_restart() {
    let fixture = Fixture::new();
    let id = fixture.post("later").await;
    snooze(&fixture, &[id]).await;
    let mut fixture = fixture.reopened().await;
    let due = fixture.store.claim_due(false).await.expect("claims");
    assert_eq!(due.next_at, Some(NOW + HOUR));
    assert_eq!(an_hour_later(&mut fixture).await.0, [id]);
}

#[tokio::test]
async fn a_new_occurrence_ends_the_snooze_and_alerts_itself() {
    let mut fixture = Fixture::new();
    let keyed = || Incoming { key: "disk".into(), mode: KeyMode::Update, ..local("Disk full") };
    let id = fixture.store.post(vec![keyed()]).await.expect("posts")[0];
    snooze(&fixture, &[id]).await;
    fixture.forget_told();
    fixture.store.post(vec![keyed()]).await.expect("posts");
    assert_eq!(fixture.told().popups[0].id, id);
    assert_eq!(an_hour_later(&mut fixture).await, (vec![], None), "told already");
}

#[tokio::test]
async fn undo_does_not_hide_what_occurred_since() {
    let fixture = Fixture::new();
    let keyed = || Incoming { key: "disk".into(), mode: KeyMode::Update, ..local("Disk full") };
    let id = fixture.store.post(vec![keyed()]).await.expect("posts")[0];
    fixture.store.set_state(vec![id], DONE).await.expect("marks");
    let back = StateChange { done: Some(false), ..StateChange::default() };
    let back = fixture.store.set_state(vec![id], back).await.expect("marks");
    fixture.store.post(vec![keyed()]).await.expect("posts");
    assert_eq!(fixture.store.undo(back.undo).await, Ok(0), "it would be done again, unread");
    assert_eq!(fixture.titles(View::Unread).await, ["Disk full"]);
}

#[tokio::test]
async fn undo_takes_back_what_hides_nothing_of_what_occurred_since() {
    let fixture = Fixture::new();
    let keyed = || Incoming { key: "disk".into(), mode: KeyMode::Update, ..local("Disk full") };
    let id = fixture.store.post(vec![keyed()]).await.expect("posts")[0];
    let save = StateChange { saved: Some(true), ..StateChange::default() };
    fixture.store.set_state(vec![id], save).await.expect("saves");
    let forget = StateChange { saved: Some(false), ..StateChange::default() };
    let forgotten = fixture.store.set_state(vec![id], forget).await.expect("marks");
    fixture.store.post(vec![keyed()]).await.expect("posts");
    assert_eq!(fixture.store.undo(forgotten.undo).await, Ok(1), "retention must not take it");
    assert_eq!(fixture.titles(View::Saved).await, ["Disk full"]);
    assert_eq!(fixture.titles(View::Unread).await, ["Disk full"], "it is still news");
}

#[tokio::test]
async fn what_waits_for_the_popup_server_waits_no_longer_once_it_is_snoozed() {
    let mut fixture = Fixture::new();
    let id = fixture.post("nobody shows popups").await;
    let delivery = fixture.told().popups[0].delivery_id;
    let retry = vec![(Claimed::Popup(delivery), DeliveryEnd::Retry(NOW + 1))];
    fixture.store.record(retry).await.expect("records");
    snooze(&fixture, &[id]).await;
    let due = fixture.store.claim_due(true).await.expect("claims");
    assert!(due.popups.is_empty(), "it sleeps");
    assert_eq!(an_hour_later(&mut fixture).await.0, [id]);
    let told = deliveries(&fixture, id).await;
    assert_eq!(told[0], ("SUPPRESSED".into(), "snoozed".into(), 0));
    assert_eq!(told[1], ("SENDING".into(), String::new(), 1));
}

#[tokio::test]
async fn what_was_kept_from_the_desktop_or_taken_back_wakes_silently() {
    let mut fixture = Fixture::new();
    let stored = Incoming { targets: Some(vec![]), ..local("stored only") };
    let keyed = Incoming { key: "over".into(), ..local("taken back") };
    let ids = fixture.store.post(vec![stored, keyed]).await.expect("posts");
    snooze(&fixture, &ids).await;
    fixture.store.withdraw("over").await.expect("withdraws");
    assert_eq!(an_hour_later(&mut fixture).await.0, []);
    assert_eq!(fixture.titles(View::Unread).await.len(), 2, "the rows wake all the same");
    let told = deliveries(&fixture, ids[0]).await;
    assert_eq!(told[1], ("SUPPRESSED".into(), "not-targeted".into(), 1));
}

#[tokio::test]
async fn more_than_ten_years_are_refused() {
    let fixture = Fixture::new();
    let id = fixture.post("later").await;
    let all = tidings_api::Filter::default();
    for at in [NOW + limits::SNOOZE + 1, Millis::MAX] {
        let error = fixture.store.set_state(vec![id], until(at)).await.expect_err("is refused");
        assert!(matches!(&error, StoreError::Invalid(words) if words.contains("ten years")));
        let error = fixture.store.set_state_where(all.clone(), id, until(at)).await;
        assert!(matches!(error, Err(StoreError::Invalid(_))), "{error:?}");
    }
    let longest = until(NOW + limits::SNOOZE);
    assert_eq!(fixture.store.set_state(vec![id], longest).await.expect("snoozes").count, 1);
}

#[tokio::test]
async fn retention_lets_the_snoozed_sleep_and_forgets_no_more_for_it() {
    let mut fixture = Fixture::new();
    let asleep = fixture.post("asleep").await;
    snooze(&fixture, &[asleep]).await;
    fixture.post("older").await;
    fixture.post("newest").await;
    let keep = async |fixture: &Fixture, max_age, max_count| {
        let retention = Retention { max_age, max_count };
        while fixture.store.retain(retention).await.expect("retains") {}
    };
    keep(&fixture, None, Some(1)).await;
    assert_eq!(fixture.titles(View::All).await, ["newest", "asleep"], "it does not count either");
    fixture.clock.advance(HOUR / 2);
    keep(&fixture, Some(1), None).await;
    assert_eq!(fixture.titles(View::All).await, ["asleep"]);
    an_hour_later(&mut fixture).await;
    keep(&fixture, Some(HOUR), None).await;
    assert_eq!(fixture.titles(View::Unread).await, ["asleep"], "its age counts from its waking");
}

#[tokio::test]
async fn deliveries_of_an_older_version_are_kept() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("inbox.db");
    let old = Connection::open(&path).expect("opens");
    old.execute_batch(include_str!("../migrations/0001_inbox.sql")).expect("the first version");
    old.execute_batch(
        "INSERT INTO source (id, name, kind, syncs_read_state) VALUES (1, 'local', 'local', 0);
         INSERT INTO notification (id, source_id, epoch, confirmation, arrival, remote_read,
             occurrences, first_at, last_at, received_at, sent_at_approximate, sent_at_raw, urgency,
             transient, key, topic, app, title, icon, actor, verb, action_object, activity_target,
             posted_by, poster, url, tags, actions, body, data)
         VALUES (1, 1, 0, 'confirmed', 'live', 0, 2, 1, 1, 1, 0, '', 1, 0, '', '', '', 'old', '', '',
             '', '', '', '', '', '', '', '', '', '');
         INSERT INTO delivery (id, notification_id, occurrence, target, grouping, status, reason,
             scheduled_delivery) VALUES (7, 1, 2, 'desktop', 'single', 'SUPPRESSED', 'read', 5);
         PRAGMA user_version = 1;",
    )
    .expect("a row and its delivery");
    let fresh = Fixture::new();
    let ours = Connection::open(fresh.folder.path().join("inbox.db")).expect("opens");
    let application: i64 =
        ours.pragma_query_value(None, "application_id", |row| row.get(0)).expect("reads");
    old.pragma_update(None, "application_id", application).expect("writes");
    drop(old);
    let fixture = Fixture::of(folder);
    let told = deliveries(&fixture, NotificationId(1)).await;
    assert_eq!(told, [("SUPPRESSED".to_owned(), "read".to_owned(), 0)]);
}
