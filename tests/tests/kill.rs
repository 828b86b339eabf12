//! Fifty power cuts while five thousand notifications arrive: each is there exactly once, and shown at most once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use tidings_api::{Error, KeyMode, Notification, Post, Post1Proxy, names};
use tidings_tests::config::{self, SOURCE};
use tidings_tests::faulty_server::FaultyServer;
use tidings_tests::session::Session;
use tidings_tests::wait::until;
use tokio::sync::Semaphore;

const KILLS: usize = 50;
const EACH: usize = 2_500;
const A_ROUND: usize = EACH / KILLS;
const POSTERS: usize = 8;

#[tokio::test]
async fn kills_at_random_points_lose_nothing_and_repeat_nothing() -> Result<()> {
    let seed = match std::env::var("TIDINGS_TEST_SEED") {
        Ok(seed) => seed.parse()?,
        Err(_) => rand::random(),
    };
    run(seed).await.with_context(|| format!("repeat with TIDINGS_TEST_SEED={seed}"))
}

async fn run(seed: u64) -> Result<()> {
    let mut random = StdRng::seed_from_u64(seed);
    let server = FaultyServer::start().await?;
    let session = Session::start().await?;
    let text = config::faulty(&session, &server)?;
    session.configure(&format!("{text}sync.backfill_rows = {EACH}\n"))?;

    // Local posts are let out round by round, so that every round has some on their way.
    let released = Semaphore::new(0);
    let posted = AtomicUsize::new(0);
    let storm = async {
        for round in 0..KILLS {
            let daemon = session.daemon().await?;
            released.add_permits(A_ROUND);
            let pause = Duration::from_micros(random.random_range(0..300_000));
            let step = pause / u32::try_from(A_ROUND)?;
            for n in 0..A_ROUND {
                server.notify(&remote_text(round * A_ROUND + n));
                tokio::time::sleep(step).await;
            }
            daemon.kill().await?;
        }
        session.daemon().await
    };
    let (daemon, posters) = tokio::join!(storm, post_all(&session, &released, &posted));
    let daemon = daemon?;
    posters?;

    let complete = |rows: &[Notification]| {
        rows.len() == EACH && rows.iter().all(|row| row.remote_id.is_some())
    };
    let deadline = Duration::from_secs(60);
    let remote = daemon.wait_for_rows(SOURCE, "every remote row once", deadline, complete).await?;
    let local = daemon.rows(names::LOCAL_SOURCE).await?;
    assert_once(&remote, remote_text, "remote")?;
    assert_once(&local, local_text, "local")?;

    // What waited for its summary is shown now; then every popup is there.
    until("the popups to come to rest", Duration::from_secs(30), async || {
        let before = session.popups.calls().len();
        tokio::time::sleep(Duration::from_secs(1)).await;
        (session.popups.calls().len() == before).then_some(())
    })
    .await?;
    let mut shown: BTreeMap<String, usize> = BTreeMap::new();
    for popup in session.popups.shown() {
        *shown.entry(popup.summary).or_default() += 1;
        *shown.entry(popup.body).or_default() += 1;
    }
    for n in 0..EACH {
        for text in [remote_text(n), local_text(n)] {
            let times = shown.get(&text).copied().unwrap_or_default();
            ensure!(times <= 1, "\"{text}\" popped up {times} times");
        }
    }
    Ok(())
}

fn remote_text(n: usize) -> String {
    format!("remota {n};")
}

fn local_text(n: usize) -> String {
    format!("local {n};")
}

/// Posts everything, each again and again until an answer came: whether an unanswered one was stored is unknown,
/// and its key makes the repetition harmless.
async fn post_all(session: &Session, released: &Semaphore, posted: &AtomicUsize) -> Result<()> {
    let mut posters: FuturesUnordered<_> = (0..POSTERS)
        .map(|_| async {
            let connection = session.connect().await?;
            let post1 = Post1Proxy::new(&connection).await?;
            loop {
                let n = posted.fetch_add(1, Ordering::SeqCst);
                if n >= EACH {
                    return anyhow::Ok(());
                }
                released.acquire().await?.forget();
                post_until_answered(&post1, n).await?;
            }
        })
        .collect();
    while let Some(done) = posters.next().await {
        done?;
    }
    Ok(())
}

async fn post_until_answered(post1: &Post1Proxy<'_>, n: usize) -> Result<()> {
    let options = Post { key: format!("key-{n}"), mode: KeyMode::Silent, ..Post::default() };
    loop {
        match post1.post(&local_text(n), "", options.to_options()).await.map_err(Error::from) {
            Ok(_) => return Ok(()),
            // The daemon is dead, dying, or asks for a pause.
            Err(Error::Unavailable(_) | Error::RateLimited(_)) => {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn assert_once(rows: &[Notification], text: fn(usize) -> String, what: &str) -> Result<()> {
    let texts: BTreeSet<String> = rows
        .iter()
        .map(|row| if row.body.is_empty() { &row.title } else { &row.body })
        .cloned()
        .collect();
    let missing: Vec<String> = (0..EACH).map(text).filter(|text| !texts.contains(text)).collect();
    ensure!(missing.is_empty(), "{what}: lost {missing:?}");
    ensure!(rows.len() == EACH, "{what}: {} rows for {EACH} notifications", rows.len());
    Ok(())
}
