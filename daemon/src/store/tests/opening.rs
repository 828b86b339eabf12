use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rusqlite::Connection;
use tidings_api::View;

use super::fixture::{Fixture, NOW};
use crate::clock::Clock;
use crate::dispatch::admission::Admission;
use crate::store::open::SCHEMA;
use crate::store::{OpenError, Store, StoreError};

fn open(path: &Path) -> Result<(), OpenError> {
    Store::open(path, Clock::steered(NOW), Admission::default()).map(drop)
}

/// Every byte of the database and its log.
fn bytes(path: &Path) -> (Vec<u8>, Option<Vec<u8>>) {
    let wal = path.with_extension("db-wal");
    (fs::read(path).expect("reads"), fs::read(wal).ok())
}

fn refused_untouched(path: &Path) -> OpenError {
    let before = bytes(path);
    let error = open(path).expect_err("is refused");
    assert!(bytes(path) == before, "every byte stays: {error}");
    error
}

#[tokio::test]
async fn files_and_their_folder_are_private() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("share/tidings/inbox.db");
    let (store, _committed) =
        Store::open(&path, Clock::steered(NOW), Admission::default()).expect("opens");
    let mode = |path: &Path| fs::metadata(path).expect("is there").permissions().mode() & 0o777;
    assert_eq!(mode(path.parent().expect("has a parent")), 0o700);
    for suffix in ["db", "db-wal", "db-shm", "db.lock"] {
        assert_eq!(mode(&path.with_extension(suffix)), 0o600, "{suffix}");
    }
    store.close().await;
}

#[tokio::test]
async fn a_second_opener_is_told_who_has_it_until_it_is_closed() {
    let fixture = Fixture::new();
    let path = fixture.folder.path().join("inbox.db");
    let error = open(&path).expect_err("one daemon only");
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    let fixture = fixture.reopened().await;
    assert!(fixture.titles(View::All).await.is_empty(), "works after the first one is gone");
}

#[tokio::test]
async fn rows_counters_and_the_revision_survive_a_restart() {
    let fixture = Fixture::new();
    fixture.post("kept").await;
    let before = fixture.store.counts();
    let fixture = fixture.reopened().await;
    assert_eq!(fixture.store.counts(), before, "the revision never goes back");
    assert_eq!(fixture.titles(View::Inbox).await, ["kept"]);
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let fixture = Fixture::new();
    let clone = fixture.store.clone();
    fixture.store.close().await;
    assert_eq!(clone.withdraw("key").await, Err(StoreError::Closed));
    assert_eq!(clone.poster(crate::model::NotificationId(1)).await, Err(StoreError::Closed));
}

#[test]
fn what_is_no_database_is_refused_untouched() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("inbox.db");
    for content in ["short", "a text that is somewhat longer than the header of a database"] {
        fs::write(&path, content).expect("writes");
        let error = refused_untouched(&path);
        assert!(matches!(error, OpenError::Corrupt { .. }), "{error}");
    }
}

#[test]
fn the_database_of_another_program_is_refused_untouched() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("inbox.db");
    let other = Connection::open(&path).expect("opens");
    other.execute_batch("CREATE TABLE bookmark (url TEXT)").expect("creates");
    drop(other);
    let error = refused_untouched(&path);
    assert!(error.to_string().contains("another program"), "{error}");
}

#[tokio::test]
async fn a_newer_database_is_refused_untouched_with_its_log() {
    let fixture = Fixture::new();
    fixture.post("from the future").await;
    let path = fixture.folder.path().join("inbox.db");
    fixture.store.close().await;
    // The version is in the log alone, as after a crash.
    let newer = Connection::open(&path).expect("opens");
    newer.pragma_update(None, "user_version", 99).expect("writes");
    let copy = tempfile::tempdir().expect("a temporary folder");
    for suffix in ["db", "db-wal"] {
        let from = path.with_extension(suffix);
        fs::copy(from, copy.path().join("inbox").with_extension(suffix)).expect("copies");
    }
    let error = refused_untouched(&copy.path().join("inbox.db"));
    assert!(matches!(error, OpenError::Newer { found: 99, known: SCHEMA, .. }), "{error}");
}

#[tokio::test]
async fn damage_is_found_after_a_crash_and_nothing_is_touched() {
    let fixture = Fixture::new();
    for n in 0..200 {
        fixture.post(&format!("a row to fill some pages, number {n}")).await;
    }
    let path = fixture.folder.path().join("inbox.db");
    fixture.store.close().await;
    let conn = Connection::open(&path).expect("opens");
    conn.execute("UPDATE inbox SET closed_cleanly = 0", []).expect("as after a crash");
    conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).expect("checkpoints");
    drop(conn);
    let mut content = fs::read(&path).expect("reads");
    let middle = content.len() / 2 / 4096 * 4096;
    content[middle..middle + 8 * 4096].fill(0xA5);
    fs::write(&path, content).expect("writes");
    let error = refused_untouched(&path);
    assert!(matches!(error, OpenError::Corrupt { .. }), "{error}");
}

#[tokio::test]
async fn a_crash_is_no_damage() {
    let fixture = Fixture::new();
    fixture.post("kept").await;
    // What a killed daemon leaves behind: the file and its log, without a close.
    let copy = tempfile::tempdir().expect("a temporary folder");
    for suffix in ["db", "db-wal"] {
        let from = fixture.folder.path().join("inbox").with_extension(suffix);
        fs::copy(from, copy.path().join("inbox").with_extension(suffix)).expect("copies");
    }
    let path = copy.path().join("inbox.db");
    let (store, _committed) =
        Store::open(&path, Clock::steered(NOW), Admission::default()).expect("opens");
    assert_eq!(store.counts().unread, 1);
    let explained = store.explain(crate::model::NotificationId(1)).await.expect("answers");
    let status = |n: usize, key: &str| {
        explained[n].get(key).and_then(|value| <&str>::try_from(value).ok()).map(str::to_owned)
    };
    assert_eq!(status(1, "status").as_deref(), Some("SUPPRESSED"));
    assert_eq!(status(1, "reason").as_deref(), Some("in-doubt"), "it might have been shown");
    store.close().await;
}

#[tokio::test]
async fn the_file_can_shrink_and_foreign_keys_hold() {
    let fixture = Fixture::new();
    let path = fixture.folder.path().join("inbox.db");
    fixture.post("a").await;
    fixture.store.close().await;
    let conn = Connection::open(&path).expect("opens");
    let figure = |sql: &str| conn.query_row(sql, [], |row| row.get::<_, i64>(0)).expect("answers");
    assert_eq!(figure("PRAGMA auto_vacuum"), 2, "incremental");
    assert_eq!(figure("SELECT count(*) FROM pragma_foreign_key_check"), 0);
    assert_eq!(figure("SELECT closed_cleanly FROM inbox"), 1);
}
