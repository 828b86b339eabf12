//! Fifty power cuts while five thousand notifications arrive: each is there exactly once, and shown at most once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
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

const KILLS: u32 = 50;
const EACH: u32 = 2_500;
const A_ROUND: u32 = EACH / KILLS;
const POSTERS: usize = 8;

/// How far the posters are.
#[derive(Debug, Default)]
struct Progress {
    /// Taken up so far.
    posted: AtomicU32,
    /// Calls whose outcome a kill left unknown.
    cut_off: AtomicU32,
}

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

    // Local posts are let out one by one, so that at every moment some are on their way.
    let released = Semaphore::new(0);
    let progress = Progress::default();
    let storm = async {
        for round in 0..KILLS {
            let mut daemon = Some(session.daemon().await?);
            let step = Duration::from_micros(random.random_range(0..300_000)) / A_ROUND;
            let last = random.random_range(0..A_ROUND);
            for n in 0..A_ROUND {
                if n == last
                    && let Some(daemon) = daemon.take()
                {
                    daemon.kill().await?;
                }
                // What comes after the kill comes while nobody listens.
                server.notify(&remote_text(round * A_ROUND + n));
                released.add_permits(1);
                tokio::time::sleep(step).await;
            }
        }
        session.daemon().await
    };
    let (daemon, posters) = tokio::join!(storm, post_all(&session, &released, &progress));
    let daemon = daemon?;
    posters?;
    let cut_off = progress.cut_off.load(Ordering::SeqCst);
    ensure!(cut_off > 0, "no kill met a post on its way: this run has proved nothing");

    let complete = |rows: &[Notification]| {
        rows.len() == EACH as usize && rows.iter().all(|row| row.remote_id.is_some())
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

fn remote_text(n: u32) -> String {
    format!("remota {n};")
}

fn local_text(n: u32) -> String {
    format!("local {n};")
}

/// Posts everything, each again and again until an answer came: whether an unanswered one was stored is unknown,
/// and its key makes the repetition harmless.
async fn post_all(session: &Session, released: &Semaphore, progress: &Progress) -> Result<()> {
    let mut posters: FuturesUnordered<_> = (0..POSTERS)
        .map(|_| async {
            let connection = session.connect().await?;
            let post1 = Post1Proxy::new(&connection).await?;
            loop {
                let n = progress.posted.fetch_add(1, Ordering::SeqCst);
                if n >= EACH {
                    return anyhow::Ok(());
                }
                released.acquire().await?.forget();
                post_until_answered(&post1, n, &progress.cut_off).await?;
            }
        })
        .collect();
    while let Some(done) = posters.next().await {
        done?;
    }
    Ok(())
}

async fn post_until_answered(post1: &Post1Proxy<'_>, n: u32, cut_off: &AtomicU32) -> Result<()> {
    let options = Post { key: format!("key-{n}"), mode: KeyMode::Silent, ..Post::default() };
    loop {
        match post1.post(&local_text(n), "", options.to_options()).await.map_err(Error::from) {
            Ok(_) => return Ok(()),
            // The daemon is dead, dying, or asks for a pause.
            Err(Error::Unavailable(why) | Error::RateLimited(why)) => {
                // The bus says so when it had passed the call on.
                let on_its_way = why.contains("NoReply");
                cut_off.fetch_add(u32::from(on_its_way), Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

fn assert_once(rows: &[Notification], text: fn(u32) -> String, what: &str) -> Result<()> {
    let texts: BTreeSet<String> = rows
        .iter()
        .map(|row| if row.body.is_empty() { &row.title } else { &row.body })
        .cloned()
        .collect();
    let missing: Vec<String> = (0..EACH).map(text).filter(|text| !texts.contains(text)).collect();
    ensure!(missing.is_empty(), "{what}: lost {missing:?}");
    ensure!(rows.len() == EACH as usize, "{what}: {} rows for {EACH} notifications", rows.len());
    Ok(())
}
