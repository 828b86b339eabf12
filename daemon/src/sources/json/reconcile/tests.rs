use proptest::prelude::*;

use super::*;
use crate::model::SentAt;

const NOW: Millis = 1_800_000_000_000;
const SECOND: Millis = 1_000;
const WINDOW: Millis = 600 * SECOND;

fn row(id: u64, body: &str, sent: Millis) -> Row {
    let sent = Some(SentAt { at: sent, approximate: false, raw: String::new() });
    let incoming = Incoming {
        remote_id: Some(id.to_string()),
        body: body.to_owned(),
        sent,
        ..Incoming::default()
    };
    Row { id: id.to_string(), read: Some(false), incoming }
}

fn provisional(id: i64, body: &str, received_at: Millis) -> Provisional {
    Provisional { id: NotificationId(id), title: String::new(), body: body.to_owned(), received_at }
}

fn known(id: i64, body: &str) -> KnownRow {
    KnownRow {
        id: NotificationId(id),
        read: false,
        deleted: false,
        mark_pending: false,
        title: String::new(),
        body: body.to_owned(),
        sent_at: None,
    }
}

/// The facts of a healthy source, to be bent by a test.
#[derive(Default)]
struct Scene {
    walk: Walk,
    known: BTreeMap<String, KnownRow>,
    provisionals: Vec<Provisional>,
    unread_before: Vec<String>,
    tries: BTreeMap<NotificationId, u32>,
    first: bool,
    absent_means_read: bool,
    local_marks: bool,
}

impl Scene {
    fn listing(rows: Vec<Row>) -> Self {
        let walk = Walk { rows, coverage: Coverage::Everything, ..Walk::default() };
        Self { walk, ..Self::default() }
    }

    fn plan(&self) -> Plan {
        plan(&Facts {
            walk: &self.walk,
            marker: &Marker::default(),
            known: &self.known,
            provisionals: &self.provisionals,
            unread_before: &self.unread_before,
            tries: &self.tries,
            first: self.first,
            absent_means_read: self.absent_means_read,
            marks_are_sent: !self.local_marks,
            window: WINDOW,
            patience: 60 * SECOND,
            now: NOW,
        })
    }
}

/// The plan in short: what happens to which row.
fn told(plan: &Plan) -> Vec<String> {
    let remote = |incoming: &Incoming| incoming.remote_id.clone().unwrap_or_default();
    plan.events
        .iter()
        .map(|event| match event {
            Event::Upsert(row) => format!("{} {}", row.arrival.as_str(), remote(row)),
            Event::Confirm { id, incoming } => format!("confirm {} as {}", id.0, remote(incoming)),
            Event::Unconfirm(ids) => format!("unconfirm {ids:?}"),
            Event::DropEcho(id) => format!("drop {}", id.0),
            Event::ReadElsewhere { remote_id, read } => format!("{remote_id} read {read}"),
            Event::Retract { remote_id } => format!("retract {remote_id}"),
            Event::EndThread { .. } | Event::Unknown { .. } => {
                unreachable!("a list says nothing of threads")
            }
            Event::NewEpoch => "new epoch".to_owned(),
        })
        .collect()
}

#[test]
fn frame_is_confirmed_by_its_row_and_lost_frames_are_caught_up_oldest_first() {
    let mut scene = Scene::listing(vec![row(3, "c", NOW), row(2, "b", NOW), row(1, "a", NOW)]);
    scene.provisionals = vec![provisional(10, "b", NOW)];
    let plan = scene.plan();
    assert_eq!(told(&plan), ["catch-up 1", "confirm 10 as 2", "catch-up 3"]);
    assert_eq!(plan.unannounced.len(), 2, "frames of these two may still be on their way");
}

#[test]
fn equal_texts_are_confirmed_as_a_multiset() {
    let rows = (1..=3).rev().map(|id| row(id, "Stock bajo", NOW)).collect();
    let mut scene = Scene::listing(rows);
    scene.provisionals =
        vec![provisional(10, "Stock bajo", NOW), provisional(11, "Stock bajo", NOW)];
    assert_eq!(told(&scene.plan()), ["confirm 10 as 1", "confirm 11 as 2", "catch-up 3"]);
}

#[test]
fn history_before_the_first_connection_is_silent_yet_frames_are_confirmed() {
    let mut scene = Scene::listing(vec![row(2, "new", NOW), row(1, "old", NOW - WINDOW * 9)]);
    scene.first = true;
    scene.provisionals = vec![provisional(10, "new", NOW)];
    let plan = scene.plan();
    assert_eq!(told(&plan), ["backfill 1", "confirm 10 as 2"]);
    assert!(plan.unannounced.is_empty(), "no frame announces history");
}

#[test]
fn frame_before_its_commit_is_looked_for_again() {
    let provisionals = vec![provisional(10, "a", NOW - SECOND)];
    let scene = Scene { provisionals, ..Scene::default() };
    let plan = scene.plan();
    assert_eq!(told(&plan), [""; 0]);
    assert_eq!(plan.waiting, [(NotificationId(10), NOW - SECOND)]);
    assert_eq!(next_retry(NOW, NOW), Some(NOW + SECOND));
    assert_eq!(next_retry(NOW, NOW + SECOND), Some(NOW + 5 * SECOND));
    assert_eq!(next_retry(NOW, NOW + 5 * SECOND), Some(NOW + 30 * SECOND));
    assert_eq!(next_retry(NOW, NOW + 30 * SECOND), None, "then the periodic reconcile looks");
}

#[test]
fn echo_of_a_doubled_frame_is_dropped_only_after_a_search() {
    let mut scene = Scene::listing(vec![row(1, "a", NOW - 31 * SECOND)]);
    scene.known.insert("1".to_owned(), known(9, "a"));
    scene.provisionals = vec![provisional(10, "a", NOW - 31 * SECOND)];
    assert_eq!(told(&scene.plan()), [""; 0], "its own row may still be committed");
    scene.tries.insert(NotificationId(10), 3);
    assert_eq!(told(&scene.plan()), ["drop 10"]);
}

#[test]
fn frame_after_a_rollback_is_marked_as_unconfirmed_and_not_counted_for_ever() {
    let mut scene = Scene::default();
    scene.tries.insert(NotificationId(10), 50);
    scene.provisionals = vec![provisional(10, "a", NOW - 59 * SECOND)];
    assert_eq!(told(&scene.plan()), [""; 0], "patience is measured in time, not in questions");
    scene.provisionals = vec![provisional(10, "a", NOW - 60 * SECOND)];
    assert_eq!(told(&scene.plan()), ["unconfirm [NotificationId(10)]"]);
}

#[test]
fn read_state_moves_both_ways_unless_a_mark_of_ours_is_under_way() {
    let mut scene = Scene::listing(vec![row(2, "b", NOW), row(1, "a", NOW)]);
    scene.walk.rows[0].read = Some(true);
    scene.known.insert("1".to_owned(), KnownRow { read: true, ..known(8, "a") });
    scene.known.insert("2".to_owned(), known(9, "b"));
    assert_eq!(told(&scene.plan()), ["2 read true", "1 read false"]);
    scene
        .known
        .insert("1".to_owned(), KnownRow { read: true, mark_pending: true, ..known(8, "a") });
    assert_eq!(told(&scene.plan()), ["2 read true"], "the local read wins until the server has it");
    scene.known.insert("1".to_owned(), KnownRow { read: true, ..known(8, "a") });
    scene.local_marks = true;
    assert_eq!(
        told(&scene.plan()),
        ["2 read true"],
        "a server that is never told cannot take back"
    );
}

#[test]
fn row_missing_in_a_complete_unread_list_was_read_elsewhere() {
    let mut scene = Scene::listing(vec![row(5, "e", NOW)]);
    scene.known.insert("5".to_owned(), known(9, "e"));
    scene.unread_before = vec!["3".to_owned(), "5".to_owned()];
    assert_eq!(told(&scene.plan()), [""; 0], "other lists say nothing by leaving out");
    scene.absent_means_read = true;
    assert_eq!(told(&scene.plan()), ["3 read true"]);
    scene.walk.coverage = Coverage::Above(5);
    assert_eq!(
        told(&scene.plan()),
        [""; 0],
        "a list that was cut off says nothing about what is below"
    );
    scene.walk.coverage = Coverage::Nothing;
    assert_eq!(told(&scene.plan()), [""; 0]);
}

#[test]
fn edited_content_follows_the_server() {
    let mut scene = Scene::listing(vec![row(1, "new words", NOW)]);
    scene.known.insert("1".to_owned(), known(9, "old words"));
    let plan = scene.plan();
    assert_eq!(told(&plan), ["catch-up 1"]);
    assert!(plan.unannounced.is_empty(), "an edit is no news");
}

#[test]
fn reset_database_is_told_from_deleted_and_edited_rows() {
    let marker = Marker::default().after(&[row(9, "z", NOW)]);
    let other = Walk { rows: vec![row(2, "x", NOW), row(1, "y", NOW)], ..Walk::default() };
    let known: BTreeMap<_, _> =
        [("1".to_owned(), known(1, "a")), ("2".to_owned(), known(2, "b"))].into();
    assert!(was_reset(&other, &known, &marker), "ids start again with other texts");
    let same = Walk { rows: vec![row(2, "b", NOW), row(1, "a", NOW)], ..Walk::default() };
    assert!(!was_reset(&same, &known, &marker), "the newest rows were deleted, that is all");
    let edited = Walk {
        rows: vec![row(9, "z", NOW), row(2, "x", NOW), row(1, "y", NOW)],
        ..Walk::default()
    };
    assert!(!was_reset(&edited, &known, &marker), "the highest id did not fall");
    assert!(!was_reset(&Walk::default(), &known, &marker), "an empty list proves nothing");
}

proptest! {
    /// However frames are lost and doubled: every row of the list is stored exactly once, and no provisional row is used
    /// for two.
    #[test]
    fn every_row_is_taken_exactly_once(
        texts in proptest::collection::vec(0_u8..4, 0..30),
        frames in proptest::collection::vec((0_u8..5, -700_i64..700), 0..30),
    ) {
        let body = |text: u8| format!("text {text}");
        let mut rows: Vec<Row> =
            texts.iter().zip(1..).map(|(text, id)| row(id, &body(*text), NOW)).collect();
        rows.reverse();
        let mut scene = Scene::listing(rows);
        scene.provisionals = frames
            .iter()
            .zip(100..)
            .map(|((text, at), id)| provisional(id, &body(*text), NOW + at * SECOND))
            .collect();
        let plan = scene.plan();
        let mut stored = HashSet::new();
        let mut used = HashSet::new();
        for event in &plan.events {
            match event {
                Event::Upsert(row) => prop_assert!(stored.insert(row.remote_id.clone())),
                Event::Confirm { id, incoming } => {
                    prop_assert!(stored.insert(incoming.remote_id.clone()));
                    prop_assert!(used.insert(*id));
                }
                Event::Unconfirm(_) | Event::DropEcho(_) | Event::ReadElsewhere { .. }
                | Event::Retract { .. } | Event::EndThread { .. } | Event::Unknown { .. }
                | Event::NewEpoch => {}
            }
        }
        prop_assert_eq!(stored.len(), texts.len());
        prop_assert_eq!(used.len() + plan.waiting.len(), frames.len(), "nothing is given up at first sight");
    }
}
