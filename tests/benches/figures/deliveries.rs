//! What deliveries cost the database while they are claimed and recorded, and the daemon while they wait.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tidings_api::{Millis, Record};
use tidings_daemon::clock::Clock;
use tidings_daemon::config::RouteConfig;
use tidings_daemon::dispatch::admission::Admission;
use tidings_daemon::dispatch::outbound::fate::Fate;
use tidings_daemon::dispatch::outbound::rules::{OutboundRules, TargetRule};
use tidings_daemon::dispatch::rules::PopupRules;
use tidings_daemon::model::Incoming;
use tidings_daemon::store::{OutboundEnd, OutboundOrder, OutboundWish, Store};
use tidings_tests::session::Session;
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::footprint::switches;
use crate::report::Report;

const DUE: usize = 10_000;
const WAITING: usize = 100_000;
/// What the store takes in one transaction here.
const AT_ONCE: usize = 1_000;
/// What a lane claims ahead.
const CLAIMED: usize = 64;
const HOUR: Millis = 3_600_000;
const MONTH: Millis = 30 * 24 * HOUR;
/// Until the work of the start is over.
const SETTLE: Duration = Duration::from_secs(20);
/// How long waiting is measured.
const IDLE: Duration = Duration::from_secs(30);

pub(crate) async fn measure(report: &mut Report) -> Result<()> {
    let took = claimed_and_recorded().await?;
    report.row(
        "10,000 due deliveries claimed and recorded, store",
        format!("{:.0} ms", took.as_secs_f64() * 1_000.0),
        "-",
        "under 1 s",
        took < Duration::from_secs(1),
    );
    let none = waiting(0).await?;
    let many = waiting(WAITING).await?;
    report.row(
        "CPU of the daemon in 30 s while 100,000 deliveries wait",
        format!("{:.1} ms, {} wake-ups", many.cpu.as_secs_f64() * 1_000.0, many.wake_ups),
        format!(
            "with none: {:.1} ms, {} wake-ups",
            none.cpu.as_secs_f64() * 1_000.0,
            none.wake_ups
        ),
        "not one wake-up more",
        many.wake_ups <= none.wake_ups,
    );
    Ok(())
}

/// The time from the first claim to the last outcome, in steps as a lane takes them.
async fn claimed_and_recorded() -> Result<Duration> {
    let folder = tempfile::tempdir()?;
    let clock = Clock::steered(Clock::System.now());
    let store = filled(&folder.path().join("inbox.db"), clock.clone(), DUE, HOUR).await?;
    clock.advance(HOUR + 1);
    let started = Instant::now();
    let mut recorded = 0;
    loop {
        let wish = OutboundWish {
            target: "hook".into(),
            lease: HOUR,
            claim: i64::try_from(recorded)? + 1,
            limit: CLAIMED,
            repeatable: true,
            end_leases: false,
        };
        let claimed = store.claim_outbound(wish).await?;
        if claimed.orders.is_empty() {
            break;
        }
        recorded += claimed.orders.len();
        let mut recording = JoinSet::new();
        for order in claimed.orders {
            let store = store.clone();
            recording.spawn(async move {
                store.end_outbound("hook".into(), vec![delivered(order)], None).await
            });
        }
        while let Some(outcome) = recording.join_next().await {
            outcome??;
        }
    }
    let took = started.elapsed();
    ensure!(recorded == DUE, "{recorded} of {DUE} deliveries were claimed");
    store.close().await;
    Ok(took)
}

fn delivered(order: OutboundOrder) -> OutboundEnd {
    let OutboundOrder { claim, deliveries, .. } = order;
    OutboundEnd { claim, deliveries, fate: Some(Fate::Delivered { receipt: None, note: None }) }
}

struct Cost {
    cpu: Duration,
    wake_ups: u64,
}

/// What the daemon does in a while with so many deliveries that are due in a month.
async fn waiting(count: usize) -> Result<Cost> {
    let session = Session::without_popup_server().await?;
    session.configure(
        "[desktop]\npopups = false\n\n[[target]]\nname = \"hook\"\nkind = \"webhook\"\n\n[[route]]\nto = [\"hook\"]\n",
    )?;
    filled(&session.database(), Clock::System, count, MONTH).await?.close().await;
    let daemon = session.daemon().await?;
    tokio::time::sleep(SETTLE).await;
    let pid = daemon.pid()?;
    let (cpu, wake_ups) = (on_cpu(pid)?, switches(pid)?);
    tokio::time::sleep(IDLE).await;
    Ok(Cost { cpu: on_cpu(pid)?.saturating_sub(cpu), wake_ups: switches(pid)? - wake_ups })
}

/// An inbox with so many deliveries that fall due after a while.
async fn filled(path: &Path, clock: Clock, count: usize, after: Millis) -> Result<Store> {
    let popups = PopupRules { popups: false, ..PopupRules::default() };
    let rules = OutboundRules {
        targets: vec![rule()],
        routes: vec![RouteConfig {
            name: "all".into(),
            to: vec!["hook".into()],
            ..RouteConfig::default()
        }],
    };
    let admission = Admission::new(watch::channel(Arc::new(popups)).1)
        .with_outbound(watch::channel(Arc::new(rules)).1);
    let (store, mut commits) = Store::open(path, clock.clone(), admission)?;
    tokio::spawn(async move { while commits.recv().await.is_some() {} });
    let record = Record {
        target: "hook".into(),
        address: "https://hooks.example.org/in".into(),
        active: true,
        verified: true,
        ..Record::default()
    };
    store.add_record(record).await?;
    let now = clock.now();
    let incoming = Incoming {
        title: "Backup finished".into(),
        body: "42 GiB in 7 minutes".into(),
        received_at: now,
        deliver_at: Some(now + after),
        ..Incoming::default()
    };
    for _ in 0..count / AT_ONCE {
        store.post(vec![incoming.clone(); AT_ONCE]).await?;
    }
    Ok(store)
}

fn rule() -> TargetRule {
    TargetRule {
        name: "hook".into(),
        enabled: true,
        has_addresses: true,
        title: None,
        body: None,
        max_retries: 6,
        retry_interval: Duration::from_secs(60),
        burst: u32::MAX,
        refill: Duration::from_secs(60),
        digest: None,
        quiet: false,
        repeatable: true,
        confirm_after: None,
    }
}

/// Time on a processor, of all threads, to the nanosecond.
fn on_cpu(pid: u32) -> Result<Duration> {
    let mut sum = 0;
    for thread in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        let spent = std::fs::read_to_string(thread?.path().join("schedstat"))?;
        sum += spent.split_whitespace().next().context("no figure")?.parse::<u64>()?;
    }
    Ok(Duration::from_nanos(sum))
}
