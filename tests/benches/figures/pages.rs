//! Reading an inbox of a million rows: in the store, and through D-Bus.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Result;
use rusqlite::config::DbConfig;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};
use tidings_api::{Filter, View};
use tidings_daemon::clock::Clock;
use tidings_daemon::dispatch::admission::Admission;
use tidings_daemon::model::{Arrival, Batch, Event, Incoming, Marking};
use tidings_daemon::store::Store;
use tidings_tests::session::Session;

use crate::report::{Report, median, micros};

const ROWS: usize = 1_000_000;
const BATCH: usize = 1_000;
const ROUNDS: usize = 1_000;

/// What a row of a list has.
const COLUMNS: &str = "id, source_id, topic, key, app, title, body, urgency, url, icon, actor, verb, \
    action_object, activity_target, tags, actions, progress, data, sent_at, sent_at_approximate, received_at, first_at, \
    last_at, occurrences, remote_id, confirmation, seen_at, read_at, done_at, saved_at, snoozed_until, acted_at, \
    retracted_at, expires_at, posted_by";

pub(crate) async fn measure(report: &mut Report) -> Result<()> {
    let session = Session::without_popup_server().await?;
    fill(&session.database(), report).await?;
    in_the_store(&session.database(), report).await?;
    through_the_bus(&session, report).await
}

async fn open(path: &Path) -> Result<Store> {
    let (store, mut commits) = Store::open(path, Clock::System, Admission::default())?;
    tokio::spawn(async move { while commits.recv().await.is_some() {} });
    Ok(store)
}

/// A million rows as a server's history brings them: four sources' worth of words, one in ten unread.
async fn fill(path: &Path, report: &mut Report) -> Result<()> {
    let store = open(path).await?;
    let source = store.register_source("bench", "json", Marking::Nothing, "").await?;
    let started_at = Clock::System.now() - 1_000_000_000;
    let started = Instant::now();
    for start in (0..ROWS).step_by(BATCH) {
        let events =
            (start..start + BATCH).map(|number| Event::Upsert(Box::new(row(number, started_at))));
        let batch = Batch { events: events.collect(), ..Batch::default() };
        store.ingest(source.id, batch).await?;
    }
    let rate = ROWS as f64 / started.elapsed().as_secs_f64();
    report.row("backfill of 1,000,000 rows", format!("{rate:.0} rows a second"), "-", "-", true);
    store.close().await;
    Ok(())
}

fn row(number: usize, started_at: i64) -> Incoming {
    const WORDS: [&str; 8] =
        ["backup", "deploy", "order", "invoice", "doorbell", "build", "message", "alert"];
    let word = WORDS[number % WORDS.len()];
    Incoming {
        remote_id: Some(number.to_string()),
        arrival: Arrival::Backfill,
        topic: format!("topic {}", number % 50),
        title: format!("{word} {number}"),
        body: format!("The {word} number {number} is done, and nobody has to do anything."),
        actor: "maria".into(),
        received_at: started_at + i64::try_from(number).unwrap_or_default(),
        read: Some(!number.is_multiple_of(10)),
        ..Incoming::default()
    }
}

async fn in_the_store(path: &Path, report: &mut Report) -> Result<()> {
    let store = open(path).await?;
    let all = Filter { view: View::All, ..Filter::default() };
    let first = timed(async || {
        store.list(all.clone(), String::new(), 50).await?;
        Ok(())
    })
    .await?;
    let one = timed(async || {
        store.list(all.clone(), String::new(), 1).await?;
        Ok(())
    })
    .await?;
    let bare = bare_loop(path)?;
    let cursor = store.list(all.clone(), String::new(), 500).await?.next;
    let second = timed(async || {
        store.list(all.clone(), cursor.clone(), 50).await?;
        Ok(())
    })
    .await?;
    let search = Filter { text: Some("invoice nob".into()), ..all.clone() };
    let found = timed(async || {
        store.list(search.clone(), String::new(), 50).await?;
        Ok(())
    })
    .await?;
    let count = timed(async || {
        std::hint::black_box(store.counts());
        Ok(())
    })
    .await?;
    let limit = Duration::from_micros(100);
    report.row(
        "first page of 50 at 1,000,000 rows, store",
        micros(first),
        format!(
            "SQLite alone, each value looked at and none kept: {}; a page of one row: {}",
            micros(bare),
            micros(one)
        ),
        "under 100 µs",
        first < limit,
    );
    report.row("a page further down, store", micros(second), "-", "-", true);
    report.row("search, two words, newest 50, store", micros(found), "-", "-", true);
    let quick = count < Duration::from_micros(20);
    report.row("unread count, store", micros(count), "-", "under 20 µs", quick);
    store.close().await;
    Ok(())
}

/// The same rows from the same file: what SQLite itself needs for them, without a thread, a type or an allocation.
fn bare_loop(path: &Path) -> Result<Duration> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(path, flags)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    let mut statement = conn.prepare(&format!(
        "SELECT {COLUMNS} FROM notification INDEXED BY notification_all
         WHERE deleted_at IS NULL ORDER BY last_at DESC, id DESC LIMIT ?"
    ))?;
    let columns = statement.column_count();
    let mut samples = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let started = Instant::now();
        let mut rows = statement.query([50])?;
        let mut texts = 0;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                texts += usize::from(matches!(row.get_ref(column)?, ValueRef::Text(_)));
            }
        }
        std::hint::black_box(texts);
        drop(rows);
        samples.push(started.elapsed());
    }
    Ok(median(&mut samples))
}

async fn through_the_bus(session: &Session, report: &mut Report) -> Result<()> {
    let daemon = session.daemon().await?;
    let inbox = daemon.inbox().await?;
    let all = || Filter { view: View::All, ..Filter::default() }.to_dict();
    let page = timed(async || {
        inbox.list(all(), "", 50).await?;
        Ok(())
    })
    .await?;
    let bare = timed(async || {
        inbox.get(&[]).await?;
        Ok(())
    })
    .await?;
    let beside = format!("an empty call: {}", micros(bare));
    let kept = page < Duration::from_millis(2);
    report.row(
        "first page of 50 at 1,000,000 rows, D-Bus",
        micros(page),
        beside,
        "under 2 ms",
        kept,
    );
    let count = timed(async || {
        inbox.unread_count().await?;
        Ok(())
    })
    .await?;
    report.row("unread count, D-Bus", micros(count), "-", "-", true);
    Ok(())
}

async fn timed(call: impl AsyncFn() -> Result<()>) -> Result<Duration> {
    let mut samples = Vec::with_capacity(ROUNDS);
    for _ in 0..ROUNDS {
        let started = Instant::now();
        call().await?;
        samples.push(started.elapsed());
    }
    Ok(median(&mut samples))
}
