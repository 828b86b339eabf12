//! Durable posts through D-Bus beside the same store driven directly.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Result, ensure};
use tidings_api::Filter;
use tidings_daemon::clock::Clock;
use tidings_daemon::dispatch::admission::Admission;
use tidings_daemon::dispatch::rules::PopupRules;
use tidings_daemon::model::Incoming;
use tidings_daemon::store::Store;
use tidings_tests::session::Session;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::report::Report;
use crate::wire::{self, Wire};

const POSTS: usize = 20_000;
const IN_FLIGHT: usize = 64;
const BODY: &str = "42 GiB in 7 minutes";

pub(crate) async fn measure(report: &mut Report) -> Result<()> {
    let (mut bus, mut direct) = (0.0_f64, 0.0_f64);
    // The best of three each: what else the machine does only ever slows down.
    for _ in 0..3 {
        direct = direct.max(directly().await?);
        bus = bus.max(through_the_bus().await?);
    }
    let ratio = bus / direct;
    report.row(
        "durable Post, 64 in flight",
        format!("{bus:.0} a second"),
        format!("the same store without D-Bus: {direct:.0} a second; ratio {ratio:.2}"),
        "at least 0.70 of the store",
        ratio >= 0.7,
    );
    Ok(())
}

async fn through_the_bus() -> Result<f64> {
    // The figure is about storing: popups are off, here as in the store beside it.
    let session = Session::without_popup_server().await?;
    session.configure("[desktop]\npopups = false\n")?;
    let daemon = session.daemon().await?;
    let calls = (0..POSTS)
        .map(|number| wire::post(&title(number), BODY))
        .collect::<Result<Vec<Vec<u8>>>>()?;
    let mut caller = Wire::connect(session.bus_address()).await?;
    let started = Instant::now();
    caller.call(&calls, IN_FLIGHT).await?;
    let rate = a_second(started);
    let stored = daemon.inbox().await?.count(vec![Filter::default().to_dict()]).await?;
    ensure!(stored == [u32::try_from(POSTS)?], "stored {stored:?} of {POSTS} posts");
    Ok(rate)
}

async fn directly() -> Result<f64> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("inbox.db");
    let rules = PopupRules { popups: false, ..PopupRules::default() };
    let admission = Admission::new(watch::channel(Arc::new(rules)).1);
    let (store, mut commits) = Store::open(&path, Clock::System, admission)?;
    let drained = tokio::spawn(async move { while commits.recv().await.is_some() {} });
    let shared = store.clone();
    let rate = in_flight(move |number| {
        let store = shared.clone();
        async move {
            let incoming = Incoming {
                title: title(number),
                body: BODY.into(),
                received_at: Clock::System.now(),
                ..Incoming::default()
            };
            store.post(vec![incoming]).await?;
            Ok(())
        }
    })
    .await?;
    store.close().await;
    drained.abort();
    Ok(rate)
}

/// Runs `POSTS` calls with 64 under way at any time; answers calls a second.
async fn in_flight<F, Call>(call: F) -> Result<f64>
where
    F: Fn(usize) -> Call + Clone + Send + 'static,
    Call: Future<Output = Result<()>> + Send,
{
    let next = Arc::new(AtomicUsize::new(0));
    let started = Instant::now();
    let mut workers = JoinSet::new();
    for _ in 0..IN_FLIGHT {
        let (next, call) = (next.clone(), call.clone());
        workers.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= POSTS {
                    return Ok::<_, anyhow::Error>(());
                }
                call(number).await?;
            }
        });
    }
    while let Some(worker) = workers.join_next().await {
        worker??;
    }
    Ok(a_second(started))
}

fn title(number: usize) -> String {
    format!("Backup {number} finished")
}

fn a_second(started: Instant) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "twenty thousand is exact")]
    let posts = POSTS as f64;
    posts / started.elapsed().as_secs_f64()
}
